"""What a finance lead meets: lines of the month, values beside the fields, months that wait."""

from datetime import date

import pytest

from finance.forms.entry import read_entries
from finance.queries.entry import entry_lines, return_state, waiting
from finance.services import KEEP, set_year_status
from finance.services.outturns import ANY
from schemes.models import Slice
from tests.factories import a_year, evenly, move, report
from tests.money import pounds

pytestmark = pytest.mark.django_db

LATER = date(2026, 1, 1)


def test_lines_of_the_month_with_plan_and_last_report_beside(valley):
    line = valley.line(valley.moor)
    valley.line(valley.moor, "saving", last_month=3)
    valley.line(valley.hill)
    valley.plan({line: evenly("-120")})
    report(line, 1, "-9")
    report(line, 2, forecast="-130")
    report(line, 4, "-44")
    (entry,) = entry_lines(valley.slice, valley.moor, 4)
    assert entry.line == line
    assert (entry.plan_to_date_pence, entry.plan_year_pence) == (pounds("-40"), pounds("-120"))
    assert (entry.last.month, entry.head.actual_pence) == (1, pounds("-44"))
    assert len(entry_lines(valley.slice, valley.moor, 3)) == 2


def test_an_annual_plan_stands_beside_the_last_month_only(valley):
    line = valley.line(valley.moor)
    valley.plan({line: "-120"})
    assert entry_lines(valley.slice, valley.moor, 11)[0].plan_to_date_pence is None
    assert entry_lines(valley.slice, valley.moor, 12)[0].plan_to_date_pence == pounds("-120")


def test_a_month_is_a_draft_until_something_happened(valley):
    assert return_state(valley.slice, valley.moor, 1) == "draft"
    move(valley.slice, "submitted", 1, valley.moor)
    assert return_state(valley.slice, valley.moor, 1) == "submitted"


# months that wait


def wait(valley, today: date = LATER) -> list[tuple[str, int, int, int]]:
    found = waiting([valley.fresh()], [valley.moor, valley.hill], today)
    return [(item.partner.code, item.month, item.reported, item.lines) for item in found]


def test_the_first_month_that_is_not_fully_reported_waits(valley):
    line = valley.line(valley.moor)
    saving = valley.line(valley.moor, "saving")
    report(line, 1, "-1")
    assert wait(valley) == [("moor", 1, 1, 2)]
    report(saving, 1, "1")
    assert wait(valley) == [("moor", 1, 2, 2), ("moor", 2, 0, 2)]  # the first to be submitted
    move(valley.slice, "submitted", 1, valley.moor)
    assert wait(valley) == [("moor", 2, 0, 2)]


def test_a_later_month_waits_once_it_is_complete_or_a_draft_again(valley):
    line = valley.line(valley.moor)
    report(line, 3, "-1")
    assert wait(valley) == [("moor", 1, 0, 1), ("moor", 3, 1, 1)]
    for month, before in ((2, "submitted"), (4, "closed")):
        move(valley.slice, before, month, valley.moor)
        move(valley.slice, "draft", month, valley.moor)
    found = waiting([valley.fresh()], [valley.moor], LATER)
    assert [(item.month, item.is_complete) for item in found] == [
        (1, False),
        (2, False),
        (3, True),
        (4, False),
    ]
    assert [item.back and item.back.reopens for item in found] == [None, False, None, True]


def test_a_month_waits_from_its_first_day(valley):
    report(valley.line(valley.moor), 1, "-1")
    assert wait(valley, date(2018, 3, 31)) == []
    move(valley.slice, "submitted", 1, valley.moor)
    assert wait(valley, date(2018, 4, 30)) == []
    assert wait(valley, date(2018, 5, 1)) == [("moor", 2, 0, 1)]


def test_what_was_submitted_or_closed_waits_no_more(valley):
    valley.line(valley.moor)
    move(valley.slice, "submitted", 1, valley.moor)
    assert wait(valley) == [("moor", 2, 0, 1)]
    set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    assert wait(valley) == []


@pytest.mark.parametrize(
    ("calendar", "month"), [("quarterly", 3), ("year-end", 12), ("forecast-only", None)]
)
def test_a_month_waits_for_lines_that_are_due_in_it(valley, calendar, month):
    valley.line(valley.moor, calendar=calendar)
    assert wait(valley) == ([("moor", month, 0, 1)] if month else [])


def test_waiting_asks_the_same_of_many_years(valley, query_count):
    valley.line(valley.moor)
    for n in range(10, 15):
        a_year(valley.system, f"20{n}-{n + 1}")
    years = list(Slice.objects.select_related("year"))
    partners = [valley.moor, valley.hill]
    assert query_count(lambda: waiting(years, partners, LATER)) == 4
    assert query_count(lambda: waiting(years[:1], partners, LATER)) == 4


# reading the form


def test_fields_become_entries_and_what_is_not_sent_stays():
    sent = {"actual-pay": "1.5k", "revision-pay": "3", "forecast-fees": "", "revision-fees": ""}
    (pay, fees, other), faults = read_entries(sent, ["pay", "fees", "other"], 2, [])
    assert faults == []
    assert (pay.actual_pence, pay.forecast_pence, pay.revision) == (pounds("1_500"), KEEP, 3)
    assert (fees.forecast_pence, fees.revision) == (None, None)
    assert (other.actual_pence, other.comment, other.revision) == (KEEP, KEEP, ANY)


def test_each_field_that_cannot_be_read_is_a_fault():
    sent = {"actual-pay": "x", "forecast-pay": "1.234", "comment-pay": "y" * 4001}
    _, faults = read_entries(sent, ["pay"], 2, [])
    assert [(fault.row, fault.field) for fault in faults] == [
        ("pay", "actual"),
        ("pay", "forecast"),
        ("pay", "comment"),
    ]


def test_lines_of_others_in_the_form_are_not_read():
    entries, faults = read_entries({"actual-theirs": "1"}, ["pay"], 2, [])
    assert [entry.line for entry in entries] == ["pay"]
    assert (entries[0].actual_pence, faults) == (KEEP, [])
