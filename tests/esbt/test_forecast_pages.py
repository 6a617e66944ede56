"""The pages of a forecast and of risks, what they offer to take away, and the same over the API."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.test import Client

from esbt import loading
from finance.models import RiskMoney
from finance.rollups import recompute
from finance.services import RiskMoneySpec, save_risk_money, set_year_status
from schemes.models import Evidence, Risk, Slice
from schemes.people.roles import Role
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_person, a_pool, close, report
from tests.money import millions, pounds

pytestmark = pytest.mark.django_db

EAST_SUSSEX = Path(__file__).parents[2] / "fixtures" / "east-sussex"
EAST = "/systems/east-sussex/years"
HERE = "/systems/valley/years/2018-19"
API = "/api/v1/systems"


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:500]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def rows(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


@pytest.fixture
def sue(db) -> Client:
    return signed_in(a_person("sue", Role.SITE_ADMINISTRATOR))


@pytest.fixture
def finn(valley) -> Client:
    """The council's finance lead, in a system that forecasts -30 against nothing at risk."""
    report(valley.line(valley.moor), 1, "-3", "-30")
    recompute(valley.slice.pk)
    return signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))


def form(browser: Client, address: str, **typed: str) -> dict[str, str]:
    """What a form sends: what it shows, and what was typed into it."""
    page = browser.get(address).context["form"]
    shown = {field.name: field.value() or "" for field in page}
    seen = browser.get(address).context["seen"]
    return {**{name: str(value) for name, value in shown.items()}, "seen": str(seen), **typed}


def test_east_sussex_2018_19(sue):
    loading.load([EAST_SUSSEX], progress=str)
    page = text(sue.get(f"{EAST}/2018-19/forecast"))
    for said in ("(120.2)", "(96.8)", "(76.9)", "43.3", "19.9", "not rated"):
        assert said in page
    assert "Open and not rated, which is not low" in page
    assert "if the £19.9m at risk lands, a deficit of £96.8m" in text(
        sue.get(f"{EAST}/2018-19/board")
    )
    assert "2017/18 ended with a deficit of £94.9m" in text(sue.get(f"{EAST}/2017-18/forecast"))

    partners = {row["partner"]: row for row in rows(sue.get(f"{EAST}/2018-19/forecast.csv"))}
    assert partners["total"]["forecast_gbp"] == "-76900000.00"
    assert partners["total"]["distance_gbp"] == ""
    assert (partners["esht"]["control_total_gbp"], partners["esht"]["marks"]) == ("", "derived")
    (risk,) = rows(sue.get(f"{EAST}/2018-19/risks.csv"))
    assert (risk["stated_gbp"], risk["gross_gbp"], risk["counted_gbp"], risk["score"]) == (
        "19900000.00",
        "",
        "19900000.00",
        "",
    )

    said = sue.get(f"{API}/east-sussex/years/2018-19/risks").json()
    assert said["forecast_pence"] == millions("-76.9")
    assert said["last_outturn_pence"] == millions("-94.9")
    assert said["change_pence"] == millions("18.0")
    assert said["plans_pence"] == millions("43.3")
    assert said["before_plans_pence"] == millions("-120.2")
    assert said["if_risk_lands_pence"] == millions("-96.8")
    assert said["total"] == {
        "gross_pence": None,
        "mitigation_pence": None,
        "net_pence": None,
        "at_stake_pence": millions("19.9"),
    }
    assert [row["code"] for row in said["rows"]] == ["in-year-risk"]
    assert {row["partner"]: row["plans_pence"] for row in said["partners"]} == {
        "escc": millions("6.2"),
        "ehs-hr-ccgs": millions("18.0"),
        "esht": millions("19.1"),
    }
    assert any("before or after mitigations is not said" in caution for caution in said["cautions"])

    known = text(sue.get(f"{EAST}/2018-19/risks/in-year-risk"))
    assert "Paragraph 2.16" in known
    assert "Whether this is before or after mitigations is not said." in known
    before = sue.get(f"{API}/east-sussex/years/2018-19/risks?as_at=2018-07-17").json()
    assert (before["rows"], before["forecast_pence"]) == ([], None)


def test_a_package_that_is_loaded_again_changes_nothing(db):
    loading.load([EAST_SUSSEX], progress=str)
    report = loading.load([EAST_SUSSEX], progress=str)
    assert (report.total.created, report.total.updated) == (0, 0)
    assert RiskMoney.objects.get().evidence.printed == "£19.9 million"


