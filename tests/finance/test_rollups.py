"""The rules of the figures, each on an example that is worked by hand."""

from contextlib import contextmanager

import pytest
from django.db import connection

from finance.models import Computation, PrintedFigure, Rollup
from finance.rollups import compute, computing, recompute
from finance.services import LineSpec, choose_headline, save_lines
from schemes.models import Evidence, Source
from tests.factories import approve, close, evenly, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


# sense


@pytest.mark.parametrize(
    ("kind", "planned", "actual", "variance"),
    [
        ("position", "-100", "-120", "-20"),
        ("income", "100", "90", "-10"),
        ("spend", "100", "130", "-30"),
        ("saving", "100", "115", "15"),
        ("capital", "100", "60", "40"),
    ],
)
def test_a_variance_is_favourable_where_the_kind_says(valley, kind, planned, actual, variance):
    line = valley.line(valley.moor, kind)
    valley.plan({line: planned})
    report(line, 12, actual)
    assert valley.figures()(12, kind=kind).variance_pence == pounds(variance)


def test_what_only_moves_money_varies_by_plain_difference(valley):
    line = valley.line(valley.moor, "transfer", counterparty="hill")
    valley.plan({line: "100"})
    report(line, 12, "130")
    assert valley.figures()(12, kind="transfer").variance_pence == pounds("30")


# plan to date


def test_a_plan_without_a_profile_has_no_plan_to_date_before_the_end(valley):
    line = valley.line(valley.moor)
    valley.plan({line: "-120"})
    report(line, 11, "-100")
    report(line, 12, "-130")
    at = valley.figures()
    assert at(11).plan_pence == pounds("-120")
    assert (at(11).plan_to_date_pence, at(11).variance_pence) == (None, None)
    assert at(12).plan_to_date_pence == pounds("-120")
    assert at(12).variance_pence == pounds("-10")


def test_a_profile_accumulates(valley):
    line = valley.line(valley.moor)
    valley.plan({line: [pounds("-5"), pounds("-15"), *[0] * 9, pounds("20")]})
    report(line, 2, "-26")
    at = valley.figures()
    assert at(1).plan_to_date_pence == pounds("-5")
    assert at(2).plan_to_date_pence == pounds("-20")
    assert at(2).variance_pence == pounds("-6")
    assert at(12).plan_to_date_pence == 0


def test_without_a_plan_there_is_an_actual_and_no_variance(valley):
    report(valley.line(valley.moor), 3, "-9")
    row = valley.figures()(3)
    assert (row.actual_pence, row.plan_pence, row.variance_pence) == (pounds("-9"), None, None)


# months


def test_a_month_without_a_report_is_a_gap_and_no_zero(valley):
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120")})
    report(line, 4, "-50")
    report(line, 6, "-71")
    at = valley.figures()
    gap = at(5)
    assert (gap.actual_pence, gap.in_month_pence, gap.variance_pence) == (None, None, None)
    assert (gap.lines, gap.reported) == (1, 0)
    assert (at(6).in_month_pence, at(6).in_month_from) == (pounds("-21"), 5)


def test_adjacent_months_give_an_in_month_figure(valley):
    line = valley.line(valley.moor)
    report(line, 1, "-10")
    report(line, 2, "-4")
    at = valley.figures()
    assert (at(1).in_month_pence, at(1).in_month_from) == (pounds("-10"), 1)
    assert (at(2).in_month_pence, at(2).in_month_from) == (pounds("6"), 2)


def test_months_that_partners_cover_differently_have_no_sum(valley):
    moor, hill = valley.line(valley.moor), valley.line(valley.hill)
    report(moor, 1, "-10")
    for line in (moor, hill):
        report(line, 2, "-20")
    at = valley.figures()
    assert at(2, valley.moor).in_month_pence == pounds("-10")
    assert at(2, valley.hill).in_month_pence == pounds("-20")
    assert at(2, valley.hill).in_month_from == 1
    assert (at(2).in_month_pence, at(2).in_month_from) == (None, None)


def test_the_latest_forecast_is_carried_with_its_month(valley):
    line = valley.line(valley.moor)
    valley.plan({line: "-100"})
    report(line, 3, "-30", "-140")
    report(line, 5, "-60")
    at = valley.figures()
    assert (at(5).forecast_pence, at(5).forecast_month) == (pounds("-140"), 3)
    assert at(5).forecast_variance_pence == pounds("-40")
    assert (at(2).forecast_pence, at(2).forecast_month) == (None, None)


