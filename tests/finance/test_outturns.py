"""Recording a month: all or nothing, by whom it may be, never over a newer value."""

from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from esbt.kit.counts import Count
from esbt.kit.problems import Conflict, Refused
from finance.models import Outturn, OutturnRevision
from finance.services import Entry, record_outturns, set_year_status
from schemes.models import Change, Evidence, GroupMember, Source
from schemes.people.roles import Role
from tests.factories import a_line, a_person, a_year, close, move, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


def save(line, *entries: Entry, by=None, **more: object):
    return record_outturns(by=by, slice_id=line.slice_id, entries=entries, **more)


def code_of(refused) -> tuple[str, str]:
    return refused.value.code, refused.value.faults[0].field


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


@pytest.fixture
def finn(valley):
    """The council's finance lead."""
    return a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)


# what becomes of a figure


def test_a_figure_is_created_updated_and_left_alone(line, finn):
    assert report(line, 3, "-3", by=finn).count == Count(created=1)
    assert report(line, 3, "-4", by=finn).count == Count(updated=1)
    again = report(line, 3, "-4", by=finn)
    assert again.count == Count(unchanged=1)
    assert again.change is None
    head = Outturn.objects.get()
    assert (head.actual_pence, head.revision) == (pounds("-4"), 2)
    history = OutturnRevision.objects.order_by("revision")
    assert [row.actual_pence for row in history] == [pounds("-3"), pounds("-4")]
    assert {row.actor for row in history} == {finn}


def test_a_save_is_one_change_whoever_many_lines_it_has(valley, line, finn):
    other = valley.line(valley.moor, "saving")
    before = valley.fresh().change
    entries = [Entry(line=item.code, month=1, actual_pence=1) for item in (line, other)]
    assert save(line, *entries, by=finn).change == before + 1
    change = Change.objects.get(number=before + 1)
    assert (change.actor, change.action, change.from_month) == (finn, "outturns", 1)


def test_what_is_left_out_stays(line):
    report(line, 3, "-3", "-30", comment="Winter")
    report(line, 3, "-5")
    head = Outturn.objects.get()
    assert (head.forecast_pence, head.comment) == (pounds("-30"), "Winter")


def test_none_is_not_stated(line):
    report(line, 3, "-3", "-30")
    report(line, 3, actual_pence=None)
    head = Outturn.objects.get()
    assert (head.actual_pence, head.forecast_pence) == (None, pounds("-30"))


def test_saying_nothing_leaves_no_trace(valley, line):
    before = valley.fresh().change
    assert report(line, 3, actual_pence=None, comment="").count == Count(unchanged=1)
    assert not Outturn.objects.exists()
    assert valley.fresh().change == before


def test_evidence_stays_with_its_amount_and_goes_with_another(line):
    source = Source.objects.create(code="report", title="Report")
    place = Evidence.objects.create(source=source, place="2.11")
    report(line, 3, "-3", actual_evidence_id=place.pk)
    report(line, 3, "-3", comment="as printed")
    assert Outturn.objects.get().actual_evidence == place
    report(line, 3, "-4")
    assert Outturn.objects.get().actual_evidence is None


# all or nothing


def test_one_bad_row_stores_nothing(line):
    entries = [
        Entry(line=line.code, month=1, actual_pence=1, row=1),
        Entry(line="nobody", month=1, actual_pence=1, row=2),
        Entry(line=line.code, month=1, actual_pence=2, row=3),
    ]
    with pytest.raises(Refused) as refused:
        save(line, *entries)
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [
        (2, "line"),
        (3, "line"),
    ]
    assert not Outturn.objects.exists()


@pytest.mark.parametrize("month", [3, 10, 13])
def test_a_month_outside_the_lines_is_refused(valley, month):
    short = valley.line(valley.hill, first_month=4, last_month=9)
    with pytest.raises(Refused) as refused:
        report(short, month, "1")
    assert code_of(refused) == ("invalid", "month")


def test_the_opening_forecast_has_no_actual(line):
    with pytest.raises(Refused) as refused:
        report(line, 0, "1")
    assert code_of(refused) == ("invalid", "actual")


def test_an_amount_that_can_be_none_is_refused(line):
    with pytest.raises(Refused) as refused:
        report(line, 1, actual_pence=10**15 + 1)
    assert code_of(refused) == ("invalid", "actual")


# amounts beyond reason


