"""Published files into observations by a mapping: all of them or nothing, and a look beforehand."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from esbt.kit.words import in_a_list
from outcomes.models import Area, Metric
from outcomes.services.definitions import MetricSpec, may_keep, save_metrics
from outcomes.services.entries import ObservationEntry
from outcomes.services.file_areas import FileAreas, find_areas, normal
from outcomes.services.observations import (
    Change,
    Preview,
    Recorded,
    preview_observations,
    record_observations,
)
from outcomes.workbook.mapping import Mapping
from outcomes.workbook.reading import MAX_FAULTS, FoundRow, Progress, Reading, read_file
from schemes.models import Source, System, User
from schemes.people.permissions import Permission, require
from schemes.services.reference import EvidenceSpec, SourceSpec, save_evidence, save_sources

Say = Callable[[str], None]

NAMED = 5  # of the areas or metrics that are left out


@dataclass
class Imported:
    """What an import did or would do: counts, warnings, how files were taken, first changes.

    ``seen`` holds the change of each metric before it, by code; ``names`` what metrics and areas of
    the changes are called.
    """

    count: Count = field(default_factory=Count)
    warnings: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


class Unknown(Refused):
    """Files of which nothing is wrong but that areas or metrics are not known here; the rest could
    be taken alone. ``left_out`` says in words what would not be.
    """

    def __init__(self, faults: Iterable[Fault], left_out: list[str]) -> None:
        super().__init__(faults)
        self.left_out = left_out


def import_files(
    *,
    by: User | None,
    system_id: int,
    mapping: Mapping,
    files: Sequence[tuple[str, bytes]],
    say: Say = lambda words: None,
    progress: Progress = lambda done, of: None,
    seen: dict[str, int] | None = None,
    known_only: bool = False,
) -> Imported:
    """Store what files (name and content) say, all of it or nothing; twice changes nothing.

    Areas, aliases, metrics and the source that the mapping declares are made where they are not
    there. With ``known_only`` figures of areas and metrics that are not known are left out, which
    a note says; without it they are faults, and Unknown is raised if there are no others. Raises
    Refused with every fault of all files, each with its file, row, column and value, or of code
    conflict where a metric is no longer as a preview had ``seen`` it; and Http404 without
    the permission to enter observations.
    """
    system = _allowed(by, system_id)
    readings = _read(mapping, files, say, progress)
    with transaction.atomic():
        if seen is not None:
            _check_seen(system, readings, seen)
        entries, places, done = _entries(by, system, mapping, readings, known_only)
        began = time.perf_counter()
        with _told(places):
            recorded = record_observations(
                by=by, system_id=system_id, entries=entries, only_figures=True
            )
        say(f"stored {len(entries):,} values ({time.perf_counter() - began:.1f} s)")
    return _imported(done, recorded, places)


def preview_files(
    *,
    by: User | None,
    system_id: int,
    mapping: Mapping,
    files: Sequence[tuple[str, bytes]],
    show: int,
    progress: Progress = lambda done, of: None,
    known_only: bool = False,
) -> Imported:
    """What ``import_files`` would do, and the first ``show`` changes; nothing stays of it."""
    system = _allowed(by, system_id)
    readings = _read(mapping, files, lambda words: None, progress)
    with transaction.atomic():
        seen = dict(_metrics_in(system, readings).values_list("code", "change"))
        entries, places, done = _entries(by, system, mapping, readings, known_only)
        done.seen = seen
        with _told(places):
            recorded = preview_observations(by=by, system_id=system_id, entries=entries, show=show)
        done.names = _names(system, recorded.changes)
        transaction.set_rollback(True)  # areas and metrics that would be made
    return _imported(done, recorded, places)


def _names(system: System, changes: Sequence[Change]) -> dict[str, str]:
    """Names of metrics and areas by code; no code of an area is that of a metric."""
    areas = Area.objects.filter(code__in={change.area for change in changes})
    metrics = Metric.objects.filter(system=system, code__in={c.metric for c in changes})
    return {item.code: item.name for items in (areas, metrics) for item in items}


def _metrics_in(system: System, readings: Sequence[Reading]) -> QuerySet[Metric]:
    codes = {one.metric for reading in readings for row in reading.rows for one in row.figures}
    return Metric.objects.filter(system=system, code__in=codes).order_by("pk")


def _check_seen(system: System, readings: Sequence[Reading], seen: dict[str, int]) -> None:
    """Lock the metrics, and refuse where one moved since a preview."""
    locked = _metrics_in(system, readings).select_for_update(no_key=True)
    if dict(locked.values_list("code", "change")) != seen:
        said = "Somebody saved values of these metrics meanwhile. Look at the changes again."
        raise Refused([Fault(said)], code="conflict")


def _allowed(by: User | None, system_id: int) -> System:
    system = System.objects.get(pk=system_id)
    if by is not None:
        require(by, Permission.ENTER_OBSERVATION, system=system)
    return system


def _read(
    mapping: Mapping, files: Sequence[tuple[str, bytes]], say: Say, progress: Progress
) -> list[Reading]:
    """Read all files; raises Refused with the faults of all."""
    readings = []
    for name, content in files:
        began = time.perf_counter()
        reading = read_file(mapping, name, content, progress=progress)
        readings.append(reading)
        values = sum(len(row.figures) for row in reading.rows)
        took = time.perf_counter() - began
        say(f"{reading.place}: read {values:,} values in {len(reading.rows):,} rows ({took:.1f} s)")
    _refuse(fault for reading in readings for fault in reading.faults)
    return readings


def _refuse(faults: Iterable[Fault]) -> None:
    told = list(faults)
    if told:
        raise Refused(told[:MAX_FAULTS])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry stands in a file."""

    row: FoundRow
    title: str  # of its column


