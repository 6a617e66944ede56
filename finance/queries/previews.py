"""What a file would change: each figure beside the one that stands, and why it cannot be stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from esbt.kit.money import format_pence
from finance.models import Line, MonthlyReturn, Outturn, OutturnRevision
from finance.services.outturns import Entry, why_shut
from finance.services.plausible import headline_figures, implausible
from finance.workbook.found import Figure, Flaw, Reading
from schemes.models import Slice
from schemes.models.base import storable

MOST_FLAWS = 2000  # kept in a report; a file with more is wrong as a whole
VALUES = {"actual": "actual_pence", "forecast": "forecast_pence", "comment": "comment"}
FIELDS = {"actual": "Actual to date", "forecast": "Forecast for the year", "comment": "Comment"}

_Place = tuple[int, int]  # line and month


def preview(slice_: Slice, reading: Reading, today: date) -> dict[str, Any]:
    """The report of a file, as plain data; the number of queries does not depend on its size.

    ``changes`` hold what would be stored, each with the revision that it was compared with, the
    old and the new value (pence or text, None not stated) and its doubt, if it is beyond reason.
    """
    lines = {
        line.code: line for line in Line.objects.filter(slice=slice_).select_related("partner")
    }
    flaws = list(reading.flaws)
    figures = [item for item in reading.figures if _is_known(item, lines, reading, flaws)]
    ids = {lines[item.line].pk for item in figures}
    months = {item.month for item in figures}
    heads = {
        (head.line_id, head.month): head
        for head in Outturn.objects.filter(slice=slice_, line__in=ids, month__in=months)
    }
    bases = _bases(figures, lines, heads)
    counts: Counter[str] = Counter()
    changes: list[dict[str, Any]] = []
    for item in figures:
        place = (lines[item.line].pk, item.month)
        head = heads.get(place)
        stands = stated(head, item.name)
        wanted = None if item.value == "" else item.value
        if wanted == stands or (_has_base(item) and wanted == bases[(*place, item.name)]):
            counts["unchanged"] += stands is not None
            continue
        if _has_base(item) and item.base != (head.revision if head else None):
            flaws.append(_conflict(item, stands))
            continue
        counts["created" if stands is None else "changed"] += 1
        changes.append(_change(item, lines[item.line], head, stands, wanted))
    flaws += _shut(slice_, changes, lines, today)
    _doubt(slice_, changes, lines)
    return {
        "kind": reading.kind,
        "notes": reading.notes,
        "flaws": [asdict(flaw) for flaw in flaws[:MOST_FLAWS]],
        "flaw_count": len(flaws),
        "changes": changes,
        "counts": {name: counts[name] for name in ("created", "changed", "unchanged")},
        "doubts": sum(bool(change["doubt"]) for change in changes),
        "extract": reading.extract,
    }


def stated(row: Outturn | OutturnRevision | None, name: str) -> int | str | None:
    """What a head or revision says; an empty comment is none."""
    value = getattr(row, VALUES[name], None)
    return None if value == "" else value


def _is_known(item: Figure, lines: Mapping[str, Line], reading: Reading, flaws: list[Flaw]) -> bool:
    """Whether a figure can belong to a line; noted where it says something and cannot."""
    line = lines.get(item.line)
    if line and line.partner.code in reading.partners and line.takes(item.month):
        if isinstance(item.value, str) and storable(item.value) != item.value:
            words = "This holds characters that are no text. Type it again."
            flaws.append(Flaw("comment", words, item.sheet, item.cell))
            return False
        return True
    if line is None or line.partner.code not in reading.partners:
        if line is None:
            words = f"'{item.line}' is no line of this year. Write the code as the workbook has it."
        else:
            words = f"'{item.line}' is a line of {line.partner}. Leave it to them."
        flaw = Flaw("unknown", words, item.sheet, item.key, item.line)
        if not flaws or flaws[-1] != flaw:  # once a row, not once a figure
            flaws.append(flaw)
    elif item.value not in (None, ""):
        words = f"The line runs from month {line.first_month} to {line.last_month}. Clear this."
        flaws.append(Flaw("month", words, item.sheet, item.cell, _text(item.value)))
    return False


def _has_base(item: Figure) -> bool:
    return item.base != "any"


def _bases(
    figures: Iterable[Figure], lines: Mapping[str, Line], heads: Mapping[_Place, Outturn]
) -> dict[tuple[int, int, str], int | str | None]:
    """What stood when the file was made, for figures that know: where nothing moved, the head."""
    found: dict[tuple[int, int, str], int | str | None] = {}
    moved: dict[tuple[int, int, Any], list[Figure]] = {}
    for item in figures:
        place = (lines[item.line].pk, item.month)
        head = heads.get(place)
        found[(*place, item.name)] = None
        if not _has_base(item) or item.base is None:
            continue
        if head and head.revision == item.base:
            found[(*place, item.name)] = stated(head, item.name)
        else:
            moved.setdefault((*place, item.base), []).append(item)
    revisions = (
        OutturnRevision.objects.filter(
            line__in={line for line, _, _ in moved},
            month__in={month for _, month, _ in moved},
            revision__in={base for _, _, base in moved},
        )
        if moved
        else ()
    )
    for row in revisions:
        for item in moved.get((row.line_id, row.month, row.revision), ()):
            found[(row.line_id, row.month, item.name)] = stated(row, item.name)
    return found


def _change(
    item: Figure, line: Line, head: Outturn | None, stands: int | str | None, wanted: Any
) -> dict[str, Any]:
    return {
        "line": item.line,
        "name": line.name,
        "month": item.month,
        "field": item.name,
        "old": stands,
        "new": wanted,
        "revision": head.revision if head else None,
        "sheet": item.sheet,
        "cell": item.cell,
        "doubt": "",
    }


def _conflict(item: Figure, stands: int | str | None) -> Flaw:
    return Flaw(
        "conflict",
        f"Since the download somebody saved {_text(stands)} for {item.line}, month {item.month}, "
        f"and this says {_text(item.value)}. Download the workbook again, and change it there if "
        "yours is right.",
        item.sheet,
        item.cell,
        _text(item.value),
    )


def _text(value: int | str | None) -> str:
    """A value in words."""
    if isinstance(value, str) and value:
        return f"“{value[:60]}”"
    if isinstance(value, int):
        return f"£{format_pence(value, 'gbp')}"
    return "not stated"


def _shut(
    slice_: Slice, changes: Sequence[Mapping[str, Any]], lines: Mapping[str, Line], today: date
) -> list[Flaw]:
    """A flaw for each change in a month that takes no figures."""
    states = {
        (partner, month): state
        for partner, month, state in MonthlyReturn.objects.filter(slice=slice_).values_list(
            "partner", "month", "state"
        )
    }
    flaws = []
    for change in changes:
        state = states.get((lines[change["line"]].partner_id, change["month"]))
        shut = why_shut(slice_, change["month"], state, today)
        if shut:
            flaws.append(
                Flaw("closed", shut[1], change["sheet"], change["cell"], _text(change["new"]))
            )
    return flaws


def entries_of(changes: Iterable[Mapping[str, Any]], *, confirmed: bool = False) -> list[Entry]:
    """Changes as the service takes them: one entry a line and month, on the revision compared."""
    values: dict[tuple[str, int], dict[str, Any]] = {}
    for change in changes:
        own = values.setdefault((change["line"], change["month"]), {"revision": change["revision"]})
        new = change["new"]
        own[VALUES[change["field"]]] = "" if new is None and change["field"] == "comment" else new
    return [
        Entry(
            line=line,
            month=month,
            row=f"{line} {month}",
            confirmed=("actual", "forecast") if confirmed else (),
            **own,
        )
        for (line, month), own in values.items()
    ]


def _doubt(slice_: Slice, changes: Sequence[dict[str, Any]], lines: Mapping[str, Line]) -> None:
    """Put beside each amount beyond reason why it is."""
    concerned = {change["line"]: lines[change["line"]] for change in changes}
    plans = headline_figures(slice_.pk, concerned.values())
    said = {
        (fault.row, fault.field): fault.message
        for fault in implausible(plans, entries_of(changes), concerned)
    }
    for change in changes:
        change["doubt"] = said.get((f"{change['line']} {change['month']}", change["field"]), "")
