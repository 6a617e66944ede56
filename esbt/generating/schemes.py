"""The schemes of an illustrative system, with everything that is kept beside their money."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from esbt.generating.catalogue import (
    BODIES,
    COUNTED,
    IDEAS,
    LEAD_ROLES,
    NEEDS,
    OUTCOMES,
    STAGES,
    THEMES,
    WEIGHTS,
)
from schemes.models import Stage, System
from schemes.services.plan import SchemeSpec, ThemeSpec, save_schemes, save_themes
from schemes.services.registers import (
    ApprovalSpec,
    AssessmentSpec,
    CountSpec,
    DependencySpec,
    EvaluationSpec,
    MarkSpec,
    OutcomeSpec,
    WeightSpec,
    save_approvals,
    save_assessments,
    save_counts,
    save_dependencies,
    save_equality_marks,
    save_evaluations,
    save_intended_outcomes,
    save_stage_weights,
)

# schemes that have begun were approved, and signed for before that
APPROVED = (Stage.DELIVERING, Stage.DELIVERED, Stage.STOPPED)
_SIGNED = (*APPROVED, Stage.DEVELOPED)
_CHARACTERISTICS = ("age", "disability", "ethnicity", "pregnancy")
_MARKS = ("positive", "none", "mixed", "negative")
_BOARD = "Illustrative system board"
KEPT = 100  # so many schemes have registers and ratings; more of the same would only cost time


def how_many(lines: int) -> int:
    """Schemes for a year of so many lines: few for few, and one for each 25 of very many."""
    return max(5, lines // 25, min(12, lines // 10))


def scheme_specs(system: str, number: str, count: int, year: str) -> list[SchemeSpec]:
    """Schemes of a system whose first year is ``year``: wholes, parts of them, all stages."""
    specs: list[SchemeSpec] = []
    whole, leaves = "", 0
    for n in range(count):
        turn, idea = n // len(IDEAS), IDEAS[n % len(IDEAS)]
        following = IDEAS[(n + 1) % len(IDEAS)]
        has_parts = not idea.part and following.part and n + 1 < count
        code = f"scheme-{n + 1}"
        if not idea.part:
            whole = code
        stage = Stage.DELIVERING if has_parts else STAGES[leaves % len(STAGES)]
        leaves += not has_parts
        specs.append(
            SchemeSpec(
                system=system,
                code=code,
                name=idea.name if not turn else f"{idea.name} {turn + 1}",
                position=n + 1,
                theme=idea.theme,
                parent=whole if idea.part else "",
                purpose=idea.purpose,
                proposal="Made up: agreed steps, one lead, and a review every quarter.",
                key_outcomes=OUTCOMES[idea.theme][1],
                lead_partner=f"ill{number}-{BODIES[idea.lead][0]}",
                lead_role=LEAD_ROLES[idea.theme],
                stage=stage,
                starts=_starts(stage, year, n),
            )
        )
    return specs


def _starts(stage: str, year: str, n: int) -> str:
    """When a scheme began or is to begin, as exactly as it would be known."""
    first = int(year[:4])
    if stage == Stage.OPPORTUNITY:
        return ""
    if stage == Stage.PLANNING:
        return f"FY{first + 1}-{(first + 2) % 100:02d}"
    return (f"{first}-04", f"{first}-Q2", f"{first}-autumn", f"{first}-05-01")[n % 4]


def leaves_of(specs: Sequence[SchemeSpec]) -> list[SchemeSpec]:
    """Schemes that have no parts, and so carry lines themselves."""
    wholes = {spec.parent for spec in specs}
    return [spec for spec in specs if spec.code not in wholes]


def save_plan_of(system: System, lines: int, year: str) -> list[SchemeSpec]:
    """Make a system's themes, schemes and registers; its schemes."""
    number = system.code.rpartition("-")[2]
    save_themes(
        by=None,
        specs=[ThemeSpec(system=system.code, code=c, name=name) for c, name in THEMES.items()],
    )
    specs = scheme_specs(system.code, number, how_many(lines), year)
    save_schemes(by=None, specs=specs)
    tops = [spec for spec in specs if not spec.parent][:KEPT]
    _decisions(system.code, tops, int(year[:4]))
    _effects(system.code, specs, tops, int(year[:4]))
    _needs(system.code, number, tops, int(year[:4]))
    if number == "1":
        save_stage_weights(
            by=None,
            specs=[
                WeightSpec(
                    system=system.code,
                    stage=stage,
                    percent=percent,
                    agreed_by=_BOARD,
                    agreed_on=f"{year[:4]}-04",
                )
                for stage, percent in WEIGHTS.items()
            ],
        )
    return specs


