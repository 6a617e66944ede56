"""What waits for a person besides returns: actions, milestones, values, risks and approvals.

Each list names what is overdue first, and comes in one query; dates keep their precision, so that
what is due in July waits as overdue from 1 August.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from esbt.kit.when import due_words, last_day
from esbt.pages.latest import latest_with_actuals
from finance.models import PlanEffect, UrgentAction
from outcomes.forms import next_period
from outcomes.models import Metric, Observation
from schemes.delivery.actions import action_standing
from schemes.delivery.milestones import milestone_standing
from schemes.delivery.standing import Standing, standing_of
from schemes.delivery.wishes import NONE
from schemes.governance.agenda import next_meeting
from schemes.governance.bodies import about_money, holds
from schemes.models import Action, BodyMember, Milestone, Risk, SignOff, Slice, System, User
from schemes.models.risks import RiskStatus
from schemes.people.permissions import Permission, grants_of, partners_of, systems_where
from schemes.people.roles import PERMISSIONS, Role
from schemes.queries import owned_by_any, visible_slices

SHOWN = 20
SOON_DAYS = 30  # a review that is due within so many days waits already
_OPEN = (Standing.OVERDUE, Standing.DUE)
_SPEAK = {Permission.ENTER_OUTTURN, Permission.APPROVE_RETURN}  # as finance.services.acts_for


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits, or a list of some. ``due`` is in words; ``on`` its last day, None
    where it has none; ``count`` how many there are in a list.
    """

    label: str
    href: str
    system: str
    due: str
    on: date | None
    overdue: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class Matters:
    """What waits of one sort, the most pressing first."""

    code: str
    name: str
    items: Sequence[Item]

    @property
    def shown(self) -> Sequence[Item]:
        """Those that a page names."""
        return self.items[:SHOWN]

    @property
    def left(self) -> int:
        """How many more there are."""
        return max(0, len(self.items) - SHOWN)

    @property
    def overdue(self) -> int:
        """How many are overdue."""
        return sum(item.count for item in self.items if item.overdue)


def own_work(user: User, today: date) -> list[Matters]:
    """What waits for a person on a day, as a fixed number of queries; sorts of nothing left out."""
    grants = grants_of(user)
    if not grants:
        return []
    own = {grant.partner_id for grant in grants if grant.partner_id}
    seen = System.objects.visible_to(user)
    keeps = systems_where(user, Permission.KEEP_RISKS)
    keeps_for = partners_of(user, Permission.KEEP_RISKS) if own else []
    found = [
        Matters("actions", "Actions", _actions(user, seen, today)),
        Matters("urgent", "Urgent actions on reduction plans", _urgent(own, seen, today)),
        Matters(
            "effects",
            "Effects of reduction plans of which you have not said whether you understood them",
            _effects(user, seen),
        ),
        Matters("milestones", "Milestones", _milestones(own, seen, today)),
        Matters("unowned", "Overdue, and owned by no partner", _unowned(user, today)),
        Matters("values", "Values of metrics to enter", _values(user, today)),
        Matters(
            "risks",
            "Risks to review",
            _risks(Q(system__in=keeps) | Q(partner__in=keeps_for), user, seen, today),
        ),
        Matters("approvals", "Agreements and plans to approve", _approvals(own, seen)),
    ]
    return [matters for matters in found if matters.items]


def own_meetings(user: User, today: date) -> list[Item]:
    """Bodies that look after money in which a partner or role of the person has a seat.

    Each leads to what it should see at its next meeting; nothing of this waits. Two queries, none
    for somebody without a role.
    """
    grants = grants_of(user)
    if not grants:
        return []
    own = {grant.partner_id for grant in grants if grant.partner_id}
    named = _roles(user, role="role", partner="partner", system="body__system")
    seats = BodyMember.objects.filter(
        Q(partner__in=own) | named,
        body__system__in=System.objects.visible_to(user),
    )
    seats = seats.select_related("body__system").prefetch_related("body__meetings")
    items = []
    for body in {seat.body_id: seat.body for seat in seats if holds(seat, today)}.values():
        if not (holds(body, today) and about_money(body)):
            continue
        meeting = next_meeting(list(body.meetings.all()), today)
        item = Item(
            label=body.name,
            href=reverse("next-meeting", args=[body.system.code, body.code]),
            system=body.system.name,
            due=due_words(meeting.on).replace("due", "meets", 1)
            if meeting
            else "no next meeting is stated",
            on=last_day(meeting.on) if meeting else None,
            overdue=False,
        )
        items.append(item)
    return _in_order(items)


