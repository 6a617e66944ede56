"""Loading data packages: everything is checked, then all of it is stored or nothing.

The ground floor goes first, then the money; every row goes through the same services as a page.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.db import connection, transaction
from django.utils.text import slugify

import finance.package
import outcomes.package
import schemes.package.steps
from esbt.kit.counts import Count
from esbt.kit.money import Unit, words
from esbt.kit.packages import Package, read_package
from esbt.kit.problems import Fault, Refused
from esbt.kit.reporting import closing
from finance.pages.sources import SHOWN_PENCE, unit_as_printed
from finance.proof import Outcome, Proof, prove
from finance.rollups import recompute
from finance.services import renew_covers
from finance.tasks import stale_slices
from schemes.models import AdminEvent, Slice, System, User
from schemes.package.base import EvidenceColumns, SliceRow, Step
from schemes.people.permissions import Permission, require
from schemes.services.grants import keep_event

STEPS: tuple[Step, ...] = (
    *schemes.package.steps.STEPS,
    *finance.package.STEPS,
    *outcomes.package.STEPS,
)
TABLES = {step.table.name: step.table for step in STEPS}

KEPT = "Not taken, since people said otherwise meanwhile:"

# One load at a time: two that hold slices of each other would wait for ever.
_LOCK = 0x0E5B7

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Doubt:
    """A fact that is not simply printed: its state, where it stands and what it says."""

    state: str
    place: str
    words: str


@dataclass
class Report:
    """What a load did: counts a table, facts to look at twice, what proves and what does not."""

    counts: dict[str, Count] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    kept: list[Fault] = field(default_factory=list)  # people's words that the package contradicts
    proofs: list[Proof] = field(default_factory=list)
    systems: set[str] = field(default_factory=set)  # codes that rows name

    @property
    def total(self) -> Count:
        """All tables together."""
        return sum(self.counts.values(), Count())

    @property
    def sorted_proofs(self) -> list[Proof]:
        """Proofs by their outcome."""
        order = list(Outcome)
        return sorted(self.proofs, key=lambda proof: order.index(proof.outcome))


def load(paths: Sequence[Path], *, by: User | None = None, progress: Progress) -> Report:
    """Load packages in one transaction and recompute what they touched; say what became of them.

    ``progress`` gets a line a table. Raises Refused with the faults of all packages, each with
    its file, row, column and value; then nothing is stored.
    """
    packages = _read(paths, progress)
    report = Report(
        doubts=[doubt for package in packages for doubt in _doubts(package)],
        systems={code for package in packages for code in _systems(package)},
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for step in STEPS:
            _apply(step, packages, by, report, progress)
    _recompute(packages, report, progress)
    return report


def load_upload(*, by: User, name: str, content: bytes) -> Report:
    """Load a zip that somebody uploads; the audit of each system in it says who did.

    The facts themselves have no actor, since they come from documents. Raises Http404 for those
    who load no data, and what ``load`` raises.
    """
    require(by, Permission.LOAD_DATA)
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / f"{slugify(Path(name).stem) or 'package'}.zip"
        path.write_bytes(content)
        report = load((path,), progress=lambda line: None)
        if report.total.created or report.total.updated:
            told = System.objects.filter(code__in=report.systems)
            for system in told or [None]:
                keep_event(
                    by=by,
                    action=AdminEvent.Action.PACKAGE_LOADED,
                    system=system,
                    reason=f"{name}: {closing(report.total)}",
                )
    return report


def _systems(package: Package) -> Iterator[str]:
    """Codes of the systems that rows are of, or are."""
    for table, rows in package.rows.items():
        column = "code" if table == "systems" else "system"
        yield from {code for row in rows if (code := getattr(row, column, ""))}


def _read(paths: Sequence[Path], progress: Progress) -> list[Package]:
    packages, faults = [], []
    for path in paths:
        began = time.perf_counter()
        try:
            package = read_package(path, TABLES)
        except Refused as refused:
            faults += refused.faults
            continue
        packages.append(package)
        rows = sum(map(len, package.rows.values()))
        progress(f"{package.name}: read {rows} rows ({time.perf_counter() - began:.2f} s)")
    if faults:
        raise Refused(faults)
    return packages


def _apply(
    step: Step, packages: Sequence[Package], by: User | None, report: Report, progress: Progress
) -> None:
    """Hand a table's rows to its services; its faults in all packages are raised together."""
    name = step.table.name
    given = [package for package in packages if name in package.rows]
    if not given:
        return
    began = time.perf_counter()
    count, faults, code = Count(), [], "invalid"
    for package in given:
        warnings: list[Fault] = []
        try:
            with transaction.atomic():
                one = step.apply(by=by, rows=package.rows[name], warn=warnings.append)
        except Refused as refused:
            faults += [replace(fault, file=package.files[name]) for fault in refused.faults]
            code = refused.code
            continue
        count += one
        report.warnings += [replace(fault, file=package.files[name]) for fault in warnings]
        report.kept += [replace(fault, file=package.files[name]) for fault in one.kept]
    if faults:
        raise Refused(faults, code=code)
    if name == "group_members" and (count.created or count.updated):
        renew_covers(by=by)
    report.counts[step.name] = count
    progress(
        f"{step.name}: created {count.created}, updated {count.updated}, "
        f"unchanged {count.unchanged} ({time.perf_counter() - began:.2f} s)"
    )


