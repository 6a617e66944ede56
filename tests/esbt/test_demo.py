"""The demo's users: for every partner and group, those loaded later too."""

from io import StringIO
from unittest import mock

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from esbt.loading import demo
from finance.models import Outturn
from schemes.models import Partner, RoleGrant, System, User
from schemes.people.permissions import Permission, has_permission
from tests.money import pounds
from tests.packages import MONEY, SYSTEM, write_package

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
    systems = {"east-sussex", "community-trust", "mid-essex", "illustrative-1"}
    assert set(System.objects.values_list("code", flat=True)) == systems
    for username in ("commissioner", "board", "admin"):
        user = User.objects.get(username=username)
        assert set(System.objects.visible_to(user).values_list("code", flat=True)) == systems
    essex = User.objects.get(username="finance-mid-essex-ccg")
    assert [item.code for item in System.objects.visible_to(essex)] == ["mid-essex"]
    assert "mid-essex" not in {item.code for item in System.objects.visible_to(lead)}


def test_a_package_that_was_changed_here_stays_and_the_others_load(
    demo_mode, tmp_path, monkeypatch
):
    returns = ["system,year,partner,month,state", "valley,2017-18,moor,12,closed"]
    first = write_package(tmp_path / "first", {**SYSTEM, **MONEY, "returns": returns})
    changed = [MONEY["outturns"][0], MONEY["outturns"][1].replace("-2.25", "-2.35")]
    held = write_package(tmp_path / "held", {"outturns": changed})
    other = write_package(tmp_path / "other", {"systems": ["code,name", "mountain,Mountain"]})
    monkeypatch.setattr(demo, "PACKAGES", (first, held, other))
    told: list[str] = []
    demo.load_demo(progress=told.append)
    (said,) = [line for line in told if "figures were changed here, and stay" in line]
    assert "closed" in said
    assert System.objects.filter(code="mountain").exists()
    assert Outturn.objects.get(line__code="moor-position").actual_pence == pounds("-2_250_000")


def test_a_package_that_is_wrong_is_told(demo_mode, tmp_path, monkeypatch):
    wrong = write_package(tmp_path / "wrong", {"systems": ["code,name", "Not a code,Name"]})
    monkeypatch.setattr(demo, "PACKAGES", (wrong,))
    with pytest.raises(CommandError):
        call_command("load_demo", stdout=StringIO(), stderr=StringIO())


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
