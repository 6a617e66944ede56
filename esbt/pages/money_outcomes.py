"""Money beside outcomes: what each scheme saves, and whether what it should move is moving.

That the two stand side by side shows no cause. Money is that of the system, a metric that of its
area; where these are not the same, the page says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from esbt.kit.money import cell
from esbt.kit.tables import Column, pounds
from esbt.kit.when import period_words
from esbt.kit.words import number
from finance.figures.savings import SavingsBook, SchemeRow
from outcomes.figures.verdicts import Said
from outcomes.models import Metric, SchemeMetric
from outcomes.pages.listing import Row, rows_of
from outcomes.pages.overview import beside_words, reserve_words, row_context
from outcomes.queries.frameworks import NO_CONTENT
from schemes.models import Scheme, Slice, System

SAVINGS = {"on": "On plan", "off": "Off plan", "none": "Not stated"}
OUTCOMES = {"better": "Better", "worse": "Worse", "same": "No change", "none": "No data"}
RULE = (
    "A saving is on plan when it is green by the rule of the savings pages, and off plan when it "
    "is amber or red; where neither a saving to date nor a forecast can be compared with a plan, "
    "it is not stated. Outcomes are worse when any metric that the scheme should move is worse, "
    "better when one improved and none is worse, and without change when those that have a "
    "verdict vary by chance only, or changed in a way that is neither better nor worse. No data: "
    "no metric is named for the scheme, or none that is named has a verdict yet. A verdict is "
    "that of the metric's latest value, whatever the year of the savings: its period stands with "
    "it."
)


@dataclass(frozen=True)
class Aim:
    """A metric that a scheme should move, with what it says."""

    link: SchemeMetric
    row: Row

    @property
    def lag(self) -> str:
        """How long it is expected to take, in words."""
        months = self.link.lag_months
        if months is None:
            return "not stated"
        return f"{months} month{'' if months == 1 else 's'}"

    @property
    def until(self) -> str:
        """To which period the verdict reaches, in words; "" without a value."""
        verdict = self.row.verdict
        if verdict.starts is None or verdict.ends is None:
            return ""
        return f"to {period_words(verdict.starts, verdict.ends)}"

    @property
    def reserve(self) -> str:
        """How far the verdict is to be relied on, and what is left out of it."""
        return reserve_words(self.row)

    @property
    def beside(self) -> str:
        """How the system's other areas stand, in words."""
        return beside_words(self.row.verdict)


@dataclass(frozen=True)
class Placed:
    """A scheme with its place in the grid."""

    scheme: SchemeRow
    saving: str  # a key of SAVINGS
    outcome: str  # a key of OUTCOMES
    aims: Sequence[Aim]


def aims_of(system: System, scheme: Scheme | None = None) -> dict[str, list[Aim]]:
    """What schemes should move, by their codes: two queries, and three for verdicts not kept."""
    links = SchemeMetric.objects.filter(scheme__system=system)
    if scheme is not None:
        links = links.filter(scheme=scheme)
    found = list(links.select_related("scheme").order_by("metric__position", "metric__code"))
    metrics = Metric.objects.filter(pk__in={link.metric_id for link in found}).aimed()
    rows = {row.metric.pk: row for row in rows_of(list(metrics), NO_CONTENT)}
    aims = defaultdict(list)
    for link in found:
        aims[link.scheme.code].append(Aim(link, rows[link.metric_id]))
    return aims


def placed(book: SavingsBook, aims: Mapping[str, Sequence[Aim]]) -> list[Placed]:
    """Every scheme of a book in its place; a part of one with its own line and aims."""
    return [
        Placed(row, saving_of(row), outcome_of(own), own)
        for row in book.rows
        for own in [aims.get(row.code, ())]
    ]


def saving_of(row: SchemeRow) -> str:
    """Where a scheme's saving stands."""
    return {"green": "on", "": "none"}.get(row.judged.status, "off")


def outcome_of(aims: Sequence[Aim]) -> str:
    """Where the outcomes of a scheme stand, taken together."""
    said = {aim.row.said for aim in aims}
    if Said.WORSE in said:
        return "worse"
    if Said.IMPROVED in said:
        return "better"
    return "same" if said & {Said.SAME, Said.MOVED} else "none"


def mixed_words(aims: Sequence[Aim]) -> str:
    """Such as one better, one worse, where metrics of a scheme moved both ways; "" elsewhere."""
    said = Counter(aim.row.said for aim in aims)
    if not (said[Said.IMPROVED] and said[Said.WORSE]):
        return ""
    return f"{number(said[Said.IMPROVED])} better, {number(said[Said.WORSE])} worse"


