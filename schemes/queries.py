"""Reads of the ground floor that pages and API share."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db.models import Func, Q, QuerySet
from django.http import Http404

from schemes.models import Action, BodyMember, GroupMember, Partner, Slice, System, User
from schemes.people.permissions import Permission, has_permission


def visible_system(user: User, code: str) -> System:
    """A system that the user may see; Http404 for any other, whether it exists or not."""
    system = System.objects.visible_to(user).filter(code=code).first()
    if system is None:
        raise Http404
    return system


def visible_slices(user: User) -> list[Slice]:
    """Every year of every system that the user may see, newest first, with its computation.

    One query a request: the frame of each page needs them all for its switcher.
    """
    known: list[Slice] | None = getattr(user, "_slices", None)
    if known is None:
        known = list(
            Slice.objects.filter(system__in=System.objects.visible_to(user))
            .select_related("system", "year", "computation")
            .order_by("system__illustrative", "system__name", "-year")
        )
        user._slices = known  # type: ignore[attr-defined]
    return known


def visible_slice(user: User, system: str, year: str) -> Slice:
    """A year of a system that the user may see; Http404 for any other."""
    for slice_ in visible_slices(user):
        if slice_.system.code == system and slice_.year_id == year:
            return slice_
    raise Http404


def visible_years(user: User, system: System) -> list[Slice]:
    """Every year of a system that the user may see, newest first."""
    return [slice_ for slice_ in visible_slices(user) if slice_.system_id == system.pk]


def visible_year_before(user: User, slice_: Slice) -> Slice | None:
    """The same system's year before a slice that the user may see; None where there is none."""
    before = slice_.year.first_day.year - 1
    for item in visible_slices(user):
        if item.system_id == slice_.system_id and item.year.first_day.year == before:
            return item
    return None


def computed_change(slice_: Slice) -> int:
    """The change that the slice's figures show; 0 before the first computing."""
    computation = getattr(slice_, "computation", None)
    return computation.change if computation else 0


def partners_around(system: System) -> QuerySet[Partner]:
    """A system's partners and those that its registers name besides: of its reporting groups, with
    a seat in its bodies or an action of its plans, by name.
    """
    seats = BodyMember.objects.filter(body__system=system, partner__isnull=False)
    owners = Action.objects.filter(area__plan__system=system, owner__isnull=False)
    named = (
        system.memberships.values("partner"),
        GroupMember.objects.filter(group__systems=system).values("member"),
        seats.values("partner"),
        owners.values("owner"),
    )
    more = owners.annotate(too=Func("co_owners", function="unnest")).values("too")
    known = reduce(or_, (Q(pk__in=pks) for pks in named), Q(code__in=more))
    return Partner.objects.filter(known).order_by("name")


def may_report(user: User, action: Action) -> bool:
    """Whether a person may say how an action goes: for the whole system, or for an owner of it."""
    system = action.area.plan.system
    if has_permission(user, Permission.REPORT_PROGRESS, system=system):
        return True
    own = Q(pk=action.owner_id) | Q(code__in=action.co_owners)
    return any(
        has_permission(user, Permission.REPORT_OWN_ACTIONS, system=system, partner=owner)
        for owner in Partner.objects.filter(own)
    )


def owned_by_any(partners: Collection[Partner]) -> Q:
    """Actions that some of these partners own, alone or with others."""
    return Q(owner__in=partners) | Q(co_owners__overlap=[partner.code for partner in partners])
