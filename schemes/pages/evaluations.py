"""What came of schemes and investments: the register of evaluations, its counts and filters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esbt.kit.tables import Column
from esbt.kit.when import when_words
from schemes.models import Effect, Evaluation, Scheme, System
from schemes.sources import evidence_row, mark_of

Progress = Evaluation.Progress
Decision = Evaluation.Decision
NOT_STATED = "not-stated"  # in an address; empty there means that nothing was chosen

EVALUATION_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("scheme", "string", "code of the scheme or investment"),
    Column("name", "string", "its name"),
    Column("kind", "string", "scheme, or investment outside the schemes' total"),
    Column("evaluation", "string", "code of the evaluation"),
    Column("evaluated", "string", "when, as exactly as it is known; empty is not stated"),
    Column("progress", "string", "as-planned, slow, not-progressed; empty is not stated"),
    Column("effect_on_discharge", "string", "positive, little, none, negative; empty: not stated"),
    Column("effect_on_avoidance", "string", "the same, on avoiding admissions"),
    Column("decision", "string", "continue, re-plan, stop; empty is no decision stated"),
    Column("next_review", "string", "when, as exactly as it is known"),
    Column("factors", "string", "what lay behind it, separated by semicolons"),
    Column("findings", "string", "what was found"),
    Column("note", "string", "what is doubtful about the row"),
    Column("state", "string", "printed, derived, inferred, suspect or missing"),
    Column("source", "string", "title of the document"),
    Column("place", "string", "where in it"),
    Column("working", "string", "how it was read"),
)


@dataclass(frozen=True)
class Chosen:
    """What an address asks for; empty is everything."""

    progress: str = ""
    decision: str = ""
    factor: str = ""

    def holds(self, item: Evaluation) -> bool:
        """Whether an evaluation is what was asked for."""
        return (
            self.progress in ("", item.progress or NOT_STATED)
            and self.decision in ("", item.decision or NOT_STATED)
            and (not self.factor or self.factor in item.factors)
        )

    @property
    def any(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.progress or self.decision or self.factor)


def evaluations_page(system: System, chosen: Chosen) -> dict[str, Any]:
    """The register: counts over all of it, and the evaluations that were asked for; one query."""
    every = _evaluations(system)
    shown = [item for item in every if chosen.holds(item)]
    factors = _factors(every)
    return {
        "sentence": sentence(every),
        "count": len(every),
        "chosen": chosen,
        "rows": [_row(item) for item in shown],
        "findings": _findings(shown),
        "review": [
            {"name": item.scheme.name, "why": ", ".join(_reasons(item)), "when": _next(item)}
            for item in _for_review(every)
        ],
        "by_progress": _counts(Progress, [item.progress for item in every], "Not stated"),
        "by_decision": _counts(Decision, [item.decision for item in every], "No decision stated"),
        "factors": factors,
    }


def evaluation_rows(system: System, chosen: Chosen) -> Iterator[Sequence[Any]]:
    """A row an evaluation that was asked for, for the download."""
    for item in _evaluations(system):
        if chosen.holds(item):
            place = item.evidence
            yield (
                system.code,
                item.scheme.code,
                item.scheme.name,
                item.scheme.kind,
                item.code,
                item.evaluated,
                item.progress,
                item.effect_on_discharge,
                item.effect_on_avoidance,
                item.decision,
                item.next_review,
                "; ".join(item.factors),
                item.findings,
                item.note,
                *(
                    (place.state, place.source.title, place.place, place.working)
                    if place
                    else [""] * 4
                ),
            )


def sentence(every: Sequence[Evaluation]) -> str:
    """How far what was evaluated has come, and for how much of it a decision is stated."""
    if not every:
        return ""
    by_progress = Counter(item.progress for item in every)
    said = [
        f"{by_progress[state]} {words}"
        for state, words in (
            (Progress.NOT_PROGRESSED, "did not progress"),
            (Progress.SLOW, "went slower than planned"),
            (Progress.AS_PLANNED, "went as planned"),
            ("", "without a statement of progress"),
        )
        if by_progress[state]
    ]
    decided = sum(bool(item.decision) for item in every)
    what = f"Of {len(every)} evaluation{'s' if len(every) > 1 else ''} {_listed(said)}"
    if not decided:
        return f"{what}; no decision is stated for any of them."
    return f"{what}; a decision is stated for {'all' if decided == len(every) else decided}."


def _evaluations(system: System) -> list[Evaluation]:
    """All of a system in the order of the plan, investments last."""
    found = Evaluation.objects.filter(scheme__system=system).select_related(
        "scheme", "evidence__source"
    )
    return sorted(
        found,
        key=lambda item: (
            item.scheme.kind != Scheme.Kind.SCHEME,
            item.scheme.position,
            item.scheme.code,
            item.code,
        ),
    )


def _row(item: Evaluation) -> dict[str, Any]:
    return {
        "name": item.scheme.name,
        "href": f"#{_anchor(item)}",
        "investment": item.scheme.kind == Scheme.Kind.INVESTMENT,
        "evaluated": when_words(item.evaluated) if item.evaluated else "",
        "progress": item.get_progress_display() if item.progress else "",
        "discharge": _effect(item.effect_on_discharge),
        "avoidance": _effect(item.effect_on_avoidance),
        "decision": item.get_decision_display() if item.decision else "",
        "next": _next(item),
        "mark": mark_of(item.evidence),
    }


def _effect(effect: str) -> str:
    return str(Effect(effect).label) if effect else ""


def _next(item: Evaluation) -> str:
    return when_words(item.next_review) if item.next_review else ""


def _anchor(item: Evaluation) -> str:
    return f"evaluation-{item.scheme.code}-{item.code}"


def _findings(shown: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """What was found, once where it was found of several together."""
    same: Mapping[tuple[Any, ...], list[Evaluation]] = defaultdict(list)
    for item in shown:
        same[item.findings, tuple(item.factors), item.note, item.evidence_id].append(item)
    return [
        {
            "of": [
                {"id": _anchor(item), "name": item.scheme.name, "kind": item.scheme.kind}
                for item in items
            ],
            "findings": items[0].findings,
            "factors": items[0].factors,
            "note": items[0].note,
            "evidence": evidence_row(items[0].evidence),
        }
        for items in same.values()
    ]


def _reasons(item: Evaluation) -> list[str]:
    """Why the next plan has to look at it; empty where it goes on as it does."""
    reasons = []
    if item.progress == Progress.NOT_PROGRESSED:
        reasons.append("did not progress")
    if not item.decision:
        reasons.append("no decision stated")
    elif item.decision != Decision.CONTINUE:
        reasons.append("to be planned again" if item.decision == Decision.RE_PLAN else "to stop")
    return reasons


def _for_review(every: Sequence[Evaluation]) -> list[Evaluation]:
    """What is not simply to continue; what did not progress comes first."""
    return sorted(
        (item for item in every if _reasons(item)),
        key=lambda item: item.progress != Progress.NOT_PROGRESSED,
    )


def _counts(
    kinds: type[Progress] | type[Decision], found: Sequence[str], blank: str
) -> list[dict[str, Any]]:
    """How many of each kind, then how many of none."""
    count = Counter(found)
    known = [
        {"value": str(kind), "label": str(kind.label), "count": count[str(kind)]} for kind in kinds
    ]
    return [*known, {"value": NOT_STATED, "label": blank, "count": count[""]}]


def _factors(every: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Factors by how many schemes and investments share them, the most shared first."""
    sharing: dict[str, set[int]] = defaultdict(set)
    for item in every:
        for factor in item.factors:
            sharing[factor].add(item.scheme_id)
    ranked = sorted(sharing.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [{"name": name, "count": len(schemes)} for name, schemes in ranked]


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
