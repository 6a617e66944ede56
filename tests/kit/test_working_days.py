"""Working days in England, and the bank holidays that are carried by hand."""

from datetime import date, timedelta

import pytest

from esbt.kit.working_days import (
    BANK_HOLIDAYS,
    FIRST_LISTED,
    LAST_LISTED,
    is_working_day,
    working_day,
    working_days_between,
)


def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def monday(year: int, month: int, *, last: bool) -> date:
    days = [date(year, month, day) for day in range(1, 31)]
    days += [date(year, month, 31)] if month in (5, 8) else []
    mondays = [day for day in days if day.weekday() == 0]
    return mondays[-1 if last else 0]


def usual(year: int) -> set[date]:
    """The holidays of a year by their rules, before anything was moved or added."""
    found = {
        easter(year) - timedelta(days=2),
        easter(year) + timedelta(days=1),
        monday(year, 5, last=False),
        monday(year, 5, last=True),
        monday(year, 8, last=True),
    }
    for holiday in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = holiday
        while day.weekday() > 4 or day in found:
            day += timedelta(days=1)
        found.add(day)
    return found


# what GOV.UK says of these years alone: moved from, moved to or added
MOVED = {
    2020: ({date(2020, 5, 4)}, {date(2020, 5, 8)}),
    2022: (
        {date(2022, 5, 30)},
        {date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)},
    ),
    2023: (set(), {date(2023, 5, 8)}),
}


@pytest.mark.parametrize("year", range(FIRST_LISTED, LAST_LISTED + 1))
def test_the_table_is_what_the_rules_give_and_what_was_moved(year):
    gone, come = MOVED.get(year, (set(), set()))
    listed = {day for day in BANK_HOLIDAYS if day.year == year}
    assert listed == (usual(year) - gone) | come


def test_a_deadline_leaves_out_weekends_and_bank_holidays():
    end = date(2018, 4, 30)  # a Monday; 7 May 2018 is a bank holiday
    assert working_day(end, 1) == date(2018, 5, 1)
    assert working_day(end, 4) == date(2018, 5, 4)
    assert working_day(end, 5) == date(2018, 5, 8)
    assert working_day(date(2018, 3, 29), 1) == date(2018, 4, 3)  # over Easter


def test_days_between_count_the_last_and_not_the_first():
    assert working_days_between(date(2018, 5, 4), date(2018, 5, 8)) == 1
    assert working_days_between(date(2018, 5, 8), date(2018, 5, 8)) == 0
    assert working_days_between(date(2018, 5, 9), date(2018, 5, 8)) == 0


def test_after_the_list_only_weekends_are_left_out():
    assert is_working_day(date(LAST_LISTED + 1, 12, 25))
