"""Pages of schemes by Django's client: what they say, what they ask, and who may rate."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from esbt import loading
from finance.models import Claim, Rating
from finance.rollups import recompute
from finance.services import RiskMoneySpec, save_risk_money
from schemes.models import Change, Scheme
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_person, approve, evenly, report
from tests.money import pounds

FIXTURES = Path(__file__).parents[2] / "fixtures"
EAST = "/systems/east-sussex/years/2017-18/schemes"
LIST = "/systems/valley/years/2018-19/schemes"
TABS = ("", "/savings", "/delivery", "/outcomes", "/history")

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:500]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def sue(db) -> Client:
    return signed_in(a_person("sue", Role.SITE_ADMINISTRATOR))


@pytest.fixture
def east_sussex(db) -> None:
    loading.load([FIXTURES / "east-sussex"], progress=lambda line: None)


@pytest.fixture
def falls(valley):
    """A scheme that the moor leads, with a saving of it, approved for a month."""
    spec = SchemeSpec(system="valley", code="falls", name="Falls", lead_partner="moor")
    save_schemes(by=None, specs=[spec])
    line = valley.line(valley.moor, "saving", "falls", scheme="falls")
    valley.plan({line: evenly("1_200_000")})
    report(line, 1, "80_000", "1_100_000")
    approve(valley.slice, 1, valley.moor)
    recompute(valley.slice.pk)
    return line


def grow(valley, count: int) -> None:
    """So many schemes, each with a saving that was planned and reported."""
    specs = [SchemeSpec(system="valley", code=f"s{n}", name=f"Scheme {n}") for n in range(count)]
    save_schemes(by=None, specs=specs)
    lines = [valley.line(valley.moor, "saving", f"s{n}", scheme=f"s{n}") for n in range(count)]
    valley.plan({line: evenly("1_200_000") for line in lines})
    for line in lines:
        report(line, 1, "80_000", "1_100_000")
    recompute(valley.slice.pk)


# a plan without months


def test_a_year_without_months_shows_its_plan_and_no_zero(east_sussex, sue):
    said = text(sue.get(EAST))
    assert "No monthly outturn of these savings was published" in said
    assert "9 schemes and 10 parts of schemes" in said
    assert "Whole plan 53,673 100.0" in said
    assert "Variance" not in said
    row = re.search(r"Urgent care (.*?) Accommodation", said)
    assert row
    assert row[1] == "not stated not stated"


def test_a_scheme_of_a_document_tells_what_it_is_and_what_nobody_states(east_sussex, sue):
    said = text(sue.get(f"{EAST}/unnamed-efficiency"))
    assert "prints no name for this scheme" in said
    assert "Gross budget, £'000 not stated" in said
    assert "£1.0m is to be saved in 2017/18, 2% of the plan." in said
    assert "No outturn was published; that is not a zero." in said


def test_the_promises_of_healthy_homes(east_sussex, sue):
    """148 homes at £3,250 are £481,000; of £627,000 that leaves £146,000."""
    said = text(sue.get(f"{EAST}/healthy-homes/delivery"))
    assert "148 homes" in said
    assert "£3,250 each" in said
    assert "£ 481,000" in said or "£481,000" in said
    assert "£ 146,000" in said or "£146,000" in said


def test_both_years_stand_beside_each_other_and_are_not_added(east_sussex, sue):
    said = text(sue.get(f"{EAST}/planned-care/savings"))
    assert "2017/18 9,862 not stated not stated" in said
    assert "2018/19 19,995 not stated not stated" in said
    assert "29,857" not in said


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_every_scheme_opens(east_sussex, sue, tab):
    for code in Scheme.objects.values_list("code", flat=True):
        assert sue.get(f"{EAST}/{code}{tab}").status_code == 200


# the list


def test_the_list_alone_is_answered_to_those_who_ask_for_it(falls, sue):
    whole = sue.get(LIST)
    part = sue.get(LIST, headers={"X-Part": "1"})
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert b"Falls" in part.content
    assert "X-Part" in part["Vary"]
    assert part.content.decode() in whole.content.decode()


def test_the_list_asks_as_much_for_fifty_schemes_as_for_two(valley, sue, query_count):
    def count() -> tuple[int, int]:
        return query_count(lambda: sue.get(LIST)), query_count(lambda: sue.get(LIST))

    grow(valley, 2)
    few = count()
    grow(valley, 50)
    assert count() == few
    assert few[1] <= 6


def test_no_scheme_matches(falls, sue):
    said = text(sue.get(f"{LIST}?q=nothing"))
    assert "No scheme of the plan matches what is looked for." in said


def test_investments_stand_below_the_list_and_are_found(east_sussex, sue):
    year = "/systems/east-sussex/years/2017-18/schemes"
    assert "Crisis Response" in text(sue.get(year))
    said = text(sue.get(f"{year}?q=crisis+response"))
    assert "Investments outside the plan and its total Crisis Response" in said


def test_a_target_of_a_scheme_stands_on_its_page(east_sussex, sue):
    year = "/systems/east-sussex/years/2017-18/schemes"
    said = text(sue.get(f"{year}/locality-planning-delivery/savings"))
    assert "Savings target for locality planning and delivery" in said
    assert "15,400" in said


def test_what_is_taken_away_is_what_is_seen(falls, valley, sue):
    save_schemes(by=None, specs=[SchemeSpec(system="valley", code="beds", name="=1+1")])
    recompute(valley.slice.pk)
    rows = list(csv.DictReader(io.StringIO(sue.get(f"{LIST}.csv?q=fall").content.decode())))
    assert [(row["scheme"], row["saving_plan_gbp"]) for row in rows] == [("falls", "1200000.00")]
    book = load_workbook(io.BytesIO(sue.get(f"{LIST}.xlsx").content))
    sheet = book["Figures"]
    names = {row[6].value: row[6].data_type for row in sheet.iter_rows(min_row=2)}
    assert names == {"Falls": "s", "=1+1": "s", "Whole plan": "s"}
    assert book["About"]["B1"].value == "The valley"


def test_the_lead_and_the_rule_differ(falls, valley):
    finn = signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    answer = finn.post(f"{LIST}/falls/rate", {"month": "1", "rating": "green", "reason": "Soon."})
    assert answer.status_code == 302
    recompute(valley.slice.pk)
    said = text(finn.get(f"{LIST}/falls/delivery?state=published"))
    assert "By the rule Red" in said
    assert "By its lead Green Soon. The two differ." in said
    assert "lead says Green" in text(finn.get(f"{LIST}?state=published"))


def test_a_rating_that_is_none_is_refused_in_words(falls, valley):
    finn = signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    answer = finn.post(f"{LIST}/falls/rate", {"month": "x", "rating": "blue"}, follow=True)
    said = text(answer)
    assert "Ratings are green, amber, red." in said
    assert "Months run from 1 to 12." in said
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    ("role", "partner", "status"),
    [
        (Role.FINANCE_LEAD, "moor", 302),
        (Role.FINANCE_LEAD, "hill", 404),
        (Role.COMMISSIONER, None, 404),
        (Role.BOARD_MEMBER, None, 404),
        (Role.SYSTEM_ADMINISTRATOR, None, 302),
    ],
)
def test_who_may_rate(falls, valley, role, partner, status):
    own = {"partner": getattr(valley, partner)} if partner else {"system": valley.system}
    browser = signed_in(a_person("pat", role, **own))
    answer = browser.post(f"{LIST}/falls/rate", {"month": "1", "rating": "red"})
    assert answer.status_code == status
    assert Rating.objects.exists() == (status == 302)
    shown = "Save the rating" in text(browser.get(f"{LIST}/falls/delivery"))
    assert shown == (status == 302)


def test_the_history_says_what_was_changed(falls, valley, sue):
    admin = a_person("ada", Role.SITE_ADMINISTRATOR)
    spec = SchemeSpec(
        system="valley", code="falls", name="Falls", lead_partner="hill", stage="in-delivery"
    )
    save_schemes(by=admin, specs=[spec])
    recompute(valley.slice.pk)
    said = text(sue.get(f"{LIST}/falls/history"))
    assert "Lead partner: from “Moor” to “Hill”" in said
    assert "Stage: from “not stated” to “in-delivery”" in said
    assert "ada" in said


def test_the_gap_stands_apart_in_the_list(falls, valley, sue):
    loose = valley.line(valley.hill, "saving", "loose")
    valley.plan({loose: evenly("600_000")})
    recompute(valley.slice.pk)
    said = text(sue.get(LIST))
    assert "Unidentified planned, and on no scheme yet 600" in said
    assert "Whole plan 1,800" in said
    assert pounds("600_000") == 60_000_000


# savings claimed twice

CLAIMS = "/systems/valley/years/2018-19/claims"


@pytest.fixture
def twice(falls, valley):
    """The hill claims the moor's saving as well."""
    valley.line(valley.hill, "saving", "ward", scheme="falls", counterparty="moor")
    valley.line(valley.moor, "saving", "tariff", scheme="falls", counterparty="hill")
    recompute(valley.slice.pk)


