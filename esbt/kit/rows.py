"""Rows of a data package: what a table's columns are, read from text with faults in words.

A subclass of Row is the one description of a table; its Frictionless table schema is made from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeVar, get_args, get_origin

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from esbt.kit.problems import Fault

SHOWN = 60  # how much of a cell a message repeats

R = TypeVar("R", bound="Row")


class CellError(ValueError):
    """What is wrong with a row as a whole, and the column in which it is to be mended."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _reader(form: str, read: Callable[[str], Any], remedy: str) -> BeforeValidator:
    """A validator that turns a cell of a plain form into a value and says what would be right."""

    def parse(value: object) -> Any:
        if not isinstance(value, str):
            return value
        if re.fullmatch(form, value, re.ASCII):
            try:
                return read(value)
            except ValueError:
                pass
        raise ValueError(remedy)

    return BeforeValidator(parse)


Whole = Annotated[int, _reader(r"-?\d{1,9}", int, "Write a whole number, such as 12.")]
Day = Annotated[
    date, _reader(r"\d{4}-\d\d-\d\d", date.fromisoformat, "Write a date as 2018-03-31.")
]
YesNo = Annotated[bool, _reader("true|false", "true".__eq__, "Write true or false.")]
Figure = Annotated[
    Decimal,
    _reader(r"-?\d{1,15}(\.\d{1,8})?", Decimal, "Write a plain number, such as -26.5."),
]
Code = Annotated[str, Field(max_length=60)]


class Row(BaseModel):
    """One row of a table. ``row`` is its number as a spreadsheet shows it, the heading being 1."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=True)

    row: int = 0

    @classmethod
    def columns(cls) -> dict[str, FieldInfo]:
        """The columns of the table, in order; ``row`` is not one of them."""
        return {name: info for name, info in cls.model_fields.items() if name != "row"}


@dataclass(frozen=True)
class Table:
    """A table of data packages: its name, the shape of its rows and the columns of its key."""

    name: str
    row: type[Row]
    key: tuple[str, ...]


def read_row(shape: type[R], cells: Mapping[str, str], number: int, file: str) -> R | list[Fault]:
    """Make a row of text cells, a blank one being left out; or say what is wrong with it."""
    try:
        return shape(row=number, **{name: cell for name, cell in cells.items() if cell})
    except ValidationError as error:
        return [
            Fault(_words(item), _place(item), _shown(item, cells), number, file)
            for item in error.errors()
        ]


def _place(item: Mapping[str, Any]) -> str:
    error = item.get("ctx", {}).get("error")
    return error.field if isinstance(error, CellError) else ".".join(map(str, item["loc"]))


def _shown(item: Mapping[str, Any], cells: Mapping[str, str]) -> str:
    return cells.get(_place(item), "")[:SHOWN]


def _words(item: Mapping[str, Any]) -> str:
    """The remedy for one of pydantic's errors."""
    context = item.get("ctx", {})
    match item["type"]:
        case "missing":
            return "Fill this in; it may not be blank."
        case "value_error":
            return str(context["error"])
        case "enum" | "literal_error":
            return f"Write one of {context['expected']}."
        case "string_too_long":
            return f"Shorten this to {context['max_length']} characters."
        case "greater_than_equal":
            return f"Write a number of at least {context['ge']}."
        case "less_than_equal":
            return f"Write a number of at most {context['le']}."
    return str(item["msg"])


_TYPES = {int: "integer", date: "date", bool: "boolean", Decimal: "number", str: "string"}


def schema_of(table: Table) -> dict[str, Any]:
    """The table's Frictionless schema, as a package's datapackage.json carries it."""
    return {
        "fields": [_field(name, info) for name, info in table.row.columns().items()],
        "primaryKey": list(table.key),
    }


def _field(name: str, info: FieldInfo) -> dict[str, Any]:
    kinds = [kind for kind in get_args(info.annotation) if kind is not type(None)]
    kind = kinds[0] if kinds and get_origin(info.annotation) is not Annotated else info.annotation
    marks = [*info.metadata]
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        marks += more
    limits: dict[str, Any] = dict(_limits(marks))
    if info.is_required():
        limits = {"required": True, **limits}
    if isinstance(kind, type) and issubclass(kind, Enum):
        limits["enum"] = [choice.value for choice in kind if choice.value]
    field: dict[str, Any] = {"name": name, "type": _TYPES.get(kind, "string")}  # type: ignore[arg-type]
    if info.description:
        field["description"] = info.description
    if limits:
        field["constraints"] = limits
    return field


def _limits(marks: list[Any]) -> Iterator[tuple[str, int]]:
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from _limits(mark.metadata)
        elif isinstance(mark, Ge):
            yield "minimum", int(str(mark.ge))
        elif isinstance(mark, Le):
            yield "maximum", int(str(mark.le))
        elif isinstance(mark, MaxLen):
            yield "maxLength", mark.max_length
