"""What the page of outcomes shows: the framework as a tree, its gaps, and every metric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from esbt.kit.when import period_words
from esbt.kit.words import number
from outcomes.charts.words import PERCENT, figure, mean_words, unit_label
from outcomes.figures.metric import Measure
from outcomes.figures.readings import measure_of
from outcomes.figures.verdicts import Said, assurance_name, assurance_words, said_of
from outcomes.models import Framework, Frequency, Level, Metric
from outcomes.pages.listing import Row, Wish, choices, wholes
from outcomes.queries import Verdict
from outcomes.queries.frameworks import Content
from schemes.models import System

PROVISIONAL = 13  # limits of fewer values may still move much
PLURALS = {Level.DOMAIN: "domains", Level.OBJECTIVE: "objectives", Level.OUTCOME: "outcomes"}


def gaps(framework: Framework, content: Content) -> list[dict[str, Any]]:
    """What the source counts against what is entered, a level each."""
    entered = Counter(item.level for item in content.items)
    return [
        {
            "level": str(level),
            "label": PLURALS[level].capitalize(),
            "entered": entered[level],
            "expected": expected,
            "missing": expected is not None and entered[level] < expected,
            "differs": expected not in (None, entered[level]),
            "words": gap_words(level, entered[level], expected),
        }
        for level, expected in (
            (Level.DOMAIN, framework.expected_domains),
            (Level.OBJECTIVE, framework.expected_objectives),
            (Level.OUTCOME, framework.expected_outcomes),
        )
    ]


def gap_words(level: Level, entered: int, expected: int | None) -> str:
    """Such as 0 of 10 objectives: the source counts 10 and names none."""
    what = PLURALS[level]
    if expected is None:
        return f"{entered} {what} entered; the source gives no count"
    if entered == expected:
        return f"{entered} of {expected} {what}"
    if entered > expected:
        more = entered - expected
        counted = number(more)
        return f"{entered} of {expected} {what} entered: {counted} more than the source counts"
    if not entered:
        return f"0 of {expected} {what}: the source counts {expected} and names none"
    left = expected - entered
    return f"{entered} of {expected} {what}: {left} more {'is' if left == 1 else 'are'} not entered"


def tree(
    content: Content, rows: Mapping[int, Row], shown: Mapping[str, Any], parent: int | None = None
) -> list[dict[str, Any]]:
    """The items under one as nodes: {item, level, metrics, schemes, children, lacks, add}."""
    return [
        {
            "item": item,
            "level": item.get_level_display(),
            "metrics": [
                row_context(rows[pk], shown)
                for pk in content.metrics.get(item.pk, ())
                if pk in rows
            ],
            "schemes": [
                {"name": scheme.name, "href": shown["scheme_href"](scheme.code)}
                for scheme in content.schemes.get(item.pk, ())
            ],
            "children": tree(content, rows, shown, item.pk),
        }
        for item in content.under(parent)
    ]


def row_context(row: Row, shown: Mapping[str, Any], *, parts: bool = True) -> dict[str, Any]:
    """A metric as a row of a table, its parts folded into it."""
    metric, verdict = row.metric, row.verdict
    return {
        "name": metric.name,
        "href": reverse("metric", args=[shown["system"].code, metric.code]),
        "row": row,
        "said": row.said,
        "label": row.said.label,
        "reserve": reserve_words(row),
        "assurance": assurance_words(metric, verdict),
        "assurance_name": assurance_name(verdict),
        "area": metric.area.name if metric.area else "",
        "direction": metric.get_direction_display(),
        "parts": [row_context(part, shown, parts=False) for part in row.parts] if parts else [],
        "parts_said": parts_words(row),
        "beside": beside_words(row.verdict),
        "words": verdict.words,
        **figures(metric, verdict, shown["baseline"]),
    }


def beside_words(verdict: Verdict) -> str:
    """How the system's other areas stand: "Moor: worse; Hill: no data"."""
    found = [(name, said_of(own).label.lower()) for name, own in verdict.beside]
    return "; ".join(f"{name}: {label}" for name, label in found)


def figures(metric: Metric, verdict: Verdict, baseline: str) -> dict[str, str]:
    """The latest value in words, and how it stands to the year before and to the baseline."""
    names = ("value", "unit", "period", "year", "year_of", "base", "base_of")
    told = dict.fromkeys(names, "")
    value = verdict.value
    if value is None or verdict.starts is None or verdict.ends is None:
        return told
    measure, first = measure_of(metric), verdict.baseline(baseline)
    told["value"] = f"{verdict.hedge} {bare(measure, value)}".strip()
    told["unit"] = "" if measure.unit == PERCENT else unit_label(measure)
    told["period"] = period_words(verdict.starts, verdict.ends)
    if verdict.year_before is not None:
        told["year"], told["year_of"] = moved_words(measure, value, verdict.year_before)
    if first and first[0] != verdict.starts:
        told["base"], told["base_of"] = moved_words(measure, value, first[2])
        told["base_of"] += f" in {period_words(*first[:2])}"
    return told


