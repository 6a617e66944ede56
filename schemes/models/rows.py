"""Rows of the typed registers: one table for all of them, typed by schemes.registers.kinds."""

from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from schemes.models.base import CodeField
from schemes.models.registers import Evidenced
from schemes.models.systems import System


class RegisterRow(Evidenced):
    """A row of a register; ``values`` are what its kind's columns say, by their names.

    Every state is kept in RowVersion like that of any other row.
    """

    system = models.ForeignKey(System, models.CASCADE, related_name="register_rows")
    register = models.CharField(max_length=40, help_text="Code of its kind")
    code = CodeField()
    name = models.CharField(max_length=300)
    position = models.PositiveIntegerField(default=0)
    values = models.JSONField(encoder=DjangoJSONEncoder, default=dict)

    class Meta:
        ordering = ["register", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "register", "code"], name="register_row_once")
        ]
        indexes = [GinIndex(fields=["values"], name="register_row_values")]

    def __str__(self) -> str:
        return self.name