def _in_order(items: Iterable[Item]) -> list[Item]:
    """What is overdue for longest first, what has no date last."""
    return sorted(items, key=lambda item: (item.on is None, item.on or date.max, item.label))


def _dated(label: str, href: str, system: System, due: str, standing: Standing) -> Item:
    return Item(
        label=label,
        href=href,
        system=system.name,
        due=due_words(due) if due else "no date stated",
        on=last_day(due) if due else None,
        overdue=standing == Standing.OVERDUE,
    )


def _roles(user: User, *, role: str, partner: str, system: str) -> Q:
    """Rows that name a role of the person, where no partner is named or it is theirs.

    The three are the columns of a table that hold the role, its partner and the system.
    """
    asked = Q(pk=None)
    for grant in grants_of(user):
        named = Q(**{f"{role}__iexact": Role(grant.role).label})
        if grant.partner_id:
            asked |= named & Q(**{partner: grant.partner_id})
        elif grant.system_id:
            asked |= named & Q(**{partner: None, system: grant.system_id})
    return asked


def _actions(user: User, seen: Iterable[System], today: date) -> list[Item]:
    """Open actions of the person's partners or role; ongoing ones wait for nothing."""
    partners = partners_of(user, Permission.REPORT_OWN_ACTIONS)  # and groups that they are in
    named = _roles(user, role="owner_role", partner="owner", system="area__plan__system")
    found = (
        Action.objects.filter(owned_by_any(partners) | named, area__plan__system__in=seen)
        .filter(pointer=False, ongoing=False)
        .exclude(status__in=[Action.Status.DONE, Action.Status.STOPPED])
        .select_related("area__plan__system")
    )
    return _in_order(
        _dated(
            str(action),
            reverse("action", args=[plan.system.code, plan.code, action.code]),
            plan.system,
            action.due,
            standing,
        )
        for action in found
        if (plan := action.area.plan)
        and (standing := action_standing(action, today)) in (*_OPEN, Standing.UNDATED)
    )


def _unowned(user: User, today: date) -> list[Item]:
    """Lists of what is overdue and no partner's, for whoever may say how it goes: two queries.

    A list an action plan, of actions without a partner, and one of milestones a system.
    """
    told = systems_where(user, Permission.REPORT_PROGRESS)
    actions = (
        Action.objects.filter(area__plan__system__in=told, owner=None, pointer=False, ongoing=False)
        .exclude(status__in=[Action.Status.DONE, Action.Status.STOPPED])
        .select_related("area__plan__system")
    )
    late: dict[tuple[System, str, str], list[str]] = {}
    for action in actions:
        if action_standing(action, today) == Standing.OVERDUE:
            plan = action.area.plan
            href = reverse("action-plan", args=[plan.system.code, plan.code])
            key = (plan.system, f"Actions of “{plan}”", f"{href}?owner={NONE}&")
            late.setdefault(key, []).append(action.due)
    for milestone in Milestone.objects.filter(system__in=told).select_related("system"):
        if milestone_standing(milestone, today) == Standing.OVERDUE:
            href = reverse("milestones", args=[milestone.system.code])
            late.setdefault((milestone.system, "Milestones", f"{href}?"), []).append(milestone.due)
    return _in_order(_list(key, dues) for key, dues in late.items())


def _list(key: tuple[System, str, str], dues: Sequence[str]) -> Item:
    """A list of what is overdue in a system, with what it is called and its address."""
    system, what, href = key
    first = min(dues, key=last_day)
    return Item(
        label=f"{what}: {len(dues)}",
        href=f"{href}status={Standing.OVERDUE}",
        system=system.name,
        due=f"the first {due_words(first)}",
        on=last_day(first),
        overdue=True,
        count=len(dues),
    )


def _urgent(own: set[int], seen: Iterable[System], today: date) -> list[Item]:
    found = UrgentAction.objects.filter(
        line__partner__in=own, line__slice__system__in=seen, done=""
    ).select_related("line__slice__system")
    return _in_order(
        _dated(
            f"{action.words[:200]} ({action.line.name})",
            reverse("reduction-plan", args=[slice_.system.code, slice_.year_id, action.line.code]),
            slice_.system,
            action.due,
            standing_of(action.due, today),
        )
        for action in found
        if (slice_ := action.line.slice)
    )


