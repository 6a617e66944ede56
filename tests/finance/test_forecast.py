"""Forecasts against control totals, last year, plans and risk, worked by hand in a small system."""

import pytest

from finance.as_at import NOW, AsAt
from finance.charts import forecast_sentence
from finance.figures.forecast import columns_of
from finance.models.rollups import State
from finance.pages.board import board_forecast
from finance.pages.forecast import forecast_page
from finance.queries.forecast import risk_position
from finance.rollups import recompute
from finance.services import LineSpec, RiskMoneySpec, save_lines, save_risk_money
from schemes.models import Change, Slice
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_line, a_plan, a_year, close, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


def fresh(slice_: Slice) -> Slice:
    return Slice.objects.select_related("system", "year", "computation").get(pk=slice_.pk)


def found(slice_: Slice, state: str = "provisional", as_at: AsAt = NOW):
    recompute(slice_.pk)
    return risk_position(fresh(slice_), state=State(state), as_at=as_at)


def row(position, partner: str):
    return next(row for row in position.book.rows if row.partner == partner)


def put_at_risk(valley, amount: str, code: str = "winter", **more: object) -> None:
    save_risks(by=None, specs=[RiskSpec(system="valley", code=code, name=code.title(), **more)])
    spec = RiskMoneySpec(risk=code, pence=pounds(amount), stands_as="net")
    save_risk_money(by=None, slice_id=valley.slice.pk, specs=[spec])


@pytest.fixture
def two(valley):
    """Two partners that forecast -40 and 10, against -50 and 5 in the original plan."""
    valley.moors, valley.hills = valley.line(valley.moor), valley.line(valley.hill)
    valley.plan({valley.moors: "-50", valley.hills: "5"})
    report(valley.moors, 1, "-3", "-40")
    report(valley.hills, 1, "1", "10")
    return valley


def test_against_the_headline_plan_where_no_plan_is_of_control_totals(two):
    position = found(two.slice)
    assert (position.book.plan, position.book.is_control) == ("original", False)
    assert row(position, "moor").distance_pence == pounds("10")
    assert position.book.total.distance_pence == pounds("15")  # 10 + 5
    assert "no plan of control totals" in " ".join(position.cautions)


def test_control_totals_are_held_against_also_when_another_plan_leads(two):
    two.plan({two.moors: "-45", two.hills: "12"}, code="control-total", headline=False)
    position = found(two.slice)
    assert position.book.is_control
    assert row(position, "moor").distance_pence == pounds("5")
    assert row(position, "hill").distance_pence == pounds("-2")
    assert position.book.total.control_pence == pounds("-33")
    assert position.book.total.distance_pence == pounds("3")


def test_a_plan_of_control_totals_without_a_figure_is_none(two):
    two.plan({}, code="control-total", headline=False)
    assert found(two.slice).book.plan == "original"


def test_plans_count_with_their_forecast_else_with_what_they_plan(two):
    one = two.line(two.moor, "reduction-plan", "one")
    other = two.line(two.moor, "reduction-plan", "other")
    third = two.line(two.hill, "reduction-plan", "third")
    two.plan({two.moors: "-50", two.hills: "5", one: "20", other: "6", third: "4"})
    report(one, 1, "1", "15")  # behind plan, and says so
    position = found(two.slice)
    moor, hill, total = row(position, "moor"), row(position, "hill"), position.book.total
    assert (moor.plans_pence, moor.delivered_pence) == (pounds("26"), pounds("1"))
    assert moor.expected_pence == pounds("21")  # 15 + 6
    assert hill.expected_pence == pounds("4")
    assert total.plans_pence == pounds("30")
    # the forecast, -40 + 10, without 21 + 4
    assert position.book.before_plans_pence == pounds("-55")
    assert "by their latest forecasts" in " ".join(position.cautions)


def test_a_plan_of_a_member_whose_group_reports(valley):
    line = valley.line(valley.ccgs)
    own = valley.line(valley.dale, "reduction-plan")
    valley.plan({line: "-9", own: "4"})
    report(line, 1, "-1", "-9")
    position = found(valley.slice)
    assert [r.partner for r in position.book.rows] == ["ccgs", "dale"]
    assert row(position, "dale").forecast_pence is None
    assert position.book.silent == ()  # it has no position of its own to forecast
    assert position.book.before_plans_pence == pounds("-13")


