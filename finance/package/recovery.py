"""Tables of a data package about expenditure reduction plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from esbt.kit.counts import Count
from esbt.kit.rows import Code, Table, YesNo
from finance import services
from schemes.models import User
from schemes.package.base import (
    EvidenceColumns,
    SliceRow,
    Step,
    Warn,
    When,
    evidence_ids,
    slices_of,
    spec_of,
)

Long = Annotated[str, Field(max_length=4000)]
Phrase = Annotated[str, Field(max_length=120)]


class PlanEffectRow(EvidenceColumns, SliceRow):
    """What a reduction plan does to a partner, and whether that partner has understood it."""

    line: Code
    partner: Code
    effect: Long = ""
    understood: YesNo | None = None
    role: Phrase = ""
    on: When = ""
    note: Long = ""


class PlanRiskRow(SliceRow):
    """A risk of the register to a reduction plan."""

    line: Code
    risk: Code


class UrgentActionRow(EvidenceColumns, SliceRow):
    """What is done about a reduction plan that does not deliver, and by when."""

    line: Code
    code: Code
    words: Long
    due: When
    moved_because: Annotated[str, Field(max_length=500)] = ""
    owner_role: Phrase = ""
    done: When = ""
    shown_by: Long = ""
    note: Long = ""


def _of_slices(
    name: str, row: type[SliceRow], key: str, kind: type, save: Callable[..., Count]
) -> Step:
    """A table of which each row is one spec of one service that takes a year at a time."""

    def apply(*, by: User | None, rows: Sequence[Any], warn: Warn) -> Count:
        found: dict[int, dict[str, Any]] = {}
        if issubclass(row, EvidenceColumns):
            ids = evidence_ids(by=by, rows=rows, units=[""] * len(rows))
            found = {id(item): {"evidence_id": pk} for item, pk in zip(rows, ids, strict=True)}
        count = Count()
        for slice_id, own in slices_of(rows).items():
            specs = [spec_of(kind, item, **found.get(id(item), {})) for item in own]
            count += save(by=by, slice_id=slice_id, specs=specs)
        return count

    return Step(name, Table(name, row, tuple(key.split())), apply)


STEPS: tuple[Step, ...] = (
    _of_slices(
        "plan_effects",
        PlanEffectRow,
        "system year line partner",
        services.PlanEffectSpec,
        services.save_plan_effects,
    ),
    _of_slices(
        "plan_risks",
        PlanRiskRow,
        "system year line risk",
        services.PlanRiskSpec,
        services.save_plan_risks,
    ),
    _of_slices(
        "urgent_actions",
        UrgentActionRow,
        "system year line code",
        services.UrgentActionSpec,
        services.save_urgent_actions,
    ),
)
