"""What the latest value of a metric says, in the few words that lists and reports count by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db import models

from esbt.kit.words import in_a_list
from outcomes import spc
from outcomes.charts.words import ASSURANCES
from outcomes.models import Metric
from outcomes.queries import Verdict

# with fewer values, no rule of the control chart can mark one
FEWEST = 5


class Said(models.TextChoices):
    """Whether a metric is really changing."""

    IMPROVED = "improved", "Improved"
    WORSE = "worse", "Worse"
    SAME = "no-change", "No change"
    MOVED = "moved", "Changed, neither better nor worse"
    EARLY = "early", "No verdict yet"
    NONE = "no-data", "No data"


RULE = (
    "Improved or worse: the latest value is a signal by the rules of the control chart "
    "(special cause improvement, special cause concern). No change: it lies within what varies "
    "by chance (common cause). Changed, neither better nor worse: a signal of a metric of which "
    "neither way is better. Values whose periods are longer or shorter than the metric's, or "
    "overlap, are left out. No verdict yet: there are values, but they overlap or are fewer "
    f"than {FEWEST} since the limits began, so that no rule could mark one; a change on the year "
    "before is shown and counts for nothing. No data: no value is entered, or no area is shown "
    "first."
)

_SIGNALS = {
    spc.PointType.COMMON: Said.SAME,
    spc.PointType.IMPROVEMENT: Said.IMPROVED,
    spc.PointType.CONCERN: Said.WORSE,
    spc.PointType.HIGH: Said.MOVED,
    spc.PointType.LOW: Said.MOVED,
}


def said_of(verdict: Verdict) -> Said:
    """What a metric's verdict counts as."""
    if verdict.value is None:
        return Said.NONE
    if not verdict.variation or verdict.counted < FEWEST:
        return Said.EARLY
    return _SIGNALS[spc.PointType(verdict.variation)]


def assurance_words(metric: Metric, verdict: Verdict) -> str:
    """What can be expected of the target, or why nothing is said of it.

    ``metric`` is one that MetricQuerySet.aimed has read.
    """
    if verdict.assurance and verdict.counted >= FEWEST:
        return ASSURANCES[spc.Assurance(verdict.assurance)]
    if metric.no_target:
        return "No target, by decision"
    if verdict.target is not None:
        return "A target, and too few values to say"
    if not metric.has_target:  # type: ignore[attr-defined]
        return "No target stated"
    return "A target, and no value" if verdict.value is None else "A target of other periods"


def assurance_name(verdict: Verdict) -> str:
    """The assurance as a name for styles: pass, fail, inconsistent, or none."""
    if not verdict.assurance or verdict.counted < FEWEST:
        return "none"
    return verdict.assurance.removeprefix("consistent_")


def sentence(found: Iterable[tuple[Said, Verdict]]) -> str:
    """How many metrics improved, got worse and so on, in a sentence."""
    pairs = list(found)
    counted, total = Counter(said for said, _ in pairs), len(pairs)
    if not total:
        return "No metric is defined yet."
    overlap = sum(said == Said.EARLY and verdict.overlapping > 0 for said, verdict in pairs)
    early = counted[Said.EARLY] - overlap
    none = "has" if counted[Said.NONE] == 1 else "have"
    parts = [f"{counted[Said.IMPROVED]} improved", f"{counted[Said.WORSE]} got worse"]
    parts.append(f"{counted[Said.SAME]} did not change")
    if counted[Said.MOVED]:
        parts.append(f"{counted[Said.MOVED]} changed in a way that is neither better nor worse")
    if early:
        parts.append(f"{early} {'has' if early == 1 else 'have'} too few values for a verdict")
    if overlap:
        have = "has" if overlap == 1 else "have"
        parts.append(f"{overlap} {have} periods that overlap, and so no verdict")
    parts.append(f"{counted[Said.NONE]} {none} no value")
    what = "metric" if total == 1 else "metrics"
    return f"Of {total} {what} {in_a_list(parts)}."