def test_without_plans_or_risk_nothing_is_derived(two):
    position = found(two.slice)
    assert position.book.total.plans_pence is None
    assert (position.book.before_plans_pence, position.if_lands_pence) == (None, None)


def test_if_the_risk_lands(two):
    put_at_risk(two, "7")
    put_at_risk(two, "100", "past", status="landed")
    position = found(two.slice)
    assert position.if_lands_pence == pounds("-37")  # -40 + 10 - 7
    assert "Taken to be in the forecast already, since landed: Past." in position.cautions


def test_each_column_of_the_risks_adds_what_stands_in_it(two):
    put_at_risk(two, "7")  # net, nothing else
    for code, amount, mitigation in (("pay", "20", "5"), ("drugs", "9", None)):
        save_risks(by=None, specs=[RiskSpec(system="valley", code=code, name=code.title())])
        spec = RiskMoneySpec(
            risk=code,
            pence=pounds(amount),
            stands_as="gross",
            mitigation_pence=mitigation and pounds(mitigation),
        )
        save_risk_money(by=None, slice_id=two.slice.pk, specs=[spec])
    put_at_risk(two, "100", "past", status="landed")
    position = found(two.slice)
    columns = columns_of(position.risks)
    assert (columns.gross_pence, columns.mitigation_pence) == (pounds("29"), pounds("5"))
    assert (columns.net_pence, columns.counted_pence) == (pounds("22"), pounds("31"))
    page = forecast_page(fresh(two.slice), position)
    assert [group["title"][:4] for group in page["groups"] + page["past"]] == ["Open", "Land"]


def test_nothing_is_derived_from_a_forecast_that_is_not_whole(two):
    two.line(two.ccgs)
    put_at_risk(two, "7")
    position = found(two.slice)
    assert position.book.total.forecast_pence == pounds("-30")  # of those who said
    assert position.book.silent == ("Ccgs",)
    assert position.if_lands_pence is None
    assert any(said.startswith("Ccgs has yet to forecast") for said in position.cautions)


def test_a_risk_is_seen_before_figures_are_worked_out_again(two):
    found(two.slice)  # kept
    put_at_risk(two, "7")
    position = risk_position(fresh(two.slice), state=State.PROVISIONAL)
    assert position.sums.counted_pence == pounds("7")
    assert position.book.stale


def test_published_forecasts_are_those_that_were_approved(two):
    close(two.slice, 1, two.moor)
    position = found(two.slice, "published")
    assert row(position, "moor").forecast_pence == pounds("-40")
    assert position.book.silent == ("Hill",)


def last_year(two, *, actual: str | None = "-70", partners=("moor", "hill")) -> None:
    past = a_year(two.system, "2017-18")
    for partner in partners:
        line = a_line(past, getattr(two, partner), calendar="year-end")
        if actual:
            report(line, 12, actual)
            close(past, 12, line.partner)
    recompute(past.pk)


def test_the_change_on_last_year(two):
    last_year(two)
    position = found(two.slice)
    assert position.book.last_year == "2017/18"
    assert row(position, "hill").change_pence == pounds("80")  # 10 less -70
    assert position.book.total.last_pence == pounds("-140")
    assert position.book.total.change_pence == pounds("110")  # -30 less -140


def test_no_change_of_the_total_on_other_partners(two):
    last_year(two, partners=("moor",))
    position = found(two.slice)
    assert row(position, "moor").change_pence == pounds("30")
    assert position.book.total.change_pence is None
    assert any("not of the same partners" in said for said in position.cautions)


def test_last_year_is_not_stated_until_it_has_ended(two):
    last_year(two, actual=None)
    position = found(two.slice)
    assert (position.book.last_year, position.book.total.last_pence) == ("", None)


def flows(valley, **recurrent: bool | None) -> None:
    specs = [
        LineSpec(code=code, name=code, partner="moor", kind=kind, recurrent=recurrent[code])
        for code, kind in (("grant", "income"), ("gift", "income"), ("pay", "spend"))
    ]
    save_lines(by=None, slice_id=valley.slice.pk, specs=specs)
    for code, forecast in (("grant", "100"), ("gift", "30"), ("pay", "120")):
        report(valley.slice.lines.get(code=code), 1, "0", forecast)