def test_a_total_names_the_oldest_forecast_that_is_in_it(valley):
    moor, hill = valley.line(valley.moor), valley.line(valley.hill)
    report(moor, 2, forecast="-10")
    report(hill, 4, forecast="-30")
    at = valley.figures()
    assert (at(4).forecast_pence, at(4).forecast_month) == (pounds("-40"), 2)
    assert (at(4).forecast_month_last, at(4).forecasts_behind) == (4, 1)
    assert (at(5).forecast_month_last, at(5).forecasts_behind) == (4, 2)
    assert (at(2).forecast_month_last, at(2).forecasts_behind) == (2, 0)


def test_the_opening_forecast_is_month_0(valley):
    line = valley.line(valley.moor)
    valley.plan({line: "-100"})
    report(line, 0, forecast="-110")
    at = valley.figures()
    assert (at(0).forecast_pence, at(0).forecast_month) == (pounds("-110"), 0)
    assert (at(0).actual_pence, at(0).plan_to_date_pence, at(0).lines) == (None, None, 0)
    assert at(3).forecast_pence == pounds("-110")


def test_the_audited_year_is_month_13_and_stands_against_the_whole_plan(valley):
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120")})
    report(line, 12, "-130")
    report(line, 13, "-135")
    at = valley.figures()
    assert (at(12).actual_pence, at(13).actual_pence) == (pounds("-130"), pounds("-135"))
    assert at(13).variance_pence == pounds("-15")
    assert (at(13).in_month_pence, at(13).in_month_from) == (None, None)


def test_there_is_no_month_13_before_somebody_was_audited(valley):
    line = valley.line(valley.moor)
    report(line, 12, "-130")
    at = valley.figures()
    assert at.find(13) is None
    assert at.find(0) is None


# bodies that begin and end


def test_a_body_that_starts_in_july_counts_from_july(valley):
    line = valley.line(valley.moor, first_month=4)
    valley.plan({line: [0, 0, 0, *[pounds("-10")] * 9]})
    report(line, 4, "-12")
    at = valley.figures()
    assert at.find(3) is None
    assert (at(4).in_month_pence, at(4).in_month_from) == (pounds("-12"), 4)
    assert at(4).variance_pence == pounds("-2")


def test_a_body_that_ended_is_not_missing_and_keeps_its_figure(valley):
    old = valley.line(valley.dale, last_month=6)
    new = valley.line(valley.fell, first_month=7)
    valley.plan({old: "-60", new: "-30"})
    report(old, 6, "-66", "-66")
    report(new, 7, "-5", "-31")
    at = valley.figures()
    assert at(7, valley.dale).actual_pence == pounds("-66")
    assert at(7, valley.dale).reported == at(7, valley.dale).lines == 1
    assert at(7, valley.dale).in_month_pence is None
    assert at(7, valley.dale).variance_pence == pounds("-6")
    assert (at(7).actual_pence, at(7).in_month_pence) == (pounds("-71"), pounds("-5"))
    assert (at(7).lines, at(7).reported) == (2, 2)
    assert (at(7).forecast_pence, at(7).forecast_month) == (pounds("-97"), 6)


def test_a_body_that_ended_keeps_its_figure_in_the_audited_year(valley):
    old = valley.line(valley.dale, last_month=6)
    new = valley.line(valley.fell)
    report(old, 6, "-66")
    report(new, 13, "-30")
    at = valley.figures()
    assert at(13).actual_pence == pounds("-96")
    assert (at(13).lines, at(13).reported) == (2, 2)


def test_a_body_whose_profile_ends_keeps_its_plan(valley):
    line = valley.line(valley.dale, last_month=2)
    valley.plan({line: [pounds("-10"), pounds("-20"), *[0] * 10]})
    report(line, 2, "-35")
    assert valley.figures()(12).variance_pence == pounds("-5")


# reporting calendars


@pytest.mark.parametrize(
    ("calendar", "due"),
    [
        ("monthly", range(1, 13)),
        ("quarterly", (3, 6, 9, 12)),
        ("year-end", (12,)),
        ("forecast-only", ()),
    ],
)
def test_a_line_is_due_by_its_calendar(valley, calendar, due):
    valley.line(valley.moor, calendar=calendar)
    at = valley.figures()
    assert [month for month in range(1, 13) if at(month).lines] == list(due)


