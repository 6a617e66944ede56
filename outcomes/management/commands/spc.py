"""Control charts of series from standard input."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from esbt.kit.problems import Fault, Refused
from outcomes.spc.series import answers, idle_rebases, unknown_fields


class Command(BaseCommand):
    help = (
        "Reads a JSON list of series from standard input and writes their control charts, a JSON "
        "object by id. Exit status 1, and nothing on standard output, when anything is bad."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Faults go to standard error, by id and field."""
        try:
            given = _read()
            found = answers(given)
        except Refused as refused:
            for fault in refused.faults:
                self.stderr.write(_in_words(fault))
            sys.exit(1)
        for fault in [*unknown_fields(given), *idle_rebases(given)]:
            self.stderr.write(_in_words(fault))
        self.stdout.write(json.dumps(found, allow_nan=False))


def _read() -> Any:
    """Read the whole of standard input as JSON; NaN and Infinity, which JSON has not, as well.

    They are numbers that no series may hold, so that they are refused by id and field.
    """
    try:
        return json.loads(sys.stdin.buffer.read())
    except (ValueError, RecursionError) as fault:
        message = f"Standard input is not JSON: {fault}. It must hold a list of series."
        raise Refused([Fault(message)]) from None


def _in_words(fault: Fault) -> str:
    place = ", ".join(
        part for part in (f"series {fault.row}" if fault.row else "", fault.field) if part
    )
    said = f"{fault.message} Given: {fault.value}" if fault.value else fault.message
    return f"{place}: {said}" if place else said
