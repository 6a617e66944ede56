"""Illustrative systems: clearly labelled, the same from the same seed, proved in every rollup."""

from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from esbt.generating.schemes import how_many
from esbt.generating.system import financial_year, generate, years_up_to
from esbt.pages.money_outcomes import aims_of, placed
from finance.figures.savings import SavingsBook
from finance.models import (
    Claim,
    Line,
    MonthlyReturn,
    Outturn,
    PlanEffect,
    PlanFigure,
    PlanRisk,
    PoolAmount,
    Rating,
    Rollup,
    ShareRule,
    UrgentAction,
)
from finance.models.rollups import State
from finance.queries.line_months import line_months
from finance.queries.savings import savings_book
from finance.queries.virements import state_of
from finance.rollups import recompute, verify
from outcomes.models import Metric
from schemes.models import (
    Action,
    ActivityCount,
    Agreement,
    Approval,
    Assessment,
    Dependency,
    EqualityMark,
    Evaluation,
    FundPlan,
    IntendedOutcome,
    Meeting,
    Partner,
    Pool,
    RegisterRow,
    RowVersion,
    Scheme,
    Slice,
    Stage,
    StageWeight,
    System,
)
from schemes.registers.kinds import KINDS
from tests.money import pounds

pytestmark = pytest.mark.django_db

TODAY = date(2018, 9, 12)  # month 6; five months lie behind


def make(seed: int = 1, *, systems: int = 1, lines: int = 25, beside: bool = False) -> list[str]:
    years = ["2017-18", "2018-19"]
    return list(
        generate(systems=systems, lines=lines, years=years, seed=seed, today=TODAY, beside=beside)
    )


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2018, 3, 31), "2017-18"), (date(2018, 4, 1), "2018-19"), (date(2099, 5, 1), "2099-00")],
)
def test_a_day_lies_in_its_financial_year(day, year):
    assert financial_year(day) == year


def test_years_lead_up_to_the_last():
    assert years_up_to("2000-01", 3) == ["1998-99", "1999-00", "2000-01"]


def test_a_system_says_that_it_is_made_up():
    make()
    system = System.objects.get()
    assert system.illustrative
    for item in (system, *Partner.objects.all()):
        assert "llustrative" in item.name
        assert "ill" in item.code


def test_every_year_has_its_lines_and_the_months_behind_it():
    make()
    past, present = Slice.objects.order_by("year")
    assert (past.status, present.status) == ("closed", "open")
    for slice_, months in ((past, 12), (present, 5)):
        assert Line.objects.filter(slice=slice_).count() == 25
        assert set(Outturn.objects.filter(slice=slice_).values_list("month", flat=True)) == set(
            range(1, months + 1)
        )
    states = MonthlyReturn.objects.filter(slice=present).values_list("month", "state").distinct()
    assert dict(states) == {1: "closed", 2: "closed", 3: "closed", 4: "approved"}
    late = Outturn.objects.filter(slice=present, month=5, line__partner__code="ill1-council")
    assert not late.exists()


def test_its_figures_prove():
    make()
    for slice_ in Slice.objects.all():
        recompute(slice_.pk)
        assert verify(slice_.pk) == []
    assert Rollup.objects.filter(kind="position", level="all", reported__gt=0).exists()


def figures(seed: int) -> list[tuple]:
    """What a seed makes; the system is then put aside."""
    make(seed)
    rows = list(
        Outturn.objects.filter(slice__system__code="illustrative-1")
        .order_by("slice__year", "line__code", "month")
        .values_list("line__code", "month", "actual_pence", "forecast_pence")
    )
    rows += (
        Rating.objects.order_by("slice__year", "scheme__code", "month")
        .values_list("scheme__code", "month", "rating", "reason")
        .filter(slice__system__code="illustrative-1")
    )
    count = System.objects.count()
    for model in (System, Partner):
        for item in model.objects.filter(code__startswith="ill"):
            model.objects.filter(pk=item.pk).update(code=f"old{count}-{item.code}")
    return rows


def test_a_seed_makes_the_same_figures_and_another_others():
    first = figures(1)
    assert figures(1) == first
    assert figures(2) != first


