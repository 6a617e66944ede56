"""Who decides what in a system on a day: its bodies, their seats, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from esbt.kit.tables import Column
from esbt.kit.when import first_day, last_day
from schemes.models import (
    Body,
    BodyMember,
    Decision,
    SignOff,
    System,
)
from schemes.models.base import holds_on

_MONEY = re.compile(r"\b(financ\w*|recovery|budget\w*|money|savings|resources?)\b", re.IGNORECASE)
OPEN_SIGN_OFFS = ("outstanding", "drafted", "submitted", "delegated")


@dataclass
class BodyOn:
    """A body as it stands on a day, with its seats and those that report to it."""

    body: Body
    live: bool
    seats: list[BodyMember] = field(default_factory=list)
    reporting: list[BodyOn] = field(default_factory=list)

    @property
    def partners(self) -> dict[int, bool]:
        """Partners with a seat, by id, and whether they chair."""
        found: dict[int, bool] = {}
        for seat in self.seats:
            if seat.partner_id:
                found[seat.partner_id] = found.get(seat.partner_id, False) or seat.chair
        return found

    @property
    def roles(self) -> list[BodyMember]:
        """Seats of roles that name no partner."""
        return [seat for seat in self.seats if not seat.partner_id]


def is_live(body: Body, on: date) -> bool:
    """Whether a body meets on a day; one without a beginning or an end is open there."""
    begun = not body.starts or first_day(body.starts) <= on
    return begun and (not body.ends or on <= last_day(body.ends))


def bodies_on(system: System, on: date) -> list[BodyOn]:
    """Every body of a system with its seats of a day, in the system's order: two queries."""
    bodies = Body.objects.filter(system=system).select_related(
        "system", "reports_to", "took_over", "evidence__source"
    )
    found = {body.pk: BodyOn(body, is_live(body, on)) for body in bodies}
    seats = BodyMember.objects.filter(holds_on(on), body__system=system).select_related("partner")
    for seat in seats:
        found[seat.body_id].seats.append(seat)
    return list(found.values())


def tree_of(bodies: Sequence[BodyOn]) -> list[BodyOn]:
    """Live bodies that report to no live one, with those that report to them."""
    live = {item.body.pk: item for item in bodies if item.live}
    tops: list[BodyOn] = []
    for item in live.values():
        above = live.get(item.body.reports_to_id or 0)
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


def gaps_of(bodies: Sequence[BodyOn]) -> list[tuple[BodyOn, str]]:
    """What is missing of live bodies, in words."""
    live = {item.body.pk for item in bodies if item.live}
    found = []
    for item in bodies:
        if not item.live:
            continue
        body = item.body
        if not item.seats:
            found.append((item, "has no members that are stated"))
        elif not any(seat.chair for seat in item.seats):
            found.append((item, "has no chair that is stated"))
        if not body.remit:
            found.append((item, "has no remit that is stated"))
        if not body.receives:
            found.append((item, "has nothing stated that it receives"))
        if body.reports_to and body.reports_to_id not in live:
            found.append((item, f"reports to {body.reports_to}, which does not meet on this day"))
    return found


def open_sign_offs(system: System) -> list[SignOff]:
    """Approvals of the system that nobody has given yet: one query."""
    found = SignOff.objects.filter(system=system, state__in=OPEN_SIGN_OFFS)
    return list(found.select_related("agreement", "plan", "partner"))


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
    Column("live", "boolean", "whether it meets on the day that is asked for"),
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


def decisions_in(system: System) -> list[Decision]:
    """Every decision of a system's bodies, the latest first, those without a date last."""
    found = Decision.objects.filter(body__system=system).select_related("body__system", "meeting")
    return sorted(found, key=lambda item: last_day(item.on) if item.on else date.min, reverse=True)


def body_rows(system: System, on: date) -> Iterator[list[Any]]:
    """A row of a download for each body."""
    for item in bodies_on(system, on):
        row: Mapping[str, Any] = plain_body(item) | {
            "system": system.code,
            "live": "true" if item.live else "false",
            "members": "; ".join(_seat(seat) for seat in item.seats),
        }
        yield [row[column.name] for column in BODY_COLUMNS]


def _seat(seat: BodyMember) -> str:
    named = " ".join(filter(None, [seat.partner.code if seat.partner else "", seat.role]))
    return f"{named} (chair)" if seat.chair else named


def decision_rows(system: System) -> Iterator[list[str]]:
    """A row of a download for each decision."""
    for item in decisions_in(system):
        row = plain_decision(item) | {"system": system.code}
        yield [row[column.name] for column in DECISION_COLUMNS]
