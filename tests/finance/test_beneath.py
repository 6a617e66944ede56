"""Pages beneath the finances: headings, contracts, and what stands beside the position."""

import csv
import html
import io

import pytest
from django.test import Client

from finance.models import Heading, Line, Outturn, PrintedFigure
from finance.models.rollups import State
from finance.pages.position import position_page
from finance.pages.underlying import underlying_sentence
from finance.queries.contracts import contracts_of
from finance.queries.headings import headings_of
from finance.queries.line_months import line_months
from finance.queries.underlying import system_underlying, underlying_of
from finance.rollups import recompute
from finance.services import LineSpec
from schemes.models import Evidence, Source, User
from schemes.people.roles import Role
from tests.factories import a_person, evenly, report, two_legs
from tests.money import pounds

pytestmark = pytest.mark.django_db

YEAR = "/systems/valley/years/2018-19"


def reader_of(valley) -> Client:
    browser = Client()
    reader = User.objects.filter(username="bert").first()
    browser.force_login(reader or a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    return browser


def read(valley, page: str, query: str = "?state=provisional") -> str:
    recompute(valley.slice.pk)
    answer = reader_of(valley).get(f"{YEAR}/{page}{query}")
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


@pytest.fixture
def spent(valley):
    """Month 1: pay £2,000 over at the council, £500 under at the trust; £100 without a heading."""
    for code in ("pay", "drugs"):
        Heading.objects.create(code=code, name=code.title())
    lines = {
        "moor-pay": (valley.moor, "pay", "12_000"),
        "moor-other": (valley.moor, "", "2_100"),
        "hill-pay": (valley.hill, "pay", "9_500"),
        "hill-drugs": (valley.hill, "drugs", "1_000"),
    }
    made = {
        code: valley.line(partner, "spend", code, heading=heading)
        for code, (partner, heading, _) in lines.items()
    }
    valley.plan(
        {
            made["moor-pay"]: evenly("120_000"),
            made["moor-other"]: evenly("24_000"),
            made["hill-pay"]: evenly("120_000"),
            made["hill-drugs"]: evenly("12_000"),
        }
    )
    for code, (_, _, actual) in lines.items():
        report(made[code], 1, actual)
    return valley


def found(valley, **more):
    recompute(valley.slice.pk)
    return headings_of(valley.slice, state=State.PROVISIONAL, month=1, **more)


def test_headings_add_up_over_partners_with_the_rest_apart(spent):
    (whole,) = found(spent)[0]
    assert [(row.name, row.variance_pence) for row in (*whole.rows, whole.total)] == [
        ("Drugs", 0),
        ("Pay", pounds("-1_500")),
        ("Without a heading", pounds("-100")),
        ("Total", pounds("-1_600")),
    ]
    (own,) = found(spent)[spent.moor.pk]
    assert [row.variance_pence for row in own.rows] == [pounds("-2_000"), pounds("-100")]


def test_headings_as_at_now_are_those_that_are_stored(spent):
    assert found(spent, ceiling=spent.fresh().change) == found(spent)


def test_the_headings_page_holds_every_partner(spent):
    page = read(spent, "headings")
    assert "Spend is £2k adverse to plan, £2k of it on pay." in page
    assert "Variance on spend by partner" in page
    assert "The largest adverse variance is on pay: £2k" in page


def test_the_headings_page_says_of_how_many_partners_it_is(spent):
    assert "Figures to date are of" not in read(spent, "headings")
    line = spent.line(spent.dale, "spend", "dale-pay")
    spent.plan({line: evenly("12_000")})
    page = read(spent, "headings")
    assert page.count("Figures to date are of 2 of 3 partners.") == 2  # the lead and the table


def test_headings_as_csv(spent):
    recompute(spent.slice.pk)
    answer = reader_of(spent).get(f"{YEAR}/headings.csv?state=provisional")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(r["partner"], r["heading"], r["variance_gbp"]) for r in rows][-3:] == [
        ("hill", "Drugs", "0.00"),
        ("hill", "Pay", "500.00"),
        ("hill", "total", "500.00"),
    ]


def test_a_partners_page_tells_its_headings(spent):
    page = read(spent, "partners/moor")
    for said in ("Spend by heading", "Without a heading", "Position", "Spend, line by line"):
        assert said in page


