"""What people judge about savings: schemes' ratings, and savings that two partners claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from finance.models import Claim, Line, Rag, Rating
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from schemes.models import Scheme, User
from schemes.people.permissions import Permission, has_permission, require
from schemes.services.slices import NO_FIGURE, writing


@dataclass(frozen=True, kw_only=True)
class RatingSpec:
    """The lead's own rating of a scheme in a month."""

    scheme: str
    month: int
    rating: str
    reason: str = ""
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimSpec:
    """Two saving lines, by their codes, and what is settled about them."""

    one: str
    other: str
    settlement: str
    reason: str = ""


def rate_schemes(*, by: User | None, slice_id: int, specs: Sequence[RatingSpec]) -> Count:
    """Add the leads' ratings to what was said before; a rating that stands already adds nothing.

    Those who may rate lead the scheme, bear one of its savings, or administer the system.
    Raises Refused with a fault a row, and Http404 for a scheme that is not there or not one's own.
    """
    action, first = "ratings", NO_FIGURE
    with writing(slice_id=slice_id, by=by, action=action, from_month=first) as write:
        schemes = {
            scheme.code: scheme
            for scheme in Scheme.objects.filter(system=write.slice.system_id).select_related(
                "lead_partner"
            )
        }
        faults = [fault for spec in specs for fault in _faults(spec, schemes)]
        faults += _told_twice(specs)
        if faults:
            raise Refused(faults)
        if by is not None:
            for code in {spec.scheme for spec in specs}:
                if not may_rate(by, schemes[code], write.slice.pk):
                    raise Http404
        present = {
            (rating.scheme_id, rating.month): (rating.rating, rating.reason)
            for rating in Rating.objects.filter(slice=write.slice).order_by("change")
        }
        made, count = [], Count()
        for spec in specs:
            place = (schemes[spec.scheme].pk, spec.month)
            if present.get(place) == (spec.rating, spec.reason):
                count.unchanged += 1
                continue
            count += Count(updated=1) if place in present else Count(created=1)
            made.append(
                Rating(
                    slice=write.slice,
                    scheme=schemes[spec.scheme],
                    month=spec.month,
                    rating=spec.rating,
                    reason=spec.reason,
                    change=write.draw(),
                    actor=by,
                )
            )
        Rating.objects.bulk_create(made)
        return count


def _faults(spec: RatingSpec, schemes: Mapping[str, Scheme]) -> list[Fault]:
    faults = []
    if spec.scheme not in schemes:
        said = "The system has no scheme of this code."
        faults.append(Fault(said, "scheme", spec.scheme, spec.row))
    if spec.rating not in Rag.values:
        said = f"Ratings are {', '.join(Rag.values)}."
        faults.append(Fault(said, "rating", spec.rating, spec.row))
    if not 1 <= spec.month <= LAST_MONTH:
        faults.append(Fault("Months run from 1 to 12.", "month", str(spec.month), spec.row))
    return faults


def _told_twice(specs: Sequence[RatingSpec]) -> list[Fault]:
    seen: set[tuple[str, int]] = set()
    faults = []
    for spec in specs:
        place = (spec.scheme, spec.month)
        if place in seen:
            said = "This scheme and month stand here twice."
            faults.append(Fault(said, "scheme", spec.scheme, spec.row))
        seen.add(place)
    return faults


def may_rate(user: User, scheme: Scheme, slice_id: int) -> bool:
    """Whether a person leads the scheme, bears a saving of it, or administers its system."""
    if has_permission(user, Permission.RATE_SCHEME, system=scheme.system):
        return True
    bearing = [
        line.partner
        for line in Line.objects.filter(slice=slice_id, scheme=scheme).select_related("partner")
    ]
    return any(
        has_permission(user, Permission.RATE_SCHEME, system=scheme.system, partner=partner)
        for partner in {*bearing, scheme.lead_partner} - {None}
    )


def settle_claim(*, by: User | None, slice_id: int, spec: ClaimSpec) -> bool:
    """Say whether two saving lines are one saving, and which of them counts; False when known.

    A pair that is named here need not have been found by rule: that links it. Raises Refused for
    lines that are no savings of the year, or without a reason, and Http404 for those who may not.
    """
    with writing(
        slice_id=slice_id, by=by, action="savings claimed twice", from_month=NO_FIGURE
    ) as write:
        if by is not None:
            require(by, Permission.SETTLE_CLAIMS, system=write.slice.system)
        lines = {
            line.code: line
            for line in Line.objects.filter(
                slice=write.slice, kind=Kind.SAVING, code__in=[spec.one, spec.other]
            )
        }
        faults = [
            Fault("This is not a saving of the year.", field, code)
            for field, code in (("one", spec.one), ("other", spec.other))
            if code not in lines
        ]
        if spec.one == spec.other:
            faults.append(Fault("Name two different lines.", "other", spec.other))
        if spec.settlement not in Claim.Settlement.values:
            said = f"Write one of {', '.join(Claim.Settlement.values)}."
            faults.append(Fault(said, "settlement", spec.settlement))
        if spec.settlement != Claim.Settlement.OPEN and not spec.reason.strip():
            faults.append(Fault("Say why, so that others can follow it.", "reason"))
        if faults:
            raise Refused(faults)
        one, other, settlement = lines[spec.one], lines[spec.other], spec.settlement
        if one.pk > other.pk:
            turned = {Claim.Settlement.ONE: "other", Claim.Settlement.OTHER: "one"}
            one, other = other, one
            settlement = turned.get(Claim.Settlement(settlement), settlement)
        last = Claim.objects.filter(one=one, other=other).order_by("-change").first()
        if last and (last.settlement, last.reason) == (settlement, spec.reason):
            return False
        Claim.objects.create(
            slice=write.slice,
            one=one,
            other=other,
            settlement=settlement,
            reason=spec.reason,
            change=write.draw(),
            actor=by,
        )
        return True
