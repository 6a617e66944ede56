"""Plans: named versions with a figure a line, each figure kept as a revision."""

import pytest
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from finance.models import HeadlineChoice, Plan, PlanFigure, PlanRevision
from finance.rollups import headline, headline_plan
from finance.services import (
    PlanEntry,
    choose_headline,
    record_plan,
    save_plan,
    set_year_status,
)
from schemes.people.roles import Role
from tests.factories import a_person, close, evenly
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


@pytest.fixture
def plan(valley):
    return save_plan(by=None, slice_id=valley.slice.pk, code="original", name="Original")


def record(plan: Plan, *entries: PlanEntry, by=None) -> Count:
    return record_plan(by=by, slice_id=plan.slice_id, plan=plan, entries=entries)


def test_a_figure_is_created_updated_and_left_alone(line, plan):
    year = PlanEntry(line=line.code, full_year_pence=pounds("-120"))
    assert record(plan, year) == Count(created=1)
    assert record(plan, year) == Count(unchanged=1)
    profile = PlanEntry(line=line.code, full_year_pence=pounds("-120"), months=evenly("-120"))
    assert record(plan, profile) == Count(updated=1)
    figure = PlanFigure.objects.get()
    assert figure.to_date_pence[:2] == [pounds("-10"), pounds("-20")]
    assert figure.to_date_pence[11] == figure.full_year_pence == pounds("-120")
    assert PlanRevision.objects.count() == 2


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"line": "nobody", "full_year_pence": 1}, "line"),
        ({"full_year_pence": 13, "months": [1] * 12}, "full_year"),
        ({"full_year_pence": 11, "months": [1] * 11}, "months"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row(valley, line, plan, entry, field):
    bad = PlanEntry(**{"line": line.code, "row": 2, **entry})
    fine = PlanEntry(line=valley.line(valley.hill).code, full_year_pence=1)
    with pytest.raises(Refused) as refused:
        record(plan, fine, bad)
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [(2, field)]
    assert not PlanFigure.objects.exists()


def test_a_plan_lies_in_the_lines_months(valley, plan):
    july = valley.line(valley.hill, first_month=4)
    with pytest.raises(Refused) as refused:
        record(plan, PlanEntry(line=july.code, full_year_pence=12, months=[1] * 12))
    assert refused.value.faults[0].field == "month_1"


def test_a_line_stands_once_in_what_is_recorded(line, plan):
    entry = PlanEntry(line=line.code, full_year_pence=1)
    with pytest.raises(Refused) as refused:
        record(plan, entry, entry)
    assert refused.value.faults[0].field == "line"


def test_the_headline_is_the_last_that_was_chosen(valley, line):
    original = valley.plan({line: "-10"})
    then = valley.fresh().change
    revised = valley.plan({line: "-15"}, code="revised")
    assert headline(valley.slice.pk) == revised
    assert headline_plan(valley.slice.pk, then) == original.pk
    assert not choose_headline(by=None, slice_id=valley.slice.pk, plan=revised)
    assert HeadlineChoice.objects.count() == 2


def test_a_year_without_a_choice_has_no_headline(valley, plan):
    assert headline(valley.slice.pk) is None


def test_a_plan_is_renamed_by_its_code(valley, plan):
    again = save_plan(by=None, slice_id=valley.slice.pk, code="original", name="As approved")
    assert (again.pk, Plan.objects.get().name) == (plan.pk, "As approved")


def test_only_administrators_of_the_system_plan(valley, line, plan):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    with pytest.raises(Http404):
        record(plan, PlanEntry(line=line.code, full_year_pence=1), by=finn)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    assert record(plan, PlanEntry(line=line.code, full_year_pence=1), by=ada) == Count(created=1)


def twelve(april: str, may: str, march: str) -> list[int]:
    return [pounds(april), pounds(may), *[0] * 9, pounds(march)]


@pytest.mark.parametrize("months", [twelve("-20", "-10", "-90"), None])
def test_a_closed_month_keeps_its_plan(valley, line, plan, months):
    year = pounds("-120")
    record(
        plan, PlanEntry(line=line.code, full_year_pence=year, months=twelve("-10", "-20", "-90"))
    )
    close(valley.slice, 1, valley.moor)
    with pytest.raises(Refused) as refused:
        record(plan, PlanEntry(line=line.code, full_year_pence=year, months=months))
    assert refused.value.code == "closed"
    assert PlanFigure.objects.get().to_date_pence[0] == pounds("-10")


def test_open_months_can_be_profiled_anew(valley, line, plan):
    year = pounds("-120")
    record(
        plan, PlanEntry(line=line.code, full_year_pence=year, months=twelve("-10", "-20", "-90"))
    )
    close(valley.slice, 1, valley.moor)
    moved = PlanEntry(line=line.code, full_year_pence=year, months=twelve("-10", "-50", "-60"))
    assert record(plan, moved) == Count(updated=1)
    assert PlanFigure.objects.get().to_date_pence[1] == pounds("-60")


def test_a_closed_year_keeps_its_plans(valley, line, plan):
    set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    with pytest.raises(Refused) as refused:
        record(plan, PlanEntry(line=line.code, full_year_pence=pounds("-120")))
    assert refused.value.code == "closed"
