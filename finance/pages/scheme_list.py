"""The list of schemes as somebody asked for it: what is looked for, in which order, which page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from finance.figures.savings import SavingFigures, SavingsBook, SchemeRow, add_up
from finance.models.judgements import Rag
from schemes.models import Stage

PAGE = 25  # schemes on a page
PRINTED = "printed"  # the order of the document
NONE = "none"  # the filter value for what is not stated

_RANK: dict[str, int] = {Rag.RED.value: 2, Rag.AMBER.value: 1, Rag.GREEN.value: 0}
_AMOUNTS: dict[str, Callable[[SchemeRow], int | None]] = {
    "plan": lambda row: row.figures.plan_pence,
    "actual": lambda row: row.figures.actual_pence,
    "variance": lambda row: row.figures.variance_pence,
    "forecast": lambda row: row.figures.forecast_pence,
    "forecast-variance": lambda row: row.figures.forecast_variance_pence,
    "status": lambda row: _RANK.get(row.judged.status),
}
SORTS = (PRINTED, "name", *_AMOUNTS)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; an empty filter takes everything, an unknown one nothing."""

    q: str = ""
    theme: str = ""
    partner: str = ""
    stage: str = ""
    status: str = ""
    recurrent: str = ""
    sort: str = PRINTED
    down: bool = False
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return any((self.q, self.theme, self.partner, self.stage, self.status, self.recurrent))

    def query(self, **changes: Any) -> str:
        """The address's query with some changes, without what is as it would be anyway."""
        wish = replace(self, **changes)
        said = {
            name: getattr(wish, name)
            for name in ("q", "theme", "partner", "stage", "status", "recurrent")
        }
        if wish.sort != PRINTED:
            said["sort"] = f"-{wish.sort}" if wish.down else wish.sort
        if wish.page > 1:
            said["page"] = str(wish.page)
        return urlencode({name: value for name, value in said.items() if value})


def wish_of(query: Mapping[str, str]) -> Wish:
    """What a query string asks for; an order or a page that is none is the first."""
    sort = query.get("sort", "")
    page = query.get("page", "")
    return Wish(
        q=query.get("q", "").strip()[:100],
        theme=query.get("theme", ""),
        partner=query.get("partner", ""),
        stage=query.get("stage", ""),
        status=query.get("status", ""),
        recurrent=query.get("recurrent", ""),
        sort=sort.lstrip("-") if sort.lstrip("-") in SORTS else PRINTED,
        down=sort.startswith("-"),
        page=max(1, int(page[:6])) if page.isascii() and page.isdecimal() else 1,
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """The schemes that were asked for: all of them, those on the page, and their sum."""

    rows: Sequence[SchemeRow]
    shown: Sequence[SchemeRow]
    summed: SavingFigures  # of the rows, a part whose whole is among them being in it already
    page: int
    pages: int
    investments: Sequence[SchemeRow]  # that match as well; outside the rows and their sum


def select(book: SavingsBook, wish: Wish) -> Selection:
    """Filter, sort and cut into pages."""
    rows = [row for row in book.rows if _wanted(row, wish)]
    codes = {row.code for row in rows}
    summed = add_up(row.figures for row in rows if row.parent not in codes)
    rows = _sorted(rows, wish)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(wish.page, pages)
    outside = [row for row in book.investments if _wanted(row, wish)]
    shown = rows[(page - 1) * PAGE : page * PAGE]
    return Selection(rows, shown, summed, page, pages, outside)


def _wanted(row: SchemeRow, wish: Wish) -> bool:
    if wish.q and wish.q.casefold() not in f"{row.name} {row.code} {row.lead_name}".casefold():
        return False
    partners = {*row.partners, row.lead_partner} - {""}
    return all(
        not asked or asked in has or (asked == NONE and not has)
        for asked, has in (
            (wish.theme, {row.theme} - {""}),
            (wish.partner, partners),
            (wish.stage, {row.stage} - {""}),
            (wish.status, {row.judged.status} - {""}),
            (wish.recurrent, set(row.recurrent)),
        )
    )


def _sorted(rows: list[SchemeRow], wish: Wish) -> list[SchemeRow]:
    """In the order asked for; what has no value comes last, whichever way it goes."""
    if wish.sort == PRINTED:
        return rows[::-1] if wish.down else rows
    if wish.sort == "name":
        return sorted(rows, key=lambda row: row.name.casefold(), reverse=wish.down)
    read = _AMOUNTS[wish.sort]
    known = [(value, row) for row in rows if (value := read(row)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=wish.down)
    return [row for _, row in known] + [row for row in rows if read(row) is None]


def choices(book: SavingsBook) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to, as value and label: only what some scheme has."""
    rows = book.rows
    themes = {row.theme: row.theme_name for row in rows}
    stages = {row.stage for row in rows}
    statuses = {row.judged.status for row in rows}
    recurrent = {said for row in rows for said in row.recurrent}
    partners = {code for row in rows for code in (*row.partners, row.lead_partner) if code}
    labels = {"yes": "Recurrent", "no": "Non-recurrent", "not stated": "Not stated"}
    found = {
        "theme": sorted((code, name) for code, name in themes.items() if code),
        "partner": sorted(
            ((code, book.partner_names.get(code, code)) for code in partners),
            key=lambda pair: pair[1],
        ),
        "stage": [(str(item), str(item.label)) for item in Stage if item in stages],
        "status": [(str(item), str(item.label)) for item in Rag if item in statuses],
        "recurrent": [(value, label) for value, label in labels.items() if value in recurrent],
    }
    for name, present in (("theme", themes), ("stage", stages), ("status", statuses)):
        if "" in present and found[name]:
            found[name].append((NONE, "Not stated"))
    return found
