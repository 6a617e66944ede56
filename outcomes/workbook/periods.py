"""Periods as published tables write them: text of a known form into its first and last day."""

from __future__ import annotations

import difflib
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_YEAR, _SPAN = r"(?P<year>(?:19|20)\d\d)", r"(?P<year>(?:19|20)\d\d)[-/](?P<end>\d\d)"

# an example of each form, as a mapping names it, and how it is read
_FORMS: Final = {
    "April 2019": rf"(?P<name>[A-Za-z]+) {_YEAR}",
    "2019-20 April": rf"{_SPAN} (?P<name>[A-Za-z]+)",
    "2019-04": rf"{_YEAR}-(?P<month>\d\d)",
    "2019-04-01": rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)",
    "01/04/2019": rf"(?P<day>\d\d?)/(?P<month>\d\d?)/{_YEAR}",
    "2019-20": _SPAN,
    "2019-20 Q1": rf"{_SPAN} Q(?P<quarter>[1-4])",
}
FORMATS: Final = tuple(_FORMS)


class PeriodError(ValueError):
    """A period that cannot be read, with the remedy."""


@dataclass(frozen=True)
class Period:
    """First and last day, both included; ``warning`` says what was read into a slip."""

    starts: date
    ends: date
    warning: str = ""


def read_period(value: Any, form: str, kind: str) -> Period:
    """The period that a cell names: a date, or text of a form such as "April 2019".

    The month's name may have a slip in it when only one month can be meant. Raises PeriodError.
    """
    if isinstance(value, (date, datetime)):
        return _of_kind(value.year, value.month, value.day, kind)
    text = " ".join(str(value).split())
    found = re.fullmatch(_FORMS[form], text)
    if found is None:
        raise PeriodError(f"'{text}' is not a period such as {form}. Mend it, or the mapping.")
    parts = found.groupdict()
    year = int(parts["year"])
    if parts.get("end") and int(parts["end"]) != (year + 1) % 100:
        raise PeriodError(f"'{text}' names two years that do not follow each other. Mend it.")
    month, misspelt = int(parts.get("month") or 4), False
    if parts.get("name"):
        month, misspelt = _month(parts["name"], text)
    if parts.get("quarter"):
        month = 3 * int(parts["quarter"]) + 1
    if parts.get("end") and (parts.get("name") or parts.get("quarter")):
        year, month = (year, month) if 4 <= month <= 12 else (year + 1, (month - 1) % 12 + 1)
    try:
        period = _of_kind(year, month, int(parts.get("day") or 1), kind)
    except ValueError as error:
        raise PeriodError(f"'{text}' is no day that there is. Mend it.") from error
    warning = ""
    if misspelt:
        warning = f"This month is not spelled so. It is read as {period.starts:%B %Y}."
    return Period(period.starts, period.ends, warning)


def _month(name: str, text: str) -> tuple[int, bool]:
    """The number of a month by its name, and whether that is misspelt."""
    low = name.lower()
    named = [month for month in MONTHS if month == low or (len(low) == 3 and month[:3] == low)]
    if named:
        return MONTHS.index(named[0]) + 1, False
    near = difflib.get_close_matches(low, MONTHS, n=2, cutoff=0.8)
    if len(near) != 1:
        raise PeriodError(f"'{text}' names no month. Mend it, or the mapping.")
    return MONTHS.index(near[0]) + 1, True


def _of_kind(year: int, month: int, day: int, kind: str) -> Period:
    """The day, or the month, quarter or financial year in which it lies."""
    on = date(year, month, day)
    match kind:
        case "day":
            return Period(on, on)
        case "financial year":
            first = year if month >= 4 else year - 1
            return Period(date(first, 4, 1), date(first + 1, 3, 31))
    span = 3 if kind == "quarter" else 1
    first, last = (month - 1) // span * span + 1, ((month - 1) // span + 1) * span
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))
