"""Who decides what in a system on a day: its bodies, their seats, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils import timezone

from esbt.kit.tables import Column
from esbt.kit.when import first_day, last_day
from schemes.models import (
    Body,
    BodyMember,
    Decision,
    SignOff,
    System,
)

_MONEY = re.compile(r"\b(financ\w*|recovery|budget\w*|money|savings|resources?)\b", re.IGNORECASE)
_GIVEN = (SignOff.State.SIGNED, SignOff.State.RATIFIED)


class Gap(StrEnum):
    """What can be missing of a body."""

    MEMBERS = "No members are stated"
    CHAIR = "No chair is stated"
    REMIT = "No remit is stated"
    RECEIVES = "Nothing is stated that it receives"
    ABOVE = "It reports to a body that does not meet on this day"


@dataclass
class BodyOn:
    """A body as it stands on a day, with its seats and those that report to it.

    ``live`` is by its dates; where none is stated nobody knows, and it is not live on any day.
    """

    body: Body
    live: bool
    seats: list[BodyMember] = field(default_factory=list)
    reporting: list[BodyOn] = field(default_factory=list)

    @property
    def dated(self) -> bool:
        """Whether it is stated when it began, or when it ended."""
        return bool(self.body.starts or self.body.ends)

    @property
    def gone(self) -> bool:
        """Whether it is known not to meet on the day."""
        return self.dated and not self.live

    @property
    def partners(self) -> dict[int, bool]:
        """Partners with a seat, by id, and whether they chair."""
        found: dict[int, bool] = {}
        for seat in self.seats:
            if seat.partner_id:
                found[seat.partner_id] = found.get(seat.partner_id, False) or seat.chair
        return found


def holds(row: Body | BodyMember, on: date) -> bool:
    """Whether a body or a seat holds on a day; without a beginning or an end it is open there."""
    begun = not row.starts or first_day(row.starts) <= on
    return begun and (not row.ends or on <= last_day(row.ends))


def has_come(when: str, on: date) -> bool:
    """Whether something of a date had happened by a day.

    It had from the last day that its date can mean, or from today where that is still to come.
    """
    return min(last_day(when), timezone.localdate()) <= on


def bodies_on(system: System, on: date) -> list[BodyOn]:
    """Every body of a system with its seats of a day, in the system's order: two queries."""
    bodies = Body.objects.filter(system=system).select_related(
        "system", "reports_to", "took_over", "evidence__source"
    )
    found = {body.pk: BodyOn(body, False) for body in bodies}
    for item in found.values():
        item.live = item.dated and holds(item.body, on)
    for seat in BodyMember.objects.filter(body__system=system).select_related("partner"):
        if holds(seat, on):
            found[seat.body_id].seats.append(seat)
    return list(found.values())


def tree_of(bodies: Sequence[BodyOn]) -> list[BodyOn]:
    """Those of some bodies that report to no other of them, with those that report to them."""
    by_pk = {item.body.pk: item for item in bodies}
    tops: list[BodyOn] = []
    for item in bodies:
        above = by_pk.get(item.body.reports_to_id or 0)
        (above.reporting if above else tops).append(item)
    return tops


def chains_of(bodies: Sequence[BodyOn]) -> list[list[BodyOn]]:
    """Bodies that took over from one another, the oldest first."""
    by_pk = {item.body.pk: item for item in bodies}
    followed = {item.body.took_over_id for item in bodies}
    chains = []
    for item in bodies:
        if item.body.took_over_id and item.body.pk not in followed:
            chain = [item]
            while (before := by_pk.get(chain[0].body.took_over_id or 0)) and before not in chain:
                chain.insert(0, before)
            chains.append(chain)
    return chains


def gaps_of(bodies: Sequence[BodyOn]) -> list[tuple[BodyOn, Gap]]:
    """What is missing of bodies that meet on the day, or may."""
    gone = {item.body.pk for item in bodies if item.gone}
    found = []
    for item in bodies:
        if item.gone:
            continue
        body = item.body
        if not item.seats:
            found.append((item, Gap.MEMBERS))
        elif not any(seat.chair for seat in item.seats):
            found.append((item, Gap.CHAIR))
        if not body.remit:
            found.append((item, Gap.REMIT))
        if not body.receives:
            found.append((item, Gap.RECEIVES))
        if body.reports_to_id in gone:
            found.append((item, Gap.ABOVE))
    return found


