"""The risk register: who keeps which risk, what is refused, and that every state is kept."""

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from schemes.models import Change, Risk, RowVersion
from schemes.people.roles import Role
from schemes.services.risks import RiskSpec, save_risks
from schemes.services.slices import NO_FIGURE
from tests.factories import a_partner, a_person

pytestmark = pytest.mark.django_db


def spec(**more: object) -> RiskSpec:
    return RiskSpec(**{"system": "valley", "code": "winter", "name": "A hard winter", **more})


def save(by=None, **more: object) -> Count:
    return save_risks(by=by, specs=[spec(**more)])


def refused(**more: object) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        save(**more)
    assert not Risk.objects.exists()
    return [(fault.field, fault.message) for fault in caught.value.faults]


def test_a_risk_is_added_changed_and_left_as_it_is(valley):
    assert save(likelihood=4, impact=5, review="2018-autumn") == Count(created=1)
    assert Risk.objects.get().score == 20
    assert save(likelihood=4, impact=5, review="2018-autumn") == Count(unchanged=1)
    assert save(likelihood=3, impact=5, review="2018-autumn") == Count(updated=1)
    states = RowVersion.objects.filter(table="risk").order_by("pk").values_list("values", flat=True)
    assert [state["likelihood"] for state in states] == [4, 3]


def test_a_package_says_what_is_new_and_nothing_over_what_people_said(valley):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    save(partner="moor", name="Winter")
    save(finn, partner="moor", name="A mild winter")
    assert save(partner="moor", name="Winter") == Count(unchanged=1)
    assert Risk.objects.get().name == "A mild winter"
    again = save(partner="moor", name="Autumn", mitigation="More beds")
    assert (again.updated, [fault.field for fault in again.kept]) == (1, ["name"])
    found = Risk.objects.get()
    assert (found.name, found.mitigation) == ("A mild winter", "More beds")


@pytest.mark.parametrize("rated", [{}, {"likelihood": 5}, {"impact": 1}])
def test_a_risk_that_lacks_a_rating_has_no_score(valley, rated):
    save(**rated)
    assert Risk.objects.get().score is None


def test_a_save_draws_a_change_that_moves_no_figure(valley):
    save()
    assert list(Change.objects.values_list("action", "from_month")) == [("risks", NO_FIGURE)]
    save()
    assert Change.objects.count() == 1


def test_a_risk_is_dated_before_its_change(valley):
    save()
    assert RowVersion.objects.get(table="risk").at <= Change.objects.get().at


def test_the_years_are_held_before_a_risk_is_dated(valley):
    """Else a figure as at a change could miss a risk that was dated before and stored after it."""
    with CaptureQueriesContext(connection) as captured:
        save()
    said = [query["sql"] for query in captured]
    held = next(n for n, sql in enumerate(said) if "FOR NO KEY UPDATE" in sql)
    dated = next(n for n, sql in enumerate(said) if 'INSERT INTO "schemes_rowversion"' in sql)
    assert held < dated


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"likelihood": 6}, "likelihood"),
        ({"impact": 0}, "impact"),
        ({"review": "soon"}, "review"),
        ({"status": "gone"}, "status"),
        ({"partner": "nobody"}, "partner"),
        ({"partner": "far"}, "partner"),
        ({"owner": "far"}, "owner"),
        ({"scheme": "none"}, "scheme"),
        ({"system": "nowhere"}, "system"),
    ],
)
def test_what_is_refused(valley, wrong, field):
    a_partner("far")  # in no system
    faults = refused(**wrong)
    assert [name for name, _ in faults] == [field]
    assert all(message.endswith((".", "…")) for _, message in faults)


def test_leads_keep_the_risks_of_their_own_partner(valley):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    dora = a_person("dora", Role.FINANCE_LEAD, partner=valley.dale)
    assert save(finn, partner="moor") == Count(created=1)
    assert save(dora, code="beds", partner="ccgs") == Count(created=1)  # a group that she is in
    for by, more in (
        (finn, {"partner": "hill"}),
        (finn, {"partner": ""}),  # everybody's
        (finn, {"code": "beds", "partner": "moor"}),  # would take it from the group
        (dora, {"partner": "moor"}),
        (a_person("cora", Role.COMMISSIONER, system=valley.system), {"partner": "moor"}),
        (a_person("anna", Role.APPROVER, partner=valley.moor), {"partner": "moor"}),
    ):
        with pytest.raises(Http404):
            save(by, **{"name": "Another", **more})
    assert not Risk.objects.filter(name="Another").exists()


def test_administrators_keep_every_risk_of_their_system(valley):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    sue = a_person("sue", Role.SITE_ADMINISTRATOR)
    assert save(ada) == Count(created=1)
    assert save(sue, partner="hill") == Count(updated=1)
    with pytest.raises(Http404):
        save(ada, system="nowhere")
