"""The savings page: what it says of a year with reports, of a bare plan, and what it asks."""

import csv
import io
import re

import pytest
from django.test import Client

from finance.models.rollups import State
from finance.queries.savings import savings_total
from finance.rollups import recompute
from finance.services import Entry, LineSpec, record_outturns, save_lines
from finance.services.judgements import ClaimSpec, settle_claim
from schemes.models import Scheme, Slice, Theme
from schemes.people.roles import Role
from tests.factories import a_person, approve, evenly, report

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/years/2018-19/savings"
LOOK = f"{PAGE}?state=provisional"


@pytest.fixture
def cora(valley) -> Client:
    """A commissioner of the valley, signed in."""
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


def a_scheme(valley, code: str, **more: object) -> Scheme:
    return Scheme.objects.create(
        system=valley.system, code=code, name=code.replace("-", " ").capitalize(), **more
    )


@pytest.fixture
def two(valley):
    """Two schemes: beds, in theme and stage, forecast short; travel is on plan."""
    theme = Theme.objects.create(system=valley.system, code="home", name="Care at home")
    a_scheme(valley, "beds", theme=theme, stage="plan-in-progress", position=1)
    a_scheme(valley, "travel", position=2)
    beds = valley.line(valley.moor, "saving", "beds-saving", scheme="beds", recurrent=True)
    travel = valley.line(valley.hill, "saving", "travel-saving", scheme="travel")
    valley.plan({beds: evenly("24_000_000"), travel: evenly("12_000_000")})
    return beds, travel


@pytest.fixture
def reported(valley, two):
    """Months 2 and 3, in which the forecast of beds falls from £22m to £20m."""
    beds, travel = two
    report(beds, 2, "3_000_000", "22_000_000")
    report(travel, 2, "2_000_000", "12_000_000")
    report(beds, 3, "4_000_000", "20_000_000")
    report(travel, 3, "3_000_000", "12_000_000")
    recompute(valley.slice.pk)
    return two


def test_published_savings_stay_with_the_month_that_every_line_reported(valley, reported):
    beds, _ = reported
    report(beds, 4, "5_000_000", "20_000_000")
    approve(valley.slice, 3, valley.moor, valley.hill)
    approve(valley.slice, 4, valley.moor)
    recompute(valley.slice.pk)
    assert savings_total(valley.fresh(), State.PUBLISHED).month == 3
    assert savings_total(valley.fresh(), State.PROVISIONAL).month == 4
    ceiling = valley.fresh().change
    assert savings_total(valley.fresh(), State.PUBLISHED, ceiling=ceiling).month == 3


def text(browser: Client, address: str = LOOK) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_page_says_what_the_figures_say(cora, reported):
    page = text(cora)
    assert (
        "On provisional figures, to month 3 the system saved £7.0m, £2.0m adverse to plan; "
        "it forecasts £32.0m of the £36.0m planned for the year." in page
    )
    assert "The only shortfall is in Beds: £4.0m adverse to plan in the forecast" in page
    assert "<strong>£4.0m</strong> short, 100.0% of all shortfalls" in page
    assert "Not yet in delivery: plan in progress; forecast fell by £2.0m since last month" in page
    assert "at the rate so far it would reach £16.0m of the £20.0m forecast (extrapolated)" in page
    assert "Care at home" in page
    assert "Every planned saving hangs on a scheme." in page
    assert "A forecast weighted by stage is off" in page


def test_rates_and_risk_by_hand(cora, reported):
    context = cora.get(LOOK).context
    rates = {item.label: item.value.text for item in context["rates"]}
    assert rates == {
        "Savings at risk": "16.0",  # beds: 20.0 less 4.0
        "Extrapolation at the rate so far": "28.0",  # 7.0 over 3 months
        "Needed each month from now": "2.8",  # 25.0 over 9 months
    }
    assert [move["change"].text for move in context["moves"]] == ["(2,000)"]


def test_the_month_before_stands_at_its_own_address(cora, reported):
    answer = cora.get(LOOK)
    assert answer.context["previous"]["href"] == f"{LOOK}&month=2"
    page = text(cora, f"{LOOK}&month=2")
    assert "to month 2 the system saved £5.0m, £1.0m adverse to plan" in page
    assert cora.get(f"{PAGE}?month=14").status_code == 404


def test_published_figures_leave_out_what_nobody_approved(valley, cora, reported):
    planned = "£36.0m of savings are planned for 2018/19; none has been reported and approved yet."
    assert planned in text(cora, PAGE)
    approve(valley.slice, 2, valley.moor, valley.hill)
    recompute(valley.slice.pk)
    assert "To month 2 the system saved £5.0m" in text(cora, PAGE)


def test_a_closed_year_with_only_a_plan_never_shows_nought(valley, cora, two):
    recompute(valley.slice.pk)
    Slice.objects.update(status="closed")
    page = text(cora, PAGE)
    assert (
        "£36.0m of savings are planned for 2018/19. No monthly outturn of savings was published."
        in page
    )
    assert "Beds carries £24.0m of £36.0m, 67%" in page
    assert "Nothing was reported or forecast" in page
    assert "<td>0.0</td>" not in page