def test_what_exists_is_left():
    make()
    before = Outturn.objects.count()
    assert make() == ["illustrative-1 exists already"]
    assert Outturn.objects.count() == before


def test_the_command_makes_several():
    out = StringIO()
    call_command(
        "generate_system", systems=2, lines=10, years=1, seed=3, stdout=out, stderr=StringIO()
    )
    assert System.objects.filter(illustrative=True).count() == 2


# schemes and savings, at the size of the demo


def book() -> SavingsBook:
    """The savings of the first system's present year, all that was reported."""
    slice_ = Slice.objects.filter(system__code="illustrative-1").latest("year")
    return savings_book(slice_, state=State.PROVISIONAL, change=slice_.change)


def test_schemes_stand_in_all_stages_with_their_parts():
    make(lines=120)
    schemes = Scheme.objects.all()
    assert {scheme.stage for scheme in schemes} == set(Stage.values)
    assert schemes.filter(stage="stopped").count() == 1
    assert (schemes.count(), schemes.exclude(parent=None).count()) == (12, 4)
    assert not schemes.filter(lead_partner=None).exists()
    assert not schemes.filter(theme=None).exists()
    assert not schemes.exclude(parent__parent=None).exists()
    # a whole has what its parts have
    assert not Line.objects.filter(scheme__parts__isnull=False).exists()


def test_what_is_kept_beside_the_money_is_there():
    make(lines=120)
    for model in (ActivityCount, Dependency, EqualityMark, Evaluation, IntendedOutcome):
        assert model.objects.exists()
    signed = Assessment.objects.filter(kind="quality", state="signed").values("scheme")
    assert Approval.objects.exists()
    assert not Approval.objects.exclude(scheme__in=signed).exists()
    assert Assessment.objects.exclude(state="signed").exists()


def test_savings_have_types_and_net_amounts():
    make(lines=120)
    plans = PlanFigure.objects.filter(line__kind="saving", gross_pence__isnull=False)
    assert all(p.full_year_pence == p.gross_pence - p.investment_pence for p in plans)
    assert any(plan.investment_pence for plan in plans)
    assert PlanFigure.objects.filter(full_year_effect_pence__isnull=False).exists()
    carried = Line.objects.filter(kind="saving").exclude(scheme=None)
    assert not carried.filter(saving_type="").exists()
    assert set(carried.values_list("recurrent", flat=True)) == {True, False, None}


def test_savings_that_nobody_found_are_planned_and_bring_nothing():
    make(lines=120)
    gap = Line.objects.filter(kind="saving", scheme=None)
    assert {(line.name, line.slice.year_id) for line in gap} == {
        ("Unidentified savings", "2017-18"),
        ("Unidentified savings", "2018-19"),
    }
    assert gap.count() == 4
    for outturn in Outturn.objects.filter(line__in=gap).select_related("line"):
        planned = outturn.line.plan_figures.get().full_year_pence
        assert outturn.actual_pence == 0
        assert 0 <= outturn.forecast_pence < planned


def test_one_double_count_is_open_and_one_is_settled():
    make(lines=120)
    pairs = book().claims
    assert {(pair.found, pair.settlement) for pair in pairs} == {("rule", "open"), ("rule", "one")}
    assert len(pairs) == 2
    for pair in pairs:
        assert pair.one_figures.plan_pence != pair.other_figures.plan_pence
    assert all(claim.reason for claim in Claim.objects.all())


def test_leads_rate_each_month_and_here_and_there_otherwise_than_the_rule():
    make(lines=120)
    rows = book().rows
    months = Rating.objects.filter(slice__year="2018-19").values_list("month", flat=True)
    assert set(months) == {1, 2, 3, 4, 5}
    assert all(row.rating for row in rows if row.judged.status)
    differing = [row.code for row in rows if row.differs]
    assert 0 < len(differing) < len(rows) / 2
    order = ("green", "amber", "red")
    apart = {order.index(r.rating) - order.index(r.judged.status) for r in rows if r.differs}
    assert apart == {-1, 1}  # some see it better, some worse
    assert all(rating.reason for rating in Rating.objects.exclude(rating="green"))


