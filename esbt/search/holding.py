"""Which pages of a system hold something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

from outcomes.models import DomainQuarter, Framework, Metric
from schemes.models import (
    ActionPlan,
    Agreement,
    Body,
    EqualityMark,
    Evaluation,
    FundPlan,
    Membership,
    Milestone,
    RegisterRow,
    Risk,
    System,
    Workstream,
)

_HELD: Sequence[tuple[str, Any, str]] = (
    ("evaluations", Evaluation, "scheme__system"),
    ("equality", EqualityMark, "scheme__system"),
    ("outcomes", Metric, "system"),
    ("outcomes", Framework, "system"),
    ("quarters", DomainQuarter, "item__framework__system"),
    ("agreements", Agreement, "system"),
    ("agreements", FundPlan, "system"),
    ("action-plans", ActionPlan, "system"),
    ("milestones", Milestone, "system"),
    ("workstreams", Workstream, "system"),
    ("governance", Body, "system"),
    ("partners", Membership, "system"),
    ("risk-register", Risk, "system"),
    ("registers", RegisterRow, "system"),
)


def systems_holding(systems: Sequence[System]) -> dict[str, set[int]]:
    """The ids of those systems that hold something for each page, by PageName.key: one query.

    A page that is not there shows something in every system, but for registers: of these only
    those are there that hold a row.
    """
    within = [system.pk for system in systems]

    def rows(page: Any, model: Any, path: str) -> QuerySet[Any, Any]:
        found = model.objects.filter(**{f"{path}__in": within}).order_by()
        return found.annotate(page=page, of=F(path)).values_list("page", "of").distinct()

    parts = [rows(Value(page), model, path) for page, model, path in _HELD]
    parts.append(rows(Concat(Value("register/"), "register"), RegisterRow, "system"))
    held: dict[str, set[int]] = {page: set() for page, _, _ in _HELD}
    for page, pk in parts[0].union(*parts[1:]):
        held.setdefault(page, set()).add(pk)
    return held
