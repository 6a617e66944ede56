"""What the tables of plans, outturns, returns and printed figures refuse by themselves."""

import pytest
from django.db import IntegrityError, transaction

from finance.models import (
    HeadlineChoice,
    MonthlyReturn,
    Outturn,
    OutturnRevision,
    Plan,
    PlanFigure,
    PlanRevision,
    PrintedFigure,
    ReturnEvent,
)
from schemes.models import Evidence, Source
from tests.factories import approve, evenly, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(valley):
    """A row in every table."""
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120")})
    report(line, 1, "-1")
    report(line, 0, forecast="-1")
    approve(valley.slice, 1, valley.moor)
    source = Source.objects.create(code="report", title="Report")
    PrintedFigure.objects.create(
        slice=valley.slice,
        code="variance",
        name="Variance",
        measure="variance",
        line=line,
        month=12,
        pence=1,
        unit_pence=1,
        evidence=Evidence.objects.create(source=source, place="1"),
    )


@pytest.mark.parametrize(
    ("model", "where", "values", "constraint"),
    [
        (Outturn, {"month": 1}, {"month": 14}, "outturn_month"),
        (Outturn, {"month": 0}, {"actual_pence": 1}, "outturn_opening_is_forecast"),
        (Outturn, {"month": 1}, {"published_revision": None}, "outturn_published_from_revision"),
        (MonthlyReturn, {}, {"month": 14}, "return_month"),
        (MonthlyReturn, {}, {"published_change": None}, "return_published_when_approved"),
        (PlanFigure, {}, {"full_year_pence": 1}, "plan_figure_profile"),
        (PlanFigure, {}, {"to_date_pence": [1]}, "plan_figure_profile"),
        (PrintedFigure, {}, {"unit_pence": 0}, "printed_unit_positive"),
    ],
)
def test_a_row_that_makes_no_sense_is_not_stored(rows, model, where, values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.filter(**where).update(**values)


@pytest.mark.parametrize(
    ("model", "constraint"),
    [
        (Outturn, "outturn_once"),
        (Plan, "plan_once"),
        (PlanFigure, "plan_figure_once"),
        (PlanRevision, "plan_revision_once"),
        (HeadlineChoice, "headline_choice_once"),
        (OutturnRevision, "outturn_revision_once"),
        (MonthlyReturn, "return_once"),
        (ReturnEvent, "return_event_once"),
        (PrintedFigure, "printed_figure_once"),
    ],
)
def test_what_is_there_once(rows, model, constraint):
    again = model.objects.first()
    again.pk = None
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        again.save(force_insert=True)


def test_a_measure_of_a_line_and_month_is_printed_once(rows):
    again = PrintedFigure.objects.get()
    again.pk, again.code = None, "another"
    with pytest.raises(IntegrityError, match="printed_once_for_a_line"), transaction.atomic():
        again.save(force_insert=True)


def test_a_revision_of_a_plan_reaches_its_year(rows):
    revision = PlanRevision.objects.get()
    revision.pk, revision.change, revision.full_year_pence = None, 99, 5
    with pytest.raises(IntegrityError, match="plan_revision_profile"), transaction.atomic():
        revision.save(force_insert=True)