def test_a_risk_is_added_and_counts_at_once(valley, finn):
    typed = form(
        finn, f"{HERE}/add-risk", name="A hard winter", partner="moor", likelihood="4", impact="5",
        amount="1.2m", stands_as="gross", mitigation_amount="£200,000", review="2018-autumn",
        reason="Two wards",
    )  # fmt: skip
    saved = finn.post(f"{HERE}/add-risk", typed, follow=True)
    assert saved.redirect_chain == [(f"{HERE}/risks/a-hard-winter", 302)]
    page = text(saved)
    assert "20 (4 \N{MULTIPLICATION SIGN} 5)" in page
    assert "autumn 2018" in page
    assert "£1,200,000 gross at stake in 2018/19, mitigations worth £200,000. Two wards" in page
    listed = text(finn.get(f"{HERE}/forecast"))
    assert "A hard winter" in listed
    assert "Open and rated, the gravest first" in listed
    money = RiskMoney.objects.get()
    assert (money.pence, money.mitigation_pence) == (pounds("1_200_000"), pounds("200_000"))


def test_a_word_rates_a_risk_and_what_nobody_rated_stands_apart(valley, finn):
    a_pool(valley.slice, valley.moor)
    address = f"{HERE}/add-risk"
    for name, more in (
        ("Beds", {"rating": "medium", "pool": "fund"}),
        ("Staff", {"rating": "high"}),
        ("Rain", {}),
        ("Both", {"rating": "low", "likelihood": "1", "impact": "2"}),
    ):
        finn.post(address, form(finn, address, name=name, partner="moor", **more))
    page = text(finn.get(f"{HERE}/forecast"))
    order = ["Both", "2 (1 \N{MULTIPLICATION SIGN} 2), low", "Staff", "high, without a score",
             "Beds", "medium, without a score", "Open and not rated, which is not low",
             "Rain"]  # fmt: skip
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    listed = {row["risk"]: row for row in rows(finn.get(f"{HERE}/risks.csv"))}
    assert (listed["beds"]["rating"], listed["beds"]["pool"]) == ("medium", "fund")
    assert listed["rain"]["rating"] == ""
    said = {
        row["code"]: row for row in finn.get(f"{API}/valley/years/2018-19/risks").json()["rows"]
    }
    assert (said["beds"]["rating"], said["beds"]["pool"], said["beds"]["score"]) == (
        "medium", "fund", None,
    )  # fmt: skip
    assert said["rain"]["rating"] is None
    assert "Pooled budget Fund" in text(finn.get(f"{HERE}/risks/beds"))
    change = f"{HERE}/risks/beds/change"
    finn.post(change, form(finn, change, mitigation="Open wards"))
    risk = Risk.objects.get(code="beds")
    assert (risk.rating, risk.pool.code, risk.mitigation) == ("medium", "fund", "Open wards")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "Name the risk."),
        ({"amount": "12.3.4"}, "amount", "&#x27;12.3.4&#x27; is not an amount. Type pounds"),
        ({"amount": "-5"}, "amount", "What is at stake is a positive amount"),
        (
            {"amount": "5", "mitigation_amount": "1"},
            "stands_as",
            "Say whether the amount at stake is before",
        ),
        (
            {"amount": "5", "stands_as": "gross", "mitigation_amount": "6"},
            "mitigation_amount",
            "Mitigations cannot be worth more",
        ),
        ({"review": "soon"}, "review", "Write as much as is known"),
        ({"partner": "hill"}, "partner", "Choose one."),
        ({"likelihood": "6"}, "likelihood", "Select a valid choice."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(finn, typed, field, said):
    sent = form(finn, f"{HERE}/add-risk", name="Winter", cause="Cold", partner="moor") | typed
    answer = finn.post(f"{HERE}/add-risk", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert re.search(rf'<a href="#id_{field}">[^<]+: {re.escape(said)}', page)
    assert re.search(rf'id="id_{field}-error-1"><span[^>]*>Error: </span>{re.escape(said)}', page)
    assert len(answer.context["form"].errors) == 1
    assert ">Cold</textarea>" in page
    assert not Risk.objects.exists()


@pytest.fixture
def winter(valley, finn) -> str:
    """A risk of the council that a source puts at £100."""
    save_risks(
        by=None, specs=[RiskSpec(system="valley", code="winter", name="Winter", partner="moor")]
    )
    say(valley, "100")
    return f"{HERE}/risks/winter/change"


def say(valley, amount: str) -> None:
    spec = RiskMoneySpec(risk="winter", pence=pounds(amount), stands_as="net")
    save_risk_money(by=None, slice_id=valley.slice.pk, specs=[spec])


def test_a_newer_state_is_shown_and_asked_about(valley, finn, winter):
    mine = form(finn, winter, name="My winter", effect="Beds")
    say(valley, "80")
    save_risks(
        by=None,
        specs=[RiskSpec(system="valley", code="winter", name="Hard winter", partner="moor")],
    )
    answer = finn.post(winter, mine)
    page = text(answer, 409)
    assert "Somebody saved a newer state of this risk" in page
    assert "Risk : “Hard winter”" in page
    assert "At stake, in pounds : “80”" in page
    assert 'value="My winter"' in answer.content.decode()
    assert Risk.objects.get().name == "Hard winter"
    again = mine | {"seen": str(answer.context["seen"])}
    assert finn.post(winter, again).status_code == 302
    assert Risk.objects.get().name == "My winter"
    assert RiskMoney.objects.order_by("-change").first().pence == pounds("100")


def test_a_slip_in_between_does_not_hide_a_newer_state(valley, finn, winter):
    mine = form(finn, winter, amount="17x")
    say(valley, "80")
    answer = finn.post(winter, mine)
    assert answer.status_code == 422
    mended = mine | {"amount": "17", "seen": str(answer.context["seen"])}
    assert finn.post(winter, mended).status_code == 409
    assert RiskMoney.objects.order_by("-change").first().pence == pounds("80")


def test_a_form_without_its_state_overwrites_nothing(finn, winter):
    sent = form(finn, winter, name="Other") | {"seen": "rubbish"}
    assert finn.post(winter, sent).status_code == 409
    assert Risk.objects.get().name == "Winter"


def test_words_may_change_while_the_amount_keeps_its_source(sue):
    loading.load([EAST_SUSSEX], progress=str)
    address = f"{EAST}/2018-19/risks/in-year-risk/change"
    sue.post(address, form(sue, address, likelihood="4"))
    assert Risk.objects.get().evidence is not None
    assert RiskMoney.objects.count() == 1
    sue.post(address, form(sue, address, amount="18m", reason="Two schemes are certain now"))
    latest = RiskMoney.objects.order_by("-change").first()
    assert (latest.pence, latest.evidence) == (millions("18.0"), None)
    assert Evidence.objects.filter(printed="£19.9 million").exists()
    page = text(sue.get(f"{EAST}/2018-19/risks/in-year-risk"))
    assert "£18,000,000 at stake in 2018/19. Two schemes are certain now" in page
    assert "Likelihood: from “not stated” to “4”" in page
    again = loading.load([EAST_SUSSEX], progress=str)  # as the demo does whenever it starts
    assert (again.total.created, again.total.updated) == (0, 0)
    assert Risk.objects.get().likelihood == 4
    assert RiskMoney.objects.order_by("-change").first() == latest


def test_the_audit_tells_of_risks(valley, finn, winter):
    finn.post(winter, form(finn, winter, name="Mild winter", amount="80"))
    page = text(signed_in(a_person("sue", Role.SITE_ADMINISTRATOR)).get("/systems/valley/audit"))
    assert "Risk changed" in page
    assert "“Winter” to “Mild winter”" in page
    assert "Money of risks" in page


def test_in_a_closed_year_only_words_change(valley, finn, winter):
    set_year_status(by=None, slice_id=valley.slice.pk, status=Slice.Status.CLOSED)
    page = finn.get(winter)
    assert "is closed: what was at stake in it stays" in text(page)
    assert "amount" not in page.context["form"].fields
    assert finn.post(winter, form(finn, winter, name="Mild")).status_code == 302
    assert Risk.objects.get().name == "Mild"
    assert RiskMoney.objects.count() == 1


def test_nobody_is_offered_what_they_may_not_do(valley, finn, winter):
    bert = signed_in(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    tess = signed_in(a_person("tess", Role.FINANCE_LEAD, partner=valley.hill))
    offers = {
        name: (
            "Add a risk" in text(browser.get(f"{HERE}/forecast")),
            "Change this risk" in text(browser.get(f"{HERE}/risks/winter")),
        )
        for name, browser in {"finn": finn, "bert": bert, "tess": tess}.items()
    }
    assert offers == {"finn": (True, True), "bert": (False, False), "tess": (True, False)}
    past = text(finn.get(f"{HERE}/forecast?as_at=2018-07-17"))
    assert "Add a risk" not in past


def test_the_state_and_the_moment_stand_in_the_address(valley, finn, winter):
    close(valley.slice, 1, valley.moor)
    report(valley.line(valley.hill), 1, "-1", "-10")
    recompute(valley.slice.pk)
    published = finn.get(f"{API}/valley/years/2018-19/risks").json()
    provisional = finn.get(f"{API}/valley/years/2018-19/risks?state=provisional").json()
    assert published["forecast_pence"] == pounds("-30")
    assert published["if_risk_lands_pence"] is None  # Hill's forecast is not approved yet
    assert provisional["if_risk_lands_pence"] == pounds("-140")
    assert finn.get(f"{API}/valley/years/2018-19/risks?as_at=never").status_code == 422
    assert finn.get(f"{HERE}/risks.csv?as_at=never").status_code == 422
    assert "is not a moment" in text(finn.get(f"{HERE}/forecast?as_at=never"))


@pytest.mark.parametrize("address", ["forecast", "risks/winter", "risks/winter/change"])
def test_a_page_asks_the_same_of_3_risks_and_of_300(valley, finn, winter, query_count, address):
    def ask() -> int:
        recompute(valley.slice.pk)
        return query_count(lambda: finn.get(f"{HERE}/{address}"))

    ask()
    few = ask()
    specs = [RiskSpec(system="valley", code=f"risk-{n}", name="Risk") for n in range(300)]
    save_risks(by=None, specs=specs)
    ask()
    assert ask() == few <= 30


def test_text_of_a_risk_is_no_formula_and_no_markup(valley, finn, winter):
    say(valley, "100")
    save_risks(
        by=None,
        specs=[RiskSpec(system="valley", code="winter", name="<b>=1+1</b>", cause="=1+1")],
    )
    assert b"<b>=1" not in finn.get(f"{HERE}/forecast").content
    (row,) = rows(finn.get(f"{HERE}/risks.csv"))
    assert row["cause"] == "'=1+1"


def test_one_month_a_page_whatever_its_latest_is(valley):
    """Figures of month 2 are approved of one partner only, so that the page is of month 1."""
    moors, hills = valley.line(valley.moor), valley.line(valley.hill)
    saving = valley.line(valley.moor, "saving")
    for month, forecast in ((1, "-30_000_000"), (2, "-80_000_000")):
        report(moors, month, "-3_000_000", forecast)
        report(saving, month, f"{month}_000_000")
    report(hills, 1, "1", "0")
    valley.plan({saving: "12_000_000"}, headline=True)
    close(valley.slice, 1, valley.moor, valley.hill)
    close(valley.slice, 2, valley.moor)
    recompute(valley.slice.pk)
    sue = signed_in(a_person("sue", Role.SITE_ADMINISTRATOR))
    board = text(sue.get(f"{HERE}/board"))
    assert "At month 1 the system forecasts a deficit of £30.0m" in board
    assert "To month 1 the system saved £1.0m" in board
    second = sue.get(f"{HERE}/board?month=2")
    assert "At month 2 the system forecasts a deficit of £80.0m" in text(second)
    assert "Without a position for it: Hill" in text(second)
    assert "To month 2 the system saved £2.0m" in text(second)
    way = second.context["forecast_href"]
    assert "month=2" in way
    assert "a deficit of £80.0m" in text(sue.get(way))
    assert "a deficit of £30.0m" in text(sue.get(f"{HERE}/forecast"))
    assert rows(sue.get(f"{HERE}/forecast.csv?month=2"))[-1]["forecast_gbp"] == "-80000000.00"
    assert sue.get(f"{HERE}/forecast?month=13").status_code == 404
    said = sue.get(f"{API}/valley/years/2018-19/risks?month=2").json()
    assert (said["month"], said["forecast_pence"]) == (2, pounds("-80_000_000"))
