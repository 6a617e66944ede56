"""How the commands choose slices."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet

from schemes.models import Slice


def add_slice_arguments(parser: CommandParser) -> None:
    """--system and --year, both optional."""
    parser.add_argument("--system", help="code of a system, such as east-sussex")
    parser.add_argument("--year", help="such as 2017-18 or 2017/18")


def chosen_slices(options: dict[str, Any]) -> QuerySet[Slice]:
    """The slices that the arguments name; CommandError when there is none of that name."""
    chosen = Slice.objects.select_related("system", "year").order_by("system", "year")
    if options["system"]:
        chosen = chosen.filter(system__code=options["system"])
    if options["year"]:
        chosen = chosen.filter(year=options["year"].replace("/", "-"))
    if (options["system"] or options["year"]) and not chosen.exists():
        raise CommandError("There is no such system and year.")
    return chosen