@pytest.mark.parametrize("calendar", ["quarterly", "year-end"])
def test_a_line_that_ended_is_due_no_more_than_it_was(valley, calendar):
    line = valley.line(valley.moor, calendar=calendar, last_month=7)
    report(line, 7, "-7")
    at = valley.figures()
    assert (at(8).lines, at(8).reported) == (1, 1)


# totals and bases


def test_a_total_compares_plan_and_actual_over_the_same_partners(valley):
    moor, hill = valley.line(valley.moor), valley.line(valley.hill)
    valley.plan({moor: evenly("-120"), hill: evenly("-240")})
    report(moor, 3, "-33")
    row = valley.figures()(3)
    assert row.plan_to_date_pence == pounds("-90")
    assert row.compared_plan_pence == pounds("-30")
    assert row.actual_pence == pounds("-33")
    assert row.variance_pence == pounds("-3")
    assert (row.lines, row.reported) == (2, 1)


def test_figures_on_different_bases_are_not_compared(valley):
    moor, hill = valley.line(valley.moor), valley.line(valley.hill)
    valley.plan({moor: "-10", hill: "-20"}, basis="adjusted")
    report(moor, 12, "-15", actual_basis="statutory")
    report(hill, 12, "-26", actual_basis="adjusted")
    at = valley.figures()
    assert at(12, valley.moor).bases_differ
    assert at(12, valley.moor).variance_pence is None
    assert not at(12, valley.hill).bases_differ
    assert at(12).variance_pence == pounds("-6")
    assert at(12).actual_pence == pounds("-41")
    assert at(12).compared_plan_pence == pounds("-20")


def test_on_different_bases_the_printed_variance_stands(valley, printed):
    line = valley.line(valley.hill)
    valley.plan({line: "-26"}, basis="incl-sustainability")
    report(line, 12, "-57", actual_basis="")
    printed(line, 12, "-30")
    row = valley.figures()(12)
    assert (row.variance_pence, row.bases_differ) == (pounds("-30"), True)
    assert row.compared_plan_pence == pounds("-26")


def test_a_printed_variance_without_an_actual_is_not_ours(valley, printed):
    line = valley.line(valley.hill)
    valley.plan({line: "-26"}, basis="incl-sustainability")
    report(line, 12, forecast="-57", forecast_basis="incl-sustainability")
    printed(line, 12, "-30")
    row = valley.figures()(12)
    assert (row.variance_pence, row.bases_differ) == (None, False)


def test_a_forecast_on_another_basis_is_shown_and_not_compared(valley):
    line = valley.line(valley.hill)
    valley.plan({line: "-26"}, basis="incl-sustainability")
    report(line, 3, forecast="-57", forecast_basis="excl-sustainability")
    row = valley.figures()(3)
    assert row.forecast_pence == pounds("-57")
    assert (row.forecast_variance_pence, row.bases_differ) == (None, True)


# positions that are worked out


@pytest.fixture
def hospital(valley):
    """A trust that reports income and spend."""
    income, spend = valley.line(valley.hill, "income"), valley.line(valley.hill, "spend")
    valley.plan({income: evenly("1200"), spend: evenly("1320")})
    return valley, income, spend


def test_a_position_is_income_less_spend(hospital):
    valley, income, spend = hospital
    report(income, 1, "100", "1190")
    report(spend, 1, "125", "1350")
    row = valley.figures()(1, valley.hill)
    assert (row.plan_pence, row.plan_to_date_pence) == (pounds("-120"), pounds("-10"))
    assert (row.actual_pence, row.variance_pence) == (pounds("-25"), pounds("-15"))
    assert (row.in_month_pence, row.in_month_from) == (pounds("-25"), 1)
    assert (row.forecast_pence, row.forecast_variance_pence) == (pounds("-160"), pounds("-40"))
    assert (row.lines, row.reported) == (1, 1)


def test_a_position_is_not_worked_out_from_some_of_its_lines(hospital):
    valley, income, _ = hospital
    report(income, 1, "100", "1190")
    row = valley.figures()(1, valley.hill)
    assert (row.actual_pence, row.variance_pence, row.in_month_pence) == (None, None, None)
    assert row.forecast_pence is None
    assert (row.lines, row.reported) == (1, 0)


