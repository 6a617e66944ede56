"""How schemes touch people with protected characteristics: marks, counts and assessments."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from esbt.kit.money import Cell
from esbt.kit.tables import Column
from esbt.kit.when import when_words
from schemes.models import Assessment, Characteristic, EqualityMark, Scheme, System
from schemes.sources import evidence_row

Mark = EqualityMark.Mark

CHARACTERISTICS = [item for item in Characteristic if item != Characteristic.ALL]
SYMBOLS = {Mark.POSITIVE: "+", Mark.NEGATIVE: "\N{MINUS SIGN}", Mark.MIXED: "±", Mark.NONE: "○"}
READABLE = (Mark.POSITIVE, Mark.NEGATIVE, Mark.MIXED)

EQUALITY_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("scheme", "string", "code of the scheme"),
    Column("name", "string", "its name"),
    Column("kind", "string", "scheme, or investment outside the schemes' total"),
    Column("characteristic", "string", "protected characteristic; all is the whole row"),
    Column("mark", "string", "positive, negative, mixed, none, unreadable; empty is no mark"),
    Column("raw", "string", "the marks as printed, after an apostrophe where they begin by a sign"),
    Column("state", "string", "printed, derived, inferred, suspect or missing"),
    Column("source", "string", "title of the document"),
    Column("place", "string", "where in it"),
    Column("working", "string", "how it was read, or what is doubtful"),
)  # fmt: skip


@dataclass(frozen=True)
class MatrixRow:
    """A scheme with its marks. ``raw`` is the text of a row that no column can be given."""

    scheme: Scheme
    marks: Sequence[dict[str, Any] | None]  # one for each characteristic
    none: dict[str, Any] | None  # no significant relevance, said of the whole row
    raw: str
    note: Cell | None
    href: str

    @property
    def empty(self) -> bool:
        """Whether no mark at all is printed for the scheme."""
        return not self.raw and self.none is None and not any(self.marks)


def equality_page(system: System) -> dict[str, Any]:
    """The matrix of a system with its counts, and the assessments beside it; three queries."""
    schemes = list(system.schemes.all())
    marks = _by_scheme(_marks(system))
    rows = [_row(scheme, marks.get(scheme.pk, [])) for scheme in schemes]
    said = Counter(str(mark.mark) for of_one in marks.values() for mark in of_one)
    own = [row for row in rows if row.scheme.kind == Scheme.Kind.SCHEME]
    outside = [row for row in rows if row.scheme.kind != Scheme.Kind.SCHEME]
    without = [row.scheme for row in own if row.empty]
    return {
        "characteristics": [item.label for item in CHARACTERISTICS],
        "columns": len(CHARACTERISTICS),
        "rows": own,
        "outside": [row for row in outside if not row.empty],
        "outside_without": [row.scheme for row in outside if row.empty],
        "without": without,
        "counts": _counts(said, len(without)),
        "sentence": sentence(own, outside),
        "assessments": _assessments(system, schemes),
        "sources": [
            {"id": _anchor(mark), "name": _named(mark), "evidence": evidence}
            for of_one in marks.values()
            for mark in of_one
            if (evidence := evidence_row(mark.evidence))
        ],
    }


def _counts(said: Mapping[str, int], without: int) -> list[dict[str, Any]]:
    """How often each mark stands; a tile without a ``value`` cannot be counted, and says why.

    Beside rows that nobody can read a nought would claim that they hold no such mark.
    """
    unreadable = said[Mark.UNREADABLE]
    rows = f"{unreadable} row{'' if unreadable == 1 else 's'} cannot be read by column"
    return [
        {
            "label": label,
            "value": None if unreadable and not said[mark] else said[mark],
            "why": rows if unreadable and not said[mark] else "",
        }
        for label, mark in (
            ("Positive marks", Mark.POSITIVE),
            ("Negative marks", Mark.NEGATIVE),
            ("Positive and negative", Mark.MIXED),
            ("No significant relevance", Mark.NONE),
        )
    ] + [
        {"label": "Rows not readable", "value": unreadable, "why": ""},
        {"label": "Schemes without a mark", "value": without, "why": ""},
    ]


def sentence(own: Sequence[MatrixRow], outside: Sequence[MatrixRow]) -> str:
    """For how many schemes marks are printed, and how many of them say something by column."""
    if not own and not outside:
        return ""
    marked = [row for row in own if not row.empty]
    if not marked:
        said = f"No marks are printed for any of {len(own)} schemes"
    else:
        read = sum(not row.raw for row in marked)
        said = f"Marks are printed for {len(marked)} of {len(own)} schemes and parts of schemes"
        which = {0: "none", 1: "none but one"} | {len(marked): "all of them"}
        said += f", and {which.get(read, f'only {read} of them')} can be read by column"
    if outside:
        other = sum(not row.empty for row in outside)
        said += f"; for {other or 'none'} of {len(outside)} investments outside the schemes' total"
    return said + "."


def equality_rows(system: System) -> Iterator[Sequence[Any]]:
    """A row a mark for the download, and one for each scheme without."""
    marks = _by_scheme(_marks(system))
    for scheme in system.schemes.all():
        named = (system.code, scheme.code, scheme.name, scheme.kind)
        if scheme.pk not in marks:
            yield (*named, *[""] * 7)
        for mark in marks.get(scheme.pk, []):
            place = mark.evidence
            yield (
                *named,
                mark.characteristic,
                mark.mark,
                mark.raw,
                *(
                    (place.state, place.source.title, place.place, place.working)
                    if place
                    else [""] * 4
                ),
            )


def _marks(system: System) -> QuerySet[EqualityMark]:
    return EqualityMark.objects.filter(scheme__system=system).select_related(
        "scheme", "evidence__source"
    )


def _by_scheme(marks: QuerySet[EqualityMark]) -> Mapping[int, list[EqualityMark]]:
    """Marks by scheme in the order of the plan, each scheme's in the order of the columns."""
    order = list(Characteristic)
    found: dict[int, list[EqualityMark]] = defaultdict(list)
    for mark in sorted(
        marks,
        key=lambda mark: (
            mark.scheme.position,
            mark.scheme.code,
            order.index(Characteristic(mark.characteristic)),
        ),
    ):
        found[mark.scheme_id].append(mark)
    return dict(found)


