"""Months of a financial year: when they begin and end, and what they are called."""

from __future__ import annotations

from datetime import date, timedelta

from finance.charts.words import month_name
from finance.models.base import AUDITED, LAST_MONTH, OPENING_FORECAST
from schemes.models import Slice


def month_begins(slice_: Slice, month: int) -> date:
    """The day from which a month can be reported; the final accounts follow month 12."""
    first = slice_.year.first_day
    months = first.month - 1 + max(month, 1) - 1
    return date(first.year + months // 12, months % 12 + 1, 1)


def month_ends(slice_: Slice, month: int) -> date:
    """The last day that a month covers; the final accounts cover what month 12 does."""
    return month_begins(slice_, min(month, LAST_MONTH) + 1) - timedelta(days=1)


def months_ended(slice_: Slice, day: date) -> int | None:
    """How many months of a year had ended by a day; None where all had, and the year with them."""
    ended = sum(month_ends(slice_, month) <= day for month in range(1, LAST_MONTH + 1))
    return ended if ended < LAST_MONTH else None


def month_words(month: int) -> str:
    """A month within a sentence: "month 4"."""
    return f"month {month} (final accounts)" if month == AUDITED else f"month {month}"


def month_label(slice_: Slice, month: int | None) -> str:
    """A month as people write it: "month 4, July 2018"; "" for none."""
    if month is None:
        return ""
    if month == OPENING_FORECAST:
        return "opening forecast"
    if month == AUDITED:
        return calendar_month(slice_, month)
    return f"month {month}, {calendar_month(slice_, month)}"


def calendar_month(slice_: Slice, month: int) -> str:
    """The calendar month of a financial month: month 4 of 2018/19 is "July 2018"; after month 12
    stand the "Final accounts 2018/19".
    """
    if month == AUDITED:
        return f"Final accounts {slice_.year}"
    year = slice_.year.first_day.year + (month > 9)
    return f"{month_name(month)} {year}"
