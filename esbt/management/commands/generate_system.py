"""Illustrative data of any size, and in the demo the users of its partners."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from esbt.generating.system import financial_year, generate, years_up_to
from esbt.loading.demo import ensure_users


class Command(BaseCommand):
    help = "Makes clearly illustrative systems with monthly figures. Existing ones are left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--systems", type=int, default=1)
        parser.add_argument("--lines", type=int, default=60, help="lines of a system a year")
        parser.add_argument("--years", type=int, default=1)
        parser.add_argument("--last-year", help="such as 2025-26; left out, the present one")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate, one line of progress a system."""
        today = timezone.localdate()
        last = options["last_year"] or financial_year(today)
        for line in generate(
            systems=options["systems"],
            lines=options["lines"],
            years=years_up_to(last, options["years"]),
            seed=options["seed"],
            today=today,
        ):
            self.stdout.write(line)
        if settings.DEMO:
            ensure_users()
