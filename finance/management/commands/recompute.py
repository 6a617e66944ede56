"""Compute rollups at once, without the worker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from finance.management.slices import add_slice_arguments, chosen_slices
from finance.rollups import recompute
from finance.tasks import stale_slices


class Command(BaseCommand):
    help = "Recomputes the slices that are stale; with --all, or a system or year, those."

    def add_arguments(self, parser: CommandParser) -> None:
        add_slice_arguments(parser)
        parser.add_argument("--all", action="store_true", help="every slice, stale or not")

    def handle(self, *args: Any, **options: Any) -> None:
        """Recompute the chosen slices one by one."""
        named = options["all"] or options["system"] or options["year"]
        chosen = chosen_slices(options)
        if not named:
            chosen = chosen.filter(pk__in=stale_slices().values("pk"))
        count = 0
        for slice_ in chosen:
            change = recompute(slice_.pk, whole=bool(named))
            count += 1
            if options["verbosity"] > 1:
                self.stdout.write(f"{slice_.system.code} {slice_.year_id}: change {change}")
        self.stdout.write(f"recomputed {count}")