def bare(measure: Measure, value: Decimal) -> str:
    """A value as a narrow cell has it: with the sign of a percentage, and no other unit."""
    return f"{figure(measure, value)}{'%' if measure.unit == PERCENT else ''}"


def moved_words(measure: Measure, value: Decimal, before: Decimal) -> tuple[str, str]:
    """How a value stands to an earlier one, without a judgement: 1.2 points lower, than 5.0%."""
    size = figure(measure, abs(value - before))
    if not size.strip("0."):
        return "the same", f"as {bare(measure, before)}"
    unit = " points" if measure.unit == PERCENT else ""
    way = "higher" if value > before else "lower"
    return f"{size}{unit} {way}", f"than {bare(measure, before)}"


def reserve_words(row: Row) -> str:
    """How far a verdict is to be relied on, or why there is none; "" where nothing is to say."""
    counted = row.verdict.counted
    since = " since the limits began" if row.verdict.stepped else ""
    values = f"{counted} value{'' if counted == 1 else 's'}{since}"
    misfits, overlapping = row.verdict.misfits, row.verdict.overlapping
    said = []
    if row.said == Said.EARLY and (counted or not misfits):
        said.append("periods overlap" if overlapping else values)
    elif row.said not in (Said.EARLY, Said.NONE) and counted < PROVISIONAL:
        said.append(f"provisional limits, of {values}")
    said.append(mean_words(measure_of(row.metric), row.verdict.moved))
    if overlapping and row.said != Said.EARLY:
        said.append(f"{overlapping} values left out, since their periods overlap")
    if misfits:
        what = "value" if misfits == 1 else "values"
        said.append(f"{misfits} {what} of another length than {row.metric.length} left out")
    return "; ".join(filter(None, said))


def parts_words(row: Row) -> str:
    """How many parts a metric has, by what, and what they say; "" without parts."""
    if not row.parts:
        return ""
    kinds = Counter(part.metric.part_kind for part in row.parts)
    counted = Counter(part.said for part in row.parts)
    said = [f"{counted[item]} {item.label.lower()}" for item in Said if counted[item]]
    what = "part" if len(row.parts) == 1 else "parts"
    if len(kinds) == 1:
        kind = row.parts[0].metric.part_kind
        return f"{len(row.parts)} {what}{f' by {kind}' if kind else ''}: {', '.join(said)}"
    by = ", ".join(f"{count} by {kind or 'part'}" for kind, count in kinds.items())
    return f"{len(row.parts)} {what} ({by}): {', '.join(said)}"


def filters(wish: Wish, content: Content) -> list[dict[str, Any]]:
    """The lists of the form of filters."""
    labels = {"verdict": "Verdict", "domain": "Domain", "frequency": "Frequency"}
    return [
        {"name": name, "label": labels[name], "options": options, "value": getattr(wish, name)}
        for name, options in choices(content).items()
    ]


def unplaced(rows: Iterable[Row], shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Whole metrics that serve no item of the version, those with many values first."""
    left = [row for row in wholes(rows) if not row.serves]
    return [
        {
            "name": str(frequency),
            "label": f"Measured {frequency.label}",
            "rows": own,
        }
        for frequency in _OFTEN_FIRST
        if (own := [row_context(r, shown) for r in left if r.metric.frequency == frequency])
    ]


_OFTEN_FIRST = (
    Frequency.WEEKLY,
    Frequency.MONTHLY,
    Frequency.QUARTERLY,
    Frequency.YEARLY,
    Frequency.TWO_YEARLY,
    Frequency.SNAPSHOT,
    Frequency.ONCE,
)


def counts_words(framework: Framework) -> str:
    """What is entered in a version in a line: 4 of 4 domains, 0 of 10 objectives, 2 outcomes."""
    said = []
    for level, plural in PLURALS.items():
        entered = getattr(framework, f"entered_{level}s")
        expected = getattr(framework, f"expected_{level}s")
        what = str(level) if (entered, expected) == (1, None) else plural
        said.append(f"{entered}{'' if expected is None else f' of {expected}'} {what}")
    return ", ".join(said)


def version_links(
    system: System, found: Sequence[Framework], chosen: Framework | None
) -> list[dict[str, Any]]:
    """The versions to choose from, as frameworks_of reads them, the latest last."""
    here = reverse("outcomes", args=[system.code])
    return [
        {
            "label": framework.name,
            "href": f"{here}?framework={framework.code}",
            "current": framework == chosen,
            "counts": counts_words(framework),
        }
        for framework in found
    ]
