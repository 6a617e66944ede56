"""Who may do what: for one's own partner, its groups, one's system, and not a day longer."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from schemes.models import GroupMember, Membership, RoleGrant, System
from schemes.people.permissions import (
    Permission,
    grants_of,
    has_permission,
    partners_of,
    require,
)
from schemes.people.roles import DESCRIPTIONS, PERMISSIONS, Role
from schemes.queries import visible_slice, visible_slices, visible_system
from tests.factories import a_partner, a_person, a_system, a_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(valley):
    """A system with none of the valley's partners."""
    return a_system(a_partner("far"), code="elsewhere")


def codes(user) -> set[str]:
    return set(System.objects.visible_to(user).values_list("code", flat=True))


# every role


def test_every_role_says_what_it_is_for_and_may_read():
    for role in Role:
        assert DESCRIPTIONS[role]
        assert Permission.READ_SYSTEM in PERMISSIONS[role]


KEEPING = {
    Permission.READ_AUDIT,
    Permission.CLOSE_MONTH,
    Permission.MANAGE_SYSTEM,
    Permission.REPROFILE,
    Permission.MANAGE_PEOPLE,
    Permission.RATE_SCHEME,
    Permission.SETTLE_CLAIMS,
    Permission.WRITE_COMMENTARY,
    Permission.KEEP_RISKS,
    Permission.APPROVE_VIREMENT,
    Permission.ENTER_OBSERVATION,
    Permission.KEEP_OUTCOMES,
    Permission.KEEP_POOLS,
    Permission.KEEP_SCENARIO,
    Permission.KEEP_DELIVERY,
    Permission.REPORT_PROGRESS,
}
LEADING = {
    Permission.ENTER_OUTTURN,
    Permission.REPROFILE,
    Permission.PROPOSE_VIREMENT,
    Permission.EXPLAIN_VARIANCE,
    Permission.RATE_SCHEME,
    Permission.KEEP_RISKS,
    Permission.KEEP_SCENARIO,
    Permission.REPORT_OWN_ACTIONS,
}
APPROVING = {
    Permission.APPROVE_RETURN,
    Permission.APPROVE_VIREMENT,
    Permission.REPORT_OWN_ACTIONS,
}


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (Role.FINANCE_LEAD, LEADING),
        (Role.APPROVER, APPROVING),
        (
            Role.COMMISSIONER,
            {
                Permission.ENTER_OBSERVATION,
                Permission.KEEP_SCENARIO,
                Permission.REPORT_PROGRESS,
            },
        ),
        (Role.BOARD_MEMBER, set()),
        (Role.AUDITOR, {Permission.READ_AUDIT}),
        (Role.SYSTEM_ADMINISTRATOR, KEEPING),
        (Role.SITE_ADMINISTRATOR, KEEPING | {Permission.LOAD_DATA}),
    ],
)
def test_what_each_role_may_do_beside_reading(role, more):
    reading = {Permission.READ_SYSTEM, Permission.READ_PROVISIONAL}
    assert set(PERMISSIONS[role]) == reading | more


# for a partner


def test_a_finance_lead_enters_for_ones_own_partner_and_reads_its_systems(valley, elsewhere):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    own = {"system": valley.system, "partner": valley.moor}
    assert has_permission(finn, Permission.ENTER_OUTTURN, **own)
    assert not has_permission(
        finn, Permission.ENTER_OUTTURN, system=valley.system, partner=valley.hill
    )
    assert not has_permission(finn, Permission.APPROVE_RETURN, **own)
    assert has_permission(finn, Permission.READ_PROVISIONAL, system=valley.system)
    assert not has_permission(finn, Permission.READ_SYSTEM, system=elsewhere)
    assert not has_permission(finn, Permission.ENTER_OUTTURN)
    assert codes(finn) == {"valley"}


def test_a_lead_of_one_system_only_does_not_enter_in_another(valley):
    other = a_system(valley.moor, code="other")
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor, system=other)
    assert not has_permission(
        finn, Permission.ENTER_OUTTURN, system=valley.system, partner=valley.moor
    )
    assert codes(finn) == {"other"}