def open_sign_offs(system: System, on: date) -> list[SignOff]:
    """Approvals of the system that nobody had given by a day: one query.

    One that was given later was outstanding before, from when it was asked for: that no document
    says, so that it stands here for every day before.
    """
    found = SignOff.objects.filter(system=system).select_related("agreement", "plan", "partner")
    return [item for item in found if item.state not in _GIVEN or not has_come(item.on, on)]


def signs(body: Body, sign_off: SignOff) -> bool:
    """Whether a sign-off is a body's; they know each other by name, as documents do."""
    name, asked = body.name.casefold(), sign_off.body.casefold()
    return name == asked or f" {asked}" in f" {name}" or f" {name}" in f" {asked}"


def about_money(body: Body) -> bool:
    """Whether a body looks after money, by what is said of it."""
    return bool(_MONEY.search(f"{body.name} {body.remit} {body.receives}"))


BODY_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("code", "string", "code of the body"),
    Column("name", "string", "its name"),
    Column("kind", "string", "board, executive, group, network or footprint"),
    Column("live", "boolean", "whether it meets on the day that is asked for, by its dates"),
    Column(
        "dated", "boolean", "whether it is stated when it began or ended; if not, live is false"
    ),
    Column("reports_to", "string", "code of the body that it reports to"),
    Column("took_over", "string", "code of the body that it took over from"),
    Column("starts", "string", "when it began, as precisely as it is known"),
    Column("ends", "string", "when it ended"),
    Column("members", "string", "partners' codes and roles with a seat on the day"),
    Column("remit", "string", "what it decides or is for"),
    Column("receives", "string", "what is reported to it"),
    Column("note", "string", "note"),
)

DECISION_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("body", "string", "code of the body that decided"),
    Column("code", "string", "code of the decision"),
    Column("on", "string", "when, as precisely as it is known"),
    Column("words", "string", "what was decided"),
    Column("meeting", "string", "code of the meeting"),
    Column("minute", "string", "the minute"),
    Column("note", "string", "note"),
)


def plain_body(item: BodyOn) -> dict[str, Any]:
    """A body for programs; "" is not stated."""
    body = item.body
    said = ("code", "name", "kind", "starts", "ends", "remit", "receives", "note")
    return {name: getattr(body, name) for name in said} | {
        "live": item.live,
        "dated": item.dated,
        "reports_to": body.reports_to.code if body.reports_to else "",
        "took_over": body.took_over.code if body.took_over else "",
        "members": [
            {
                "code": seat.code,
                "partner": seat.partner.code if seat.partner else "",
                "role": seat.role,
                "chair": seat.chair,
            }
            for seat in item.seats
        ],
    }


def plain_decision(item: Decision) -> dict[str, str]:
    """A decision for programs; "" is not stated."""
    said = ("code", "on", "words", "minute", "note")
    return {name: getattr(item, name) for name in said} | {
        "body": item.body.code,
        "meeting": item.meeting.code if item.meeting else "",
    }


def decisions_in(system: System, on: date) -> list[Decision]:
    """What a system's bodies had decided by a day, the latest first, those without a date last."""
    rows = Decision.objects.filter(body__system=system).select_related("body__system", "meeting")
    found = made_by(rows, on)
    return sorted(found, key=lambda item: last_day(item.on) if item.on else date.min, reverse=True)


def made_by(decisions: Iterable[Decision], on: date) -> list[Decision]:
    """Those of some decisions that were made by a day, or at a time that is not stated."""
    return [item for item in decisions if not item.on or has_come(item.on, on)]


def body_rows(system: System, on: date) -> Iterator[list[Any]]:
    """A row of a download for each body."""
    for item in bodies_on(system, on):
        row: Mapping[str, Any] = plain_body(item) | {
            "system": system.code,
            "live": "true" if item.live else "false",
            "dated": "true" if item.dated else "false",
            "members": "; ".join(_seat(seat) for seat in item.seats),
        }
        yield [row[column.name] for column in BODY_COLUMNS]


def _seat(seat: BodyMember) -> str:
    named = " ".join(filter(None, [seat.partner.code if seat.partner else "", seat.role]))
    return f"{named} (chair)" if seat.chair else named


def decision_rows(system: System, on: date) -> Iterator[list[str]]:
    """A row of a download for each decision that was made by a day."""
    for item in decisions_in(system, on):
        row = plain_decision(item) | {"system": system.code}
        yield [row[column.name] for column in DECISION_COLUMNS]
