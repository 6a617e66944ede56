"""Keys of saves that were sent once, so that sending one again answers and writes nothing."""

from django.db import models

from schemes.models.people import User


class IdempotencyKey(models.Model):
    """A person's key, what was sent with it, and how that was answered.

    The row is written in the transaction of the save, so that it stands exactly when the save does.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    asked = models.CharField(
        max_length=64, db_comment="SHA-256 of the method, address and body sent with the key"
    )
    answer = models.TextField(blank=True, db_comment="The body of the first answer")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"