def test_a_members_lead_acts_for_the_group_and_not_the_other_way(valley):
    dora = a_person("dora", Role.FINANCE_LEAD, partner=valley.dale)
    grace = a_person("grace", Role.FINANCE_LEAD, partner=valley.ccgs)
    assert set(partners_of(dora, Permission.ENTER_OUTTURN)) == {valley.dale, valley.ccgs}
    assert partners_of(grace, Permission.ENTER_OUTTURN) == [valley.ccgs]
    at = {"system": valley.system}
    assert has_permission(dora, Permission.ENTER_OUTTURN, partner=valley.ccgs, **at)
    assert not has_permission(grace, Permission.ENTER_OUTTURN, partner=valley.dale, **at)


def test_who_left_a_group_no_longer_acts_for_it(valley):
    GroupMember.objects.filter(member=valley.dale).update(ends=yesterday())
    dora = a_person("dora", Role.FINANCE_LEAD, partner=valley.dale)
    assert partners_of(dora, Permission.ENTER_OUTTURN) == [valley.dale]
    assert not has_permission(
        dora, Permission.ENTER_OUTTURN, system=valley.system, partner=valley.ccgs
    )


def test_a_partner_that_left_a_system_takes_its_readers_along(valley):
    Membership.objects.filter(partner=valley.moor).delete()
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    assert not has_permission(finn, Permission.READ_SYSTEM, system=valley.system)
    assert codes(finn) == set()


# for a system, for the site


def test_a_commissioner_reads_the_system_and_its_partners_lines(valley, elsewhere):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    assert has_permission(cora, Permission.READ_SYSTEM, system=valley.system)
    assert has_permission(cora, Permission.READ_SYSTEM, system=valley.system, partner=valley.hill)
    assert not has_permission(cora, Permission.READ_SYSTEM, system=elsewhere)
    assert codes(cora) == {"valley"}


def test_a_system_administrator_closes_months_there_only(valley, elsewhere):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    assert has_permission(ada, Permission.CLOSE_MONTH, system=valley.system, partner=valley.hill)
    assert not has_permission(ada, Permission.CLOSE_MONTH, system=elsewhere)
    assert not has_permission(ada, Permission.LOAD_DATA)


def test_a_site_administrator_keeps_every_system_and_enters_nothing(valley, elsewhere):
    sue = a_person("sue", Role.SITE_ADMINISTRATOR)
    assert codes(sue) == {"valley", "elsewhere"}
    assert has_permission(sue, Permission.LOAD_DATA)
    assert has_permission(sue, Permission.MANAGE_SYSTEM, system=elsewhere)
    assert not has_permission(
        sue, Permission.ENTER_OUTTURN, system=valley.system, partner=valley.moor
    )


# nobody, not yet, no more


def test_strangers_visitors_and_those_who_left_see_nothing(valley):
    gone = a_person("gone", Role.COMMISSIONER, system=valley.system)
    gone.is_active = False
    for user in (a_person("stranger"), AnonymousUser(), gone):
        assert codes(user) == set()
        assert not has_permission(user, Permission.READ_SYSTEM, system=valley.system)
        with pytest.raises(Http404):
            require(user, Permission.READ_SYSTEM, system=valley.system)


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(0, 0, True), (1, None, False), (None, -1, False), (None, 1, True), (-1, None, True)],
)
def test_a_role_holds_from_its_first_to_its_last_day(valley, starts, ends, holds):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    days = {
        name: timezone.localdate() + timedelta(days=offset)
        for name, offset in (("starts", starts), ("ends", ends))
        if offset is not None
    }
    RoleGrant.objects.update(**days)
    assert has_permission(cora, Permission.READ_SYSTEM, system=valley.system) == holds
    assert codes(cora) == ({"valley"} if holds else set())


def test_roles_are_read_once_for_a_request(valley, django_assert_num_queries):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    with django_assert_num_queries(1):
        for _ in range(3):
            has_permission(cora, Permission.READ_SYSTEM, system=valley.system)
            grants_of(cora)


def test_what_one_may_not_see_is_not_there(valley, elsewhere):
    a_year(elsewhere)
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    assert visible_system(cora, "valley") == valley.system
    assert visible_slice(cora, "valley", "2018-19") == valley.slice
    assert visible_slices(cora) == [valley.slice]
    for code in ("elsewhere", "nowhere"):
        with pytest.raises(Http404):
            visible_system(cora, code)
        with pytest.raises(Http404):
            visible_slice(cora, code, "2018-19")
    with pytest.raises(Http404):
        visible_slice(cora, "valley", "2017-18")