@pytest.mark.parametrize("name", ["headings", "contracts", "beside", "partners/moor", "finances"])
def test_pages_ask_as_often_for_three_lines_as_for_many(spent, query_count, name):
    browser = reader_of(spent)
    address = f"{YEAR}/{name}?state=provisional"

    def ask_with(lines: range) -> int:
        for n in lines:
            report(spent.line(spent.moor, "spend", f"more-{n}", counterparty="hill"), 1, "5")
            report(spent.line(spent.moor, "reserve", f"reserve-{n}"), 1, "5")
        recompute(spent.slice.pk)
        browser.get(address)
        return query_count(lambda: browser.get(address))

    assert ask_with(range(1)) == ask_with(range(1, 12))


def test_a_line_in_a_month_is_what_its_rollup_says(spent):
    short = spent.line(spent.hill, "capital", "short", first_month=2, last_month=3)
    spent.plan({short: [0, 50, 70, *[0] * 9]})
    report(short, 2, "40", "130")
    report(short, 3, "130")
    figures = spent.figures()
    for month in (1, 2, 3, 7):
        (item,) = line_months(
            spent.slice, Line.objects.filter(pk=short.pk), state=State.PROVISIONAL, month=month
        )
        row = figures.find(month, spent.hill, kind="capital")
        known = (item.plan_to_date_pence, item.actual_pence, item.variance_pence)
        if row is None:
            assert known[1:] == (None, None)
            continue
        assert known == (row.plan_to_date_pence, row.actual_pence, row.variance_pence)
        assert item.forecast_pence == row.forecast_pence


def test_a_variance_on_other_bases_is_the_sources_own(valley):
    line = valley.line(valley.hill)
    valley.plan({line: "-10"}, basis="incl-sustainability")
    report(line, 12, "-30", actual_basis="excl-sustainability")
    lines = Line.objects.filter(pk=line.pk)
    (item,) = line_months(valley.slice, lines, state=State.PROVISIONAL, month=12)
    assert (item.variance_pence, item.bases_differ) == (None, True)
    source = Source.objects.create(code="paper", title="Paper")
    PrintedFigure.objects.create(
        slice=valley.slice, code="v", name="V", measure="variance", line=line, month=12,
        pence=-7, unit_pence=1, evidence=Evidence.objects.create(source=source, place="1"),
    )  # fmt: skip
    (item,) = line_months(valley.slice, lines, state=State.PROVISIONAL, month=12)
    assert (item.variance_pence, item.bases_differ) == (-7, True)


@pytest.fixture
def agreed(valley):
    """A contract of which £12 are reported as income and £10 as spend, and a transfer of £5."""
    two_legs(
        valley.slice,
        LineSpec(
            code="in", name="in", partner="hill", kind="income", counterparty="moor",
            counter_line="out",
        ),
        LineSpec(code="out", name="out", partner="moor", kind="spend", counterparty="hill"),
    )  # fmt: skip
    two_legs(
        valley.slice,
        LineSpec(
            code="paid", name="paid", partner="moor", kind="transfer", counterparty="hill",
            counter_line="had",
        ),
        LineSpec(code="had", name="had", partner="hill", kind="transfer", counterparty="moor"),
    )  # fmt: skip
    valley.line(valley.moor, "spend", "alone", counterparty="hill")
    valley.line(valley.moor, "saving", "claim", counterparty="hill")  # no contract
    lines = {line.code: line for line in Line.objects.all()}
    for code, actual in (("in", "12"), ("out", "10"), ("paid", "-5"), ("had", "5"), ("alone", "3")):
        report(lines[code], 1, actual)
    return valley


def test_both_legs_are_held_against_each_other(agreed):
    recompute(agreed.slice.pk)
    result = contracts_of(agreed.slice, state=State.PROVISIONAL, month=1)
    assert [
        (pair.one.line.code, pair.other.line.code, pair.difference("actual_pence"))
        for pair in result.pairs
    ] == [("in", "out", pounds("2")), ("paid", "had", 0)]
    assert [item.line.code for item in result.alone] == ["alone"]
    assert {(row.kind, row.actual_pence) for row in result.unagreed} == {
        ("income", pounds("2")),
        ("transfer", 0),
    }
    assert {(row.kind, row.actual_pence) for row in result.eliminated} == {
        ("income", pounds("10")),
        ("spend", pounds("10")),
    }


def test_the_contracts_page_says_how_the_total_is_flattered(agreed):
    page = read(agreed, "contracts")
    assert (
        "2 agreements with both sides, of which 1 is not agreed to date: it flatters the "
        "system's total by £2; 1 line whose other side has no line." in page
    )
    report(Line.objects.get(code="in"), 1, "9")
    assert "it worsens the system's total by £1" in read(agreed, "contracts")


