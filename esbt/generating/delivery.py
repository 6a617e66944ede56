"""Bodies, an action plan, milestones and a few register rows of an illustrative system.

Dates lie around its present year, so that some things are done, some overdue and some to come.
"""

from __future__ import annotations

from dataclasses import replace

from esbt.generating.recovery import month_of
from schemes.models import ActionLink, Progress, System
from schemes.package.rows import spec_of_row
from schemes.registers.kinds import BY_CODE
from schemes.services import actions, bodies, rows, workstreams

_BODIES = (
    ("board", "Health and care board", "board", "", "Plans, and how they are delivered"),
    ("recovery", "Financial recovery board", "board", "board", "Reduction plans, each month"),
    ("delivery", "Delivery group", "group", "board", "Actions and milestones"),
)
# number, what is to be done, owner role, month in which it is due (0: ongoing), month of its end
_ACTIONS = (
    ("1", "1.1", "Agree one pathway for discharge", "Director of operations", 3, 3),
    ("1", "1.2", "Train ward staff in the pathway", "Chief nurse", 4, 0),
    ("1", "1.3", "Go on with daily calls of the system", "Director of operations", 0, 0),
    ("2", "2.1", "Tell families what they may choose", "Head of communications", 5, 0),
    ("2", "2.2", "Review the leaflets with patients", "Head of communications", 8, 0),
)
_AREAS = (("1", "Leaving hospital on time"), ("2", "Families who know what happens"))
# code, name, month in which it was first due, month in which it is due now, month of its end
_MILESTONES = (
    ("case", "Business case approved", 1, 2, 2),
    ("team", "Teams in place", 4, 6, 0),
    ("evaluated", "First results evaluated", 9, 10, 0),
)
_ROWS = {
    "engagement": {
        "code": "panel", "name": "Citizens' panel on leaving hospital", "kind": "panel",
        "theme": "Discharge", "said": "Nobody tells us when.", "people": "24",
    },
    "localities": {
        "code": "north", "name": "North locality", "kind": "planning-group", "practices": "11",
    },
    "capacity": {
        "code": "nursing", "name": "Nursing home beds", "setting": "Nursing home", "unit": "beds",
        "capacity": "1200", "demand": "1260", "waiting": "18", "stay_days": "540.5",
    },
    "population": {
        "code": "over-85", "name": "People over 85", "group": "Over 85", "unit": "% of people",
        "value": "3.1", "comparator": "England", "comparator_value": "2.6",
    },
    "datasets": {
        "code": "linked", "name": "Linked records", "kind": "dataset",
        "joins": "Practices and hospitals", "status": "On trial",
    },
    "offers": {
        "code": "advice", "name": "Advice on staying well", "part": "Local offer",
        "owner_role": "Director of public health", "ready": "Half of the localities",
    },
    "risk-groups": {
        "code": "high", "name": "High risk of admission", "horizon": "Next 2 years",
        "share_percent": "5", "population": "620000",
    },
}  # fmt: skip


def save_delivery_of(system: System, year: str) -> None:
    """Write what a system's boards follow, dated around a financial year."""
    code = system.code
    bodies.save_bodies(
        by=None,
        specs=[
            bodies.BodySpec(
                system=code, code=own, name=name, kind=kind, reports_to=above, receives=receives
            )
            for own, name, kind, above, receives in _BODIES
        ],
    )
    bodies.save_meetings(
        by=None,
        specs=[
            bodies.MeetingSpec(
                system=code, body="board", code=f"month-{month}", on=month_of(year, month)
            )
            for month in (2, 5, 8, 11)
        ],
    )
    _save_actions(code, year)
    _save_milestones(code, year)
    for name, values in _ROWS.items():
        kind = BY_CODE[name]
        row = kind.row.model_validate({"system": code, **values})
        rows.save_rows(by=None, kind=kind, specs=[spec_of_row(kind, row, None)])


def _save_actions(system: str, year: str) -> None:
    plan = "discharge"
    actions.save_action_plans(
        by=None,
        specs=[
            actions.ActionPlanSpec(
                system=system,
                code=plan,
                name="Action plan on discharge",
                body="board",
                owner_role="Director of operations",
                agreed=month_of(year, 1),
                evidence_asked=True,
            )
        ],
    )
    actions.save_action_areas(
        by=None,
        specs=[
            actions.AreaSpec(system=system, plan=plan, code=code, name=name, position=int(code))
            for code, name in _AREAS
        ],
    )
    actions.save_actions(
        by=None,
        specs=[
            actions.ActionSpec(
                system=system,
                plan=plan,
                area=area,
                code=number.replace(".", "-"),
                number=number,
                position=place,
                name=name,
                owner_role=role,
                body="delivery",
                due=month_of(year, due) if due else "",
                ongoing=not due,
                status="done" if done else "in-progress",
                done_on=month_of(year, done) if done else "",
                shown_by="The pathway as agreed." if done else "",
            )
            for place, (area, number, name, role, due, done) in enumerate(_ACTIONS)
        ],
    )
    # what families are told waits for leaflets that are due later
    link = actions.ActionLinkSpec(
        system=system, plan=plan, action="2-1", other="2-2", kind=ActionLink.Kind.NEEDS
    )
    actions.save_action_links(by=None, specs=[link])
    words = "Each ward knows who leaves on the next day."
    assured = actions.AssuranceSpec(system=system, plan=plan, area="1", code="wards", words=words)
    actions.save_assurances(by=None, specs=[assured])


def _save_milestones(system: str, year: str) -> None:
    """Milestones that have slipped: each is saved with its first date, then with another."""
    workstreams.save_workstreams(
        by=None,
        specs=[
            workstreams.WorkstreamSpec(
                system=system,
                code="home-first",
                name="Home first",
                programme="Integration programme",
                lead_role="Director of operations",
                body="delivery",
            )
        ],
    )
    specs = [
        workstreams.MilestoneSpec(
            system=system,
            code=code,
            name=name,
            workstream="home-first",
            due=month_of(year, due),
            owner_role="Programme manager",
            body="delivery",
        )
        for code, name, due, _, _ in _MILESTONES
    ]
    workstreams.save_milestones(by=None, specs=specs)
    workstreams.save_milestones(
        by=None,
        specs=[
            replace(
                spec,
                due=month_of(year, due),
                done=month_of(year, done) if done else "",
                status=Progress.DONE if done else Progress.IN_PROGRESS,
            )
            for spec, (_, _, _, due, done) in zip(specs, _MILESTONES, strict=True)
        ],
    )
    workstreams.save_milestone_needs(
        by=None,
        specs=[
            workstreams.MilestoneNeedSpec(system=system, milestone=later, other=sooner)
            for sooner, later in (("case", "team"), ("team", "evaluated"))
        ],
    )
