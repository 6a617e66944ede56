"""Systems, their years, and the sources and evidence that facts point to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import Evidence, FinancialYear, Slice, Source, System, User
from schemes.services.slices import NO_FIGURE, touch
from schemes.services.upsert import Codes, Wanted, allow, allow_in, upsert


@dataclass(frozen=True, kw_only=True)
class SourceSpec:
    """A document that figures are taken from."""

    code: str
    title: str
    publisher: str = ""
    published: str = ""
    url: str = ""
    licence: str = ""
    signs: str = ""
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class SystemSpec:
    """A system; ``footprint`` says in words who and where it covers."""

    code: str
    name: str
    footprint: str = ""
    illustrative: bool = False
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class YearSpec:
    """A financial year of a system, such as 2017-18."""

    system: str
    year: str
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class EvidenceSpec:
    """A place in a source, by the source's code, and what stands there."""

    source: str
    place: str
    printed: str = ""
    unit: str = ""
    state: str = Evidence.State.PRINTED
    working: str = ""
    row: int | str | None = None


@transaction.atomic
def save_sources(*, by: User | None, specs: Sequence[SourceSpec]) -> Count:
    """Create or change sources by their codes; raises Refused with a fault a row."""
    allow(by)
    names = ("title", "publisher", "published", "url", "licence", "signs")
    wanted = [
        Wanted({"code": spec.code}, {name: getattr(spec, name) for name in names}, spec.row)
        for spec in specs
    ]
    return upsert(Source, wanted, by=by).count


@transaction.atomic
def save_systems(*, by: User | None, specs: Sequence[SystemSpec]) -> Count:
    """Create or change systems by their codes; pages of one that is renamed renew themselves.

    Raises Refused with a fault a row.
    """
    allow_in(by, (spec.code for spec in specs))
    names = ("name", "footprint", "illustrative")
    wanted = [
        Wanted({"code": spec.code}, {name: getattr(spec, name) for name in names}, spec.row)
        for spec in specs
    ]
    done = upsert(System, wanted, by=by)
    renamed = Q(system__in={item.pk for item in done.changed})
    touch(by=by, slices=renamed, action="systems", from_month=NO_FIGURE)
    return done.count


@transaction.atomic
def save_years(*, by: User | None, specs: Sequence[YearSpec]) -> Count:
    """Create the slices of systems in years, open; one that is there keeps its status.

    Raises Refused for a system that is not known and for a year that is not written as 2017-18.
    """
    allow_in(by, (spec.system for spec in specs))
    systems = Codes(System, "system")
    wanted = [
        Wanted(
            {"system_id": systems.find(spec.system, "system", spec.row), "year_id": spec.year},
            {},
            spec.row,
        )
        for spec in specs
    ]
    faults = [
        Fault("Write a year as 2017-18.", "year", spec.year, spec.row)
        for spec in specs
        if not _is_year(spec.year)
    ]
    if faults or systems.faults:
        raise Refused([*systems.faults, *faults])
    FinancialYear.objects.bulk_create(
        [FinancialYear(code=code) for code in sorted({spec.year for spec in specs})],
        ignore_conflicts=True,
    )
    return upsert(Slice, wanted, by=by).count


def _is_year(code: str) -> bool:
    """Whether a code is that of two years which follow each other in this century."""
    first, _, second = code.partition("-")
    if not (len(first) == 4 and len(second) == 2 and code.isascii()):
        return False
    return (first + second).isdigit() and first < "2099" and second == f"{int(first[2:]) + 1:02d}"


@transaction.atomic
def save_evidence(*, by: User | None, specs: Sequence[EvidenceSpec]) -> list[int]:
    """Find or create evidence; the ids in the order of the specs.

    Evidence that says the same is one row, and none is ever changed: history points to it.
    Raises Refused for a source that is not known or a state that does not show its working.
    """
    allow(by)
    sources = Codes(Source, "source")
    names = ("place", "printed", "unit", "state", "working")
    keys = [
        (
            sources.find(spec.source, "source", spec.row),
            *(str(getattr(spec, name)) for name in names),
        )
        for spec in specs
    ]
    sources.refuse()
    wanted = {
        key: Wanted(dict(zip(("source_id", *names), key, strict=True)), {}, spec.row)
        for key, spec in zip(keys, specs, strict=True)
    }
    upsert(Evidence, list(wanted.values()), by=by, history=False)
    places = {key[1] for key in keys}
    ids = {
        tuple(row): pk
        for pk, *row in Evidence.objects.filter(place__in=places).values_list(
            "pk", "source_id", *names
        )
    }
    return [ids[key] for key in keys]
