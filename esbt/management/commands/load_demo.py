"""Load what the demo shows."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from esbt.kit.problems import Refused
from esbt.kit.reporting import fault_in_words
from esbt.loading import demo


class Command(BaseCommand):
    help = "Loads the demo's systems and makes its users. Quick when nothing is to do."
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        """Refused outside demo mode, since the users' password is known to everybody."""
        if not settings.DEMO:
            raise CommandError("The demo is loaded in demo mode only (ESBT_DEMO=1).")
        try:
            demo.load_demo(progress=self.stderr.write)
        except Refused as refused:
            raise CommandError("\n".join(map(fault_in_words, refused.faults))) from refused