def test_a_saving_claimed_twice_is_settled_by_whom_may(twice, valley, sue):
    assert "1 pair may be one saving and waits to be settled." in text(sue.get(CLAIMS))
    assert "before savings claimed twice are taken out" in text(sue.get(LIST))
    settled = {"one": "ward", "other": "tariff", "settlement": "one", "reason": ""}
    said = text(sue.post(CLAIMS, settled, follow=True))
    assert "Say why, so that others can follow it. Nothing was saved." in said
    sue.post(CLAIMS, settled | {"reason": "The ward's cost counts."})
    recompute(valley.slice.pk)
    said = text(sue.get(CLAIMS))
    assert "ward counts, tariff is taken out. Why: The ward&#x27;s cost counts." in said


def test_a_scheme_says_that_its_savings_may_count_twice(twice, sue):
    said = text(sue.get(f"{LIST}/falls"))
    assert (
        "One pair of these savings may count twice. It waits for the system&#x27;s administ" in said
    )
    assert "may be counted twice" in text(sue.get(LIST))
    assert "may be counted twice" not in text(sue.get(f"{LIST}?q=falls"))  # a sum of other schemes


def test_two_savings_can_be_linked_by_hand(falls, valley, sue):
    valley.line(valley.hill, "saving", "other")
    recompute(valley.slice.pk)
    sue.post(CLAIMS, {"one": "falls", "other": "other", "settlement": "open"})
    recompute(valley.slice.pk)
    assert "Linked by hand." in text(sue.get(CLAIMS))


