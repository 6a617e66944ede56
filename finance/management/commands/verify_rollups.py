"""Prove the figures: rollups against facts, and present values against their history."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.management.slices import add_slice_arguments, chosen_slices
from finance.rollups import verify
from finance.tasks import stale_slices


class Command(BaseCommand):
    help = "Computes every figure again and compares; exit status 1 on any difference."

    def add_arguments(self, parser: CommandParser) -> None:
        add_slice_arguments(parser)
        parser.add_argument(
            "--wait",
            type=float,
            default=15,
            help="seconds to let a recompute that is under way land (default 15)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Report each fault by system and year, then fail if there was one."""
        end = time.monotonic() + options["wait"]
        while stale_slices().exists() and time.monotonic() < end:
            time.sleep(0.2)
        checked, wrong = 0, 0
        for slice_ in chosen_slices(options):
            checked += 1
            for fault in verify(slice_.pk):
                wrong += 1
                self.stderr.write(f"{slice_.system.code} {slice_.year_id}: {fault}")
        if wrong:
            raise CommandError(f"{wrong} faults in {checked} slices.", returncode=1)
        self.stdout.write(f"verified {checked} slices: no difference")
