"""Ratings by schemes' leads, and savings that two partners claim: who may, and what is kept."""

import pytest
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from finance.models import Claim, Rating
from finance.services import ClaimSpec, RatingSpec, rate_schemes, settle_claim
from schemes.models import Change, Scheme
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.slices import NO_FIGURE
from tests.factories import a_person, a_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def care(valley):
    """A scheme that the hospital leads and the council bears a saving of."""
    specs = [
        SchemeSpec(system="valley", code="care", name="Care", lead_partner="hill"),
        SchemeSpec(system="valley", code="falls", name="Falls"),
    ]
    save_schemes(by=None, specs=specs)
    valley.line(valley.moor, "saving", "ours", scheme="care")
    return valley


def rating(**more: object) -> RatingSpec:
    values = {"scheme": "care", "month": 6, "rating": "amber", "reason": "Late", "row": 2}
    return RatingSpec(**{**values, **more})


def rate(valley, *specs: RatingSpec, by=None) -> Count:
    return rate_schemes(by=by, slice_id=valley.slice.pk, specs=specs)


def test_a_rating_is_added_to_what_was_said_before(care):
    lead = a_person("lead", Role.FINANCE_LEAD, partner=care.hill)
    assert rate(care, rating(), by=lead) == Count(created=1)
    assert rate(care, rating(rating="red"), rating(month=7)) == Count(created=1, updated=1)
    said = Rating.objects.filter(month=6).order_by("change")
    assert [(item.rating, item.actor) for item in said] == [("amber", lead), ("red", None)]
    change = Change.objects.get(slice=care.slice, number=said[0].change)
    assert (change.actor, change.from_month) == (lead, NO_FIGURE)


def test_what_stands_already_adds_nothing(care):
    rate(care, rating())
    before = care.fresh().change
    assert rate(care, rating()) == Count(unchanged=1)
    assert (Rating.objects.count(), care.fresh().change) == (1, before)
    # said, taken back, said again: the latest of the month is what is compared with
    rate(care, rating(rating="green"))
    assert rate(care, rating()) == Count(updated=1)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"scheme": "lost"}, "scheme"),
        ({"rating": "blue"}, "rating"),
        ({"month": 0}, "month"),
        ({"month": 13}, "month"),
    ],
)
def test_what_is_no_rating_is_refused_with_its_row(care, more, field):
    with pytest.raises(Refused) as refused:
        rate(care, rating(row=1, month=1), rating(**more))
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [(2, field)]
    assert not Rating.objects.exists()


def test_a_month_is_rated_once_at_a_time(care):
    with pytest.raises(Refused) as refused:
        rate(care, rating(row=1), rating(rating="red"))
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [(2, "scheme")]


@pytest.mark.parametrize(
    ("role", "body", "may"),
    [
        (Role.FINANCE_LEAD, "hill", True),  # leads the scheme
        (Role.FINANCE_LEAD, "moor", True),  # bears one of its savings
        (Role.FINANCE_LEAD, "dale", False),
        (Role.APPROVER, "hill", False),
        (Role.BOARD_MEMBER, "", False),
        (Role.AUDITOR, "", False),
        (Role.SYSTEM_ADMINISTRATOR, "", True),
        (Role.SITE_ADMINISTRATOR, "", True),
    ],
)
def test_who_may_rate(care, role, body, may):
    where = {"partner": getattr(care, body)} if body else {"system": care.system}
    if role == Role.SITE_ADMINISTRATOR:
        where = {}
    person = a_person("pat", role, **where)
    if may:
        assert rate(care, rating(), by=person) == Count(created=1)
    else:
        with pytest.raises(Http404):
            rate(care, rating(), by=person)
        assert not Rating.objects.exists()


def test_one_scheme_of_others_stops_all(care):
    lead = a_person("lead", Role.FINANCE_LEAD, partner=care.hill)
    with pytest.raises(Http404):
        rate(care, rating(), rating(scheme="falls"), by=lead)
    assert not Rating.objects.exists()