def test_a_commissioner_reads_and_does_not_settle(twice, valley):
    cora = signed_in(a_person("cora", Role.COMMISSIONER, system=valley.system))
    assert "What it is" not in text(cora.get(CLAIMS))
    answer = cora.post(CLAIMS, {"one": "ward", "other": "tariff", "settlement": "open"})
    assert answer.status_code == 404


def test_the_overview_says_what_was_saved(falls, sue):
    said = text(sue.get("/"))
    assert "To month 1 the system saved £0.1m" in said


# what newcomers stumbled over


ORDER = (("May", "Green"), ("April", "Amber"), ("April", "Red"))  # the latest word first


def rate(browser: Client, month: int, rating: str, reason: str = "") -> None:
    sent = {"month": month, "rating": rating, "reason": reason}
    assert browser.post(f"{LIST}/falls/rate", sent).status_code == 302


def at(rating: Rating) -> str:
    """When a rating was said, as pages write it."""
    change = Change.objects.get(slice=rating.slice_id, number=rating.change)
    return f"{timezone.localtime(change.at):%-d %B %Y at %H:%M}"


def test_ratings_say_when_they_were_said_and_which_of_them_stands(falls, valley, query_count):
    finn = signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    rate(finn, 1, "red", "Two posts are vacant.")
    finn.get(f"{LIST}/falls/delivery")  # what is kept is made now
    few = query_count(lambda: finn.get(f"{LIST}/falls/delivery"))
    rate(finn, 1, "amber", "One is filled.")
    rate(finn, 2, "green")
    said = text(finn.get(f"{LIST}/falls/delivery"))
    first, second, third = Rating.objects.order_by("change")
    older = f"Two posts are vacant. (finn, {at(first)} ; replaced by a later word)"
    assert f"April 2018: Red {older}" in said
    assert f"April 2018: Amber One is filled. (finn, {at(second)} )" in said
    assert f"May 2018: Green (finn, {at(third)} )" in said
    order = [said.index(f"{month} 2018: {word}") for month, word in ORDER]
    assert order == sorted(order)
    assert query_count(lambda: finn.get(f"{LIST}/falls/delivery")) == few


