"""Working days in England: neither weekends nor bank holidays.

Bank holidays are those that GOV.UK lists for England and Wales (https://www.gov.uk/bank-holidays),
which contains public sector information licensed under the Open Government Licence v3.0. Carry on
the table as the list is carried on; after its last year only weekends are left out.
"""

from __future__ import annotations

from datetime import date, timedelta

# by year: (month, day), substitutes for holidays at a weekend included
_LISTED = {
    2016: ((1, 1), (3, 25), (3, 28), (5, 2), (5, 30), (8, 29), (12, 26), (12, 27)),
    2017: ((1, 2), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)),
    2018: ((1, 1), (3, 30), (4, 2), (5, 7), (5, 28), (8, 27), (12, 25), (12, 26)),
    2019: ((1, 1), (4, 19), (4, 22), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)),
    # 2020: the early May holiday moved to the 75th anniversary of VE day
    2020: ((1, 1), (4, 10), (4, 13), (5, 8), (5, 25), (8, 31), (12, 25), (12, 28)),
    2021: ((1, 1), (4, 2), (4, 5), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)),
    # 2022: spring holiday moved to the Platinum Jubilee, and the state funeral of Elizabeth II
    2022: (
        *((1, 3), (4, 15), (4, 18), (5, 2), (6, 2), (6, 3), (8, 29), (9, 19), (12, 26), (12, 27)),
    ),
    # 2023: the coronation of Charles III
    2023: ((1, 2), (4, 7), (4, 10), (5, 1), (5, 8), (5, 29), (8, 28), (12, 25), (12, 26)),
    2024: ((1, 1), (3, 29), (4, 1), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)),
    2025: ((1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)),
    2026: ((1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)),
    2027: ((1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)),
    2028: ((1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)),
}
BANK_HOLIDAYS = frozenset(date(year, *day) for year, days in _LISTED.items() for day in days)
FIRST_LISTED, LAST_LISTED = min(_LISTED), max(_LISTED)


def is_working_day(day: date) -> bool:
    """Whether people are at work."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def working_day(after: date, number: int) -> date:
    """The working day of that number after a day: 1 is the first one that follows it."""
    day = after
    while number > 0:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after the first day, up to and with the last one."""
    days = (last - first).days
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, days + 1))
