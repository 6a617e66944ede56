"""Milestones as of a date, with every slip, and the workstreams that they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch

from esbt.kit.tables import Column
from esbt.kit.when import due_words, last_day, when_words
from esbt.kit.words import number
from schemes.delivery.standing import (
    Slip,
    Standing,
    comes_later,
    counted_words,
    days_over,
    over_words,
    some_overdue,
    standing_of,
    stood_on,
)
from schemes.delivery.wishes import Wish, code_of, named
from schemes.models import Milestone, MilestoneNeed, Project, System, Workstream


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone as it stands as of a date."""

    milestone: Milestone
    standing: Standing
    days_over: int | None
    needs: Sequence[Milestone]
    blocked_by: Sequence[Milestone]  # needs that come later than it is due, or never
    left_open: Sequence[Milestone]  # needs that are open although it was reached
    slips: Sequence[Slip]  # the moves of its due date by the day

    @property
    def over(self) -> str:
        """For how long it is overdue, in words; "" where it is not."""
        return over_words(self.days_over)

    @property
    def due(self) -> str:
        """By when, in words; "" where it is not stated."""
        return when_words(self.milestone.due) if self.milestone.due else ""

    @property
    def due_words(self) -> str:
        """The same in a sentence: "due in July 2018"."""
        return due_words(self.milestone.due) if self.milestone.due else ""

    @property
    def reached(self) -> str:
        """When it was reached, in words; "" where that is not stated."""
        return when_words(self.milestone.done) if self.milestone.done else ""

    @property
    def reached_later(self) -> str:
        """When it was reached after the day, in words: "on 9 March 2018"; "" where it was not."""
        own = self.milestone
        said = own.done and own.status in ("", "done") and self.standing != Standing.DONE
        return due_words(own.done).removeprefix("due ") if said else ""

    @property
    def first_due(self) -> str:
        """The date that was stated first, in words, where it has moved since."""
        if not self.slips:
            return ""
        before = self.slips[0].before
        return when_words(before) if before else "no date"


def milestone_standing(milestone: Milestone, as_of: date) -> Standing:
    """Where a milestone stands as of a date."""
    return standing_of(milestone.due, as_of, status=milestone.status, done=milestone.done)


def milestone_rows(system: System, as_of: date) -> list[MilestoneRow]:
    """Every milestone of a system, the first due first and the undated last: two queries.

    One that was reached and never had a date stands where it was reached.
    """
    found = Milestone.objects.filter(system=system).select_related("workstream", "project", "body")
    stood = stood_on(found, as_of)
    by_id = {item.row.pk: item.row for item in stood}
    needs: dict[int, list[Milestone]] = {}
    for one, other in MilestoneNeed.objects.filter(milestone__system=system).values_list(
        "milestone", "other"
    ):
        needs.setdefault(one, []).append(by_id[other])
    rows = [_row(item.row, as_of, needs.get(item.row.pk, ()), item.slips) for item in stood]
    return sorted(rows, key=_order)


def _order(row: MilestoneRow) -> tuple[date, str]:
    when = row.milestone.due or row.milestone.done
    return last_day(when) if when else date.max, row.milestone.code


def _row(
    milestone: Milestone, as_of: date, needs: Sequence[Milestone], slips: Sequence[Slip]
) -> MilestoneRow:
    standing = milestone_standing(milestone, as_of)
    open_ = standing not in (Standing.DONE, Standing.STOPPED)
    return MilestoneRow(
        milestone=milestone,
        standing=standing,
        days_over=days_over(milestone.due, standing, as_of),
        needs=needs,
        blocked_by=[
            other
            for other in needs
            if open_ and comes_later(milestone.due, other.due, milestone_standing(other, as_of))
        ],
        left_open=[
            other
            for other in needs
            if standing == Standing.DONE
            and milestone_standing(other, as_of) not in (Standing.DONE, Standing.STOPPED)
        ],
        slips=slips,
    )


@dataclass(frozen=True, slots=True)
class MilestoneWish(Wish):
    """What the address asks for of milestones."""

    workstream: str = ""
    body: str = ""
    status: str = ""  # a Standing
    moved: str = ""  # yes or no: whether its date did

    def takes(self, row: MilestoneRow) -> bool:
        """Whether a milestone is what was asked for."""
        own = row.milestone
        return self.matches(
            f"{own.name} {own.owner_role} {own.project or ''}",
            workstream=code_of(own.workstream),
            body=code_of(own.body),
            status=str(row.standing),
            moved="yes" if row.slips else "no",
        )


