"""The organisations of a system: its members, and those that sit, act or follow in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from esbt.kit.tables import Column
from schemes.delivery.actions import actions_on
from schemes.models import (
    Action,
    BodyMember,
    Membership,
    Partner,
    Succession,
    System,
    Workstream,
)
from schemes.queries import owned_by_any


@dataclass(frozen=True, slots=True)
class PartnerEntry:
    """A partner in a system: its place there, and how much hangs on it."""

    partner: Partner
    membership: Membership | None
    seats: int
    actions: int

    @property
    def place(self) -> str:
        """What it is to the system, in words."""
        if self.membership is None:
            return "Wider partner"
        return "Reporting group" if self.partner.kind == Partner.Kind.GROUP else "Member"

    @property
    def also(self) -> list[str]:
        """The other names that it goes by, each once."""
        names = (item.name for item in self.partner.names.all())
        return [name for name in dict.fromkeys(names) if name != self.partner.name]


PARTNER_COLUMNS: Sequence[Column] = (
    Column("code", "string", "code of the partner"),
    Column("name", "string", "its name"),
    Column("short_name", "string", "its short name"),
    Column("kind", "string", "council, clinical commissioning group, trust and so on"),
    Column("place", "string", "member, reporting group or wider partner"),
    Column("seats", "integer", "in bodies of the system"),
    Column("actions", "integer", "of the system's plans that it owns, alone or with others"),
    Column("also", "string", "other names that it goes by"),
)


def partner_record(entry: PartnerEntry) -> dict[str, Any]:
    """A partner as its download has it."""
    own = entry.partner
    return {
        "code": own.code,
        "name": own.name,
        "short_name": own.short_name,
        "kind": own.kind,
        "place": entry.place,
        "seats": entry.seats,
        "actions": entry.actions,
        "also": "; ".join(entry.also),
    }


def partner_entries(system: System) -> list[PartnerEntry]:
    """Everybody in the register of a system, its members first: eight queries.

    Beside members those that hold a seat in a body, own an action or lead a workstream, and
    those that any of them took over from or were taken over by.
    """
    members = {item.partner_id: item for item in system.memberships.all()}
    seats = Counter(seats_in(system).values_list("partner", flat=True))
    actions = _owned(system)
    leads = workstreams_in(system).values_list("lead", flat=True)
    known = {*members, *seats, *actions, *leads} - {None}
    partners = Partner.objects.filter(pk__in=_with_kin(known)).prefetch_related("names")
    entries = [
        PartnerEntry(partner, members.get(partner.pk), seats[partner.pk], actions[partner.pk])
        for partner in partners
    ]
    return sorted(entries, key=_order)


def _owned(system: System) -> Counter[int]:
    """How many actions each partner owns, alone or with others: two queries."""
    owned = list(actions_in(system).values_list("owner", "co_owners"))
    codes = {code for _, more in owned for code in more}
    ids = dict(Partner.objects.filter(code__in=codes).values_list("code", "pk"))
    return Counter(
        pk
        for owner, more in owned
        for pk in {owner, *(ids[code] for code in more if code in ids)}
        if pk is not None
    )


def _order(entry: PartnerEntry) -> tuple[int, int, str]:
    member = entry.membership
    return (member is None, member.position if member else 0, entry.partner.name)


def _with_kin(known: set[int]) -> set[int]:
    """Partners with all that came before and after them: one query."""
    pairs = list(Succession.objects.values_list("predecessor", "successor"))
    while more := {pk for pair in pairs if known & set(pair) for pk in pair} - known:
        known = known | more
    return known


def seats_in(system: System) -> QuerySet[BodyMember]:
    """Seats of partners in the bodies of a system."""
    return BodyMember.objects.filter(body__system=system, partner__isnull=False)


def actions_in(system: System) -> QuerySet[Action]:
    """Actions of a system's plans that a partner owns."""
    return Action.objects.filter(area__plan__system=system, owner__isnull=False)


def workstreams_in(system: System) -> QuerySet[Workstream]:
    """Workstreams of a system that a partner leads."""
    return Workstream.objects.filter(system=system, lead__isnull=False)


@dataclass(frozen=True, slots=True)
class PartnerFile:
    """All that the registers of a system say of a partner."""

    entry: PartnerEntry
    seats: Sequence[BodyMember]
    actions: Sequence[Action]
    workstreams: Sequence[Workstream]
    before: Sequence[Succession]
    after: Sequence[Succession]
    groups: Sequence[Partner]  # in which it reports
    members: Sequence[Partner]  # that report in it


def partner_file(system: System, code: str, day: date) -> PartnerFile | None:
    """What is kept of a partner, its actions as they stood on a day: sixteen queries.

    None for one that is not in the register.
    """
    entry = next((item for item in partner_entries(system) if item.partner.code == code), None)
    if entry is None:
        return None
    partner = entry.partner
    own = Q(group=partner) | Q(member=partner)
    linked = list(partner.groups.model.objects.filter(own).select_related("group", "member"))
    return PartnerFile(
        entry=entry,
        seats=list(
            seats_in(system)
            .filter(partner=partner)
            .select_related("body")
            .order_by("body__position", "body__code", "-chair", "code")
        ),
        actions=[
            stood.row
            for stood in actions_on(
                actions_in(system)
                .filter(owned_by_any([partner]))
                .order_by("area__plan__code", "area__position", "position", "code"),
                day,
            )
        ],
        workstreams=list(workstreams_in(system).filter(lead=partner)),
        before=list(partner.predecessions.select_related("predecessor")),
        after=list(partner.successions.select_related("successor")),
        groups=[item.group for item in linked if item.member_id == partner.pk],
        members=[item.member for item in linked if item.group_id == partner.pk],
    )
