"""Import published tables of figures."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from esbt.kit.reporting import closing, fault_in_words, refused_rows
from outcomes.services import Imported, import_files
from outcomes.workbook.mapping import SHIPPED, read_mapping
from schemes.models import System


class Command(BaseCommand):
    help = (
        "Imports files (.csv, .xls, .xlsx) into a system's metrics as a mapping says: all of them "
        "or nothing. Importing again changes nothing. Exit status 1 when something was refused."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "mapping", type=Path, help="a mapping file, or the name of one that ships"
        )
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--system", required=True, help="the system's code")

    def handle(
        self, *args: Any, mapping: Path, files: list[Path], system: str, **options: Any
    ) -> None:
        """Progress and faults go to standard error, the report to standard output."""
        try:
            imported = self._import(mapping, files, system)
        except Refused as refused:
            for fault in refused.faults:
                self.stderr.write(fault_in_words(fault))
            self.stdout.write(closing(Count(), refused_rows(refused.faults)))
            sys.exit(1)
        for note in imported.notes:
            self.stdout.write(note)
        if imported.warnings:
            self.stdout.write("Stored, with these to look at:")
        for fault in imported.warnings:
            self.stdout.write(fault_in_words(fault))
        self.stdout.write(closing(imported.count))

    def _import(self, mapping: Path, files: list[Path], system: str) -> Imported:
        shipped = SHIPPED / f"{mapping}.toml"
        found = System.objects.filter(code=system).first()
        if found is None:
            said = "There is no such system. Name one by its code, such as east-sussex."
            raise Refused([Fault(said, "--system", system)])
        return import_files(
            by=None,
            system_id=found.pk,
            mapping=read_mapping(mapping if mapping.suffix else shipped),
            files=[(path.name, _content(path)) for path in files],
            say=self.stderr.write,
        )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        said = f"The file cannot be opened ({error.strerror}). Name one that is there."
        raise Refused([Fault(said, file=str(path))]) from error
