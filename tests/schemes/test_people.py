"""Roles given, changed and ended, and accounts: by whom, why, and never beyond one's own."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.http import Http404
from django.utils import timezone

from esbt.kit.problems import Refused
from schemes.models import RoleGrant, User
from schemes.people.directory import (
    STATES,
    Wanted,
    days_of,
    may_manage,
    may_of,
    people_list,
    state_of,
    visible_people,
)
from schemes.people.permissions import Permission, has_permission
from schemes.people.roles import PERMISSIONS, Role
from schemes.services import accounts
from schemes.services.accounts import PersonSpec
from schemes.services.grants import RoleSpec, change_role, end_role, give_role
from schemes.services.people import name_deputy
from tests.factories import a_partner, a_person, a_system

pytestmark = pytest.mark.django_db

JANE = PersonSpec(email="Jane.Smith@example.org", name="  Jane   Smith ")
LEAD = RoleSpec(role=Role.FINANCE_LEAD, system="valley", partner="moor")
READER = RoleSpec(role=Role.COMMISSIONER, system="valley")
TODAY = date(2026, 6, 15)


@pytest.fixture
def elsewhere(valley):
    """Another system, of which the council is a member as well."""
    return a_system(valley.moor, a_partner("far"), code="elsewhere")


@pytest.fixture
def sue(valley):
    return a_person("sue", Role.SITE_ADMINISTRATOR)


@pytest.fixture
def ada(valley):
    return a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)


@pytest.fixture
def clock(monkeypatch):
    """Call it with a day to let it be that day."""

    def turn(day: date) -> None:
        monkeypatch.setattr(timezone, "localdate", lambda *a, **k: day)

    turn(TODAY)
    return turn


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def reads(user: User, system) -> bool:
    return has_permission(fresh(user), Permission.READ_SYSTEM, system=system)


def done(person: User) -> list[str]:
    return list(person.events.order_by("pk").values_list("action", flat=True))


def refused(call, *words: str) -> None:
    with pytest.raises(Refused) as error:
        call()
    assert all(word in str(error.value) for word in words), str(error.value)


# inviting


def test_an_invited_person_has_a_role_and_no_password(valley, ada):
    jane, new = accounts.invite(by=ada, spec=JANE, role=LEAD, reason="New in post")
    assert new
    assert (jane.username, jane.email, str(jane)) == ("jane.smith@example.org",) * 2 + (
        "Jane Smith",
    )
    assert not jane.has_usable_password()
    assert has_permission(jane, Permission.ENTER_OUTTURN, system=valley.system, partner=valley.moor)
    assert done(jane) == ["invited", "role given"]
    event = jane.events.get(action="role given")
    assert (event.actor, event.system, event.partner) == (ada, valley.system, valley.moor)
    assert event.reason == "New in post"


def test_who_has_an_account_gets_the_role_and_keeps_their_name(valley, ada, elsewhere, sue):
    jane, _ = accounts.invite(by=sue, spec=JANE, role=LEAD)
    other = PersonSpec(email="JANE.smith@example.org", name="Somebody")
    again, new = accounts.invite(by=ada, spec=other, role=READER)
    assert (again, new, str(again)) == (jane, False, "Jane Smith")
    assert again.grants.count() == 2


@pytest.mark.parametrize(
    ("email", "name", "said"),
    [
        ("jane", "Jane", "e-mail address"),
        ("", "Jane", "e-mail address"),
        ("j@" + "x" * 150 + ".org", "Jane", "e-mail address"),
        ("jane@example.org", " ", "name"),
        ("jane@example.org", "J" * 151, "name"),
    ],
)
def test_an_invitation_that_is_not_whole_makes_nobody(ada, email, name, said):
    spec = PersonSpec(email=email, name=name)
    refused(lambda: accounts.invite(by=ada, spec=spec, role=LEAD), said)
    assert not User.objects.filter(email=email).exists() or not email


def test_an_invitation_with_a_role_that_is_refused_makes_nobody(ada):
    role = RoleSpec(role=Role.FINANCE_LEAD, system="valley")
    refused(lambda: accounts.invite(by=ada, spec=JANE, role=role), "act for a partner")
    assert not User.objects.filter(email="jane.smith@example.org").exists()


# what a role needs


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (RoleSpec(role=Role.APPROVER), "act for a partner"),
        (RoleSpec(role=Role.BOARD_MEMBER), "Choose the system"),
        (RoleSpec(role=Role.BOARD_MEMBER, system="valley", partner="moor"), "Leave it out"),
        (RoleSpec(role=Role.SITE_ADMINISTRATOR, system="valley"), "keeps every system"),
        (RoleSpec(role=Role.APPROVER, system="valley", partner="far"), "not a member"),
        (RoleSpec(role=Role.APPROVER, system="valley", partner="nobody"), "no partner 'nobody'"),
        (RoleSpec(role=Role.AUDITOR, system="nowhere"), "no system 'nowhere'"),
        (RoleSpec(role="king", system="valley"), "Choose a role"),
        (
            RoleSpec(
                role=Role.AUDITOR, system="valley", starts=date(2026, 7, 2), ends=date(2026, 7, 1)
            ),
            "ends before it starts",
        ),
        (RoleSpec(role=Role.AUDITOR, system="valley", ends=date(2026, 6, 14)), "This day is over"),
    ],
)
def test_a_role_that_is_not_whole_is_refused(valley, elsewhere, sue, clock, spec, said):
    cora = a_person("cora")
    refused(lambda: give_role(by=sue, person_id=cora.pk, spec=spec), said)
    assert not cora.grants.exists()
    assert not cora.events.exists()


def test_a_role_is_held_once_and_can_be_given_again_after_its_end(valley, ada, clock):
    cora = a_person("cora")
    grant = give_role(by=ada, person_id=cora.pk, spec=READER)
    refused(lambda: give_role(by=ada, person_id=cora.pk, spec=READER), "holds this role already")
    end_role(by=ada, grant_id=grant.pk, reason="Left")
    assert not reads(cora, valley.system)
    give_role(by=ada, person_id=cora.pk, spec=READER)
    assert reads(cora, valley.system)
    assert done(cora) == ["role given", "role ended", "role given"]


# in time


def test_a_role_holds_from_its_first_to_its_last_day(valley, ada, clock):
    cora = a_person("cora")
    spec = RoleSpec(
        role=Role.COMMISSIONER, system="valley", starts=date(2026, 7, 1), ends=date(2026, 9, 30)
    )
    give_role(by=ada, person_id=cora.pk, spec=spec)
    held = []
    for day in (date(2026, 6, 30), date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1)):
        clock(day)
        held.append(reads(cora, valley.system))
    assert held == [False, True, True, False]


def test_an_end_in_future_lets_the_role_hold_until_then(valley, ada, clock):
    cora = a_person("cora")
    grant = give_role(by=ada, person_id=cora.pk, spec=READER)
    last = date(2026, 6, 20)
    change_role(by=ada, grant_id=grant.pk, starts=None, ends=last, reason="Moves on")
    assert reads(cora, valley.system)
    clock(last + timedelta(days=1))
    assert not reads(cora, valley.system)
    event = cora.events.get(action="role changed")
    assert (event.ends, event.reason, event.actor) == (last, "Moves on", ada)


def test_ending_takes_effect_at_once(valley, ada, clock):
    cora = a_person("cora")
    grant = give_role(by=ada, person_id=cora.pk, spec=READER)
    end_role(by=ada, grant_id=grant.pk, reason="Left")
    assert not reads(cora, valley.system)
    kept = RoleGrant.objects.get(pk=grant.pk)
    assert kept.ends == date(2026, 6, 15)  # on which cora could still act
    assert kept.ended_at is not None
    assert state_of(kept, date(2026, 6, 15)) == "ended"
    assert days_of(kept).startswith("to 15 June 2026 at ")
    assert cora.events.latest("pk").ends == date(2026, 6, 15)
    refused(lambda: end_role(by=ada, grant_id=grant.pk, reason="Again"), "ended already")


def test_a_role_that_never_held_is_taken_away_and_its_history_stays(valley, ada, clock):
    cora = a_person("cora")
    spec = RoleSpec(role=Role.COMMISSIONER, system="valley", starts=date(2026, 7, 1))
    grant = give_role(by=ada, person_id=cora.pk, spec=spec)
    end_role(by=ada, grant_id=grant.pk, reason="Does not come")
    assert not cora.grants.exists()
    assert done(cora) == ["role given", "role ended"]


def test_changing_and_ending_want_a_reason(valley, ada, clock):
    cora = a_person("cora")
    grant = give_role(by=ada, person_id=cora.pk, spec=READER)
    days = {"starts": None, "ends": date(2026, 7, 1)}
    refused(lambda: change_role(by=ada, grant_id=grant.pk, reason=" ", **days), "Say why")
    refused(lambda: end_role(by=ada, grant_id=grant.pk, reason=""), "Say why")
    assert not change_role(by=ada, grant_id=grant.pk, starts=None, ends=None, reason="")
    assert done(cora) == ["role given"]


def test_a_deputy_stands_in_the_history_and_gets_the_role_in_their_own_right(valley, ada, clock):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor, system=valley.system)
    dora = a_person("dora")
    held = name_deputy(
        by=finn,
        grant_id=finn.grants.get().pk,
        username="dora",
        starts=TODAY,
        ends=TODAY + timedelta(days=9),
    )
    event = dora.events.get()
    assert (event.action, event.actor, event.reason) == ("deputy named", finn, "For finn")
    assert may_of(held).description.startswith("Deputy for finn. ")
    open_end = {"starts": TODAY, "ends": None, "reason": "Stays"}
    refused(lambda: change_role(by=ada, grant_id=held.pk, **open_end), "Type both")
    give_role(by=ada, person_id=dora.pk, spec=LEAD, reason="Follows finn")
    own = dora.grants.get()
    assert (own.deputy_for, own.ends) == (None, None)


# not beyond one's own


@pytest.mark.parametrize(
    "spec",
    [
        RoleSpec(role=Role.SITE_ADMINISTRATOR),
        RoleSpec(role=Role.AUDITOR, system="elsewhere"),
        RoleSpec(role=Role.FINANCE_LEAD, system="elsewhere", partner="moor"),
        RoleSpec(role=Role.FINANCE_LEAD, partner="moor"),  # who is in the other system as well
        RoleSpec(role=Role.FINANCE_LEAD, partner="far"),
    ],
)
def test_a_system_administrator_gives_nothing_beyond_the_system(valley, ada, elsewhere, spec):
    cora = a_person("cora")
    with pytest.raises(Http404):
        give_role(by=ada, person_id=cora.pk, spec=spec)
    with pytest.raises(Http404):
        accounts.invite(by=ada, spec=JANE, role=spec)
    assert not User.objects.filter(email="jane.smith@example.org").exists()


def test_a_system_administrator_ends_nothing_beyond_the_system(valley, ada, elsewhere, sue):
    other = a_person("cora", Role.AUDITOR, system=elsewhere)
    wide = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    for person in (other, wide, sue):
        grant = person.grants.get()
        with pytest.raises(Http404):
            end_role(by=ada, grant_id=grant.pk, reason="Mine now")
        with pytest.raises(Http404):
            change_role(
                by=ada, grant_id=grant.pk, starts=None, ends=date(2099, 1, 1), reason="Mine"
            )
        for service in (accounts.close_account, accounts.reset_second_factor):
            with pytest.raises(Http404):
                service(by=ada, person_id=person.pk, reason="Mine now")


def test_a_partners_role_in_this_system_alone_is_the_administrators(valley, ada):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.hill)
    end_role(by=ada, grant_id=finn.grants.get().pk, reason="Left")
    assert not reads(finn, valley.system)


@pytest.mark.parametrize(
    "role", [r for r in Role if Permission.MANAGE_PEOPLE not in PERMISSIONS[r]]
)
def test_others_give_nothing_at_all(valley, role):
    partner = valley.moor if role in (Role.FINANCE_LEAD, Role.APPROVER) else None
    finn = a_person("finn", role, system=valley.system, partner=partner)
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    with pytest.raises(Http404):
        give_role(by=finn, person_id=a_person("bert").pk, spec=READER)
    with pytest.raises(Http404):
        end_role(by=finn, grant_id=cora.grants.get().pk, reason="No")
    with pytest.raises(Http404):
        accounts.close_account(by=finn, person_id=cora.pk, reason="No")


def test_nobody_gives_or_lengthens_a_role_of_their_own(valley, ada, sue, clock):
    refused(lambda: give_role(by=ada, person_id=ada.pk, spec=LEAD), "Nobody gives themselves")
    grant = ada.grants.get()
    short = {"starts": None, "ends": date(2026, 7, 1), "reason": "On leave"}
    change_role(by=ada, grant_id=grant.pk, **short)
    longer = short | {"ends": None}
    refused(lambda: change_role(by=ada, grant_id=grant.pk, **longer), "Nobody lengthens")
    change_role(by=sue, grant_id=grant.pk, **longer)
    assert RoleGrant.objects.get(pk=grant.pk).ends is None


# the last site administrator


def test_the_last_site_administrator_stays(valley, sue, clock):
    last = sue.grants.get()
    day = {"starts": None, "ends": date(2026, 12, 31), "reason": "Leaves"}
    refused(lambda: end_role(by=sue, grant_id=last.pk, reason="Leaves"), "last site administrator")
    refused(lambda: change_role(by=sue, grant_id=last.pk, **day), "last site administrator")
    assert RoleGrant.objects.get(pk=last.pk).ends is None
    assert done(sue) == []

    # one who has a last day, or no account any more, does not count
    sam = a_person("sam", Role.SITE_ADMINISTRATOR)
    RoleGrant.objects.filter(user=sam).update(ends=date(2026, 12, 31))
    refused(lambda: end_role(by=sue, grant_id=last.pk, reason="Leaves"), "last site administrator")
    RoleGrant.objects.filter(user=sam).update(ends=None)
    accounts.close_account(by=sue, person_id=sam.pk, reason="Left")
    refused(lambda: end_role(by=sue, grant_id=last.pk, reason="Leaves"), "last site administrator")
    accounts.open_account(by=sue, person_id=sam.pk, reason="Came back")
    end_role(by=sue, grant_id=last.pk, reason="Leaves")
    refused(
        lambda: end_role(by=None, grant_id=sam.grants.get().pk, reason="Too"),
        "last site administrator",
    )


# accounts


def test_a_closed_account_does_nothing_and_keeps_its_history(valley, ada):
    cora, _ = accounts.invite(by=ada, spec=JANE, role=READER)
    accounts.close_account(by=ada, person_id=cora.pk, reason="Left")
    assert not reads(cora, valley.system)
    assert cora.grants.count() == 1
    refused(lambda: give_role(by=ada, person_id=cora.pk, spec=LEAD), "This account is closed")
    refused(
        lambda: accounts.send_link(by=ada, person_id=cora.pk, send=lambda person: None), "closed"
    )
    accounts.open_account(by=ada, person_id=cora.pk, reason="Came back")
    assert reads(cora, valley.system)
    assert done(cora) == ["invited", "role given", "account closed", "account opened"]


def test_nobody_closes_their_own_account_or_without_a_reason(valley, ada, sue):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    refused(lambda: accounts.close_account(by=sue, person_id=sue.pk, reason="Tired"), "their own")
    refused(lambda: accounts.close_account(by=ada, person_id=cora.pk, reason=" "), "Say why")
    refused(lambda: accounts.open_account(by=ada, person_id=cora.pk, reason="So"), "open already")
    assert fresh(cora).is_active


def test_a_lost_second_factor_is_taken_off(valley, ada):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    reset = accounts.reset_second_factor
    refused(lambda: reset(by=ada, person_id=cora.pk, reason="Lost"), "no second factor")
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=cora, type=kind, data={})
    reset(by=ada, person_id=cora.pk, reason="Lost telephone")
    assert not Authenticator.objects.filter(user=cora).exists()
    assert done(cora) == ["second factor reset"]


def test_an_address_is_corrected_until_somebody_has_signed_in(valley, ada, sue):
    jane, _ = accounts.invite(by=ada, spec=JANE, role=READER)
    right = PersonSpec(email="jane@example.org", name="Jane Smith")
    change = accounts.change_account
    assert change(by=ada, person_id=jane.pk, spec=right, reason="Slip")
    jane = fresh(jane)
    assert (jane.email, jane.username) == ("jane@example.org", "jane@example.org")
    assert not change(by=ada, person_id=jane.pk, spec=right, reason="")

    User.objects.filter(pk=jane.pk).update(last_login=timezone.now())
    other = PersonSpec(email="ada@example.org", name="Jane Smith")
    refused(lambda: change(by=ada, person_id=jane.pk, spec=other, reason="Hm"), "has signed in")
    renamed = PersonSpec(email="jane@example.org", name="Jane Jones")
    assert change(by=ada, person_id=jane.pk, spec=renamed, reason="Married")
    assert change(by=sue, person_id=jane.pk, spec=other, reason="Asked to")
    taken = PersonSpec(email="ADA@example.org", name="Bert")
    bert = a_person("bert", Role.BOARD_MEMBER, system=valley.system)
    refused(lambda: change(by=sue, person_id=bert.pk, spec=taken, reason="Slip"), "has this")


def test_a_link_is_sent_to_the_persons_own_address_only(valley, ada):
    sent = []
    jane, _ = accounts.invite(by=ada, spec=JANE, role=READER)
    accounts.send_link(by=ada, person_id=jane.pk, send=lambda person: sent.append(person.email))
    assert sent == ["jane.smith@example.org"]
    assert done(jane)[-1] == "link sent"

    def broken(person: User) -> None:
        raise ConnectionRefusedError("no mail server")

    refused(lambda: accounts.send_link(by=ada, person_id=jane.pk, send=broken), "could not be sent")
    bert = a_person("bert", Role.BOARD_MEMBER, system=valley.system)
    refused(
        lambda: accounts.send_link(by=ada, person_id=bert.pk, send=sent.append), "no e-mail address"
    )


# the list


def names(found) -> list[str]:
    return [person.username for person in found]


def test_administrators_see_those_of_their_systems(valley, ada, elsewhere, sue):
    a_person("cora", Role.AUDITOR, system=elsewhere)
    a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    a_person("far", Role.FINANCE_LEAD, partner=elsewhere.partners.get(code="far"))
    a_person("stranger")
    assert names(people_list(ada, Wanted())) == ["ada", "finn", "sue"]
    assert visible_people(sue).count() == 6
    shown = {person.username: person.shown for person in people_list(ada, Wanted())}
    assert all(shown.values())


def test_roles_elsewhere_are_not_told(valley, ada, elsewhere):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    a_person("cora", Role.AUDITOR, system=elsewhere)
    (found,) = people_list(ada, Wanted(name="cora"))
    assert [grant.role for grant in found.shown] == [Role.COMMISSIONER]
    assert not may_manage(ada, cora)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"state": "now"}, ["bert", "cora", "sue"]),
        ({"state": "ends"}, ["cora"]),
        ({"state": "coming"}, ["dora"]),
        ({"state": "ended"}, ["emil", "stranger"]),
        ({"state": "never"}, ["cora", "dora", "emil", "stranger", "sue"]),
        ({"state": "closed"}, ["gone"]),
        ({"role": Role.BOARD_MEMBER}, ["bert"]),
        ({"partner": "moor"}, ["dora"]),
        ({"system": "valley"}, ["bert", "cora", "dora", "emil", "gone"]),
        ({"system": "elsewhere"}, []),
        ({"name": "ERT"}, ["bert"]),
        ({"name": "'; drop"}, []),
    ],
)
def test_the_list_is_filtered(valley, sue, clock, wanted, found):
    here = {"system": valley.system}
    a_system(code="elsewhere")
    a_person("stranger")
    bert = a_person("bert", Role.BOARD_MEMBER, **here)
    a_person("cora", Role.COMMISSIONER, **here)
    dora = a_person("dora", Role.FINANCE_LEAD, partner=valley.moor)
    emil = a_person("emil", Role.AUDITOR, **here)
    gone = a_person("gone", Role.AUDITOR, **here)
    User.objects.filter(pk=bert.pk).update(last_login=timezone.now())
    User.objects.filter(pk=gone.pk).update(is_active=False)
    RoleGrant.objects.filter(user__username="cora").update(ends=TODAY + timedelta(days=30))
    RoleGrant.objects.filter(user=dora).update(starts=TODAY + timedelta(days=1))
    RoleGrant.objects.filter(user=emil).update(ends=TODAY - timedelta(days=1))
    assert set(STATES) >= {wanted.get("state", "now")}
    assert names(people_list(sue, Wanted(**wanted))) == found