def test_an_amount_beyond_reason_is_asked_about_where_somebody_can_answer(valley, line):
    valley.plan({line: "2_000_000"})
    most = Entry(line=line.code, month=1, actual_pence=pounds("20_000_000"))
    beyond = Entry(line=line.code, month=1, actual_pence=pounds("20_000_000.01"))
    save(line, most, ask_when_implausible=True)
    with pytest.raises(Refused) as refused:
        save(line, beyond, ask_when_implausible=True)
    assert code_of(refused) == ("confirm", "actual")
    assert Outturn.objects.get().actual_pence == pounds("20_000_000")


def test_a_confirmed_amount_is_stored(line):
    huge = Entry(line=line.code, month=1, actual_pence=pounds("900_000_000"), confirmed=["actual"])
    assert not save(line, huge, ask_when_implausible=True).warnings
    assert Outturn.objects.get().actual_pence == pounds("900_000_000")


def test_an_amount_beyond_reason_is_stored_with_a_warning_where_nobody_can(line):
    saved = report(line, 1, forecast="-100_000_000.01")
    assert [(fault.field, fault.row) for fault in saved.warnings] == [("forecast", line.code)]
    assert Outturn.objects.exists()


def test_a_small_plan_does_not_make_an_ordinary_amount_beyond_reason(valley, line):
    valley.plan({line: "10"})
    assert not report(line, 1, "10_000_000").warnings
    assert report(line, 1, "10_000_000.01").warnings


def test_a_forecast_is_held_against_what_is_spent_until_the_month(valley):
    pay = valley.line(valley.moor, "spend", "pay")
    report(pay, 1, "1_000_000", "9_000_000")
    (warning,) = report(pay, 2, "2_000_000", "1_500_000").warnings
    assert "less than the £2.0m spent to date" in warning.message
    (warning,) = report(pay, 2, forecast="1_600_000").warnings  # what stands in the month itself
    assert "less than the £2.0m spent to date" in warning.message
    (warning,) = report(pay, 3, "0").warnings
    assert "0 stands where £2.0m reported last stood" in warning.message


def test_an_amount_that_stands_is_not_asked_about_again(line):
    huge = Entry(line=line.code, month=1, actual_pence=pounds("900_000_000"), confirmed=["actual"])
    save(line, huge, ask_when_implausible=True)
    again = Entry(line=line.code, month=1, actual_pence=pounds("900_000_000"), comment="Why")
    assert save(line, again, ask_when_implausible=True).count.updated == 1


# months that take no figures


def test_a_closed_month_is_refused_in_words(valley, line, finn):
    close(valley.slice, 3, valley.moor)
    with pytest.raises(Refused) as refused:
        report(line, 3, "1", by=finn)
    assert code_of(refused) == ("closed", "month")
    assert "Month 3 is closed" in str(refused.value)


def test_a_closed_year_is_refused(valley, line):
    set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    with pytest.raises(Refused) as refused:
        report(line, 3, "1")
    assert code_of(refused) == ("closed", "month")


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_a_month_on_its_way_is_refused(valley, line, state):
    move(valley.slice, state, 3, valley.moor)
    with pytest.raises(Refused) as refused:
        report(line, 3, "1")
    assert refused.value.code == "submitted"
    assert state in str(refused.value)


def test_another_partners_closed_month_is_no_matter(valley, line):
    close(valley.slice, 3, valley.hill)
    assert report(line, 3, "1").count == Count(created=1)


@pytest.mark.parametrize(
    ("month", "first"), [(1, (2018, 4, 1)), (9, (2018, 12, 1)), (10, (2019, 1, 1))]
)
def test_a_month_opens_on_its_first_day(line, month, first):
    day = date(*first)
    entry = Entry(line=line.code, month=month, actual_pence=1)
    with pytest.raises(Refused) as refused:
        save(line, entry, today=date.fromordinal(day.toordinal() - 1))
    assert code_of(refused) == ("not_open", "month")
    assert save(line, entry, today=day).count == Count(created=1)


def test_the_audited_year_opens_when_the_year_is_over(line):
    entry = Entry(line=line.code, month=13, actual_pence=1)
    with pytest.raises(Refused) as refused:
        save(line, entry, today=date(2019, 3, 31))
    assert refused.value.code == "not_open"
    assert save(line, entry, today=date(2019, 4, 1)).count == Count(created=1)


def test_a_package_that_says_the_same_again_needs_no_open_month(valley, line):
    report(line, 3, "-3")
    close(valley.slice, 3, valley.moor)
    same = Entry(line=line.code, month=3, actual_pence=pounds("-3"))
    assert save(line, same, again=True).count == Count(unchanged=1)
    with pytest.raises(Refused) as refused:
        save(line, Entry(line=line.code, month=3, actual_pence=1), again=True)
    assert refused.value.code == "closed"


