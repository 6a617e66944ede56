"""Load data packages."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from esbt import loading
from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from esbt.kit.reporting import closing, fault_in_words, refused_rows
from esbt.loading import demo


class Command(BaseCommand):
    help = (
        "Loads data packages (folders or zips with a datapackage.json): all of them or nothing. "
        "Loading again changes nothing. Exit status 1 when something was refused."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")

    def handle(self, *args: Any, paths: list[Path], **options: Any) -> None:
        """Progress and faults go to standard error, the report to standard output."""
        try:
            report = loading.load(paths, progress=self.stderr.write)
        except Refused as refused:
            for fault in refused.faults:
                self.stderr.write(fault_in_words(fault))
            self.stdout.write(closing(Count(), refused_rows(refused.faults)))
            sys.exit(1)
        if settings.DEMO:
            demo.ensure_users()
        for line in loading.lines_of(report):
            self.stdout.write(line)
        self.stdout.write(closing(report.total))