def test_the_first_system_agreed_weights_for_its_stages():
    make(lines=120, systems=2)
    weights = StageWeight.objects.values_list("system__code", "stage")
    assert set(weights) == {("illustrative-1", stage) for stage in Stage.values}
    total = book().total.forecast_pence
    assert 0 < book().weighted_forecast_pence < total


@pytest.mark.parametrize(
    ("lines", "schemes"), [(1, 5), (25, 5), (60, 6), (120, 12), (300, 12), (25_000, 1_000)]
)
def test_schemes_grow_with_the_lines(lines, schemes):
    assert how_many(lines) == schemes


@pytest.mark.parametrize("lines", [1, 7, 21, 24, 26, 49, 50])
def test_any_number_of_lines_is_made(lines):
    make(lines=lines)
    assert [Line.objects.filter(slice=slice_).count() for slice_ in Slice.objects.all()] == [
        lines,
        lines,
    ]
    assert all(verify(slice_.pk) == [] for slice_ in Slice.objects.all())


def test_a_fifth_of_the_lines_are_savings():
    make(lines=100)
    slice_ = Slice.objects.latest("year")
    kinds = Line.objects.filter(slice=slice_).values_list("kind", flat=True)
    assert (len(kinds), list(kinds).count("saving"), list(kinds).count("income")) == (100, 20, 20)


def test_the_demo_shows_what_stands_beside_the_lines():
    make(lines=50, beside=True)
    past, present = Slice.objects.order_by("year")
    for slice_ in (past, present):
        kinds = set(Line.objects.filter(slice=slice_).values_list("kind", flat=True))
        assert {"reserve", "capital", "cash", "transfer"} <= kinds
        assert slice_.plans.count() == 2
        assert slice_.causes.exists()
        assert verify(slice_.pk) == []
        for cause in slice_.causes.filter(pence__isnull=False):
            (item,) = line_months(
                slice_,
                Line.objects.filter(pk=cause.line_id),
                state=State.PROVISIONAL,
                month=cause.month,
            )
            variance = item.variance_pence
            assert 0 <= cause.pence / variance <= 1
            good = cause.words.startswith(("More work", "Posts and work that start later"))
            assert good == (variance > 0)
    assert {item.plan.code for item in present.virements.all()} == {"revised"}
    states = [state_of(item) for item in present.virements.all()]
    assert sorted(states) == ["approved", "proposed", "rejected"]
    assert not past.virements.exists()
    assert Rollup.objects.filter(slice=present, level="unagreed", actual_pence__gt=0).exists()


def test_the_demo_has_a_fund_whose_rule_of_share_changes_in_mid_year():
    make(lines=25, beside=True)
    past, present = Slice.objects.order_by("year")
    fund, aligned = Pool.objects.order_by("position")
    assert (fund.kind, aligned.kind) == ("pooled", "aligned")
    assert [m.partner.code for m in fund.members.filter(host=True)] == ["ill1-council"]
    assert not aligned.members.filter(host=True).exists()
    # 6.6 million a month go in and are planned to be spent
    for kind in ("contribution", "pool-spend"):
        plans = PlanFigure.objects.filter(plan__code="original", line__kind=kind)
        for slice_ in (past, present):
            own = plans.filter(line__slice=slice_, line__pool=fund)
            assert sum(own.values_list("full_year_pence", flat=True)) == pounds("79_200_000")
    # within the share 0.21 million a month are overspent, outside it 0.04
    year = Outturn.objects.filter(slice=past, month=12, line__kind="pool-spend", line__pool=fund)
    shared = [item for item in year if not item.line.pool_line.outside_share]
    planned = sum(
        item.line.plan_figures.get(plan__code="original").full_year_pence for item in shared
    )
    assert sum(item.actual_pence for item in shared) - planned == pounds("2_520_000")
    assert sum(item.actual_pence for item in year) == pounds("79_200_000") + pounds("3_000_000")
    quarterly = Outturn.objects.filter(slice=present, line__code="fund-discharge")
    assert [item.month for item in quarterly] == [3]
    rules = ShareRule.objects.order_by("starts")
    assert [(rule.terms["kind"], rule.triggered_on is not None) for rule in rules] == [
        ("proportional", True),
        ("proportional", False),
        ("risk_pool", False),
    ]
    assert [str(rule.starts) for rule in rules] == ["2017-04-01", "2018-04-01", "2018-10-01"]
    agreed = PoolAmount.objects.filter(measure="agreed").values_list("pence", flat=True)
    assert set(agreed) == {pounds("79_200_000")}
    assert [item.slice for item in PoolAmount.objects.filter(measure="opening")] == [past]