def _effects(user: User, seen: Iterable[System]) -> list[Item]:
    """What plans of open years do to partners for which the person speaks, who have not said."""
    speaks = {
        grant.partner_id
        for grant in grants_of(user)
        if not _SPEAK.isdisjoint(PERMISSIONS[Role(grant.role)])
    }
    found = PlanEffect.objects.filter(
        partner__in=speaks - {None},
        understood=None,
        line__slice__system__in=seen,
        line__slice__status=Slice.Status.OPEN,
    ).exclude(effect="")
    return [
        Item(
            label=f"{effect.line.name}: {effect.effect[:200]}",
            href=reverse(
                "plan-effect",
                args=[slice_.system.code, slice_.year_id, effect.line.code, effect.partner.code],
            ),
            system=slice_.system.name,
            due="nobody has said",
            on=None,
            overdue=False,
        )
        for effect in found.select_related("partner", "line__slice__system")
        if (slice_ := effect.line.slice)
    ]


def _milestones(own: set[int], seen: Iterable[System], today: date) -> list[Item]:
    """Dated milestones of bodies that the partners sit in, or of workstreams that they lead."""
    seats = BodyMember.objects.filter(partner__in=own)
    bodies = {seat.body_id for seat in seats if holds(seat, today)}
    found = (
        Milestone.objects.filter(Q(body__in=bodies) | Q(workstream__lead__in=own), system__in=seen)
        .exclude(due="")
        .select_related("system")
    )
    return _in_order(
        _dated(
            milestone.name,
            reverse("milestone", args=[milestone.system.code, milestone.code]),
            milestone.system,
            milestone.due,
            standing,
        )
        for milestone in found
        if (standing := milestone_standing(milestone, today)) in _OPEN
    )


def _values(user: User, today: date) -> list[Item]:
    """Metrics whose next period is over, by how often a value is expected; the newest first."""
    latest = Observation.objects.filter(metric=OuterRef("pk"), area=OuterRef("area"))
    latest = latest.order_by("-ends", "-starts")
    found: Iterable[Any] = (
        Metric.objects.filter(system__in=systems_where(user, Permission.ENTER_OBSERVATION))
        .select_related("system")
        .annotate(
            last_starts=Subquery(latest.values("starts")[:1]),
            last_ends=Subquery(latest.values("ends")[:1]),
        )
    )
    items: list[tuple[date, Item]] = []
    for metric in found:
        if metric.last_ends is None:
            continue
        period = next_period(metric.frequency, (metric.last_starts, metric.last_ends))
        if period is None or period[1] >= today:
            continue
        item = Item(
            label=metric.name,
            href=reverse("metric-enter", args=[metric.system.code, metric.code]),
            system=metric.system.name,
            due=f"last value to {metric.last_ends:%-d %B %Y}",
            on=period[1],
            overdue=False,
        )
        items.append((period[1], item))
    return [item for _, item in sorted(items, key=lambda pair: pair[0], reverse=True)]


def _risks(kept: Q, user: User, seen: Iterable[System], today: date) -> list[Item]:
    """Open risks that the person keeps whose review is due, or will be shortly."""
    found = (
        Risk.objects.filter(kept, system__in=seen, status=RiskStatus.OPEN)
        .exclude(review="")
        .select_related("system")
    )
    years = {item.system_id: item.year_id for item in latest_with_actuals(visible_slices(user))}
    return _in_order(
        _dated(
            risk.name,
            reverse("risk", args=[risk.system.code, years[risk.system_id], risk.code]),
            risk.system,
            risk.review,
            standing_of(risk.review, today),
        )
        for risk in found
        if risk.system_id in years and last_day(risk.review) <= today + timedelta(days=SOON_DAYS)
    )


def _approvals(own: set[int], seen: Iterable[System]) -> list[Item]:
    """What the partners have been asked to sign and have not, as far as it was said."""
    found = SignOff.objects.filter(
        partner__in=own, system__in=seen, state=SignOff.State.OUTSTANDING
    ).select_related("system", "agreement", "plan")
    return [
        Item(
            label=f"{sign_off.agreement or sign_off.plan}: {sign_off.body}",
            href=reverse("agreement", args=[sign_off.system.code, sign_off.agreement.code])
            if sign_off.agreement
            else reverse("fund-plan", args=[sign_off.system.code, sign_off.plan.code])
            if sign_off.plan
            else reverse("agreements", args=[sign_off.system.code]),
            system=sign_off.system.name,
            due="not signed",
            on=None,
            overdue=False,
        )
        for sign_off in found
    ]