def grid(places: Sequence[Placed], here: tuple[str, str]) -> list[dict[str, Any]]:
    """The rows of the grid, each with its cells: {label, schemes [{name, href, parent,
    mixed}]}.
    """
    cells: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for item in places:
        row = item.scheme
        cells[item.saving, item.outcome].append(
            {
                "name": row.name,
                "parent": row.parent_name if row.parent else "",
                "mixed": mixed_words(item.aims),
                "href": reverse("scheme-tab", args=[*here, row.code, "outcomes"]),
            }
        )
    return [
        {
            "label": label,
            "cells": [
                {"label": said, "schemes": cells[saving, outcome]}
                for outcome, said in OUTCOMES.items()
            ],
        }
        for saving, label in SAVINGS.items()
    ]


def sentence(places: Sequence[Placed]) -> str:
    """How many schemes have both a saving and an outcome to hold side by side."""
    both = [item for item in places if "none" not in (item.saving, item.outcome)]
    total = f"{len(places)} scheme{'' if len(places) == 1 else 's'}"
    if not places:
        return "The year has no scheme of a savings plan."
    if not both:
        return (
            f"Of {total} none has both a saving that can be compared with its plan and a metric "
            "with a verdict."
        )
    have = "has" if len(both) == 1 else "have"
    on = sum(item.saving == "on" and item.outcome == "better" for item in both)
    off = sum(item.saving == "on" and item.outcome == "worse" for item in both)
    return (
        f"{len(both)} of {total} {have} both a saving and an outcome to hold side by side: {on} "
        f"on plan with better outcomes, {off} on plan with worse ones."
    )


def footprints(system: System, aims: Mapping[str, Sequence[Aim]]) -> list[str]:
    """Whose money and whose outcomes these are, in sentences."""
    areas = sorted(
        {aim.row.metric.area.name for own in aims.values() for aim in own if aim.row.metric.area}
    )
    said = [f"The money is that of {system.name}. {system.footprint}".strip()]
    if areas:
        said.append(f"The outcomes are those of {', '.join(areas)}.")
        if any(area != system.name for area in areas):
            said.append(
                "The two are not the same people: a metric of a wider area moves also with what "
                "happens outside the system, and one of a narrower area leaves part of it out."
            )
    return said


def cards(slice_: Slice, scheme: Scheme, row: SchemeRow) -> dict[str, Any]:
    """What a scheme's own page shows: a card for each metric, beside the saving."""
    aims = aims_of(slice_.system, scheme)
    own, figures = aims.get(scheme.code, []), row.figures
    nothing = figures.actual_pence is None
    planned = figures.plan_to_date_pence if nothing else figures.compared_plan_pence
    return {
        "saving_label": SAVINGS[saving_of(row)],
        "saving_reason": row.judged.reason,
        "saved": cell(figures.actual_pence, "k"),
        "planned": cell(planned, "k"),
        "cards": [_card(aim, slice_.system) for aim in own],
        "footprints": footprints(slice_.system, aims),
        "matrix_href": reverse("money-and-outcomes", args=[slice_.system.code, slice_.year_id]),
    }


def _card(aim: Aim, system: System) -> dict[str, Any]:
    return row_context(aim.row, {"system": system, "baseline": ""}) | {
        "lag": aim.lag,
        "words": aim.link.words,
        "quality": aim.row.metric.quality,
    }


MATRIX_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year of the savings"),
    Column("scheme", "string", "code of the scheme"),
    Column("name", "string", "its name"),
    Column("part_of", "string", "code of the scheme that it is a part of"),
    Column("saving", "string", "on, off (amber or red by the rule), or none: not stated"),
    Column("saved_to_date", "number", "pounds; empty is not stated"),
    Column("planned_to_date", "number", "pounds, of the lines that reported"),
    Column("outcome", "string", "of all its metrics: better, worse, same, none"),
    Column("metric", "string", "code of a metric that it should move; empty: none is named"),
    Column("area", "string", "the area that the metric is of"),
    Column("verdict", "string", "improved, worse, no-change, moved, early (none yet), no-data"),
    Column("as_of", "date", "last day of the latest value, which the verdict is of"),
    Column("lag_months", "integer", "expected until it moves; empty is not stated"),
)


def matrix_rows(slice_: Slice, places: Sequence[Placed]) -> Iterator[Sequence[Any]]:
    """A row a scheme and metric; a scheme without a metric has one."""
    for item in places:
        figures = item.scheme.figures
        aims: Sequence[Aim | None] = item.aims or [None]
        for aim in aims:
            metric = aim.row.metric if aim else None
            yield (
                slice_.system.code,
                slice_.year_id,
                item.scheme.code,
                item.scheme.name,
                item.scheme.parent or "",
                item.saving,
                pounds(figures.actual_pence),
                pounds(figures.compared_plan_pence),
                item.outcome,
                metric.code if metric else "",
                metric.area.name if metric and metric.area else "",
                str(aim.row.said) if aim else "",
                aim.row.verdict.ends if aim else None,
                aim.link.lag_months if aim else None,
            )