def test_what_no_scheme_carries_stands_apart(valley, cora, reported):
    loose = valley.line(valley.moor, "saving", "loose")
    valley.plan(
        {
            reported[0]: evenly("24_000_000"),
            reported[1]: evenly("12_000_000"),
            loose: evenly("1_200_000"),
        }
    )
    recompute(valley.slice.pk)
    page = text(cora)
    assert "£1.2m of the £37.2m planned hangs on no scheme yet." in page
    splits = {split["name"]: split["table"] for split in cora.get(LOOK).context["splits"]}
    planned = {name: [(row, cells[0].text) for row, cells in splits[name].rows] for name in splits}
    assert planned["stages"] == [
        ("Plan in progress", "24,000"),
        ("Stage not stated", "12,000"),
        ("Carried by no scheme yet", "1,200"),
    ]
    assert planned["themes"] == [("Care at home", "24,000"), ("In no theme", "13,200")]
    assert planned["recurrent"] == [("Recurrent", "24,000"), ("Not stated", "13,200")]


def test_claims_show_the_total_before_and_after(valley, cora, reported):
    def settle(settlement: str, reason: str = "") -> str:
        spec = ClaimSpec(
            one="beds-saving", other="travel-saving", settlement=settlement, reason=reason
        )
        settle_claim(by=None, slice_id=valley.slice.pk, spec=spec)
        recompute(valley.slice.pk)
        return text(cora)

    assert "No two lines claim one saving" in text(cora)
    page = settle("open")
    assert "May be counted twice" in page
    assert "(Moor, forecast £20.0m)" in page
    assert "nothing has been settled yet" in page
    page = settle("one", "The ward closed for both.")
    assert "Counted at Moor. Reason: The ward closed for both." in page
    assert "before savings claimed twice are taken out" in page
    claims = cora.get(LOOK).context["claims"]["table"]
    assert [[cell.text for cell in cells] for _, cells in claims.rows] == [
        ["36,000", "7,000", "32,000"],
        ["12,000", "3,000", "12,000"],
        ["24,000", "4,000", "20,000"],
    ]


def test_the_months_as_csv(cora, reported):
    answer = cora.get("/systems/valley/years/2018-19/savings-by-month.csv?state=provisional")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 12
    assert rows[2]["actual_to_date_gbp"] == "7000000.00"
    assert rows[2]["forecast_gbp"] == "32000000.00"
    assert rows[3]["actual_to_date_gbp"] == ""
    assert (rows[2]["lines_due"], rows[2]["lines_reported"]) == ("2", "2")


def test_an_illustrative_system_says_so(valley, cora, reported):
    valley.system.illustrative = True
    valley.system.save()
    assert "Illustrative figures." in text(cora)


def many(valley, count: int) -> None:
    for n in range(count):
        Scheme.objects.get_or_create(
            system=valley.system, code=f"many-{n}", defaults={"name": f"Many {n}", "position": n}
        )
    specs = [
        LineSpec(
            code=f"many-{n}", name=f"Many {n}", partner="moor", kind="saving", scheme=f"many-{n}"
        )
        for n in range(count)
    ]
    save_lines(by=None, slice_id=valley.slice.pk, specs=specs)
    entries = [Entry(line=spec.code, month=3, actual_pence=count) for spec in specs]
    record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
    recompute(valley.slice.pk)


def test_the_page_asks_the_same_of_3_schemes_and_of_300(valley, cora, reported, query_count):
    def cold_and_warm() -> list[int]:
        return [query_count(lambda: cora.get(LOOK)) for _ in range(2)]

    many(valley, 3)
    few = cold_and_warm()
    many(valley, 300)
    assert cold_and_warm() == few
    assert few[0] <= 20, few
    assert few[1] <= 6, few


def test_a_part_of_the_lines_is_not_called_the_system(cora, valley, reported):
    beds, _ = reported
    report(beds, 4, "5_000_000", "20_000_000")
    recompute(valley.slice.pk)
    page = text(cora)
    assert (
        "to month 4 the lines of 1 of 2 partners that reported saved £5.0m, £3.0m adverse to "
        "plan; the system forecasts £32.0m of the £36.0m planned for the year. "
        "1 of 2 lines has no report for it; yet to report: Hill." in page
    )
    assert "Status of the lines that reported" in page
    assert "Status by the rule" not in page
    words = savings_total(valley.fresh(), State.PROVISIONAL, ceiling=valley.fresh().change)
    assert (words.partners, words.missing) == (2, ("Hill",))


def columns(page: str) -> list[str]:
    """What a telephone shows of a table's headings."""
    heads = page[page.index("<thead>") : page.index("</thead>")].split("<th ")[1:]
    return [re.search(r">([^<>]+)<", head)[1].strip() for head in heads if "wide" not in head[:60]]


def test_a_telephone_shows_the_variance_that_a_status_rests_on(cora, valley, reported):
    page = cora.get("/systems/valley/years/2018-19/schemes?state=provisional").content.decode()
    assert columns(page) == ["Scheme", "Variance to date", "Status"]
    row = page[page.index("Beds</a>") :]
    shown = re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
    assert "(2,000)" in shown[0]  # 4.0m of 6.0m


def test_a_telephone_shows_the_forecast_where_nothing_is_compared_to_date(cora, valley, two):
    report(two[0], 3, forecast="20_000_000")
    recompute(valley.slice.pk)
    page = cora.get("/systems/valley/years/2018-19/schemes?state=provisional").content.decode()
    assert columns(page) == ["Scheme", "Forecast variance", "Status"]