def _recompute(packages: Sequence[Package], report: Report, progress: Progress) -> None:
    """Bring rollups to the loaded facts at once, instead of waiting for a worker; then prove."""
    began = time.perf_counter()
    stale = list(stale_slices().values_list("pk", flat=True))
    for slice_id in stale:
        recompute(slice_id)
    progress(f"recomputed: {len(stale)} years of systems ({time.perf_counter() - began:.2f} s)")
    told = {
        (row.system, row.year)
        for package in packages
        for rows in package.rows.values()
        for row in rows
        if isinstance(row, SliceRow)
    }
    for item in Slice.objects.select_related("system").order_by("system", "year"):
        if (item.system.code, item.year_id) in told:
            report.proofs += [p for p in prove(item.pk) if p.figure.pence is not None]


def _doubts(package: Package) -> list[Doubt]:
    return [
        Doubt(row.state, f"{package.files[name]}, row {row.row}", _said(name, row))
        for name, rows in package.rows.items()
        for row in rows
        if isinstance(row, EvidenceColumns) and row.state != "printed"
    ]


def _said(name: str, row: EvidenceColumns) -> str:
    """The key of a row, what is printed for it, and its working."""
    key = " ".join(str(getattr(row, column)) for column in TABLES[name].key)
    printed = f", printed '{row.printed}'" if row.printed else ""
    return f"{key}{printed}{': ' if row.working else ''}{row.working}"


def lines_of(report: Report) -> list[str]:
    """The report in words, a line each, without the last one, which counts."""
    lines = [
        f"{name}: created {count.created}, updated {count.updated}, unchanged {count.unchanged}"
        for name, count in report.counts.items()
    ]
    if report.warnings:
        lines += ["", "Stored, but beyond reason; check the units:", *map(str, report.warnings)]
    if report.kept:
        lines += ["", KEPT, *map(str, report.kept)]
    if report.doubts:
        lines += ["", "Facts that are not simply printed:"]
        lines += [f"{doubt.state}: {doubt.words} ({doubt.place})" for doubt in report.doubts]
    if report.proofs:
        lines += ["", "Printed totals and variances, computed again:"]
        lines += map(proved, report.sorted_proofs)
    return lines


def proved(proof: Proof) -> str:
    """What became of a printed figure, on one line."""
    figure = proof.figure
    unit = unit_as_printed(figure.unit_pence)
    where = f"{figure.slice.system.code} {figure.slice.year_id} {figure.code}"
    found = "" if proof.found_pence is None else f", computed {_words(proof.found_pence, unit)}"
    note = f" ({proof.note})" if proof.note else ""
    return f"{proof.outcome}: {where}, printed {_words(figure.pence, unit)}{found}{note}"


def _words(pence: int | None, unit: Unit) -> str:
    """An amount in the unit of what is printed, or exactly where that would hide a difference."""
    exact = not pence or pence % SHOWN_PENCE[unit] == 0
    return words(pence, unit if exact else "gbp")
