"""Plans of which only some months are stated: null in between, and never guessed."""

import pytest

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from finance.models import PlanFigure, PlanRevision
from finance.services import PlanEntry, choose_headline, record_plan, save_plan
from tests.factories import close, evenly, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    return valley.line(valley.moor, "saving")


@pytest.fixture
def plan(valley):
    made = save_plan(by=None, slice_id=valley.slice.pk, code="in-year", name="In year")
    choose_headline(by=None, slice_id=valley.slice.pk, plan=made)
    return made


def entry(line, **more: object) -> PlanEntry:
    return PlanEntry(**{"line": line.code, "full_year_pence": pounds("120"), "row": 2, **more})


def record(plan, *entries: PlanEntry) -> Count:
    return record_plan(by=None, slice_id=plan.slice_id, plan=plan, entries=entries)


def test_months_that_are_not_stated_are_null_and_the_last_is_the_year(line, plan):
    record(plan, entry(line, to_date={6: pounds("50"), 8: pounds("70")}))
    profile = PlanFigure.objects.get().to_date_pence
    stated = {month: pence for month, pence in enumerate(profile, 1) if pence is not None}
    assert stated == {6: pounds("50"), 8: pounds("70"), 12: pounds("120")}


def test_figures_are_compared_only_in_stated_months(valley, line, plan):
    record(plan, entry(line, to_date={6: pounds("50")}))
    for month, saved in ((6, "45"), (7, "52"), (12, "110")):
        report(line, month, saved)
    at = valley.figures()
    found = {month: at(month, kind="saving") for month in (6, 7, 12)}
    assert [row.plan_to_date_pence for row in found.values()] == [
        pounds("50"), None, pounds("120")
    ]  # fmt: skip
    assert [row.variance_pence for row in found.values()] == [pounds("-5"), None, pounds("-10")]
    assert found[7].actual_pence == pounds("52")
    assert {row.plan_pence for row in found.values()} == {pounds("120")}


def test_a_total_compares_the_lines_that_state_the_month(valley, line, plan):
    other = valley.line(valley.hill, "saving", "other")
    record(plan, entry(line, to_date={6: pounds("50")}), entry(other, months=evenly("120")))
    report(line, 7, "52")
    report(other, 7, "69")
    row = valley.figures()(7, kind="saving")
    assert (row.actual_pence, row.compared_plan_pence) == (pounds("121"), pounds("70"))
    assert row.variance_pence == pounds("-1")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"to_date": {6: 1}, "months": evenly("120")}, "to_date_12"),
        ({"to_date": {12: pounds("119")}}, "to_date_12"),
        ({"gross_pence": pounds("150"), "investment_pence": pounds("20")}, "full_year"),
    ],
)
def test_what_contradicts_itself_is_refused(line, plan, more, field):
    with pytest.raises(Refused) as refused:
        record(plan, entry(line, **more))
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [(2, field)]
    assert not PlanFigure.objects.exists()


def test_gross_and_investment_give_the_net(line, plan):
    parts = {"gross_pence": pounds("150"), "investment_pence": pounds("30")}
    assert record(plan, entry(line, **parts)) == Count(created=1)
    assert record(plan, entry(line, **parts)) == Count(unchanged=1)
    more = {**parts, "full_year_effect_pence": pounds("160")}
    assert record(plan, entry(line, **more)) == Count(updated=1)
    last = PlanRevision.objects.latest("change")
    assert (last.gross_pence, last.full_year_effect_pence) == (pounds("150"), pounds("160"))
    assert record(plan, entry(line, gross_pence=pounds("999"))) == Count(updated=1)  # alone, it may


def test_a_full_year_effect_is_never_in_the_years_plan(valley, line, plan):
    record(plan, entry(line, full_year_effect_pence=pounds("160")))
    report(line, 12, "1")
    assert valley.figures()(12, kind="saving").plan_pence == pounds("120")


def test_a_closed_month_keeps_what_was_stated_for_it(valley, line, plan):
    record(plan, entry(line, to_date={1: pounds("10"), 2: pounds("20"), 6: pounds("50")}))
    close(valley.slice, 1, valley.moor)
    close(valley.slice, 2, valley.moor)
    later = {1: pounds("10"), 2: pounds("20"), 6: pounds("60")}
    assert record(plan, entry(line, to_date=later)) == Count(updated=1)
    for moved in ({1: pounds("10"), 2: pounds("25")}, {1: pounds("10")}):
        with pytest.raises(Refused) as refused:
            record(plan, entry(line, to_date=moved))
        assert refused.value.code == "closed"
        assert refused.value.faults[0].field == "month_2"
