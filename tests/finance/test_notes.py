"""What stands beside the figures in words."""

import pytest

from finance.models.rollups import State
from finance.queries import position
from finance.queries.notes import notes_of
from finance.rollups import recompute
from schemes.models import Evidence, Source
from tests.factories import report

pytestmark = pytest.mark.django_db


def notes(valley) -> str:
    recompute(valley.slice.pk)
    slice_ = valley.fresh()
    return " ".join(notes_of(slice_, position(slice_, state=State.PROVISIONAL)[0]))


def test_partners_without_a_row_are_named_unless_their_group_has_one(valley):
    report(valley.line(valley.moor), 1, "-1")
    assert "Hill body, Dale body and Fell body are partners" in notes(valley)
    report(valley.line(valley.ccgs), 1, "-1")
    said = notes(valley)
    assert "Hill body is a partner of this system for whom no position is stated" in said
    assert "Dale" not in said


def test_who_has_yet_to_report_is_named(valley):
    report(valley.line(valley.moor), 1, "-1")
    valley.line(valley.hill)
    assert "compares plan and actual without Hill body" in notes(valley)


def test_bases_that_differ_are_told(valley):
    line = valley.line(valley.hill)
    valley.plan({line: "-26"}, basis="incl-sustainability")
    report(line, 12, "-57", actual_basis="excl-sustainability")
    said = notes(valley)
    assert "Hill body: the bases of plan and outturn may differ" in said
    assert "including sustainability funding" in said


def test_how_a_figure_came_about_is_told(valley):
    line = valley.line(valley.moor)
    source = Source.objects.create(code="report", title="Report")
    place = {"source": source, "place": "2.16"}
    derived = Evidence.objects.create(state="derived", working="76.9 - 32.0", **place)
    doubtful = Evidence.objects.create(state="suspect", working="A slip?", **place)
    report(line, 1, "-1", "-9", actual_evidence_id=doubtful.pk, forecast_evidence_id=derived.pk)
    said = notes(valley)
    assert "Moor body, forecast (derived): 76.9 - 32.0" in said
    assert "Moor body, outturn (suspect): A slip?" in said


def test_an_older_forecasts_working_is_still_told(valley):
    line = valley.line(valley.moor)
    source = Source.objects.create(code="report", title="Report")
    how = Evidence.objects.create(source=source, place="1", state="derived", working="a - b")
    report(line, 1, forecast="-9", forecast_evidence_id=how.pk)
    report(line, 2, "-1")
    assert "forecast (derived): a - b" in notes(valley)
