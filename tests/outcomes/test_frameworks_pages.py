"""Versions of a framework side by side, and the domain that is due in a quarter."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from esbt.kit.problems import Refused
from outcomes.models import DomainQuarter, DomainReport, FrameworkItem
from outcomes.queries.quarters import Quarter
from outcomes.services import (
    ItemSpec,
    ObservationEntry,
    QuarterSpec,
    record_observations,
    save_items,
    save_quarters,
    write_report,
)
from schemes.people.permissions import roles_in
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.test_outcomes_page import PAGE, browser, text
from tests.outcomes.vale import a_framework, an_area, items, judged_by, metrics, months, years

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(valley):
    return a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)


@pytest.fixture
def cora(valley):
    return browser(a_person("cora", Role.COMMISSIONER, system=valley.system))


# differences


def test_what_changed_between_two_versions(valley, cora):
    a_framework("first", position=1)
    items(
        "first",
        ("health", "domain", ""),
        ("people", "domain", ""),
        ("home", "objective", "health"),
        ("calm", "objective", "health"),
    )
    a_framework("second", position=2, expected_objectives=11)
    items("second", ("health", "domain", ""), ("cost", "domain", ""), ("home", "objective", "cost"))
    spec = {"system": "valley", "framework": "second", "code": "health", "level": "domain"}
    save_items(by=None, specs=[ItemSpec(**spec, name="Better health")])
    page = text(cora.get(f"{PAGE}/frameworks/second/compare"))
    # of the objectives neither version names all, so calm is no more than unnamed
    assert "Of the items 1 added, 1 removed, 1 renamed and 1 moved; 1 is named in one" in page
    assert "Calm Objective Objective under Health not named" in page
    assert "Better health Domain Health Better health" in page
    assert "Home Objective Objective under Health Objective under Cost" in page
    assert "Objectives 10 11" in page
    # the other way round it is the same change, and a version beside itself is none
    assert "1 added, 1 removed" in text(cora.get(f"{PAGE}/frameworks/first/compare"))
    assert cora.get(f"{PAGE}/frameworks/first/compare?with=first").status_code == 404
    assert cora.get(f"{PAGE}/frameworks/third/compare").status_code == 404


def test_what_a_version_does_not_name_is_not_called_removed(valley, cora):
    """As the refreshed framework of 2018, which repeats neither domains nor counts."""
    a_framework("first", position=1, expected_domains=1)
    items("first", ("health", "domain", ""))
    a_framework("second", position=2, expected_domains=None, expected_objectives=None)
    page = text(cora.get(f"{PAGE}/frameworks/second/compare"))
    assert "0 removed, 0 renamed and 0 moved; 1 is named in one version only" in page
    assert "Domains 1 not stated" in page


def test_a_single_version_waits_for_another(valley, cora):
    a_framework()
    page = text(cora.get(f"{PAGE}/frameworks/first/compare"))
    assert "There is no other version to compare The first with." in page


# quarters


@pytest.mark.parametrize(
    ("number", "starts", "ends"),
    [
        (1, date(2018, 4, 1), date(2018, 6, 30)),
        (2, date(2018, 7, 1), date(2018, 9, 30)),
        (3, date(2018, 10, 1), date(2018, 12, 31)),
        (4, date(2019, 1, 1), date(2019, 3, 31)),
    ],
)
def test_the_days_of_a_quarter(number, starts, ends):
    quarter = Quarter("2018-19", number)
    assert (quarter.starts, quarter.ends) == (starts, ends)


@pytest.fixture
def due(valley) -> DomainQuarter:
    """Health is due in April to June 2018; one metric has values then, one last had them before."""
    an_area()
    metrics("delays")
    metrics("care", frequency="yearly")
    months(valley.system, "delays", [20 + number for number in range(18)])  # to September 2018
    years(valley.system, "care", {2016: "60", 2017: "50"})
    a_framework(baseline="2017-18")
    items("first", ("health", "domain", ""), ("home", "objective", "health"))
    judged_by("first", "home", "delays")
    judged_by("first", "health", "care")
    save_quarters(
        by=None,
        specs=[
            QuarterSpec(
                system="valley", framework="first", item="health", year="2018-19", quarter=1
            )
        ],
    )
    return DomainQuarter.objects.get()


def report_of(due: DomainQuarter) -> str:
    return f"{PAGE}/quarters/{due.pk}"


def test_a_report_shows_what_was_there_by_the_end_of_the_quarter(due, cora):
    page = text(cora.get(report_of(due)))
    # June 2018 is the 15th month: 20 + 14; a year before 22, and 20 in April 2017
    assert "34 June 2018 12 higher than 22 14 higher than 20 in April 2017" in page
    assert "50 2017/18 none of the quarter 10 lower than 60" in page
    assert "1 of 2 has no value of the quarter." in page
    rows = csv.DictReader(io.StringIO(cora.get(f"{report_of(due)}.csv").content.decode()))
    assert {row["metric"]: row["value"] for row in rows} == {"delays": "34", "care": "50"}


def test_nothing_is_due_until_somebody_says_so(valley, cora, ada):
    page = f"{PAGE}/quarters"
    assert "is stated by no source that was loaded" in text(cora.get(page))
    a_framework()
    items("first", ("health", "domain", ""))
    keeper = browser(ada)
    sent = {"year": "2018-19", "quarter": "2", "domain": "first/health"}
    assert cora.post(page, sent).status_code == 404
    assert "Choose a domain." in text(keeper.post(page, sent | {"domain": ""}), 422)
    assert "The version has no domain" in text(
        keeper.post(page, sent | {"domain": "first/lost"}), 422
    )
    assert "Choose a financial year" in text(keeper.post(page, sent | {"year": "1999-00"}), 422)
    assert "July to September 2018 Health" in text(keeper.post(page, sent, follow=True))
    assert "nothing written yet" in text(cora.get(page))
    back = {"back": str(DomainQuarter.objects.get().pk)}
    assert "Take back" not in text(cora.get(page))
    assert cora.post(page, back).status_code == 404
    assert "Taken back." in text(keeper.post(page, back, follow=True))
    assert not DomainQuarter.objects.exists()


def test_a_quarter_with_signed_words_stays(due, ada):
    write_report(
        by=ada, due=due, text="Words.", signed_as=roles_in(ada, due.item.framework.system)[0]
    )
    refused = browser(ada).post(f"{PAGE}/quarters", {"back": str(due.pk)})
    assert "Words were signed for this quarter" in text(refused, 422)


def test_words_are_signed_as_a_role_that_one_holds_and_every_version_stays(due, cora, ada):
    keeper = browser(ada)
    (role,) = roles_in(ada, due.item.framework.system)
    sent = {"text": "Delays <grow>.", "signed_as": "Director of Everything"}
    refused = keeper.post(report_of(due), sent)
    assert "Choose one of the roles that you hold here" in text(refused, 422)
    assert "Delays &lt;grow&gt;." in refused.content.decode()
    sent["signed_as"] = role
    assert "Signed." in text(keeper.post(report_of(due), sent, follow=True))
    assert "These words stand already." in text(keeper.post(report_of(due), sent, follow=True))
    assert "Signed by ada as System administrator on" in text(cora.get(report_of(due)))
    assert "Write about this quarter" not in text(cora.get(report_of(due)))
    keeper.post(report_of(due), sent | {"text": ""})
    assert "No commentary has been signed yet" in text(cora.get(report_of(due)))
    assert [report.text for report in DomainReport.objects.all()] == ["", "Delays <grow>."]
    assert cora.post(report_of(due), sent).status_code == 404


def test_words_that_cannot_be_kept_are_refused(due, ada):
    (role,) = roles_in(ada, due.item.framework.system)
    with pytest.raises(Refused, match="Shorten this"):
        write_report(by=ada, due=due, text="x" * 10_001, signed_as=role)
    with pytest.raises(Refused, match="There are no words yet"):
        write_report(by=ada, due=due, text=" ", signed_as=role)
    with pytest.raises(Refused, match="no text"):
        write_report(by=ada, due=due, text="a\0", signed_as=role)


def test_another_systems_report_is_not_there(due, cora):
    assert cora.get(f"{PAGE}/quarters/{due.pk + 1}").status_code == 404


def test_the_queries_of_a_report_do_not_grow(valley, due, cora, query_count):
    cora.get(report_of(due))  # what is kept is made now
    few = query_count(lambda: cora.get(report_of(due)))
    more = [f"m{number}" for number in range(300)]
    metrics(*more)
    day = {"starts": date(2018, 4, 1), "ends": date(2018, 4, 30), "value": Decimal(1)}
    entries = [ObservationEntry(metric=code, area="vale", **day) for code in more]
    record_observations(by=None, system_id=valley.system.pk, entries=entries)
    judged_by("first", "home", *more)
    assert FrameworkItem.objects.count() == 2
    assert query_count(lambda: cora.get(report_of(due))) == few <= 16