# two at once


def test_a_save_over_a_newer_value_is_refused_with_that_value(line, finn):
    report(line, 3, "-3", by=finn)
    report(line, 3, "-4", by=finn)
    with pytest.raises(Conflict) as conflict:
        report(line, 3, "-9", revision=1)
    (newer,) = conflict.value.newer
    assert (newer["line"], newer["month"], newer["revision"]) == (line.code, 3, 2)
    assert (newer["actual_pence"], newer["forecast_pence"]) == (pounds("-4"), None)
    assert report(line, 3, "-9", revision=2).count == Count(updated=1)


def test_whoever_saw_no_value_conflicts_with_the_first(line):
    report(line, 3, "-3", revision=None)
    with pytest.raises(Conflict):
        report(line, 3, "-4", revision=None)


def test_a_revision_that_never_was_conflicts_with_nothing_there(line):
    with pytest.raises(Conflict) as conflict:
        report(line, 3, "-3", revision=7)
    assert conflict.value.newer[0]["revision"] is None


# who


def test_a_finance_lead_enters_for_nobody_else(valley, line, finn):
    trust = valley.line(valley.hill)
    entries = [Entry(line=item.code, month=1, actual_pence=1) for item in (line, trust)]
    with pytest.raises(Http404):
        save(line, *entries, by=finn)
    assert not Outturn.objects.exists()


@pytest.mark.parametrize(
    "role", [Role.COMMISSIONER, Role.BOARD_MEMBER, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR]
)
def test_readers_and_administrators_enter_nothing(valley, line, role):
    with pytest.raises(Http404):
        report(line, 1, "1", by=a_person("reader", role, system=valley.system))


def test_a_members_lead_enters_for_the_group(valley):
    group = valley.line(valley.ccgs)
    dora = a_person("dora", Role.FINANCE_LEAD, partner=valley.dale)
    assert report(group, 1, "-1", by=dora).count == Count(created=1)
    GroupMember.objects.filter(member=valley.dale).update(ends=date(2018, 3, 31))
    later = a_person("dora")  # her grants are read once a request
    with pytest.raises(Http404):
        report(group, 1, "-2", by=later)


def test_a_groups_lead_does_not_enter_for_a_member(valley):
    member = valley.line(valley.dale, "saving")
    grace = a_person("grace", Role.FINANCE_LEAD, partner=valley.ccgs)
    with pytest.raises(Http404):
        report(member, 1, "-1", by=grace)


def test_lines_of_another_year_are_not_there(valley, line):
    later = a_line(a_year(valley.system, "2019-20"), valley.moor, code="later")
    with pytest.raises(Refused):
        save(line, Entry(line=later.code, month=1, actual_pence=1))


def test_the_number_of_queries_does_not_grow_with_the_entries(valley, finn):
    lines = [valley.line(valley.moor, "saving", f"saving-{n}") for n in range(300)]

    def queries(count: int, month: int) -> int:
        entries = [Entry(line=item.code, month=month, actual_pence=1) for item in lines[:count]]
        with CaptureQueriesContext(connection) as captured:
            assert save(lines[0], *entries, by=finn).count.created == count
        return len(captured)

    queries(3, 1)  # a person's roles are read once
    assert queries(3, 2) == queries(300, 3) <= 18


def test_a_typed_figure_stands_on_the_basis_of_its_plan(valley):
    line = valley.line(valley.hill)
    valley.plan({line: "-26_500_000"}, basis="incl-sustainability")
    report(line, 12, "-30_000_000", "-31_000_000")
    head = Outturn.objects.get()
    assert (head.actual_basis, head.forecast_basis) == ("incl-sustainability",) * 2
    figures = valley.figures()
    assert figures(12).variance_pence == pounds("-3_500_000")
    assert not figures(12).bases_differ


def test_a_basis_that_is_given_or_was_given_is_kept(valley):
    line = valley.line(valley.hill)
    valley.plan({line: "-26_500_000"}, basis="incl-sustainability")
    report(line, 12, "-57_400_000", actual_basis="excl-sustainability")
    report(line, 12, "-57_500_000")
    assert Outturn.objects.get().actual_basis == "excl-sustainability"
    report(line, 11, "-50_000_000", actual_basis="")  # a source that does not say
    assert Outturn.objects.get(month=11).actual_basis == ""
