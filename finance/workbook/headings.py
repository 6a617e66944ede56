"""Headings of columns as people write them, read as months of a financial year."""

from __future__ import annotations

import re

IDENTIFYING = {"line", "lines", "code", "line code", "name", "line name", "description"}

_MONTHS = (
    "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "january", "february", "march",
)  # fmt: skip
_NAMED = re.compile(r"(?P<name>[a-z]{3,9})\.?[ '/-]*(?P<year>\d{4}|\d{2})?")
_NUMBERED = re.compile(r"(?:month|mth|m|period|p)[ .]?0?(?P<month>1[0-2]|[1-9])")
_DAY = re.compile(
    r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4})"
    r"|(?P<year2>\d{4})-(?P<month2>\d{2})(?:-\d{2})?(?: 00:00:00)?"
)


def plain(text: str) -> str:
    """A heading, code or name as it is compared: small letters, single spaces."""
    return " ".join(text.lower().split())


def month_of(heading: str, first_year: int) -> int | None:
    """The financial month (April is 1) that a plain heading names; None for none.

    "apr", "april 2018", "apr-18", "m1", "month 1", "p01", "01/04/2018" and "2018-04". A month of
    another financial year than the one that begins in ``first_year`` is none.
    """
    if numbered := _NUMBERED.fullmatch(heading):
        return int(numbered["month"])
    if named := _NAMED.fullmatch(heading):
        found = [n for n, month in enumerate(_MONTHS, 1) if month.startswith(named["name"])]
        if not found:
            return None
        return _in_year(found[0], named["year"] or "", first_year)
    if day := _DAY.fullmatch(heading):
        calendar = int(day["month"] or day["month2"])
        if not 1 <= calendar <= len(_MONTHS):
            return None
        month = (calendar - 4) % 12 + 1
        return _in_year(month, day["year"] or day["year2"], first_year)
    return None


def _in_year(month: int, year: str, first_year: int) -> int | None:
    right = first_year + (month > 9)
    return month if not year or int(year) in (right, right % 100) else None