def _entries(
    by: User | None,
    system: System,
    mapping: Mapping,
    readings: Sequence[Reading],
    known_only: bool,
) -> tuple[list[ObservationEntry], list[_Place], Imported]:
    """Observations of all files, with the place of each; what they hang on is made.

    An entry's row is its index, by which its place is found again.
    """
    rows = [row for reading in readings for row in reading.rows]
    areas = find_areas(by=by, part=mapping.areas, rows=rows)
    lacking = _make_metrics(by, system, mapping, rows, areas)
    unknown = [*lacking.values(), *areas.unknown.values()]
    faults = [*areas.faults, *_twice(rows, areas)]
    rows, left_out = _known(rows, lacking, areas), _left_out(lacking, areas)
    if unknown and rows and not faults and not known_only:
        raise Unknown(unknown[:MAX_FAULTS], left_out)
    _refuse(faults if known_only and rows else [*unknown, *faults])
    evidence = _evidence(mapping)
    entries: list[ObservationEntry] = []
    places: list[_Place] = []
    for row in rows:
        area = areas.codes[row.codes, row.name]
        for one in row.figures:
            entries.append(
                ObservationEntry(
                    metric=one.metric,
                    area=area,
                    starts=row.period.starts,
                    ends=row.period.ends,
                    value=one.value,
                    numerator=one.numerator,
                    denominator=one.denominator,
                    standing=one.standing,
                    evidence_id=evidence,
                    row=len(entries),
                )
            )
            places.append(_Place(row, one.title))
    done = Imported(
        warnings=[w for reading in readings for w in reading.warnings] + areas.warnings,
        notes=[
            f"{reading.place}: {note}" if len(readings) > 1 else note
            for reading in readings
            for note in reading.notes
        ]
        + left_out,
    )
    return entries, places, done


def _known(rows: Sequence[FoundRow], lacking: Collection[str], areas: FileAreas) -> list[FoundRow]:
    """The rows of known areas with their figures of known metrics; without any, not the row."""
    return [
        replace(row, figures=figures)
        for row in rows
        if (row.codes, row.name) in areas.codes
        if (figures := [one for one in row.figures if one.metric not in lacking])
    ]


def _left_out(lacking: Collection[str], areas: FileAreas) -> list[str]:
    """What is not known here, in words: how many areas and metrics, and the first of them."""
    unknown = {normal(name) if name else codes: name or codes[0] for codes, name in areas.unknown}
    return [
        f"{len(names)} {one if len(names) == 1 else more} not known here and left out: "
        f"{in_a_list([*names[:NAMED], *_others(len(names))])}. {remedy}"
        for names, one, more, remedy in (
            (list(unknown.values()), "area is", "areas are", "Ask an administrator to add them."),
            (list(lacking), "metric is", "metrics are", "Who keeps the outcomes can define them."),
        )
        if names
    ]


def _others(count: int) -> list[str]:
    return [f"{count - NAMED:,} more"] if count > NAMED else []