def _decisions(system: str, tops: list[SchemeSpec], first: int) -> None:
    """Impact assessments, then the approvals that rest on them."""
    assessments = []
    for n, spec in enumerate(tops):
        for kind, role in (
            ("quality", "Medical director and chief nurse"),
            ("equality", "Head of equality"),
        ):
            # here and there the equality assessment is still to come
            signed = spec.stage in _SIGNED and (kind == "quality" or n % 4 > 0)
            idle = "not-started" if spec.stage == Stage.OPPORTUNITY else "in-progress"
            assessments.append(
                AssessmentSpec(
                    system=system,
                    scheme=spec.code,
                    kind=kind,
                    state="signed" if signed else idle,
                    signed_by=role if signed else "",
                    signed_on=f"{first}-02" if signed else "",
                )
            )
    save_assessments(by=None, specs=assessments)
    save_approvals(
        by=None,
        specs=[
            ApprovalSpec(
                system=system,
                scheme=spec.code,
                approved_by=_BOARD,
                approved_on=f"{first}-03",
                minute=f"Made-up minute {n + 1}",
            )
            for n, spec in enumerate(tops)
            if spec.stage in APPROVED
        ],
    )


def _effects(system: str, specs: list[SchemeSpec], tops: list[SchemeSpec], first: int) -> None:
    """Equality marks, what came of schemes that ran, what they should move, and counts."""
    save_equality_marks(
        by=None,
        specs=[
            MarkSpec(
                system=system,
                scheme=spec.code,
                characteristic=_CHARACTERISTICS[(n + place) % len(_CHARACTERISTICS)],
                mark=_MARKS[(n + 2 * place) % len(_MARKS)],
            )
            for n, spec in enumerate(tops)
            for place in range(1 + n % 2)
        ],
    )
    save_evaluations(
        by=None,
        specs=[
            EvaluationSpec(
                system=system,
                scheme=spec.code,
                code="first",
                evaluated=f"{first}-Q4",
                progress="not-progressed" if stopped else "as-planned",
                findings="Made up: too few people could be reached."
                if stopped
                else "Made up: it works where it was tried.",
                factors=["Recruitment"] if stopped else ["One team", "A clear lead"],
                effect_on_avoidance="none" if stopped else "positive",
                decision="stop" if stopped else "continue",
                next_review="" if stopped else f"{first + 1}-Q4",
            )
            for spec in specs[:KEPT]
            if (stopped := spec.stage == Stage.STOPPED) or spec.stage == Stage.DELIVERED
        ],
    )
    save_intended_outcomes(
        by=None,
        specs=[
            OutcomeSpec(system=system, scheme=spec.code, code=code, name=name)
            for spec in tops
            for code, name in [OUTCOMES[spec.theme]]
        ],
    )
    save_counts(
        by=None,
        specs=[
            CountSpec(
                system=system,
                code=f"count-{n + 1}",
                name=f"{COUNTED[spec.theme][0]}: {spec.name}",
                scheme=spec.code,
                unit=COUNTED[spec.theme][1],
                promised=Decimal(400 + 50 * (n % 7)),
                promised_by=f"FY{first}-{(first + 1) % 100:02d}",
                reached=None if n % 5 == 4 else Decimal(310 + 60 * (n % 6)),
                reached_hedge="about" if n % 3 == 2 and n % 5 != 4 else "",
                reached_at="" if n % 5 == 4 else f"{first}-Q4",
                base=Decimal(1000) if n % 2 else None,
            )
            for n, spec in enumerate(tops)
        ],
    )


def _needs(system: str, number: str, tops: list[SchemeSpec], first: int) -> None:
    """What schemes need: now from a partner, now from the scheme before them."""
    save_dependencies(
        by=None,
        specs=[
            DependencySpec(
                system=system,
                scheme=spec.code,
                code="first",
                needs=NEEDS[spec.theme],
                partner="" if n % 3 == 2 else f"ill{number}-{BODIES[(n + 3) % len(BODIES)][0]}",
                on_scheme=tops[n - 1].code if n % 3 == 2 else "",
                met=(True, False, None)[n % 3],
                due=f"{first}-09",
            )
            for n, spec in enumerate(tops)
        ],
    )