def test_a_scheme_of_another_system_is_not_there(care):
    a_system(care.moor, code="mountain")
    save_schemes(by=None, specs=[SchemeSpec(system="mountain", code="walks", name="Walks")])
    with pytest.raises(Refused):
        rate(care, rating(scheme="walks"))
    assert Scheme.objects.filter(code="walks").exists()


# savings claimed twice


@pytest.fixture
def pair(care):
    """The hospital's saving, made first, and the council's."""
    one = care.line(care.hill, "saving", "ward", scheme="care", counterparty="moor")
    other = care.line(care.moor, "saving", "tariff", scheme="care", counterparty="hill")
    assert one.pk < other.pk
    return care


def settle(valley, one: str, other: str, settlement: str = "one", reason="Same beds", by=None):
    spec = ClaimSpec(one=one, other=other, settlement=settlement, reason=reason)
    return settle_claim(by=by, slice_id=valley.slice.pk, spec=spec)


@pytest.mark.parametrize(
    ("said", "kept"),
    [("one", "other"), ("other", "one"), ("different", "different"), ("open", "open")],
)
def test_lines_stand_in_order_and_the_settlement_turns_with_them(pair, said, kept):
    assert settle(pair, "tariff", "ward", said)
    claim = Claim.objects.get()
    assert (claim.one.code, claim.other.code, claim.settlement) == ("ward", "tariff", kept)
    # the same, told the other way round
    assert not settle(pair, "ward", "tariff", kept)
    assert Claim.objects.count() == 1


def test_a_settlement_can_be_taken_back_and_both_are_kept(pair):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=pair.system)
    assert settle(pair, "ward", "tariff", by=ada)
    assert settle(pair, "ward", "tariff", "open", "Asked again")
    said = Claim.objects.order_by("change").values_list("settlement", "actor", "reason")
    assert list(said) == [("one", ada.pk, "Same beds"), ("open", None, "Asked again")]
    change = Change.objects.get(slice=pair.slice, number=Claim.objects.earliest("change").change)
    assert (change.actor, change.from_month) == (ada, NO_FIGURE)


def test_settling_again_leaves_no_trace(pair):
    settle(pair, "ward", "tariff")
    before = pair.fresh().change
    assert not settle(pair, "ward", "tariff")
    assert (Claim.objects.count(), pair.fresh().change) == (1, before)
    assert settle(pair, "ward", "tariff", reason="Another reason")


@pytest.mark.parametrize(
    ("one", "other", "settlement", "reason", "fields"),
    [
        ("ward", "lost", "one", "Why", ["other"]),
        ("ward", "pay", "one", "Why", ["other"]),  # no saving
        ("ward", "ward", "one", "Why", ["other"]),
        ("ward", "tariff", "both", "Why", ["settlement"]),
        ("ward", "tariff", "one", " ", ["reason"]),
        ("ward", "tariff", "different", "", ["reason"]),
    ],
)
def test_what_cannot_be_settled_is_refused(pair, one, other, settlement, reason, fields):
    pair.line(pair.hill, "spend", "pay")
    with pytest.raises(Refused) as refused:
        settle(pair, one, other, settlement, reason)
    assert [fault.field for fault in refused.value.faults] == fields
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    "role", [Role.FINANCE_LEAD, Role.APPROVER, Role.BOARD_MEMBER, Role.AUDITOR, Role.COMMISSIONER]
)
def test_only_the_systems_administrators_settle(pair, role):
    partner = role in (Role.FINANCE_LEAD, Role.APPROVER)
    where = {"partner": pair.hill} if partner else {"system": pair.system}
    with pytest.raises(Http404):
        settle(pair, "ward", "tariff", by=a_person("pat", role, **where))
    assert not Claim.objects.exists()
    assert settle(pair, "ward", "tariff", by=a_person("root", Role.SITE_ADMINISTRATOR))
