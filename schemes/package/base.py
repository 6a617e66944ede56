"""What the tables of a data package share: their columns, and how rows reach the services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import BeforeValidator, Field, model_validator
from pydantic.fields import FieldInfo

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from esbt.kit.rows import CellError, Code, Row, Table
from esbt.kit.when import REMEDY, as_typed
from esbt.kit.when import is_when as is_date
from schemes.models import Evidence, Slice, User
from schemes.services import reference

S = TypeVar("S")

Short = Annotated[str, Field(max_length=80)]
Name = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=4000)]
Phrase = Annotated[str, Field(max_length=120)]
Word = Annotated[str, Field(max_length=40)]
YearCode = Annotated[str, Field(max_length=7)]


def _when(value: object) -> object:
    """A date as exactly as it is known, in the form that is kept, also of words: Sept 2018."""
    if not isinstance(value, str) or not value:
        return value
    typed = as_typed(value)
    if not is_date(typed):
        raise ValueError(REMEDY)
    return typed


_WHEN = BeforeValidator(_when)
When = Annotated[str, _WHEN]


def is_when(info: FieldInfo) -> bool:
    """Whether a column holds a date that keeps its own precision."""
    return _WHEN in info.metadata


def phrases(text: str) -> list[str]:
    """Phrases of a cell, semicolons between."""
    return [part.strip() for part in text.split(";") if part.strip()]


def whole_pence(amount: Decimal | None) -> int | None:
    """Pence of pounds; raises ValueError for what is finer, negative or beyond reason."""
    if amount is None:
        return None
    if amount * 100 != int(amount * 100) or not 0 <= amount < 10**10:
        raise ValueError("Write pounds to the penny, from 0 to ten billion.")
    return int(amount * 100)


Warn = Callable[[Fault], None]


class Apply(Protocol):
    """Hands the rows of a table to its services; raises Refused with a fault a row.

    What is stored but looks wrong, as an amount beyond reason, goes to ``warn``.
    """

    def __call__(self, *, by: User | None, rows: Sequence[Any], warn: Warn) -> Count: ...


@dataclass(frozen=True)
class Step:
    """One table and what is done with its rows; ``name`` is the line that it has in the report."""

    name: str
    table: Table
    apply: Apply


def spec_of(kind: Callable[..., S], row: Row, /, **more: Any) -> S:
    """A service's spec from the columns of a row that have the same names."""
    names = {item.name for item in fields(kind)} & {*type(row).model_fields}  # type: ignore[arg-type]
    return kind(**{name: getattr(row, name) for name in names if name not in more}, **more)


def table_of(name: str, row: type[Row], key: str, kind: type, save: Callable[..., Count]) -> Step:
    """A table of which each row is one spec of one service."""

    def apply(*, by: User | None, rows: Sequence[Any], warn: Warn) -> Count:
        return save(by=by, specs=[spec_of(kind, row) for row in rows])

    return Step(name, Table(name, row, tuple(key.split())), apply)


class SliceRow(Row):
    """A row that belongs to one system in one financial year."""

    system: Code
    year: YearCode


class EvidenceColumns(Row):
    """Where a fact stands in a source and how far it can be trusted; all blank: nobody says."""

    source: Code = ""
    place: Annotated[str, Field(max_length=120)] = ""
    printed: Annotated[str, Field(max_length=300)] = ""
    state: Evidence.State = Evidence.State.PRINTED
    working: Long = ""

    @model_validator(mode="after")
    def _whole(self) -> EvidenceColumns:
        if bool(self.source) != bool(self.place):
            raise CellError("place", "Evidence names its source and the place in it; give both.")
        if self.source and not self.working and self.state not in ("printed", "missing"):
            raise CellError("working", f"Say here how this {self.state} figure came about.")
        if not self.source and (self.printed or self.working or self.state != "printed"):
            raise CellError("source", "Name the source that this is printed in or drawn from.")
        return self


def evidence_ids(
    *, by: User | None, rows: Sequence[EvidenceColumns], units: Iterable[str]
) -> list[int | None]:
    """The id of each row's evidence, None where it names no source."""
    specs = [
        spec_of(reference.EvidenceSpec, row, unit=unit) if row.source else None
        for row, unit in zip(rows, units, strict=True)
    ]
    ids = iter(reference.save_evidence(by=by, specs=[spec for spec in specs if spec]))
    return [next(ids) if spec else None for spec in specs]


def slices_of(rows: Sequence[SliceRow]) -> dict[int, list[Any]]:
    """Rows by the id of their slice, in order; raises Refused where a year is not known."""
    known = {
        (item.system.code, item.year_id): item.pk for item in Slice.objects.select_related("system")
    }
    grouped: dict[int, list[Any]] = {}
    faults = []
    for row in rows:
        slice_id = known.get((row.system, row.year))
        if slice_id is None:
            said = f"The system '{row.system}' has no year {row.year}. Add it to the years."
            faults.append(Fault(said, "year", row.year, row.row))
        else:
            grouped.setdefault(slice_id, []).append(row)
    if faults:
        raise Refused(faults)
    return grouped


class EvidencedRow(EvidenceColumns):
    """A row with evidence that one service takes, some of it under other names."""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {}


def evidenced(
    name: str, row: type[EvidencedRow], key: str, kind: type, save: Callable[..., Count]
) -> Step:
    """A table of which each row is one spec of one service, with the place that it comes from."""

    def apply(*, by: User | None, rows: Sequence[Any], warn: Warn) -> Count:
        evidence = evidence_ids(by=by, rows=rows, units=[""] * len(rows))
        specs = [
            spec_of(kind, item, evidence_id=found, **item.values())
            for item, found in zip(rows, evidence, strict=True)
        ]
        return save(by=by, specs=specs)

    return Step(name, Table(name, row, tuple(key.split())), apply)
