"""Reads of the ground floor that pages and API share."""

from __future__ import annotations

from django.http import Http404

from schemes.models import Slice, System, User


def visible_system(user: User, code: str) -> System:
    """A system that the user may see; Http404 for any other, whether it exists or not."""
    system = System.objects.visible_to(user).filter(code=code).first()
    if system is None:
        raise Http404
    return system


def visible_slice(user: User, system: str, year: str) -> Slice:
    """A year of a system that the user may see, with its computation: one query."""
    found = (
        Slice.objects.filter(
            system__in=System.objects.visible_to(user), system__code=system, year=year
        )
        .select_related("system", "year", "computation")
        .first()
    )
    if found is None:
        raise Http404
    return found

def computed_change(slice_: Slice) -> int:
    """The change that the slice's figures show; 0 before the first computing."""
    computation = getattr(slice_, "computation", None)
    return computation.change if computation else 0