def _row(scheme: Scheme, marks: Sequence[EqualityMark]) -> MatrixRow:
    by_column = {mark.characteristic: mark for mark in marks}
    whole = by_column.get(Characteristic.ALL)
    unreadable = whole is not None and whole.mark == Mark.UNREADABLE
    return MatrixRow(
        scheme=scheme,
        marks=[_shown(by_column[item]) if item in by_column else None for item in CHARACTERISTICS],
        none=_shown(whole) if whole is not None and not unreadable else None,
        raw=whole.raw if whole is not None and unreadable else "",
        note=_note(whole) if whole is not None and unreadable else None,
        href=f"#{_anchor(whole)}" if whole is not None and whole.evidence_id else "",
    )


def _shown(mark: EqualityMark) -> dict[str, Any]:
    """A mark for its column: symbol and word, and a note where it is not simply printed."""
    kind = Mark(mark.mark)
    unreadable = kind == Mark.UNREADABLE
    return {
        "symbol": SYMBOLS.get(kind, "?"),
        "word": f"Not readable: “{mark.raw}”" if unreadable else str(kind.label),
        "kind": str(kind),
        "note": _note(mark),
        "href": f"#{_anchor(mark)}" if mark.evidence_id else "",
    }


def _note(mark: EqualityMark) -> Cell | None:
    """The dagger or flag of a mark that is not simply printed; a cell without its figure."""
    place = mark.evidence
    if place is None or place.state in ("printed", "missing"):
        return None
    suspect = place.state == "suspect"
    return Cell("", derived=not suspect, suspect=suspect, note=place.working)


def _anchor(mark: EqualityMark) -> str:
    return f"source-{mark.scheme.code}-{mark.characteristic}"


def _named(mark: EqualityMark) -> str:
    if mark.characteristic == Characteristic.ALL:
        return mark.scheme.name
    return f"{mark.scheme.name}, {mark.get_characteristic_display()}"


def _assessments(system: System, schemes: Sequence[Scheme]) -> dict[str, Any]:
    """For each scheme the state of its two assessments, and how many are signed."""
    found = {
        (item.scheme_id, item.kind): item
        for item in Assessment.objects.filter(scheme__system=system).select_related(
            "evidence__source"
        )
    }
    return {
        "rows": [
            {
                "scheme": scheme,
                "states": [_state(found.get((scheme.pk, str(kind)))) for kind in Assessment.Kind],
            }
            for scheme in schemes
        ],
        "kinds": [kind.label for kind in Assessment.Kind],
        "stated": len(found),
        "sentence": _assessed(found, len(schemes)),
    }


def _state(item: Assessment | None) -> dict[str, str] | None:
    if item is None:
        return None
    signed = item.state == Assessment.State.SIGNED
    return {
        "state": item.get_state_display(),
        "by": f"by {item.signed_by}, {when_words(item.signed_on)}" if signed else "",
        "note": item.note,
        "place": f"{item.evidence.source.title}, {item.evidence.place}" if item.evidence else "",
    }


def _assessed(found: Mapping[tuple[int, str], Assessment], count: int) -> str:
    """How many schemes have which assessment stated and signed."""
    if not found:
        return f"No assessment on quality or equality is stated for any of the {count} schemes."
    said = []
    for kind in Assessment.Kind:
        own = [item for (_, of), item in found.items() if of == kind]
        signed = sum(item.state == Assessment.State.SIGNED for item in own)
        said.append(f"{kind.label}: stated for {len(own)} of {count}, signed for {signed}")
    return ". ".join(said) + "."
