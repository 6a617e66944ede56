"""Virements of a year, and those that wait for somebody's approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet

from finance.models import PlanFigure, Virement, VirementOutcome
from schemes.models import Partner, Slice

Decision = VirementOutcome.Decision
PROPOSED = "proposed"
STATES = {
    PROPOSED: "Waits for approval",
    Decision.APPROVED: "Approved",
    Decision.REJECTED: "Rejected",
}


def state_of(virement: Virement) -> str:
    """What became of a virement; PROPOSED until somebody settled it."""
    outcome = getattr(virement, "outcome", None)
    return outcome.decision if outcome else PROPOSED


def virements(slice_: Slice, state: str = "") -> QuerySet[Virement]:
    """The virements of a year in a state (left out: in any), newest first, with what they name."""
    found = Virement.objects.filter(slice=slice_)
    if state == PROPOSED:
        found = found.filter(outcome=None)
    elif state:
        found = found.filter(outcome__decision=state)
    return found.order_by("-change", "-pk").select_related(
        "plan", "giving__partner", "receiving", "actor", "outcome__actor", "reverses__outcome"
    )


def plans_now(found: Sequence[Virement]) -> Mapping[tuple[int, int], int]:
    """The year's amounts of the lines of virements that wait, by plan and line: one query."""
    waiting = [item for item in found if state_of(item) == PROPOSED]
    lines = {line for item in waiting for line in (item.giving_id, item.receiving_id)}
    return {
        (plan, line): pence
        for plan, line, pence in PlanFigure.objects.filter(
            plan__in={item.plan_id for item in waiting}, line__in=lines
        ).values_list("plan", "line", "full_year_pence")
    }


def virements_to_approve(
    slices: Sequence[Slice], partners: Sequence[Partner], by: int
) -> list[Virement]:
    """Those of partners in open years that another person proposed: one query at most."""
    open_slices = [item for item in slices if item.status == Slice.Status.OPEN]
    if not open_slices or not partners:
        return []
    return list(
        Virement.objects.filter(slice__in=open_slices, giving__partner__in=partners, outcome=None)
        .exclude(Q(actor=by))
        .select_related("slice__system", "slice__year", "giving__partner", "receiving")
        .order_by("change")
    )
