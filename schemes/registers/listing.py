"""The list of a register as somebody asked for it: what is looked for, in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from esbt.kit.when import first_day
from schemes.models import RegisterRow
from schemes.registers.columns import RowColumn
from schemes.registers.kinds import RegisterKind
from schemes.registers.rows import derived_of, own_columns

PAGE = 50  # rows on a page
ORDER = "order"  # the order of the register itself
NONE = "none"  # the filter value for what is not stated
_FILTERED_TEXTS = ("area", "owner", "part", "setting", "unit")  # texts that say one of a few things


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; an empty filter takes everything, an unknown one nothing."""

    q: str = ""
    chosen: tuple[tuple[str, str], ...] = ()  # column, value
    sort: str = ORDER
    down: bool = False
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.chosen)

    def query(self, **changes: Any) -> str:
        """The address's query with some changes, without what is as it would be anyway."""
        wish = replace(self, **changes)
        asked = {"q": wish.q, **dict(wish.chosen)}
        if wish.sort != ORDER:
            asked["sort"] = f"-{wish.sort}" if wish.down else wish.sort
        if wish.page > 1:
            asked["page"] = str(wish.page)
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that were asked for: all of them, and those on the page."""

    rows: Sequence[RegisterRow]
    shown: Sequence[RegisterRow]
    page: int
    pages: int


def filtered_columns(kind: RegisterKind) -> list[RowColumn]:
    """Columns by which one can filter: those with choices, and texts that say one of a few."""
    return [
        column
        for column in own_columns(kind)
        if column.kind == "choice" or column.name in _FILTERED_TEXTS
    ]


def wish_of(query: Mapping[str, str], kind: RegisterKind) -> Wish:
    """What a query string asks for; an order or a page that is none is the first."""
    sort, page = query.get("sort", ""), query.get("page", "")
    known = {"name", *kind.columns, *(kind.derived_words or ())}
    return Wish(
        q=query.get("q", "").strip()[:100],
        chosen=tuple(
            (column.name, value)
            for column in filtered_columns(kind)
            if (value := query.get(column.name, "")[:300])
        ),
        sort=sort.removeprefix("-") if sort.removeprefix("-") in known else ORDER,
        down=sort.startswith("-"),
        page=max(1, int(page[:6])) if page.isascii() and page.isdecimal() else 1,
    )


def select(kind: RegisterKind, rows: Sequence[RegisterRow], wish: Wish) -> Selection:
    """Filter, sort and cut into pages."""
    found = _sorted(kind, [row for row in rows if _wanted(row, wish)], wish)
    pages = max(1, -(-len(found) // PAGE))
    page = min(wish.page, pages)
    return Selection(found, found[(page - 1) * PAGE : page * PAGE], page, pages)


def _wanted(row: RegisterRow, wish: Wish) -> bool:
    text = " ".join([row.code, row.name, row.note, *map(str, row.values.values())])
    if wish.q.casefold() not in text.casefold():
        return False
    return all((row.values.get(name) or NONE) == value for name, value in wish.chosen)


def _sorted(kind: RegisterKind, rows: list[RegisterRow], wish: Wish) -> list[RegisterRow]:
    """In the order asked for; what has no value comes last, whichever way it goes."""
    if wish.sort == ORDER:
        return rows
    read = _reader(kind, wish.sort)
    known = [(value, row) for row in rows if (value := read(row)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=wish.down)
    return [row for _, row in known] + [row for row in rows if read(row) is None]


def _reader(kind: RegisterKind, name: str) -> Callable[[RegisterRow], Any]:
    """What rows are sorted by; None where it is not stated."""
    if name == "name":
        return lambda row: row.name.casefold()
    if name in (kind.derived_words or ()):
        return lambda row: derived_of(row, kind)[name]
    column = next(item for item in own_columns(kind) if item.name == name)

    def read(row: RegisterRow) -> Any:
        value = row.values.get(name)
        if value in (None, ""):
            return None
        if column.counts:
            return Decimal(value)
        return first_day(value) if column.kind == "when" else str(value).casefold()

    return read


def choices(
    kind: RegisterKind, rows: Sequence[RegisterRow], partners: Mapping[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to, as value and label: only what some row says."""
    found = {}
    for column in filtered_columns(kind):
        values = {row.values.get(column.name) or "" for row in rows}
        labels = dict(column.choices) | dict(partners)
        pairs = sorted((value, labels.get(value, value)) for value in values if value)
        if len(values) > 1:
            blank = [(NONE, "Not stated")] if "" in values else []
            found[column.name] = [*sorted(pairs, key=lambda pair: pair[1].casefold()), *blank]
    return found
