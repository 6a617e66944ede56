"""A deputy holds somebody's role for a time, and no longer."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from esbt.kit.problems import Refused
from schemes.models import RoleGrant, User
from schemes.people.permissions import Permission, has_permission
from schemes.people.roles import Role
from schemes.services.people import name_deputy
from tests.factories import a_person

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2030, 8, 1), date(2030, 8, 14)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """The day, which a story moves on."""

    def go_to(day: date) -> None:
        monkeypatch.setattr("django.utils.timezone.localdate", lambda: day)

    go_to(date(2030, 7, 1))
    return go_to


@pytest.fixture
def anna(valley):
    return a_person("anna", Role.APPROVER, partner=valley.moor)


def name(by, username: str = "dora", first: date = FIRST, last: date = LAST, grant=None):
    held = grant or RoleGrant.objects.get(user__username="anna")
    return name_deputy(by=by, grant_id=held.pk, username=username, starts=first, ends=last)


def approves(username: str, valley) -> bool:
    user = User.objects.get(username=username)  # anew: a person's roles are read once a request
    return has_permission(
        user, Permission.APPROVE_RETURN, system=valley.system, partner=valley.moor
    )


def test_a_deputy_holds_the_role_on_those_days(valley, anna, today):
    a_person("dora")
    assert name(anna).deputy_for == anna
    held = []
    for day in (date(2030, 7, 31), FIRST, LAST, date(2030, 8, 15)):
        today(day)
        held.append(approves("dora", valley))
    assert held == [False, True, True, False]


def test_the_same_deputy_is_named_again_for_another_time(valley, anna):
    a_person("dora")
    name(anna)
    again = name(anna, first=date(2030, 12, 1), last=date(2030, 12, 24))
    assert RoleGrant.objects.filter(user__username="dora").get() == again
    assert again.starts == date(2030, 12, 1)


def test_one_names_deputies_for_ones_own_role(valley, anna, today):
    a_person("dora")
    a_person("eve")
    with pytest.raises(Http404):
        name(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    assert name(a_person("sue", Role.SITE_ADMINISTRATOR))
    today(FIRST)
    dora = User.objects.get(username="dora")
    with pytest.raises(Http404):  # a deputy names no deputy
        name(dora, "eve", grant=RoleGrant.objects.get(user=dora))


@pytest.mark.parametrize(
    ("username", "first", "last", "said"),
    [
        ("nobody", FIRST, LAST, "Nobody has this user name"),
        ("anna", FIRST, LAST, "Name somebody else"),
        ("olga", FIRST, LAST, "olga holds this role already"),
        ("dora", LAST, FIRST, "ends before it starts"),
        ("dora", date(2030, 6, 1), date(2030, 6, 2), "These days are over"),
        ("dora", FIRST, date(2032, 1, 1), "a year at most"),
    ],
)
def test_what_cannot_be(valley, anna, username, first, last, said):
    a_person("dora")
    a_person("olga", Role.APPROVER, partner=valley.moor)
    with pytest.raises(Refused, match=said):
        name(anna, username, first, last)
    assert not RoleGrant.objects.exclude(deputy_for=None).exists()


def test_the_table_knows_no_deputy_without_days(valley, anna):
    values = {"user": a_person("dora"), "role": Role.APPROVER, "partner": valley.moor}
    with pytest.raises(IntegrityError, match="deputy_for_a_time"), transaction.atomic():
        RoleGrant.objects.create(deputy_for=anna, starts=FIRST, **values)
