"""The demo's users: for every partner and group, those loaded later too."""

from io import StringIO
from unittest import mock

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from esbt import demo
from schemes.models import Partner, RoleGrant, System, User
from schemes.permissions import Permission, has_permission

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo_mode(settings):
    settings.DEMO = True


def test_the_demo_is_refused_outside_demo_mode(settings):
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("load_demo")
    with pytest.raises(RuntimeError):
        demo.ensure_users()
    assert not User.objects.exists()


def test_load_demo_brings_east_sussex_and_its_people(demo_mode):
    call_command("load_demo", stdout=StringIO(), stderr=StringIO())
    system = System.objects.get(code="east-sussex")
    lead = authenticate(username="finance-esht", password="better-together")
    trust, council = (Partner.objects.get(code=code) for code in ("esht", "escc"))
    assert has_permission(lead, Permission.ENTER_OUTTURN, system=system, partner=trust)
    assert not has_permission(lead, Permission.ENTER_OUTTURN, system=system, partner=council)
    approver = User.objects.get(username="approver-ehs-hr-ccgs")
    group = Partner.objects.get(code="ehs-hr-ccgs")
    assert has_permission(approver, Permission.APPROVE_RETURN, system=system, partner=group)
    for username in ("commissioner", "board", "admin"):
        user = User.objects.get(username=username)
        assert system in System.objects.visible_to(user)


def test_partners_and_systems_that_come_later_are_seen_to(demo_mode):
    System.objects.create(code="first", name="First")
    demo.ensure_users()
    later = System.objects.create(code="later", name="Later")
    Partner.objects.create(code="hill", name="Hill", short_name="Hill", kind="council")
    assert demo.ensure_users() == (2, 4)
    assert User.objects.get(username="finance-hill").get_full_name() == "Finance lead, Hill"
    assert later in System.objects.visible_to(User.objects.get(username="board"))


def test_a_second_time_is_quick_and_leaves_passwords(demo_mode):
    Partner.objects.create(code="hill", name="Hill", short_name="Hill", kind="council")
    demo.ensure_users()
    grants = RoleGrant.objects.count()
    with mock.patch("schemes.services.people.make_password") as slow:
        assert demo.ensure_users() == (0, 0)
    slow.assert_not_called()
    assert RoleGrant.objects.count() == grants


def test_one_password_is_hashed_for_all(demo_mode):
    Partner.objects.create(code="hill", name="Hill", short_name="Hill", kind="council")
    demo.ensure_users()
    assert User.objects.values("password").distinct().count() == 1
    assert User.objects.count() == 5
