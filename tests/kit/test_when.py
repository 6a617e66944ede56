"""Dates as exactly as documents give them, never finer."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esbt.kit.when import as_typed, first_day, is_when, last_day, when_words

SAID = {
    "2018": ("2018", date(2018, 1, 1)),
    "2018-Q3": ("July to September 2018 (quarter 2 of 2018/19)", date(2018, 7, 1)),
    "2000-Q1": ("January to March 2000 (quarter 4 of 1999/00)", date(2000, 1, 1)),
    "2018-autumn": ("autumn 2018", date(2018, 9, 1)),
    "2018-winter": ("winter 2018", date(2018, 12, 1)),
    "2018-04": ("April 2018", date(2018, 4, 1)),
    "2018-04-06": ("6 April 2018", date(2018, 4, 6)),
    "2020-02-29": ("29 February 2020", date(2020, 2, 29)),
    "FY2017-18": ("2017/18", date(2017, 4, 1)),
    "FY2099-00": ("2099/00", date(2099, 4, 1)),
    "1999": ("1999", date(1999, 1, 1)),
}


@pytest.mark.parametrize(("text", "words"), [(text, said[0]) for text, said in SAID.items()])
def test_a_date_is_said_as_exactly_as_it_is_known(text, words):
    assert is_when(text)
    assert when_words(text) == words


@pytest.mark.parametrize(("text", "day"), [(text, said[1]) for text, said in SAID.items()])
def test_dates_are_ordered_by_their_first_day(text, day):
    assert first_day(text) == day


LAST = {
    "2018": date(2018, 12, 31),
    "2018-Q3": date(2018, 9, 30),
    "2018-autumn": date(2018, 11, 30),
    "2018-winter": date(2019, 2, 28),
    "2020-02": date(2020, 2, 29),
    "2018-12": date(2018, 12, 31),
    "2018-04-06": date(2018, 4, 6),
    "FY2017-18": date(2018, 3, 31),
}


@pytest.mark.parametrize(("text", "day"), LAST.items())
def test_what_is_due_is_late_after_its_last_day(text, day):
    assert last_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "", "18", "2018-13", "2018-00", "2018-4", "2017-19", "2017-18", "FY2017-19", "FY2017-17",
        "FY2017", "fy2017-18", "2018-Q0", "2018-Q5", "2018-Autumn", "2018-fall", "2018-02-30",
        "2019-02-29", "2018-04-31", "2018-04-16\n", " 2018", "2018/04", "April 2018", "2118",
        "201\N{FULLWIDTH DIGIT EIGHT}",
    ],
)  # fmt: skip
def test_what_is_no_date_is_told(text):
    assert not is_when(text)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_is_its_own_first_day(day):
    text = day.isoformat()
    assert is_when(text)
    assert first_day(text) == day
    assert first_day(text[:7]) == day.replace(day=1)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Sept 2018", "2018-09"),
        ("by June 2018", "2018-06"),
        ("By the end of june, 2018", "2018-06"),
        ("16th April 2018", "2018-04-16"),
        ("6 Apr. 2018", "2018-04-06"),
        ("autumn 2018", "2018-autumn"),
        ("Q3 2018", "2018-Q3"),
        (" 2018-Q3 ", "2018-Q3"),
        # nothing is made of what is less, or another thing
        ("before June 2018", "before June 2018"),
        ("June", "June"),
        ("6 autumn 2018", "6 autumn 2018"),
        ("junk 2018", "junk 2018"),
        ("31 June 2018", "2018-06-31"),
    ],
)
def test_a_date_is_read_as_people_type_it(typed, kept):
    assert as_typed(typed) == kept
    assert is_when(kept) == (kept[:2] == "20" and kept != "2018-06-31")
