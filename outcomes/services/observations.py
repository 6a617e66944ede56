"""Observations: the one way in for values, from page, upload, API and loader alike."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404

from esbt.kit.counts import Count
from esbt.kit.problems import Conflict, Fault, Refused
from outcomes.figures.adding import Place, gaps
from outcomes.models import Area, Metric, Observation, Standing
from outcomes.services.entries import ANY, ObservationEntry, faults_of
from outcomes.services.periods import Key, misfits, overlaps
from schemes.models import System, User
from schemes.models.base import storable
from schemes.people.permissions import Permission, require

_COUNTED, _VALUED = Decimal("0.0001"), Decimal("0.000001")


@dataclass
class Recorded:
    """What a save did: counts, and what is stored and looks wrong."""

    count: Count = field(default_factory=Count)
    warnings: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Change:
    """What a save would change; a value of None is not stated, an old standing of "" is new."""

    metric: str
    area: str
    starts: date
    ends: date
    old: Decimal | None
    new: Decimal | None
    old_standing: str
    new_standing: str


@dataclass
class Preview(Recorded):
    """What a save would do: its counts and warnings, and the first of its changes."""

    changes: list[Change] = field(default_factory=list)


@transaction.atomic
def record_observations(
    *,
    by: User | None,
    system_id: int,
    entries: Sequence[ObservationEntry],
    only_figures: bool = False,
    ask: bool = False,
) -> Recorded:
    """Record any number of values of a system's metrics: all of them, or none.

    With ``only_figures`` an entry that repeats the figures that stand changes nothing, so that
    their evidence and comment stay. Holds the metrics' rows to commit. Raises Refused with a fault
    an entry, Conflict over a newer value, and Http404 for those who may not. A value that is not
    held against the others, since its period is longer or shorter than those of its metric or
    overlaps one, is kept with a warning; with ``ask`` it is refused with code confirm. The number
    of queries does not depend on the number of entries.
    """
    compared = _compare(by, system_id, entries, only_figures, lock=True)
    if ask and compared.doubts:
        raise Refused(compared.doubts, code="confirm")
    if compared.changed:
        _store(compared.changed, by)
    return compared.recorded


def preview_observations(
    *, by: User | None, system_id: int, entries: Sequence[ObservationEntry], show: int
) -> Preview:
    """What ``record_observations`` would do with figures alone, and the first ``show`` changes.

    Writes nothing and locks nothing; raises what recording would.
    """
    compared = _compare(by, system_id, entries, only_figures=True)
    recorded = compared.recorded
    changes = [
        _change(compared.keyed[key], compared.heads.get(key), values)
        for key, values in itertools.islice(compared.changed.items(), show)
    ]
    return Preview(recorded.count, recorded.warnings, changes)


def _change(entry: ObservationEntry, old: tuple[Any, ...] | None, new: tuple[Any, ...]) -> Change:
    return Change(
        entry.metric,
        entry.area,
        entry.starts,
        entry.ends,
        old[3] if old else None,
        new[3],
        old[4] if old else "",
        new[4],
    )


@transaction.atomic
def withdraw_observation(
    *,
    by: User | None,
    metric: Metric,
    area: str,
    starts: date,
    ends: date,
    reason: str,
    revision: int | str | None = ANY,
) -> None:
    """Take back the value of a period: a further revision without figures, which says why.

    Raises Http404 for those who may not and where nothing stands, Refused without a reason, and
    Conflict over a newer value than ``revision``.
    """
    if by is not None:
        require(by, Permission.ENTER_OBSERVATION, system=metric.system)
    Metric.objects.select_for_update(no_key=True).get(pk=metric.pk)
    heads = Observation.objects.exclude(standing=Standing.WITHDRAWN)
    head = get_object_or_404(heads, metric=metric, area__code=area, starts=starts, ends=ends)
    said = storable(reason).strip()
    if not said:
        raise Refused([Fault("Say why this value is withdrawn.", "reason")])
    if revision not in (ANY, head.revision):
        raise Conflict([Fault("Somebody saved this value after you opened it. Look again.")], [])
    withdrawn = (None, None, None, Standing.WITHDRAWN, "", said, None)
    _store({(metric.pk, head.area_id, starts, ends): (head.revision + 1, *withdrawn)}, by)


@dataclass
class _Compared:
    """Entries against what stands: those that change something, with their revision and values."""

    keyed: dict[Key, ObservationEntry]
    heads: dict[Key, tuple[Any, ...]]
    changed: dict[Key, tuple[Any, ...]]
    recorded: Recorded
    doubts: list[Fault]  # new values that would be held against no other


def _compare(
    by: User | None,
    system_id: int,
    entries: Sequence[ObservationEntry],
    only_figures: bool,
    *,
    lock: bool = False,
) -> _Compared:
    system = System.objects.get(pk=system_id)
    if by is not None:
        require(by, Permission.ENTER_OBSERVATION, system=system)
    named = Metric.objects.filter(system=system, code__in={entry.metric for entry in entries})
    if lock:
        named = named.order_by("pk").select_for_update(no_key=True)
    metrics = {metric.code: metric for metric in named}
    areas = dict(
        Area.objects.filter(code__in={entry.area for entry in entries}).values_list("code", "pk")
    )
    _refuse(faults_of(entries, metrics, areas))
    keyed = {_key(entry, metrics, areas): entry for entry in entries}
    heads = _heads(metrics.values(), areas.values())
    _check_revisions(keyed, heads)
    recorded = Recorded()
    changed: dict[Key, tuple[Any, ...]] = {}
    for key, entry in keyed.items():
        old, new = heads.get(key), _values(entry, metrics[entry.metric])
        if old is not None and _stands(old[1:], new, only_figures):
            recorded.count.unchanged += 1
            continue
        recorded.count += Count(updated=1) if old else Count(created=1)
        changed[key] = ((old[0] if old else 0) + 1, *new)
    doubts: list[Fault] = []
    if changed:
        by_id = {metric.pk: metric for metric in metrics.values()}
        fresh = {key for key in changed if key not in heads or heads[key][3] is None}
        doubts = misfits(by_id, keyed, changed, fresh) + overlaps(
            by_id, keyed, changed, heads, fresh
        )
        recorded.warnings = doubts + _gaps(metrics.values(), keyed, changed, heads)
    return _Compared(keyed, heads, changed, recorded, doubts)


def _stands(old: tuple[Any, ...], new: tuple[Any, ...], only_figures: bool) -> bool:
    """Whether new values say nothing that does not stand.

    That a definition changed is known to those who keep the figures, not to the figures' table.
    """
    if not only_figures:
        return old == new
    same_standing = old[3] == new[3] or (old[3], new[3]) == (Standing.REDEFINED, Standing.FINAL)
    return same_standing and old[:3] == new[:3]


def _key(entry: ObservationEntry, metrics: Mapping[str, Metric], areas: Mapping[str, int]) -> Key:
    return metrics[entry.metric].pk, areas[entry.area], entry.starts, entry.ends


_VALUES = ("numerator", "denominator", "value", "standing", "hedge", "comment", "evidence_id")


def _heads(metrics: Iterable[Metric], areas: Iterable[int]) -> dict[Key, tuple[Any, ...]]:
    """The present revision and values of metrics in areas: one query."""
    rows = Observation.objects.filter(metric__in=metrics, area__in=areas).values_list(
        "metric", "area", "starts", "ends", "revision", *_VALUES
    )
    return {row[:4]: row[4:] for row in rows.iterator(chunk_size=20_000)}


def _values(entry: ObservationEntry, metric: Metric) -> tuple[Any, ...]:
    value = entry.value
    if value is None and entry.numerator is not None and entry.denominator:
        value = entry.numerator / entry.denominator * metric.per
    return (
        _rounded(entry.numerator, _COUNTED),
        _rounded(entry.denominator, _COUNTED),
        _rounded(value, _VALUED),
        entry.standing,
        entry.hedge,
        entry.comment,
        entry.evidence_id,
    )


def _rounded(number: Decimal | None, places: Decimal) -> Decimal | None:
    """To the places that are stored, so that what is saved twice is known to be the same."""
    return None if number is None else number.quantize(places)


def _check_revisions(
    keyed: Mapping[Key, ObservationEntry], heads: Mapping[Key, tuple[Any, ...]]
) -> None:
    faults, newer = [], []
    for key, entry in keyed.items():
        if entry.revision == ANY:
            continue
        head = heads.get(key)
        if entry.revision == (head[0] if head else None):
            continue
        said = "Somebody saved this value after you opened it. Compare the two and save again."
        faults.append(Fault(said, "revision", str(entry.revision), entry.row))
        newer.append(value_of(entry, head))
    if faults:
        raise Conflict(faults, newer)


def value_of(entry: ObservationEntry, head: tuple[Any, ...] | None) -> dict[str, Any]:
    """What stands where an entry would go, as plain data; all None where nothing stands."""
    values = head or (None,) * (len(_VALUES) + 1)
    return {
        "metric": entry.metric,
        "area": entry.area,
        "starts": entry.starts.isoformat(),
        "ends": entry.ends.isoformat(),
        "revision": values[0],
        "numerator": values[1],
        "denominator": values[2],
        "value": values[3],
        "standing": values[4],
    }


def _gaps(
    metrics: Collection[Metric],
    keyed: Mapping[Key, ObservationEntry],
    changed: Mapping[Key, tuple[Any, ...]],
    heads: Mapping[Key, tuple[Any, ...]],
) -> list[Fault]:
    """A warning where the parts of a metric no longer add to the whole: two queries more."""
    ids = {metric.part_of_id or metric.pk for metric in metrics}
    family = Metric.objects.filter(Q(pk__in=ids) | Q(part_of__in=ids)).order_by("pk")
    parts: dict[int, list[Metric]] = {}
    for metric in family:
        if metric.part_of_id:
            parts.setdefault(metric.part_of_id, []).append(metric)
    if not parts:
        return []
    known = {metric.pk for metric in metrics}
    others = [metric for metric in family if metric.pk not in known]
    rows = {**_heads(others, {key[1] for key in changed}), **heads, **changed}
    values: dict[int, dict[Place, Decimal | None]] = {}
    for key, row in rows.items():
        values.setdefault(key[0], {})[key[1:]] = row[3]
    places: dict[int, dict[Place, None]] = {}
    wholes = {metric.pk: metric.part_of_id or metric.pk for metric in family}
    for key in changed:
        places.setdefault(wholes[key[0]], {})[key[1:]] = None
    warned = []
    for whole in family:
        for gap in gaps(whole, parts.get(whole.pk, []), values, places.get(whole.pk, ())):
            entry = next(e for pk in (whole.pk, *gap.parts) if (e := keyed.get((pk, *gap.place))))
            warned.append(Fault(gap.words, "value", "", entry.row))
    return warned


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise Refused(faults)


def _store(changed: Mapping[Key, tuple[Any, ...]], by: User | None) -> None:
    """Add revisions by COPY and bring the heads to them, each metric under its next change."""
    text = io.StringIO()
    csv.writer(text).writerows([*key, *values] for key, values in changed.items())
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.copy_expert(_COPY, text)
        cursor.execute(
            "UPDATE outcomes_metric SET change = change + 1 "
            "WHERE id IN (SELECT metric_id FROM staged)"
        )
        cursor.execute(_ADD, {"actor": by.pk if by else None, "at": datetime.now(UTC)})
        cursor.execute(_PUT_HEADS)
        cursor.execute("DROP TABLE staged")


_STAGE = """
CREATE TEMP TABLE staged (metric_id bigint, area_id bigint, starts date, ends date,
    revision integer, numerator numeric, denominator numeric, value numeric, standing text,
    hedge text, comment text, evidence_id bigint) ON COMMIT DROP"""

# a blank is null, but in texts, which are never null
_COPY = "COPY staged FROM STDIN (FORMAT csv, FORCE_NOT_NULL (standing, hedge, comment))"

_ADD = """
INSERT INTO outcomes_observationrevision (metric_id, area_id, starts, ends, revision, numerator,
    denominator, value, standing, hedge, comment, evidence_id, change, actor_id, at)
SELECT s.*, m.change, %(actor)s, %(at)s
FROM staged s JOIN outcomes_metric m ON m.id = s.metric_id"""

_PUT_HEADS = """
INSERT INTO outcomes_observation (metric_id, area_id, starts, ends, revision, numerator,
    denominator, value, standing, hedge, comment, evidence_id, change)
SELECT s.*, m.change FROM staged s JOIN outcomes_metric m ON m.id = s.metric_id
ON CONFLICT (metric_id, area_id, starts, ends) DO UPDATE SET
    revision = EXCLUDED.revision, numerator = EXCLUDED.numerator,
    denominator = EXCLUDED.denominator, value = EXCLUDED.value, standing = EXCLUDED.standing,
    hedge = EXCLUDED.hedge, comment = EXCLUDED.comment, evidence_id = EXCLUDED.evidence_id,
    change = EXCLUDED.change"""
