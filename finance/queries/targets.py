"""Named savings targets: followed from target to result, outside the plan and its total."""

from __future__ import annotations

from finance.figures.savings import Target
from finance.models import Line, Outturn, OutturnRevision, PlanRevision
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.queries.known import known_figures, known_lines
from schemes.models import Evidence, Slice


def targets_of(
    slice_: Slice, month: int | None, state: State, ceiling: int | None = None
) -> list[Target]:
    """The targets of a year with every figure that each has had, oldest first.

    ``month``: the latest outturn up to it is shown, and of any month where it is None. Three
    queries, and one where the year has no target; with a ceiling one or two more.
    """
    lines = list(
        Line.objects.filter(slice=slice_, kind=Kind.SAVINGS_TARGET).select_related(
            "partner", "scheme"
        )
    )
    if ceiling is not None:
        there = set(known_lines(slice_, ceiling).values_list("line", flat=True)) if lines else set()
        lines = [line for line in lines if line.pk in there]
    if not lines:
        return []
    past = {} if ceiling is None else {"change__lte": ceiling}
    versions: dict[int, list[PlanRevision]] = {}
    for revision in (
        PlanRevision.objects.filter(line__in=lines, **past)
        .select_related("plan", "evidence")
        .order_by("change", "pk")
    ):
        versions.setdefault(revision.line_id, []).append(revision)
    if ceiling is not None:
        reported = known_figures(slice_, lines, state, ceiling)
        told_then = {
            line: head
            for (line, own), head in sorted(reported.items())
            if month is None or own <= month
        }
        return [
            _target(line, versions.get(line.pk, []), told_then.get(line.pk), state)
            for line in lines
        ]
    told: dict[int, Outturn] = {}
    outturns = Outturn.objects.filter(line__in=lines).select_related("actual_evidence")
    if month is not None:
        outturns = outturns.filter(month__lte=month)
    for head in outturns.order_by("month"):
        told[head.line_id] = head
    return [_target(line, versions.get(line.pk, []), told.get(line.pk), state) for line in lines]


def _target(
    line: Line,
    versions: list[PlanRevision],
    head: Outturn | OutturnRevision | None,
    state: State,
) -> Target:
    evidence = [item.evidence for item in versions if item.evidence]
    if head and head.actual_evidence:
        evidence.append(head.actual_evidence)
    marks = {item.state for item in evidence} - {Evidence.State.PRINTED}
    actual = None
    if isinstance(head, Outturn) and state == State.PUBLISHED:
        actual = head.published_actual_pence
    elif head is not None:
        actual = head.actual_pence
    return Target(
        code=line.code,
        name=line.name,
        partner=line.partner.short_name,
        scheme=line.scheme.code if line.scheme else "",
        versions=tuple(
            (item.plan.name, item.full_year_pence, item.plan.reason) for item in versions
        ),
        actual_pence=actual,
        comment=head.comment if head else "",
        marks=tuple(sorted(marks)),
        note=" ".join(dict.fromkeys(item.working for item in evidence if item.working)),
    )
