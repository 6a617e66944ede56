"""A token for the API."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schemes.models import User
from schemes.services.tokens import issue_token


class Command(BaseCommand):
    help = "Prints a new API token of a user, alone. Earlier tokens stay valid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Issue and print."""
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no user '{username}'.")
        self.stdout.write(issue_token(user=user))
