"""Undoing a save: what was there before comes back, blank included, or nothing moves."""

import pytest
from django.http import Http404

from esbt.kit.problems import Conflict, Refused
from finance.models import Outturn, OutturnRevision
from finance.services import Entry, record_outturns, undo_outturns
from schemes.models import Change
from schemes.people.roles import Role
from tests.factories import a_person, move, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


@pytest.fixture
def finn(valley, line):
    return a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)


def undo(valley, by, change):
    return undo_outturns(by=by, slice_id=valley.slice.pk, change=change)


def test_a_save_of_many_cells_is_undone_as_one(valley, line, finn):
    report(line, 1, "-5", "-60", comment="first")
    entries = [
        Entry(line=line.code, month=1, actual_pence=pounds("-7"), comment="second"),
        Entry(line=line.code, month=2, actual_pence=pounds("-9")),
    ]
    saved = record_outturns(by=finn, slice_id=valley.slice.pk, entries=entries)
    undone = undo(valley, finn, saved.change)
    one, two = Outturn.objects.order_by("month")
    assert (one.actual_pence, one.forecast_pence, one.comment) == (
        pounds("-5"),
        pounds("-60"),
        "first",
    )
    assert (two.actual_pence, two.revision) == (None, 2)  # blank, as it was
    assert len(undone.heads) == 2
    assert Change.objects.get(number=undone.change).reason == f"Undoes change {saved.change}"
    assert OutturnRevision.objects.filter(month=1).count() == 3
    assert valley.figures()(1).actual_pence == pounds("-5")


def test_what_was_undone_can_be_put_back_by_undoing_that(valley, line, finn):
    saved = report(line, 1, "-5", by=finn)
    undone = undo(valley, finn, saved.change)
    undo(valley, finn, undone.change)
    assert Outturn.objects.get().actual_pence == pounds("-5")


def test_nothing_is_undone_once_one_cell_was_saved_again(valley, line, finn):
    entries = [Entry(line=line.code, month=month, actual_pence=month) for month in (1, 2)]
    saved = record_outturns(by=finn, slice_id=valley.slice.pk, entries=entries)
    report(line, 2, "-9")
    with pytest.raises(Conflict) as conflict:
        undo(valley, finn, saved.change)
    assert [(item["month"], item["actual_pence"]) for item in conflict.value.newer] == [
        (2, pounds("-9"))
    ]
    assert "saved again since" in conflict.value.faults[0].message
    assert Outturn.objects.get(month=1).actual_pence == 1


def test_a_month_that_was_submitted_meanwhile_stays(valley, line, finn):
    saved = report(line, 1, "-5", by=finn)
    move(valley.slice, "submitted", 1, valley.moor)
    with pytest.raises(Refused) as refused:
        undo(valley, finn, saved.change)
    assert refused.value.code == "submitted"


def test_only_one_s_own_saves_are_there_to_be_undone(valley, line, finn):
    saved = report(line, 1, "-5", by=finn)
    other = a_person("fay", Role.FINANCE_LEAD, partner=valley.moor)
    for by, change in ((other, saved.change), (finn, 999)):
        with pytest.raises(Http404):
            undo(valley, by, change)
    assert Outturn.objects.get().actual_pence == pounds("-5")