def _make_metrics(
    by: User | None,
    system: System,
    mapping: Mapping,
    rows: Sequence[FoundRow],
    areas: FileAreas,
) -> dict[str, Fault]:
    """Make metrics that the mapping defines and the system lacks; a fault for every other."""
    first = {one.metric: (row, one) for row in reversed(rows) for one in row.figures}
    known = set(Metric.objects.filter(system=system).values_list("code", flat=True))
    lacking = [code for code in first if code not in known]
    makes = lacking if by is None or may_keep(by, system) else []
    # a whole comes before its parts
    defined = {code: mapping.metrics[code] for code in makes if code in mapping.metrics}
    wholes = {part.part_of for part in defined.values() if part.part_of} - known - {*defined}
    defined |= {code: mapping.metrics[code] for code in wholes if code in mapping.metrics}
    if defined:
        _make_source(mapping)
        homes = _homes(system, rows, areas)
        save_metrics(
            by=by,
            specs=[
                MetricSpec(
                    system=system.code,
                    code=code,
                    metric_source=mapping.evidence.source,
                    position=position,
                    area=homes.get(code, ""),
                    **part.model_dump(),
                )
                for position, (code, part) in enumerate(mapping.metrics.items(), 1)
                if code in defined
            ],
        )
    said = (
        "The system has no such metric. Who keeps its outcomes can define it, or mend the mapping."
    )
    return {
        code: Fault(said, one.title, code, row.row, row.place)
        for code in lacking
        if code not in defined
        for row, one in [first[code]]
    }


def _homes(system: System, rows: Sequence[FoundRow], areas: FileAreas) -> dict[str, str]:
    """Of its areas in the file, the one by metric that most metrics of the system show first."""
    shown = Metric.objects.filter(system=system, area__isnull=False)
    times = Counter(shown.values_list("area__code", flat=True))
    found: dict[str, set[str]] = {}
    for row in rows:
        area = areas.codes.get((row.codes, row.name))
        if area and area in times:
            for one in row.figures:
                found.setdefault(one.metric, set()).add(area)
    return {metric: max(sorted(own), key=times.__getitem__) for metric, own in found.items()}


def _make_source(mapping: Mapping) -> None:
    """Make the source that the mapping declares; what stands under its code stays."""
    code, part = mapping.evidence.source, mapping.source
    if part and not Source.objects.filter(code=code).exists():
        # what a mapping declares is text of the installation's, whoever sends a file
        save_sources(by=None, specs=[SourceSpec(code=code, **part.model_dump())])


def _evidence(mapping: Mapping) -> int:
    _make_source(mapping)
    part = mapping.evidence
    specs = [EvidenceSpec(source=part.source, place=part.place)]
    return save_evidence(by=None, specs=specs)[0]


def _twice(rows: Sequence[FoundRow], areas: FileAreas) -> list[Fault]:
    """A fault for each row that says what another one says already of an area and period."""
    faults = []
    seen: dict[tuple[Any, ...], FoundRow] = {}
    for row in rows:
        area = areas.codes.get((row.codes, row.name))
        for one in row.figures if area else ():
            first = seen.setdefault((one.metric, area, row.period.starts, row.period.ends), row)
            if first is not row:
                faults.append(_second(first, row, one.title))
                break
    return faults


def _second(first: FoundRow, row: FoundRow, title: str) -> Fault:
    where = f"Row {first.row}" if first.place == row.place else f"{first.place}, row {first.row},"
    codes = "" if first.codes == row.codes else f", under '{' '.join(first.codes)}'"
    said = f"{where} has this area and period already{codes}. Keep one of them."
    value = " ".join(filter(None, [*row.codes[:1], row.name]))
    return Fault(said, title, value[:60], row.row, row.place)


@contextmanager
def _told(places: Sequence[_Place]) -> Iterator[None]:
    """Turn the numbers of entries in a refusal into their places in the files."""
    try:
        yield
    except Refused as refused:
        faults = [_in_file(fault, places) for fault in refused.faults[:MAX_FAULTS]]
        raise Refused(faults, code=refused.code) from refused


def _in_file(fault: Fault, places: Sequence[_Place]) -> Fault:
    if not isinstance(fault.row, int):
        return fault
    place = places[fault.row]
    return replace(fault, field=place.title, row=place.row.row, file=place.row.place)


def _imported(done: Imported, recorded: Recorded, places: Sequence[_Place]) -> Imported:
    done.count = recorded.count
    done.warnings += [_in_file(fault, places) for fault in recorded.warnings]
    if isinstance(recorded, Preview):
        done.changes = recorded.changes
    return done