def test_the_fund_has_its_plan_and_an_agreement_that_all_have_signed():
    make(lines=25, beside=True)
    agreement = Agreement.objects.get()
    assert {item.state for item in agreement.sign_offs.all()} == {"ratified"}
    assert agreement.sign_offs.count() == agreement.parties.count() == 3
    plan = FundPlan.objects.get()
    assert {item.state for item in plan.sign_offs.all()} == {"ratified", "delegated", "submitted"}
    assert {item.status for item in plan.nationalconditions.all()} == {
        "met", "partly", "planned", "",
    }  # fmt: skip
    assert plan.fundheadings.count() == 7


def test_without_what_stands_beside_there_are_no_pools():
    make(lines=25)
    assert not Pool.objects.exists()


def test_reduction_plans_leave_something_to_answer_for_each_question():
    """By hand to August, the council to July: 0.40 of 0.40, 1.00 of 1.25, 0.80 of 0.75 million."""
    make(lines=25, beside=True)
    present = Slice.objects.latest("year")
    plans = Line.objects.filter(slice=present, kind="reduction-plan")
    told = {
        item.line.code: (item.month, item.actual_pence, item.forecast_pence)
        for item in Outturn.objects.filter(line__in=plans).order_by("month")
    }
    assert told == {
        "council-reduction": (4, pounds("400_000"), pounds("1_200_000")),
        "acute-reduction": (5, pounds("1_000_000"), pounds("2_700_000")),
        "icb-reduction": (5, pounds("800_000"), pounds("1_860_000")),
    }
    whole = Rollup.objects.get(
        slice=present,
        kind="reduction-plan",
        level="all",
        partner_key=0,
        month=12,
        state="published",
    )
    assert whole.plan_pence == pounds("6_000_000")
    assert sorted(str(item.understood) for item in PlanEffect.objects.all()) == [
        "False", "None", "True", "True", "True", "True",
    ]  # fmt: skip
    assert [(item.due, item.done) for item in UrgentAction.objects.all()] == [
        ("2018-07", "2018-07"),
        ("2018-08", ""),
        ("2018-12", ""),
    ]
    assert PlanRisk.objects.count() == 3


def test_the_demo_has_something_in_each_register_and_a_milestone_that_slipped():
    make(lines=25, beside=True)
    assert {row.register for row in RegisterRow.objects.all()} == {kind.code for kind in KINDS}
    assert Counter(Action.objects.values_list("status", flat=True)) == {
        "in-progress": 4,
        "done": 1,
    }
    kept = RowVersion.objects.filter(table="milestone", values__code="team").order_by("pk")
    assert [version.values["due"] for version in kept] == ["2018-07", "2018-09"]
    assert Meeting.objects.count() == 4


def test_the_demo_has_schemes_on_and_off_plan_with_better_and_worse_outcomes():
    make(lines=120, beside=True)
    present = Slice.objects.latest("year")
    said = {str(aim.row.said) for own in aims_of(present.system).values() for aim in own}
    assert said == {"improved", "worse", "no-change"}
    book = savings_book(present, state=State.PROVISIONAL, change=present.change)
    both = {(item.saving, item.outcome) for item in placed(book, aims_of(present.system))}
    assert {"better", "worse", "same"} <= {outcome for saving, outcome in both if saving != "none"}
    quality = set(Metric.objects.values_list("quality", flat=True))
    assert quality == {"Made up by a generator; nobody was counted."}