def test_the_underlying_position_leaves_out_what_is_not_recurrent(valley):
    flows(valley, grant=True, gift=False, pay=True)
    position = found(valley.slice)
    assert position.book.total.forecast_pence == pounds("10")  # 100 + 30 - 120
    assert position.book.underlying_pence == pounds("-20")  # 100 - 120


@pytest.mark.parametrize("silent", ["grant", "gift", "pay"])
def test_the_underlying_position_is_not_stated_while_a_line_is_silent(valley, silent):
    flows(valley, **{"grant": True, "gift": False, "pay": True, silent: None})
    assert found(valley.slice).book.underlying_pence is None


def test_as_at_a_change(two):
    put_at_risk(two, "7")
    before = two.fresh().change
    at = Change.objects.get(slice=two.slice, number=before).at
    report(two.moors, 1, "-3", "-90")
    two.plan({two.moors: "-1", two.hills: "1"}, code="control-total")
    put_at_risk(two, "1")
    then = found(two.slice, as_at=AsAt("x", at, before))
    assert then.book.plan == "original"
    assert then.book.total.distance_pence == pounds("15")
    assert then.if_lands_pence == pounds("-37")
    now = found(two.slice)
    assert now.if_lands_pence == pounds("-81")  # -90 + 10 - 1
    again = found(two.slice, as_at=AsAt("x", at, now.book.change))
    assert again.if_lands_pence == now.if_lands_pence
    assert again.book.total == now.book.total


def test_the_number_of_queries_does_not_grow(two, query_count):
    last_year(two)
    put_at_risk(two, "7")

    def ask(state: str) -> int:
        recompute(two.slice.pk)
        slice_ = fresh(two.slice)
        return query_count(lambda: risk_position(slice_, state=State(state)))

    few = ask("provisional")
    kept = ask("provisional")
    for number in range(30):
        two.line(two.moor, "reduction-plan", f"plan-{number}")
    save_risks(
        by=None,
        specs=[RiskSpec(system="valley", code=f"risk-{n}", name="Risk") for n in range(300)],
    )
    assert ask("provisional") == few <= 26
    assert ask("provisional") == kept <= 6  # figures are kept, risks are read each time


def test_a_plan_with_the_same_code_in_another_year_is_not_ours(two):
    a_plan(a_year(two.system, "2019-20"), {}, code="control-total")
    assert found(two.slice).book.plan == "original"


def test_what_the_board_reads_is_kept_until_what_it_rests_on_moves(two, query_count):
    def said() -> str:
        return board_forecast(fresh(two.slice), None, state=State.PROVISIONAL, month=1, as_at=NOW)

    put_at_risk(two, "7")
    recompute(two.slice.pk)
    assert "if the £7 at risk lands, a deficit of £37" in said().lower()  # -40 + 10 - 7
    assert query_count(said) == 1  # the slice itself
    put_at_risk(two, "9")  # seen at once, before anything is computed again
    assert "£39" in said()
    save_risks(
        by=None,
        specs=[RiskSpec(system="valley", code="winter", name="Winter", status="closed")],
    )
    assert "risk" not in said()


def test_the_forecast_of_a_month_is_of_that_month_and_says_who_is_missing(two):
    report(two.moors, 2, "-9", "-90")
    recompute(two.slice.pk)
    slice_ = fresh(two.slice)
    first = risk_position(slice_, state=State.PROVISIONAL, month=1)
    assert (first.book.month, first.book.total.forecast_pence) == (1, pounds("-30"))
    assert "At month 1 the system" not in forecast_sentence(first)  # provisional comes before it
    second = risk_position(slice_, state=State.PROVISIONAL)
    assert (second.book.month, second.book.total.forecast_pence) == (2, pounds("-80"))
    assert forecast_sentence(second).startswith(
        "On provisional figures at month 2 the system forecasts a deficit of £80 for 2018/19. "
        "Without a position for it: Hill, whose latest forecast counts."
    )


def test_the_published_forecast_is_of_the_last_month_that_everybody_reported(two):
    report(two.moors, 2, "-9", "-90")
    close(two.slice, 1, two.moor, two.hill)
    close(two.slice, 2, two.moor)
    position = found(two.slice, "published")
    assert (position.book.month, position.book.total.forecast_pence) == (1, pounds("-30"))
    assert "Without a position" not in forecast_sentence(position)