def choices(rows: Sequence[MilestoneRow]) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to, as value and label: only what some milestone has."""
    standings = {row.standing for row in rows}
    return {
        "workstream": named(row.milestone.workstream for row in rows),
        "body": named(row.milestone.body for row in rows),
        "status": [(str(item), str(item.label)) for item in Standing if item in standings],
        "moved": [("yes", "Its date moved"), ("no", "As first stated")],
    }


def next_of(rows: Iterable[MilestoneRow]) -> MilestoneRow | None:
    """The first that is still to come, of rows in their order."""
    return next((row for row in rows if row.standing == Standing.DUE), None)


def sentence(rows: Sequence[MilestoneRow], as_of: date) -> str:
    """How milestones stand and which comes next, in a sentence."""
    if not rows:
        return "No milestone is stated."
    counted = Counter(row.standing for row in rows)
    slipped = sum(bool(row.slips) for row in rows)
    what = "milestone" if len(rows) == 1 else "milestones"
    said = (
        f"{some_overdue(counted[Standing.OVERDUE], len(rows), what, as_of)}, "
        f"{counted_words(counted[Standing.DONE])} reached."
    )
    if slipped:
        said += f" The date of {number(slipped)} has moved."
    coming = next_of(rows)
    return f"{said} Next: {coming.milestone.name}, {coming.due_words}." if coming else said


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A workstream with its projects and milestones."""

    workstream: Workstream
    projects: Sequence[Project]
    milestones: Sequence[MilestoneRow]

    @property
    def overdue(self) -> int:
        """How many of its milestones are overdue."""
        return sum(row.standing == Standing.OVERDUE for row in self.milestones)

    @property
    def next(self) -> MilestoneRow | None:
        """The milestone that comes next."""
        return next_of(self.milestones)


def stream_rows(system: System, as_of: date) -> list[StreamRow]:
    """Every workstream with what belongs to it: four queries."""
    own: dict[int | None, list[MilestoneRow]] = {}
    for row in milestone_rows(system, as_of):
        own.setdefault(row.milestone.workstream_id, []).append(row)
    streams = (
        Workstream.objects.filter(system=system)
        .select_related("lead", "body", "evidence__source")
        .prefetch_related(Prefetch("projects", Project.objects.select_related("evidence__source")))
    )
    return [
        StreamRow(stream, list(stream.projects.all()), own.get(stream.pk, ())) for stream in streams
    ]


STREAM_COLUMNS: Sequence[Column] = (
    Column("code", "string", "code of the workstream"),
    Column("name", "string", "its name"),
    Column("programme", "string", "the programme that it belongs to; empty is not stated"),
    Column("lead_role", "string", "role that leads it; empty is not stated"),
    Column("lead", "string", "code of the partner that leads it; empty is not stated"),
    Column("body", "string", "code of the body that follows it; empty is not stated"),
    Column("projects", "integer", "how many projects it has"),
    Column("milestones", "integer", "how many milestones it has"),
    Column("overdue", "integer", "of them overdue as of the day"),
    Column("next", "string", "code of the milestone that comes next; empty: none is to come"),
    Column("next_due", "string", "when that is due, as precise as it is known"),
    Column("note", "string", "what else is said of it"),
)


def stream_record(row: StreamRow) -> dict[str, Any]:
    """A workstream as its download has it."""
    own, coming = row.workstream, row.next.milestone if row.next else None
    return {
        "code": own.code,
        "name": own.name,
        "programme": own.programme,
        "lead_role": own.lead_role,
        "lead": own.lead.code if own.lead else None,
        "body": own.body.code if own.body else None,
        "projects": len(row.projects),
        "milestones": len(row.milestones),
        "overdue": row.overdue,
        "next": coming.code if coming else None,
        "next_due": coming.due if coming else None,
        "note": own.note,
    }


MILESTONE_COLUMNS: Sequence[Column] = (
    Column("code", "string", "code of the milestone"),
    Column("name", "string", "what is to be reached"),
    Column("workstream", "string", "code of its workstream"),
    Column("project", "string", "code of its project"),
    Column("owner_role", "string", "role that sees to it; empty is not stated"),
    Column("body", "string", "code of the body that it is reported to"),
    Column("due", "string", "as precise as it is known; empty is not stated"),
    Column("last_day", "date", "the last day on which it is in time"),
    Column("standing", "string", "overdue, due, done, undated or stopped"),
    Column("days_overdue", "integer", "days since its last day; empty: not overdue"),
    Column("status", "string", "as reported: not-started, in-progress, done, stopped, or empty"),
    Column("done", "string", "when it was reached, as precisely as it is known"),
    Column("earlier_dates", "string", "what it was due at before, the first one first"),
    Column("needs", "string", "codes of milestones that come first"),
    Column("blocked_by", "string", "codes of what it needs first and is due later, or stopped"),
)


def milestone_record(row: MilestoneRow) -> dict[str, Any]:
    """A row of the download and of the API; lists are lists."""
    own = row.milestone
    return {
        "code": own.code,
        "name": own.name,
        "workstream": own.workstream.code if own.workstream else None,
        "project": own.project.code if own.project else None,
        "owner_role": own.owner_role,
        "body": own.body.code if own.body else None,
        "due": own.due,
        "last_day": last_day(own.due) if own.due else None,
        "standing": str(row.standing),
        "days_overdue": row.days_over,
        "status": own.status,
        "done": own.done,
        "earlier_dates": [slip.before for slip in row.slips],
        "needs": [other.code for other in row.needs],
        "blocked_by": [other.code for other in row.blocked_by],
    }
