"""Dates as documents give them: a year, a quarter, a season, a month or a day, never finer.

Kept as text in one form, so that what was not said is not stored: "2018", "2018-Q3",
"2018-autumn", "2018-04", "2018-04-16", and "FY2017-18" for a financial year.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

WHEN_FORM = re.compile(
    r"^(FY20\d\d-\d\d|(19|20)\d\d(-Q[1-4]|-(spring|summer|autumn|winter)"
    r"|-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)$",
    re.ASCII,
)
REMEDY = (
    "Write as much as is known: 2018, 2018-Q3, 2018-autumn, 2018-04, 2018-04-16 or FY2017-18, "
    "or in words, such as June 2018."
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_TYPED = re.compile(
    r"(?:(?:due|by|in|on|the|end|of)\s+)*(?:([0-9]{1,2})(?:st|nd|rd|th)?\s+)?"
    r"([a-z]{3,9}|q[1-4])\.?,?\s+((?:19|20)[0-9]{2})",
    re.IGNORECASE,
)
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}


def is_when(text: str) -> bool:
    """Whether a text is a date in one of the forms, and one that exists."""
    if not WHEN_FORM.fullmatch(text):
        return False
    if text.startswith("FY"):
        return int(text[7:]) == (int(text[4:6]) + 1) % 100
    try:
        first_day(text)
    except ValueError:
        return False
    return True


def as_typed(text: str) -> str:
    """A date as people type it, in the form that is kept: "Sept 2018" and "by September 2018" are
    2018-09. Nothing finer is made of it, and what is no such date stays as it is.
    """
    found = _TYPED.fullmatch(text.strip())
    if not found:
        return text.strip()
    day, name, year = found.groups()
    name = name.lower()
    if name in _SEASONS and not day:
        return f"{year}-{name}"
    if name.startswith("q") and not day:
        return f"{year}-{name.upper()}"
    for month, whole in enumerate(_MONTHS, 1):
        if whole.lower().startswith(name):
            return f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")
    return text.strip()


def when_words(text: str) -> str:
    """Say a date as people do, as exactly as it is known: "April 2018", "autumn 2018"."""
    if text.startswith("FY"):
        return text[2:].replace("-", "/")
    year, _, rest = text.partition("-")
    if not rest:
        return year
    if rest[0] == "Q":
        # a calendar quarter, said so that nobody who counts from April reads another into it
        first = 3 * int(rest[1]) - 3
        began = int(year) - (first == 0)
        financial = f"quarter {first // 3 or 4} of {began}/{(began + 1) % 100:02}"
        return f"{_MONTHS[first]} to {_MONTHS[first + 2]} {year} ({financial})"
    if rest in _SEASONS:
        return f"{rest} {year}"
    month, _, day = rest.partition("-")
    return " ".join(filter(None, [day.lstrip("0"), _MONTHS[int(month) - 1], year]))


def first_day(text: str) -> date:
    """The earliest day that a date can mean, to put dates in order; never shown."""
    if text.startswith("FY"):
        return date(int(text[2:6]), 4, 1)
    year, _, rest = text.partition("-")
    if not rest:
        return date(int(year), 1, 1)
    if rest[0] == "Q":
        return date(int(year), 3 * int(rest[1]) - 2, 1)
    if rest in _SEASONS:
        return date(int(year), _SEASONS[rest], 1)
    month, _, day = rest.partition("-")
    return date(int(year), int(month), int(day or 1))


def last_day(text: str) -> date:
    """The latest day that a date can mean: what is due in July 2018 is late from 1 August."""
    first = first_day(text)
    if text.startswith("FY") or "-" not in text:
        months = 12
    elif "Q" in text or text[5:] in _SEASONS:
        months = 3
    elif text.count("-") == 1:
        months = 1
    else:
        return first
    after = first.year * 12 + first.month - 1 + months
    return date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def due_words(text: str) -> str:
    """Say a due date as exactly as it is known: "due in July 2018", "due on 16 April 2018"."""
    return f"due {'on' if first_day(text) == last_day(text) else 'in'} {when_words(text)}"


def period_words(starts: date, ends: date) -> str:
    """Say a period, both days included: "April 2018", "April to June 2018", "2017/18"."""
    if starts == ends:
        return _day_words(starts)
    if starts.day != 1 or (ends + timedelta(days=1)).day != 1:
        return f"{_day_words(starts)} to {_day_words(ends)}"
    first, last = _MONTHS[starts.month - 1], _MONTHS[ends.month - 1]
    months = (starts.month, ends.month, ends.year - starts.year)
    if months == (4, 3, 1):
        return f"{starts.year}/{ends.year % 100:02d}"
    if months == (1, 12, 0):
        return str(starts.year)
    if starts.year < ends.year:
        return f"{first} {starts.year} to {last} {ends.year}"
    return f"{last} {ends.year}" if first == last else f"{first} to {last} {ends.year}"


def _day_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
