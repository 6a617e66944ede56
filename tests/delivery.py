"""An action plan, milestones and registers by hand, for tests of pages, API and calendar.

As of 1 August 2018: 1.1 and 1.2 are overdue, 2.1 is due later, 1.3 is ongoing, 2.2 is done, 2.4 has
no date; 1.4 only points to others and 2.3 was stopped, so that 6 of 8 are live.
"""

from datetime import date
from typing import Any

from schemes.delivery.actions import ActionRow, action_rows
from schemes.models import System
from schemes.services.actions import (
    ActionLinkSpec,
    ActionPlanSpec,
    ActionSpec,
    AreaSpec,
    AssuranceSpec,
    save_action_areas,
    save_action_links,
    save_action_plans,
    save_actions,
    save_assurances,
)
from schemes.services.bodies import BodySpec, MeetingSpec, save_bodies, save_meetings
from schemes.services.workstreams import (
    MilestoneNeedSpec,
    MilestoneSpec,
    ProjectSpec,
    WorkstreamSpec,
    save_milestone_needs,
    save_milestones,
    save_projects,
    save_workstreams,
)

PLAN = "/systems/valley/action-plans/review"


def an_action(number: str, name: str = "", **more: Any) -> ActionSpec:
    """An action of the plan; its number says its area."""
    return ActionSpec(
        system="valley",
        plan="review",
        area=number.partition(".")[0],
        code=number.replace(".", "-"),
        number=number,
        name=name or f"Do {number}",
        position=int(number.partition(".")[2]),
        **more,
    )


def a_review(system: System) -> None:
    """The plan of the module's head, with a metric named that may not be there."""
    within = {"system": system.code, "plan": "review"}
    save_bodies(by=None, specs=[BodySpec(system="valley", code="board", name="Health Board")])
    save_action_plans(
        by=None,
        specs=[
            ActionPlanSpec(
                system="valley", code="review", name="Answer to the review", body="board",
                agreed="2018-06", support_ends="2018-08", evidence_asked=True,
            )
        ],
    )  # fmt: skip
    save_action_areas(
        by=None,
        specs=[
            AreaSpec(code="1", name="One vision", position=1, **within),
            AreaSpec(code="2", name="Getting home", position=2, **within),
        ],
    )
    save_actions(
        by=None,
        specs=[
            an_action("1.1", "Review the board", due="2018-06", owner_role="Chief Executive"),
            an_action("1.2", "Agree one vision", due="2018-07", owner="moor", body="board"),
            an_action("1.3", "Keep talking", ongoing=True),
            an_action("1.4", "Plan the winter", pointer=True),
            an_action("2.1", "Trusted assessors", due="2018-09", owner="hill", body="board"),
            an_action(
                "2.2", due="2018-07-15", status="done", done_on="2018-07-20", shown_by="Minute 4"
            ),
            an_action("2.3", status="stopped"),
            an_action("2.4"),
        ],
    )
    save_action_links(
        by=None,
        specs=[
            ActionLinkSpec(action="1-2", other="2-1", kind="needs", **within),
            ActionLinkSpec(action="1-4", other="2-1", kind="see", **within),
        ],
    )
    save_assurances(
        by=None,
        specs=[
            AssuranceSpec(area="1", code="a", words="Fewer days", metric="delays", **within),
            AssuranceSpec(area="1", code="b", words="A vision is agreed", **within),
            AssuranceSpec(area="2", code="a", words="Pilots run", action="2-1", **within),
        ],
    )


def rows_on(system: System, day: str) -> dict[str, ActionRow]:
    """The actions as of a day by their numbers."""
    return {row.action.number: row for row in action_rows(system, date.fromisoformat(day))}


def a_milestone(code: str, **more: Any) -> MilestoneSpec:
    """A milestone of the valley."""
    return MilestoneSpec(system="valley", code=code, name=code.capitalize(), **more)


def a_programme(system: System) -> None:
    """A workstream with a project, and three milestones: the offer slipped twice."""
    save_workstreams(
        by=None,
        specs=[
            WorkstreamSpec(
                system="valley", code="home", name="Care at home", programme="Together",
                lead_role="Director of Adult Social Care", note="Monitoring paused in May.",
            )
        ],
    )  # fmt: skip
    save_projects(
        by=None,
        specs=[ProjectSpec(system="valley", workstream="home", code="teams", name="Teams")],
    )
    for due in ("2018-04", "2018-06", "2018-09-30"):
        save_milestones(by=None, specs=[a_milestone("offer", workstream="home", due=due)])
    save_milestones(
        by=None,
        specs=[
            a_milestone("launch", workstream="home", project="teams", due="2018-07"),
            a_milestone("survey", due="2018-05", done="2018-05-20", status="done"),
        ],
    )
    save_milestone_needs(
        by=None, specs=[MilestoneNeedSpec(system="valley", milestone="launch", other="offer")]
    )


def a_meeting(on: str) -> None:
    """A meeting of the board."""
    spec = MeetingSpec(system="valley", body="board", code="july", name="July meeting", on=on)
    save_meetings(by=None, specs=[spec])