def test_a_plan_position_wants_the_plan_of_every_line(valley):
    income, _ = valley.line(valley.hill, "income"), valley.line(valley.hill, "spend")
    valley.plan({income: evenly("1200")})
    row = valley.figures()(12, valley.hill)
    assert (row.plan_pence, row.plan_to_date_pence) == (None, None)


def test_a_saving_is_inside_the_position_already(hospital):
    valley, income, spend = hospital
    report(valley.line(valley.hill, "saving"), 1, "7")
    report(income, 1, "100")
    report(spend, 1, "125")
    assert valley.figures()(1, valley.hill).actual_pence == pounds("-25")


def test_a_position_that_is_entered_is_not_worked_out_as_well(hospital):
    valley, income, spend = hospital
    entered = valley.line(valley.hill)
    report(income, 1, "100")
    report(spend, 1, "125")
    report(entered, 1, "-24")
    assert valley.figures()(1).actual_pence == pounds("-24")


def test_a_position_that_the_group_enters_is_not_worked_out_for_a_member(valley):
    report(valley.line(valley.ccgs), 1, "-30")
    report(valley.line(valley.dale, "income"), 1, "10")
    report(valley.line(valley.dale, "spend"), 1, "25")
    at = valley.figures()
    assert at(1).actual_pence == pounds("-30")
    assert at.find(1, valley.dale) is None


def test_an_entered_position_that_ended_is_not_counted_again_from_its_lines(hospital):
    valley, income, spend = hospital
    report(valley.line(valley.hill, last_month=6), 6, "-50")
    report(income, 8, "800")
    report(spend, 8, "870")
    assert valley.figures()(8).actual_pence == pounds("-50")


def test_a_group_that_splits_leaves_its_members_to_be_worked_out(valley):
    report(valley.line(valley.ccgs, last_month=6), 6, "-50")
    report(valley.line(valley.dale, "income", first_month=7), 8, "20")
    report(valley.line(valley.dale, "spend", first_month=7), 8, "23")
    at = valley.figures()
    assert at(8, valley.dale).actual_pence == pounds("-3")
    assert at(8).actual_pence == pounds("-53")


# published and provisional


def test_published_figures_are_those_that_were_approved(valley):
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120")})
    report(line, 1, "-11", "-125")
    assert valley.figures()(1, state="published").actual_pence is None
    approve(valley.slice, 1, valley.moor)
    report(line, 2, "-25")
    at = valley.figures()
    published = at(1, state="published")
    assert (published.actual_pence, published.variance_pence) == (pounds("-11"), pounds("-1"))
    assert published.forecast_pence == pounds("-125")
    assert at(2, state="published").actual_pence is None
    assert at(2, state="published").forecast_month == 1
    assert at(2).actual_pence == pounds("-25")


def test_each_partner_publishes_its_own_month(valley):
    moor, hill = valley.line(valley.moor), valley.line(valley.hill)
    report(moor, 1, "-1")
    report(hill, 1, "-2")
    close(valley.slice, 1, valley.hill)
    row = valley.figures()(1, state="published")
    assert (row.actual_pence, row.lines, row.reported) == (pounds("-2"), 2, 1)


# computing


def test_computing_twice_changes_nothing(valley):
    line = valley.line(valley.moor)
    report(line, 3, "-3", "-9")
    before = rows(valley.figures().slice)
    for whole in (False, True):
        recompute(valley.slice.pk, whole=whole)
        assert rows(valley.slice) == before


def test_what_did_not_change_is_not_written(valley):
    moor, hill = valley.line(valley.moor), valley.line(valley.hill)
    report(moor, 3, "-3")
    recompute(valley.slice.pk)
    marks = written(valley.slice, valley.moor)
    report(hill, 2, "-2")
    recompute(valley.slice.pk)
    assert written(valley.slice, valley.moor) == marks
    assert written(valley.slice, valley.hill)


def test_a_computation_says_which_change_it_saw(valley):
    report(valley.line(valley.moor), 3, "-3")
    assert recompute(valley.slice.pk) == valley.fresh().change == 2
    assert Computation.objects.get().change == 2


def test_figures_that_lost_their_line_go(valley):
    line = valley.line(valley.moor)
    report(line, 3, "-3")
    assert valley.figures().find(2)
    spec = LineSpec(code=line.code, name="P", partner="moor", kind="position", first_month=3)
    save_lines(by=None, slice_id=valley.slice.pk, specs=[spec])
    assert valley.figures().find(2) is None


