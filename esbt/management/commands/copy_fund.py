"""Make a year of the Better Care Fund from the template."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from esbt import loading
from esbt.kit.problems import Refused
from esbt.kit.reporting import closing, fault_in_words
from esbt.loading import demo
from esbt.loading.copying import NewFund, copy_fund

_HELP = {
    "system": "its code; a new one makes a new place",
    "year": "such as 2026-27",
    "council": "the partner's code",
    "icb": "the partner's code",
    "board": "the Health and Wellbeing Board",
    "place": "its name, for a new system",
    "council-name": "for a new partner",
    "icb-name": "for a new partner",
    "districts": "names, semicolons between",
}
_NEEDED = ("system", "year", "council", "icb", "board")


class Command(BaseCommand):
    help = (
        "Makes a year of the Better Care Fund from the template: its plan with headings, "
        "conditions, metrics and sign-off, and lines without amounts; all of it or nothing. "
        "What is there already stays as it is. Exit status 1 when something was refused."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        for name, said in _HELP.items():
            parser.add_argument(f"--{name}", help=said, required=name in _NEEDED, default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Progress and faults go to standard error, the report to standard output."""
        names = [name.replace("-", "_") for name in _HELP]
        fund = NewFund(**{name: options[name] for name in names})
        try:
            report = copy_fund(by=None, fund=fund, progress=self.stderr.write)
        except Refused as refused:
            for fault in refused.faults:
                self.stderr.write(fault_in_words(fault))
            sys.exit(1)
        if settings.DEMO:
            demo.ensure_users()
        for line in loading.lines_of(report):
            self.stdout.write(line)
        self.stdout.write(closing(report.total))