def test_the_history_tells_of_ratings(falls, valley, sue):
    finn = signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    rate(finn, 1, "red", "Two posts are vacant.")
    rate(finn, 1, "amber", "One is filled.")
    said = text(sue.get(f"{LIST}/falls/history"))
    assert ", finn : rated." in said or ", finn: rated." in said
    later = "April 2018: Amber. One is filled."
    older = "April 2018: Red. Two posts are vacant. (replaced by a later word)"
    assert said.index(later) < said.index(older) < said.index(": added.")


@pytest.mark.parametrize(
    ("today", "offered"),
    [
        (date(2018, 3, 31), []),
        (date(2018, 4, 1), ["April 2018"]),
        (date(2018, 6, 30), ["April 2018", "May 2018", "June 2018"]),
    ],
)
def test_only_months_that_have_begun_can_be_rated(falls, sue, monkeypatch, today, offered):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: today)
    page = sue.get(f"{LIST}/falls/delivery")
    assert ("Save the rating" in text(page)) == bool(offered)
    assert [item["name"] for item in page.context["rating_months"]] == offered
    assert sum(item["chosen"] for item in page.context["rating_months"]) == bool(offered)


def test_an_open_pair_is_not_settled_by_pressing_the_button(twice, sue):
    page = sue.get(CLAIMS).content.decode()
    assert '<option value="">Choose</option>' in page
    assert "Still to be settled" not in page
    sent = {"one": "ward", "other": "tariff", "settlement": "", "reason": "Because."}
    assert "Choose what it is." in text(sue.post(CLAIMS, sent, follow=True))
    assert not Claim.objects.exists()


def test_open_and_settled_pairs_are_counted_apart(twice, valley, sue):
    settled = {"one": "ward", "other": "tariff", "settlement": "one", "reason": "The ward's."}
    sue.post(CLAIMS, settled)
    recompute(valley.slice.pk)
    page = sue.get(CLAIMS)
    assert "No pair waits to be settled; 1 is settled." in text(page)
    assert "Still to be settled" in text(page)  # so that it can be opened again
    assert ">Choose</option>" not in page.content.decode().split("link-one")[0]
    valley.line(valley.hill, "saving", "other")
    sue.post(CLAIMS, {"one": "falls", "other": "other", "settlement": "open"})
    recompute(valley.slice.pk)
    said = text(sue.get(CLAIMS))
    assert "1 pair may be one saving and waits to be settled; 1 is settled." in said


def test_a_scheme_lists_its_risks_and_leads_to_the_register(valley, falls, sue):
    page = f"{LIST}/falls/delivery"
    assert "No risk in the register names this scheme." in text(sue.get(page))
    specs = [
        RiskSpec(system="valley", code="winter", name="Winter", scheme="falls"),
        RiskSpec(system="valley", code="other", name="Another"),
    ]
    save_risks(by=None, specs=specs)
    money = RiskMoneySpec(risk="winter", pence=pounds("20_000"), stands_as="net")
    save_risk_money(by=None, slice_id=valley.slice.pk, specs=[money])
    said = text(sue.get(page))
    assert "Winter Everybody's, open not rated 20 not stated" in said.replace("&#x27;", "'")
    assert "Another" not in said
    assert 'href="/systems/valley/years/2018-19/forecast#risks"' in sue.get(page).content.decode()
