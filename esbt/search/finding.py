"""Finding rows: one query over all kinds, each with its best rows and how many there are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector
from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Left

from esbt.search.kinds import BETWEEN, KINDS, Kind, Place, column
from schemes.models import System, User

CONFIG = "english"
LONGEST = 200  # characters of what is asked
OF_EACH = 8
OF_ONE = 200
LONGEST_TEXT = 20_000  # characters of a row that are searched
# around what was found: characters that no text has, so that nothing in a text is taken for them
_START, _STOP = "\ue000", "\ue001"
_MARKED = re.compile(f"{_START}(.*?){_STOP}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is what was searched for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found: its name and some of its words in parts."""

    name: Sequence[Part]
    words: Sequence[Part]
    system: str
    href: str
    rank: float
    exact: bool  # it is called just so


@dataclass(frozen=True, slots=True)
class Group:
    """The best rows of a kind, and how many rows of it were found."""

    kind: Kind
    count: int
    hits: Sequence[Hit]

    @property
    def exact(self) -> bool:
        """Whether one of the rows is called just what was asked for."""
        return any(hit.exact for hit in self.hits)


def find(user: User, asked: str, *, years: Mapping[str, str], only: str = "") -> list[Group]:
    """What the user may see of what was asked, the kind with the best row first: one query.

    What is called just so is better than what only has the words.

    ``asked`` is as people type it: words that all have to be there, "a phrase", or, -without.
    ``years`` is of each system the year whose pages show its rows. ``only`` is a kind's code.
    """
    if not asked.strip():
        return []
    systems = System.objects.visible_to(user).values("pk")
    most = OF_ONE if only else OF_EACH
    parts = [
        _best(place, kind, asked, systems)[:most]
        for place, kind in enumerate(KINDS)
        if only in ("", kind.code)
    ]
    rows = parts[0]
    if len(parts) > 1:
        rows = rows.union(*parts[1:], all=True).order_by("-exact", "-rank", "kind_", "title")
    return _grouped(rows, years)


def _best(
    place: int, kind: Kind, asked: str, systems: QuerySet[Any]
) -> QuerySet[Any, dict[str, Any]]:
    """The rows of a kind in the columns that all kinds share, the best first."""
    name = kind.name
    query = SearchQuery(asked, config=CONFIG, search_type="websearch")
    text = Left(kind.text(), LONGEST_TEXT)
    vector = SearchVector(name, weight="A", config=CONFIG) + SearchVector(
        text, weight="B", config=CONFIG
    )
    marks: dict[str, Any] = {"config": CONFIG, "start_sel": _START, "stop_sel": _STOP}
    return (
        kind.only(kind.model._default_manager.filter(**{f"{kind.system}__in": systems}))
        .order_by()
        .annotate(vector=vector, names=kind.other_names())
        .filter(vector=query)
        .annotate(
            exact=Case(When(_called(kind, asked), then=1), default=0),
            rank=SearchRank(F("vector"), query),
            kind_=Value(place, output_field=IntegerField()),
            total=Window(Count("*")),
            at=F(f"{kind.system}__code" if kind.system != "pk" else "code"),
            own=F(kind.own_code),
            above=column(kind.parent),
            when=column(kind.year),
            title=SearchHeadline(Cast(name, TextField()), query, highlight_all=True, **marks),
            said=SearchHeadline(text, query, max_words=30, min_words=12, **marks),
        )
        .order_by("-exact", "-rank", name)
        .values("exact", "rank", "kind_", "total", "at", "own", "above", "when", "title", "said")
    )


def _called(kind: Kind, asked: str) -> Q:
    """Whether a row is called what was asked for: wholly, but for what follows in brackets or
    after a stroke, by its abbreviation in brackets, by another of its names, or, where names
    begin with a place, by what follows that.
    """
    found = (
        Q(**{f"{kind.name}__iexact": asked})
        | Q(**{f"{kind.name}__istartswith": f"{asked} ("})
        | Q(**{f"{kind.name}__istartswith": f"{asked} / "})
        | Q(**{f"{kind.name}__icontains": f"({asked})"})
        | Q(names__icontains=f"{BETWEEN}{asked}{BETWEEN}")
    )
    if kind.placed and " " in asked:
        found |= Q(**{f"{kind.name}__iendswith": f" {asked}"})
        found |= Q(**{f"{kind.name}__icontains": f" {asked} ("})
    return found


def _grouped(rows: QuerySet[Any, dict[str, Any]], years: Mapping[str, str]) -> list[Group]:
    """Rows by their kinds, in the order in which the kinds first come."""
    hits: dict[int, list[Hit]] = {}
    counts: dict[int, int] = {}
    for row in rows:
        kind = KINDS[row["kind_"]]
        year = row["when"] or years.get(row["at"], "")
        hits.setdefault(row["kind_"], []).append(
            Hit(
                name=parts_of(row["title"]),
                words=parts_of(row["said"].strip()),
                system=row["at"],
                href=kind.href(Place(row["at"], row["own"], row["above"], year)),
                rank=row["rank"],
                exact=bool(row["exact"]),
            )
        )
        counts[row["kind_"]] = row["total"]
    return [Group(KINDS[place], counts[place], found) for place, found in hits.items()]


def parts_of(text: str) -> list[Part]:
    """A text of the database in parts, without the characters that mark what was found."""
    parts = [
        Part(piece.replace(_START, "").replace(_STOP, ""), found=bool(index % 2))
        for index, piece in enumerate(_MARKED.split(text))
    ]
    return [part for part in parts if part.text]