def test_a_pair_that_cannot_be_compared_is_no_agreement(agreed):
    Outturn.objects.filter(line__code__in=("out", "paid")).delete()
    for code, forecast in (("in", "20"), ("out", "15")):
        report(Line.objects.get(code=code), 2, forecast=forecast)
    page = read(agreed, "contracts", "?state=provisional&month=2")
    assert (
        "2 agreements with both sides, of which 1 is not agreed in the forecast: it flatters the "
        "system's total by £5; 2 cannot be compared to date, since one side states nothing;" in page
    )
    assert "Not agreed: transfer" not in page
    assert "Forecast: it flatters the system's total by £5" in page


def test_contracts_as_csv(agreed):
    page = read(agreed, "contracts.csv")
    assert ",in,hill,out,moor,income,,,12.00,10.00,,,2.00" in page
    assert ",alone,moor,,hill,spend,,,3.00,,,," in page


@pytest.fixture
def recurring(valley):
    """The council: £100 of income, £80 of spend that recurs and £30 that does not."""
    for code, kind, recurrent, actual in (
        ("grant", "income", True, "100"),
        ("pay", "spend", True, "80"),
        ("move", "spend", False, "30"),
    ):
        report(valley.line(valley.moor, kind, code, recurrent=recurrent), 1, actual, "360")
    return valley


def underlying(valley):
    recompute(valley.slice.pk)
    fresh = valley.fresh()
    page = position_page(fresh, state=State.PROVISIONAL, change=fresh.change)
    return underlying_of(fresh, page.position), page.position


def test_what_does_not_recur_goes_out_of_the_position(recurring):
    (council,), position = underlying(recurring)
    assert (council.actual_pence, council.once_actual_pence, council.left_actual_pence) == (
        pounds("-10"),
        pounds("-30"),
        pounds("20"),
    )
    assert council.left_forecast_pence == pounds("0")
    assert system_underlying([council]) == (pounds("20"), 0)
    assert underlying_sentence([council], position) == (
        "The underlying position, without what does not recur: surplus of £20 to month 1, "
        "break-even forecast for the year."
    )


def test_a_silent_line_leaves_it_not_stated_and_is_named(recurring):
    report(recurring.line(recurring.moor, "spend", "estates"), 1, "1")
    report(recurring.line(recurring.hill), 1, "-7")
    partners, position = underlying(recurring)
    assert [item.left_actual_pence for item in partners] == [None, None]
    assert underlying_sentence(partners, position) == (
        "The underlying position is not stated: 2 lines do not say whether they recur "
        "(estates and hill-position)."
    )
    page = read(recurring, "finances")
    assert "2 lines do not say whether they recur (estates and hill-position)." in page


def test_what_comes_once_is_not_stated_before_a_report(recurring):
    recurring.line(recurring.hill, "income", "hill-grant", recurrent=True)
    partners, _ = underlying(recurring)
    assert {item.partner: item.once_actual_pence for item in partners} == {
        "moor": pounds("-30"),
        "hill": None,
    }


def test_before_any_report_there_is_none(valley):
    assert underlying_sentence([], None) == (
        "No underlying position is stated: nobody has reported yet."
    )


def test_a_sum_of_forecasts_of_several_months_says_so(valley):
    one, two, three = (valley.line(valley.moor, "spend", f"moor-{n}") for n in (1, 2, 3))
    report(one, 5, "10", "100")
    report(two, 6, "10", "200")
    for line in (one, two, three):
        report(line, 7, "20", "400" if line is three else None)
    valley.figures()
    page = read(valley, "partners/moor")
    assert "latest of each line, months 5 to 7; 2 lines behind" in page
    assert '<small class="age">at month 5</small>' in page  # the line's own


def test_reserves_capital_and_cash_stand_apart(recurring):
    for kind, actual in (("reserve", "10"), ("capital", "60"), ("cash", "7")):
        line = recurring.line(recurring.moor, kind)
        recurring.plan({line: evenly("600")})
        report(line, 1, actual)
    page = read(recurring, "beside")
    assert page.count("More or (less) than planned") == 2  # of reserves and of cash
    capital = page[page.index('id="kind-capital"') : page.index('id="kind-cash"')]
    assert "over plan" in capital  # £10 more than the £50 planned
    assert "adverse" not in capital
    own = read(recurring, "partners/moor")
    reserve = own[own.index("Reserves and contingency, line by line") :]
    reserve = reserve[: reserve.index("</thead>")]
    assert "More or (less) than planned" in reserve
    assert "Over or under plan" in own
    assert "Favourable or adverse" not in reserve
    assert "<span>over plan</span>" in own
    assert "surplus of £20 to month 1" in page
