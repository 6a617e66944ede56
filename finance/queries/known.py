"""Facts as they were known at a change: the last revision of each up to that ceiling.

Rollups as at a change come from finance/rollups/as_at.sql; this is what stands beside the sums,
such as the evidence of a figure or how a line hung.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from finance.models import (
    LineVersion,
    MonthClose,
    Outturn,
    OutturnRevision,
    PlanRevision,
    ReturnEvent,
)
from finance.models.rollups import State
from schemes.models import Change, Partner, RowVersion, Slice, Theme


def known_outturns(slice_: Slice, ceiling: int | None) -> QuerySet[Any]:
    """What stood for each line and month: heads now, the last revisions as at a change."""
    if ceiling is None:
        return Outturn.objects.filter(slice=slice_)
    last = (
        OutturnRevision.objects.filter(line__slice=slice_, change__lte=ceiling)
        .order_by("line_id", "month", "-change")
        .distinct("line_id", "month")
    )
    return OutturnRevision.objects.filter(pk__in=last.values("pk"))


def known_plan(plan_id: int | None, ceiling: int) -> QuerySet[PlanRevision]:
    """The figures of a plan as at a change."""
    last = (
        PlanRevision.objects.filter(plan=plan_id, change__lte=ceiling)
        .order_by("line_id", "-change")
        .distinct("line_id")
    )
    return PlanRevision.objects.filter(pk__in=last.values("pk"))


def known_lines(slice_: Slice, ceiling: int) -> QuerySet[LineVersion]:
    """How each line hung as at a change; lines that came later are not there."""
    last = (
        LineVersion.objects.filter(line__slice=slice_, change__lte=ceiling)
        .order_by("line_id", "-change")
        .distinct("line_id")
    )
    return LineVersion.objects.filter(pk__in=last.values("pk"))


def published_changes(slice_: Slice, ceiling: int) -> dict[tuple[int, int], int | None]:
    """By partner and month the change whose figures were the published ones: one query."""
    found = _last_events(slice_, ceiling).values_list(
        "monthly_return__partner", "monthly_return__month", "published_change"
    )
    return {(partner, month): change for partner, month, change in found}


def known_figures(
    slice_: Slice, lines: list[Any], state: State, ceiling: int
) -> dict[tuple[int, int], OutturnRevision]:
    """What lines (with their partner) had reported, by line and month: two queries."""
    published = published_changes(slice_, ceiling) if state == State.PUBLISHED else {}
    partners = {line.pk: line.partner_id for line in lines}
    found: dict[tuple[int, int], OutturnRevision] = {}
    for item in (
        OutturnRevision.objects.filter(line__in=lines, change__lte=ceiling)
        .select_related("actual_evidence")
        .order_by("change")
    ):
        limit: int | None = ceiling
        if state == State.PUBLISHED:
            limit = published.get((partners[item.line_id], item.month))
        if limit is not None and item.change <= limit:
            found[item.line_id, item.month] = item
    return found


def known_status(slice_: Slice, month: int | None, ceiling: int) -> str:
    """Whether a month still moved: the year's status then, or closed once its system closed it."""
    said = list(
        Change.objects.filter(slice=slice_, action__in=[f"year {s}" for s in Slice.Status.values])
        .order_by("number")
        .values_list("number", "action")
    )
    status: str = slice_.status if not said else Slice.Status.OPEN
    for number, action in said:
        if number <= ceiling:
            status = action.removeprefix("year ")
    if status != Slice.Status.OPEN or not month:
        return status
    closed = is_closed(slice_, month, ceiling)
    return Slice.Status.CLOSED if closed else Slice.Status.OPEN


def is_closed(slice_: Slice, month: int, ceiling: int | None = None) -> bool:
    """Whether the system's month is closed, now or as at a change: one query."""
    said = MonthClose.objects.filter(slice=slice_, month=month)
    if ceiling is not None:
        said = said.filter(change__lte=ceiling)
    return bool(said.order_by("-change").values_list("closed", flat=True).first())


def _last_events(slice_: Slice, ceiling: int) -> QuerySet[ReturnEvent]:
    last = (
        ReturnEvent.objects.filter(monthly_return__slice=slice_, change__lte=ceiling)
        .order_by("monthly_return_id", "-change")
        .distinct("monthly_return_id")
    )
    return ReturnEvent.objects.filter(pk__in=last.values("pk"))


def known_schemes(
    slice_: Slice, ceiling: int, schemes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Schemes, as the savings book reads them, as they stood at a change: four queries.

    Schemes that were added later are left out.
    """
    made = Change.objects.filter(slice=slice_, number=ceiling).values_list("at", flat=True).first()
    ids = [item["pk"] for item in schemes]
    stood: dict[int, Mapping[str, Any]] = {}
    versioned: set[int] = set()
    for row, at, values in (
        RowVersion.objects.filter(table="scheme", row__in=ids)
        .order_by("at", "pk")
        .values_list("row", "at", "values")
    ):
        versioned.add(row)
        if made is not None and at <= made:
            stood[row] = values
    themes = {item.pk: item for item in Theme.objects.filter(system=slice_.system_id)}
    leads = {
        values["lead_partner_id"] for values in stood.values() if values.get("lead_partner_id")
    }
    partners = {item.pk: item for item in Partner.objects.filter(pk__in=leads)}
    there = [item for item in schemes if item["pk"] in stood or item["pk"] not in versioned]
    own = [item | _own(stood.get(item["pk"], {})) for item in there]
    return _joined(own, themes, partners)


# what a version says of its scheme, under the names of the savings book
_OWN = {
    "name": "name",
    "kind": "kind",
    "position": "position",
    "working_label": "working_label",
    "stage": "stage",
    "theme": "theme_id",
    "parent": "parent_id",
    "lead_id": "lead_partner_id",
}


def _own(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[column] for name, column in _OWN.items() if column in values}


def _joined(
    own: list[dict[str, Any]], themes: Mapping[int, Theme], partners: Mapping[int, Partner]
) -> list[dict[str, Any]]:
    """The same with what is read of theme, whole and lead."""
    by_id = {item["pk"]: item for item in own}
    made = []
    for item in own:
        theme = themes.get(item["theme"])
        parent = by_id.get(item["parent"], {})
        above = themes.get(parent.get("theme"))  # type: ignore[arg-type]
        joined = {
            "theme_code": theme.code if theme else None,
            "theme_name": theme.name if theme else None,
            "parent_code": parent.get("code"),
            "parent_name": parent.get("name"),
            "parent_stage": parent.get("stage"),
            "parent_theme": above.code if above else None,
            "parent_theme_name": above.name if above else None,
        }
        if "lead_id" in item:
            lead = partners.get(item["lead_id"])
            joined |= {
                "lead": lead.code if lead else None,
                "lead_name": lead.short_name if lead else None,
            }
        made.append(item | joined)
    return made
