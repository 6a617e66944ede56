"""The deficit table as pages and API read it: who, in which order, against what, who is missing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from finance.as_at import as_change
from finance.models import PrintedFigure
from finance.models.rollups import State
from finance.pages.position import position_page
from finance.queries import latest_month, months_of, position
from finance.queries.positions import direction, stored_figures
from finance.rollups import recompute
from finance.services import close_month
from schemes.models import Change, Evidence, Slice, Source
from tests.factories import approve, close, evenly, report
from tests.money import pounds

pytestmark = pytest.mark.django_db

PROVISIONAL = {"state": State.PROVISIONAL}


def found(valley, **more: object):
    recompute(valley.slice.pk)
    return position(valley.fresh(), **more)[0]


@pytest.fixture
def two(valley):
    """The council planned and reported; the trust planned."""
    moor, hill = valley.line(valley.moor), valley.line(valley.hill)
    valley.plan({moor: evenly("-120"), hill: evenly("-240")})
    report(moor, 3, "-33")
    return moor, hill


def test_rows_stand_in_the_systems_order_and_add_up(valley, two):
    report(two[1], 3, "-61")
    table = found(valley, **PROVISIONAL)
    assert [row.partner for row in table.rows] == ["moor", "hill"]
    assert [row.variance_pence for row in table.rows] == [pounds("-3"), pounds("-1")]
    assert table.total.variance_pence == pounds("-4")
    assert table.total.ytd_plan_pence == pounds("-90")
    assert table.total.plan_pence == pounds("-360")
    assert [row.line for row in table.rows] == ["moor-position", "hill-position"]


def test_the_total_names_who_is_missing_and_compares_without_them(valley, two):
    table = found(valley, **PROVISIONAL)
    assert table.reported.missing == ("Hill body",)
    assert (table.reported.expected, table.reported.received) == (2, 1)
    assert table.total.ytd_plan_pence == pounds("-30")
    assert table.total.variance_pence == pounds("-3")
    assert not table.rows[1].reported


def test_the_latest_month_is_the_last_with_a_report(valley, two):
    report(two[1], 5, forecast="-250")
    assert found(valley, **PROVISIONAL).month == 3
    assert found(valley).month is None
    approve(valley.slice, 3, valley.moor)
    assert found(valley).month == 3


def test_one_early_approval_is_not_yet_the_systems_month(valley, two):
    moor, hill = two
    report(hill, 3, "-61")
    report(moor, 4, "-44")
    report(hill, 4, "-82")
    approve(valley.slice, 3, valley.moor, valley.hill)
    approve(valley.slice, 4, valley.moor)
    assert found(valley).month == 3
    assert found(valley, **PROVISIONAL).month == 4
    slice_ = valley.fresh()
    page = position_page(slice_, state=State.PUBLISHED, change=slice_.change)
    assert page.position.month == 3
    assert page.sentence.startswith("The system is £4 adverse to plan to month 3")
    early = position_page(slice_, state=State.PUBLISHED, change=slice_.change, month=4)
    assert early.sentence.startswith("The 1 of 2 partners that reported is £4 adverse to plan")
    approve(valley.slice, 4, valley.hill)
    recompute(valley.slice.pk)
    slice_ = valley.fresh()
    page = position_page(slice_, state=State.PUBLISHED, change=slice_.change)
    assert page.position.month == 4


def test_the_audited_year_is_the_latest_once_all_are_audited(valley, two):
    moor, hill = two
    report(moor, 13, "-120")
    assert found(valley, **PROVISIONAL).month == 3
    report(hill, 13, "-240")
    assert found(valley, **PROVISIONAL).month == 13


def test_before_any_report_the_opening_forecast_is_shown(valley, two):
    fresh = valley.line(valley.ccgs)
    recompute(valley.slice.pk)
    assert latest_month(stored_figures(valley.slice, State.PUBLISHED)) is None
    report(fresh, 0, forecast="-9")
    approve(valley.slice, 0, valley.ccgs)
    table = found(valley)
    assert (table.month, table.rows[1].forecast_pence) == (0, pounds("-9"))
    assert table.reported.expected == 0


def test_a_partner_that_is_worked_out_opens_to_no_single_line(valley):
    for kind, amount in (("income", "10"), ("spend", "12")):
        report(valley.line(valley.hill, kind), 1, amount)
    (row,) = found(valley, **PROVISIONAL).rows
    assert (row.ytd_actual_pence, row.line) == (pounds("-2"), None)


def test_percentages_are_of_the_absolute_plan_and_of_turnover(valley, two):
    source = Source.objects.create(code="report", title="Report")
    PrintedFigure.objects.create(
        slice=valley.slice,
        code="turnover",
        name="Turnover",
        measure="turnover",
        partner=valley.moor,
        pence=pounds("1_000"),
        unit_pence=100,
        evidence=Evidence.objects.create(source=source, place="1"),
    )
    row = found(valley, **PROVISIONAL).rows[0]
    assert row.variance_pct == Decimal("-10.0")  # 3 of 30
    assert row.pct_turnover == Decimal("-0.3")
    assert found(valley, **PROVISIONAL).rows[1].pct_turnover is None


def test_what_is_not_simply_printed_is_marked(valley, two):
    source = Source.objects.create(code="report", title="Report")
    how = Evidence.objects.create(source=source, place="1", state="derived", working="a - b")
    report(two[0], 3, forecast="-130", forecast_evidence_id=how.pk)
    table = found(valley, **PROVISIONAL)
    assert table.rows[0].marks == table.total.marks == ("derived",)
    assert table.rows[1].marks == ()


@pytest.mark.parametrize(
    ("variance", "word"), [(None, "none"), (0, "none"), (1, "favourable"), (-1, "adverse")]
)
def test_a_direction_is_a_word(variance, word):
    assert direction(variance) == word


def test_a_month_is_closed_once_the_system_closed_it(valley, two):
    close(valley.slice, 3, valley.moor, valley.hill)
    assert found(valley, **PROVISIONAL).status == "open"
    close_month(by=None, slice_id=valley.slice.pk, month=3)
    assert found(valley, **PROVISIONAL).status == "closed"
    Slice.objects.update(status="final")
    assert found(valley, month=1).status == "final"


def test_a_month_of_the_chart_wants_every_partner(valley, two):
    report(two[0], 4, "-44")
    report(two[1], 4, "-88")
    recompute(valley.slice.pk)
    points = months_of(stored_figures(valley.slice, State.PROVISIONAL))
    assert [point.actual_pence for point in points[:5]] == [None] * 3 + [pounds("-132"), None]
    assert points[2].plan_pence == pounds("-90")


def test_the_chart_says_why_it_stops_before_the_headline(valley, two):
    for month in (4, 5):
        report(two[0], month, "-44")
        report(two[1], month, "-88")
    report(two[0], 6, "-50")
    recompute(valley.slice.pk)
    page = position_page(valley.fresh(), change=valley.fresh().change, **PROVISIONAL)
    assert page.position.month == 6
    (why,) = [said for said in page.months.caveats if "stops" in said]
    assert why == (
        "The line of actuals stops before month 6, which Hill body has yet to report in full: a "
        "sum without them would draw a fall that never was. The figures above sum those who did"
    )
    report(two[1], 6, "-90")
    recompute(valley.slice.pk)
    page = position_page(valley.fresh(), change=valley.fresh().change, **PROVISIONAL)
    assert not [said for said in page.months.caveats if "stops" in said]


def test_another_plan_is_compared_with_and_nothing_stored(valley, two):
    revised = valley.plan({two[0]: evenly("-240")}, code="revised", headline=False)
    before = found(valley, **PROVISIONAL).rows[0].variance_pence
    table = found(valley, plan=revised, **PROVISIONAL)
    assert (table.plan, table.rows[0].variance_pence) == ("revised", pounds("27"))
    assert found(valley, **PROVISIONAL).rows[0].variance_pence == before == pounds("-3")


def test_a_moment_resolves_to_the_last_change_before_it(valley, two):
    last = Change.objects.latest("number")
    assert as_change(valley.slice, last.at) == last.number
    assert as_change(valley.slice, last.at - timedelta(microseconds=1)) == last.number - 1
    assert as_change(valley.slice, last.at - timedelta(days=1)) == 0
