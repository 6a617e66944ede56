"""Make a site administrator, as the first account of an installation."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from esbt.kit.problems import Refused
from esbt.mail.invitations import VALID_DAYS, password_path
from schemes.people.roles import Role
from schemes.services.accounts import PersonSpec, invite
from schemes.services.grants import RoleSpec


class Command(BaseCommand):
    help = (
        "Makes somebody site administrator and prints the link with which they set their password. "
        "Everybody else is invited on the site's pages."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name", help='such as "Jane Smith"')

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        """Invite, and print the link alone on standard output."""
        role = RoleSpec(role=Role.SITE_ADMINISTRATOR)
        try:
            person, _ = invite(by=None, spec=PersonSpec(email=email, name=name), role=role)
        except Refused as refused:
            raise CommandError("\n".join(map(str, refused.faults))) from refused
        self.stderr.write(f"{person} sets a password here, once, within {VALID_DAYS} days:")
        self.stdout.write(f"{settings.SITE_ADDRESS}{password_path(person)}")
