"""Rows of a request that are not of their form, kept so that every fault of it is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from ninja import Schema
from pydantic import ValidationError

from esbt.kit.problems import Fault

T = TypeVar("T", bound=Schema)


@dataclass(frozen=True, slots=True)
class Misshapen:
    """A row that is not of its form: why, and what of it can be read all the same."""

    faults: Sequence[Fault]  # without the number of the row
    row: Schema | None  # of the fields that are right; None where one that must be there is not


def keeping(model: type[T]) -> Callable[[Any, Callable[[Any], T]], T]:
    """A wrap validator of a row that answers Misshapen rather than refusing the whole request."""

    def read(value: Any, handler: Callable[[Any], T]) -> T:
        try:
            return handler(value)
        except ValidationError as error:
            return cast("T", _misshapen(model, value, error))

    return read


def _misshapen(model: type[Schema], value: Any, error: ValidationError) -> Misshapen:
    faults = []
    bad = set()
    for item in error.errors():
        name = str(item["loc"][-1]) if item["loc"] else ""
        bad.add(name)
        said = item["input"] if isinstance(item["input"], str | int | float) else ""
        faults.append(Fault(item["msg"], name, str(said)[:60]))
    given = value if isinstance(value, dict) else {}
    right = {name: given[name] for name in model.model_fields if name in given and name not in bad}
    whole = all(name in right for name, field in model.model_fields.items() if field.is_required())
    return Misshapen(faults, model.model_construct(set(right), **right) if whole else None)


def numbered(rows: Iterable[Any]) -> tuple[list[tuple[int, Any]], list[Fault]]:
    """The rows that can be read, with their numbers from 1, and the faults of those misshapen."""
    read: list[tuple[int, Any]] = []
    faults: list[Fault] = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Misshapen):
            read.append((number, row))
            continue
        faults += [replace(fault, row=number) for fault in row.faults]
        if row.row is not None:
            read.append((number, row.row))
    return read, faults