def test_a_figure_outside_the_months_that_a_line_was_cut_to_counts_nowhere(valley):
    moor, hill = valley.line(valley.moor), valley.line(valley.hill)
    report(moor, 3, "-3", "-30")
    report(moor, 8, "-8", "-80")
    spec = LineSpec(code=moor.code, name="P", partner="moor", kind="position", last_month=6)
    save_lines(by=None, slice_id=valley.slice.pk, specs=[spec])
    valley.figures()
    report(hill, 10, "-1")
    assert valley.figures()(10, valley.moor).forecast_pence == pounds("-30")


def test_another_headline_plan_moves_the_variance(valley):
    line = valley.line(valley.moor)
    valley.plan({line: "-10"})
    revised = valley.plan({line: "-15"}, code="revised", headline=False)
    report(line, 12, "-20")
    assert valley.figures()(12).variance_pence == pounds("-10")
    choose_headline(by=None, slice_id=valley.slice.pk, plan=revised)
    assert valley.figures()(12).variance_pence == pounds("-5")


def test_a_plan_chosen_while_computing_is_seen_or_leaves_the_slice_stale(valley, monkeypatch):
    line = valley.line(valley.moor)
    valley.plan({line: "-10"})
    revised = valley.plan({line: "-15"}, code="revised", headline=False)
    report(line, 12, "-20")
    computing_now = computing.figuring

    @contextmanager
    def another_is_chosen_first():
        choose_headline(by=None, slice_id=valley.slice.pk, plan=revised)
        with computing_now() as cursor:
            yield cursor

    with monkeypatch.context() as patch:
        patch.setattr(computing, "figuring", another_is_chosen_first)
        recompute(valley.slice.pk)
    assert valley.figures()(12).variance_pence == pounds("-5")


# as it was known


def test_what_was_known_at_a_change_does_not_move(valley):
    line = valley.line(valley.moor)
    plan = valley.plan({line: evenly("-120")})
    report(line, 1, "-11")
    approve(valley.slice, 1, valley.moor)
    report(line, 2, "-22")
    then = valley.fresh().change
    before = as_known(valley.slice, then)
    report(line, 2, "-29", "-150")
    valley.plan({line: evenly("-240")})
    valley.plan({line: "-99"}, code="revised")
    valley.line(valley.hill)
    save_lines(by=None, slice_id=valley.slice.pk, specs=[cut(line)])
    assert as_known(valley.slice, then) == before
    assert plan.code == "original"


def test_before_the_first_change_nothing_was_known(valley):
    report(valley.line(valley.moor), 1, "-11")
    assert as_known(valley.slice, 0) == []


def test_what_is_known_now_is_what_is_computed(valley):
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120")})
    report(line, 0, forecast="-130")
    report(line, 3, "-31", "-140", comment="Winter")
    report(line, 4, "-31")
    report(line, 4, actual_pence=None)
    report(line, 0, forecast_pence=None)
    valley.figures()
    assert as_known(valley.slice, valley.fresh().change) == rows(valley.slice)


# helpers


_VALUES = [field.attname for field in Rollup._meta.local_concrete_fields]


def rows(slice_) -> list[tuple[object, ...]]:
    return sorted(Rollup.objects.filter(slice=slice_).values_list(*_VALUES), key=str)


def as_known(slice_, ceiling: int) -> list[tuple[object, ...]]:
    found = compute(slice_.pk, ceiling=ceiling)
    return sorted((tuple(getattr(row, name) for name in _VALUES) for row in found), key=str)


def written(slice_, partner) -> set[str]:
    """Which transactions' rows a partner's figures are (a row that is written again moves)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ctid::text FROM finance_rollup WHERE slice_id = %s AND partner_key = %s",
            [slice_.pk, partner.pk],
        )
        return {row[0] for row in cursor.fetchall()}


def cut(line) -> LineSpec:
    return LineSpec(code=line.code, name="Cut", partner="moor", kind="position", last_month=6)


@pytest.fixture
def printed():
    """A variance that a source prints for a line."""

    def save(line, month: int, variance: str) -> None:
        source = Source.objects.create(code="report", title="A report")
        PrintedFigure.objects.create(
            slice=line.slice,
            code="variance",
            name="Variance",
            measure="variance",
            line=line,
            month=month,
            pence=pounds(variance),
            unit_pence=100,
            evidence=Evidence.objects.create(source=source, place="1"),
        )

    return save
