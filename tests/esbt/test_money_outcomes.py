"""Schemes with their savings beside the outcomes that they should move."""

import csv
import io

import pytest

from finance.rollups import recompute
from outcomes.services import SchemeMetricSpec, save_scheme_metrics
from schemes.models import RowVersion, System
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, save_schemes
from tests.factories import a_person, approve, evenly, report
from tests.outcomes.test_outcomes_page import FELL, browser, text
from tests.outcomes.vale import an_area, metrics, months

pytestmark = pytest.mark.django_db

YEAR = "/systems/valley/years/2018-19"
PAGE = f"{YEAR}/money-and-outcomes"


def schemes(valley, actuals: dict[str, str | None]) -> None:
    """Schemes that planned £1.2m each, £0.1m of it in April, and saved so much then."""
    specs = [SchemeSpec(system="valley", code=code, name=code.title()) for code in actuals]
    save_schemes(by=None, specs=specs)
    lines = {code: valley.line(valley.moor, "saving", code, scheme=code) for code in actuals}
    valley.plan({line: evenly("1_200_000") for line in lines.values()})
    for code, amount in actuals.items():
        if amount is not None:
            report(lines[code], 1, amount)
    approve(valley.slice, 1, valley.moor)
    recompute(valley.slice.pk)


def aims(*pairs: tuple[str, str, int | None]) -> None:
    specs = [
        SchemeMetricSpec(system="valley", scheme=scheme, metric=metric, lag_months=lag)
        for scheme, metric, lag in pairs
    ]
    save_scheme_metrics(by=None, specs=specs)


@pytest.fixture
def cora(valley):
    return browser(a_person("cora", Role.COMMISSIONER, system=valley.system))


@pytest.fixture
def beside(valley) -> None:
    """On plan with a better outcome, off plan with a worse one, not reported with both."""
    schemes(valley, {"falls": "100_000", "wards": "10_000", "homes": None, "drugs": "100_000"})
    System.objects.filter(code="valley").update(footprint="It leaves out the far dale.")
    an_area()
    metrics("delays", "visits", "care")
    months(valley.system, "delays", FELL)
    months(valley.system, "visits", [*FELL[:-1], 40])
    aims(
        ("falls", "delays", 6),
        ("wards", "visits", None),
        ("homes", "delays", None),
        ("homes", "visits", None),
        ("drugs", "care", 1),
    )


def cells(cora) -> dict[tuple[str, str], set[str]]:
    """The grid of the CSV: schemes by saving and outcome."""
    rows = csv.DictReader(io.StringIO(cora.get(f"{PAGE}.csv").content.decode()))
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        found.setdefault((row["saving"], row["outcome"]), set()).add(row["scheme"])
    return found


def test_each_scheme_has_one_place(beside, cora):
    assert cells(cora) == {
        ("on", "better"): {"falls"},
        ("off", "worse"): {"wards"},
        ("none", "worse"): {"homes"},  # one better, one worse
        ("on", "none"): {"drugs"},
    }
    page = text(cora.get(PAGE))
    assert "2 of 4 schemes have both a saving and an outcome to hold side by side" in page
    assert "1 on plan with better outcomes, 0 on plan with worse ones." in page
    assert "Homes one better, one worse" in page
    assert "On plan 1 better Falls 0 worse 0 no change 1 no data Drugs" in page


def test_it_shows_no_cause_and_names_both_footprints_and_the_lag(beside, cora):
    page = text(cora.get(PAGE))
    assert "Side by side shows no cause." in page
    assert "It leaves out the far dale. The outcomes are those of Vale." in page
    assert "The two are not the same people" in page
    assert "Falls Delays Improved to December 2017 Vale provisional limits, of 9 values 6" in page
    assert "Wards Visits Worse to December 2017 Vale provisional limits, of 9 values not" in page
    assert "latest value, whatever the year of the savings: its period stands with it." in page
    rows = csv.DictReader(io.StringIO(cora.get(f"{PAGE}.csv").content.decode()))
    assert {row["metric"]: row["as_of"] for row in rows} == {
        "delays": "2017-12-31", "visits": "2017-12-31", "care": "",
    }  # fmt: skip


def test_a_scheme_shows_its_saving_beside_its_metrics(beside, cora):
    page = text(cora.get(f"{YEAR}/schemes/falls/outcomes"))
    assert "The saving: on plan" in page
    assert "Saved to date: £'000 100; planned to date: £'000 100." in page
    assert "Delays Improved (provisional limits, of 9 values) 2 in December 2017" in page
    assert "Expected to move after: 6 months. Lower is better. Values are of Vale." in page


def test_the_pages_lead_there(beside, cora):
    for address in (f"{YEAR}/schemes", f"{YEAR}/savings", "/systems/valley/outcomes"):
        assert f'href="{PAGE}"' in cora.get(address).content.decode()


def test_the_number_of_queries_does_not_grow(valley, beside, cora, query_count):
    cora.get(PAGE)
    few = query_count(lambda: cora.get(PAGE))
    more = [f"m{number}" for number in range(100)]
    schemes(valley, dict.fromkeys(more))
    metrics(*more)
    aims(*((code, code, None) for code in more))
    cora.get(PAGE)
    assert query_count(lambda: cora.get(PAGE)) == few <= 12


def test_an_administrator_ties_a_scheme_to_a_metric_and_takes_it_out_with_a_reason(
    valley, beside, cora
):
    ada = browser(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    tab, add = f"{YEAR}/schemes/drugs/outcomes", f"{YEAR}/schemes/drugs/add-metric"
    assert f'href="{add}"' in ada.get(tab).content.decode()
    assert add not in cora.get(tab).content.decode()
    offered = text(ada.get(add))
    assert "Delays (lower is better)" in offered
    assert "Care (" not in offered  # it is named already
    sent = {"metric": "delays", "lag_months": "200", "words": "Fewer falls"}
    refused = ada.post(add, sent)
    assert refused.status_code == 422
    assert "Fewer falls" in refused.content.decode()
    assert "Delays Improved" in text(ada.post(add, sent | {"lag_months": "9"}, follow=True))
    assert cells(cora)["on", "better"] == {"falls", "drugs"}
    here = f"{YEAR}/schemes/drugs/metrics/delays"
    assert 'value="9"' in ada.get(here).content.decode()
    changed = text(ada.post(here, {"lag_months": "", "words": "Fewer falls"}, follow=True))
    assert "Fewer falls Expected to move after: not stated." in changed
    assert ada.post(f"{here}/remove", {"reason": " "}).status_code == 422
    assert "Delays was taken out." in text(ada.post(f"{here}/remove", {"reason": "A"}, follow=True))
    assert cells(cora)["on", "none"] == {"drugs"}
    last = RowVersion.objects.filter(table="schememetric").latest("at")
    assert (last.values["reason"], last.actor.username) == ("A", "ada")
    assert ada.get(here).status_code == 404
