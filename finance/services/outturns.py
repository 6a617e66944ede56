"""Outturns: the one way in for a month's figures, from page, workbook, API and loader alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from esbt.kit.counts import Count
from esbt.kit.problems import Conflict, Fault, Refused
from finance.models import Line, MonthlyReturn, Outturn, OutturnRevision
from finance.models.outturns import ReturnState
from finance.months import month_begins, month_words
from finance.services.plausible import headline_figures, implausible
from schemes.models import Slice, User
from schemes.models.base import storable
from schemes.people.permissions import Permission, require
from schemes.services.slices import Writing, writing


class _Keep:
    """The mark of a value that is left as it is."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP: Final = _Keep()
ANY: Final = "any"

LARGEST_PENCE = 10**15  # ten trillion pounds: more is a slip of the keyboard, not an amount


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line's figures in a month; None is "not stated", KEEP leaves what is there.

    ``revision`` is the one that the author saw (None: no value yet) and ANY for whatever stands.
    """

    line: str
    month: int
    actual_pence: int | _Keep | None = KEEP
    forecast_pence: int | _Keep | None = KEEP
    earlier_months_pence: int | _Keep | None = KEEP
    comment: str | _Keep = KEEP
    revision: int | str | None = ANY
    confirmed: Collection[str] = ()  # "actual", "forecast": amounts that are meant
    actual_basis: str | _Keep = KEEP
    forecast_basis: str | _Keep = KEEP
    actual_evidence_id: int | None = None
    forecast_evidence_id: int | None = None
    row: int | str | None = None


@dataclass
class Saved:
    """What a save did: counts, the heads as they now stand, and amounts beyond reason."""

    count: Count = field(default_factory=Count)
    heads: list[Outturn] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    change: int | None = None


_VALUES = (
    "actual_pence",
    "forecast_pence",
    "earlier_months_pence",
    "comment",
    "actual_basis",
    "forecast_basis",
    "actual_evidence_id",
    "forecast_evidence_id",
)


def record_outturns(
    *,
    by: User | None,
    slice_id: int,
    entries: Sequence[Entry],
    ask_when_implausible: bool = False,
    reason: str = "",
    today: date | None = None,
    again: bool = False,
    also: Sequence[Fault] = (),
) -> Saved:
    """Record figures of any number of lines and months: all of them, or none.

    Raises Refused (unknown lines, months that are closed or to come, amounts to confirm when
    ``ask_when_implausible``), Conflict over a newer value, and Http404 for another's partner.
    With ``again`` a figure that stands already needs no open month, so that a package can be
    loaded a second time. ``also`` are faults that were found before, in rows that have a number:
    they are told with those of the entries, and nothing is stored. The number of queries does
    not depend on the number of entries.
    """
    first = min((entry.month for entry in entries), default=0)
    with writing(
        slice_id=slice_id, by=by, action="outturns", reason=reason, from_month=first
    ) as write:
        lines = {
            line.code: line
            for line in Line.objects.filter(
                slice=write.slice, code__in={entry.line for entry in entries}
            ).select_related("partner")
        }
        _refuse(_by_row([*also, *_unknown(entries, lines)]) if also else _unknown(entries, lines))
        _check_permission(by, write, lines)
        if not again:
            _check_months(write.slice, entries, lines, today or timezone.localdate())
        heads = {
            (head.line_id, head.month): head
            for head in Outturn.objects.filter(
                line__in=lines.values(), month__in={entry.month for entry in entries}
            )
        }
        _check_revisions(entries, lines, heads)
        plans = headline_figures(write.slice.pk, lines.values())
        news = [item for item in entries if not _stands(item, lines, heads)]
        asked = news if ask_when_implausible else entries  # what stands was confirmed once
        saved = Saved(warnings=implausible(plans, asked, lines))
        if ask_when_implausible:
            _refuse(saved.warnings, code="confirm")
        changed, changing = [], []
        for entry in entries:
            line = lines[entry.line]
            old = heads.get((line.pk, entry.month))
            plan_basis = plans[line.pk].basis if line.pk in plans else ""
            head = _head(write.slice, line, entry, old, plan_basis)
            if old and all(getattr(old, name) == getattr(head, name) for name in _VALUES):
                saved.count.unchanged += 1
            elif old is None and _is_blank(head):
                saved.count.unchanged += 1
                continue
            else:
                saved.count += Count(updated=1) if old else Count(created=1)
                changed.append(head)
                changing.append(entry)
            saved.heads.append(head)
        if again:
            _check_months(write.slice, changing, lines, today or timezone.localdate())
        if changed:
            _store(write, changed)
        saved.change = write.change
        return saved


def _stands(
    entry: Entry, lines: Mapping[str, Line], heads: Mapping[tuple[int, int], Outturn]
) -> bool:
    """Whether an entry brings no other amounts than those that are there."""
    old = heads.get((lines[entry.line].pk, entry.month))
    return all(
        getattr(entry, name) in (KEEP, getattr(old, name, None))
        for name in ("actual_pence", "forecast_pence")
    )


def _head(slice_: Slice, line: Line, entry: Entry, old: Outturn | None, plan_basis: str) -> Outturn:
    """The head as an entry leaves it.

    An amount whose basis its author does not give, and nobody gave before, is held against the
    plan, so it stands on the plan's basis: the page says so beside the field.
    """
    head = Outturn(line=line, slice=slice_, month=entry.month, revision=old.revision if old else 0)
    if old:
        head.change = old.change
    for name in _VALUES:
        value = getattr(entry, name)
        if value is KEEP:
            value = getattr(old or head, name)
        setattr(head, name, value)
    for fact in ("actual", "forecast"):
        amount = getattr(entry, f"{fact}_pence")
        typed = isinstance(amount, int) and getattr(entry, f"{fact}_basis") is KEEP
        if typed and amount != getattr(old, f"{fact}_pence", None):
            setattr(head, f"{fact}_basis", getattr(head, f"{fact}_basis") or plan_basis)
    for fact in ("actual", "forecast"):
        # evidence speaks of an amount: it stays with one that is kept, and goes with another
        if (
            old
            and getattr(entry, f"{fact}_evidence_id") is None
            and getattr(head, f"{fact}_pence") == getattr(old, f"{fact}_pence")
        ):
            setattr(head, f"{fact}_evidence_id", getattr(old, f"{fact}_evidence_id"))
    return head


def _is_blank(head: Outturn) -> bool:
    """Whether nothing is said; evidence without an amount says that the source is silent."""
    return (
        head.actual_pence is None
        and head.forecast_pence is None
        and head.actual_evidence_id is None
        and head.forecast_evidence_id is None
        and not head.comment
    )


def _store(write: Writing, heads: list[Outturn]) -> None:
    change = write.draw()
    for head in heads:
        head.revision += 1
        head.change = change
    OutturnRevision.objects.bulk_create(
        [
            OutturnRevision(
                line_id=head.line_id,
                month=head.month,
                revision=head.revision,
                change=change,
                actor=write.by,
                **{name: getattr(head, name) for name in _VALUES},
            )
            for head in heads
        ],
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _PUT_HEADS,
            {
                "slice": write.slice.pk,
                "change": change,
                "lines": list({head.line_id for head in heads}),
                "months": list({head.month for head in heads}),
            },
        )


# What the revisions say becomes the present value; what was published stays. In the database, since
# sending a paste of 1,600 cells twice takes twice as long.
_PUT_HEADS = """
INSERT INTO finance_outturn (line_id, slice_id, month, revision, change, actual_pence,
    forecast_pence, earlier_months_pence, comment, actual_basis, forecast_basis,
    actual_evidence_id, forecast_evidence_id, published_actual_basis, published_forecast_basis)
SELECT line_id, %(slice)s, month, revision, change, actual_pence, forecast_pence,
    earlier_months_pence, comment, actual_basis, forecast_basis, actual_evidence_id,
    forecast_evidence_id, '', ''
FROM finance_outturnrevision
WHERE line_id = ANY(%(lines)s) AND month = ANY(%(months)s) AND change = %(change)s
ON CONFLICT (line_id, month) DO UPDATE SET
    revision = EXCLUDED.revision, change = EXCLUDED.change,
    actual_pence = EXCLUDED.actual_pence, forecast_pence = EXCLUDED.forecast_pence,
    earlier_months_pence = EXCLUDED.earlier_months_pence, comment = EXCLUDED.comment,
    actual_basis = EXCLUDED.actual_basis, forecast_basis = EXCLUDED.forecast_basis,
    actual_evidence_id = EXCLUDED.actual_evidence_id,
    forecast_evidence_id = EXCLUDED.forecast_evidence_id"""


def _refuse(faults: Sequence[Fault], code: str = "invalid") -> None:
    if faults:
        raise Refused(faults, code=code)


def _by_row(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: int(fault.row or 0))


def _unknown(entries: Sequence[Entry], lines: dict[str, Line]) -> list[Fault]:
    faults = []
    seen: set[tuple[str, int]] = set()
    for entry in entries:
        line = lines.get(entry.line)
        if line is None:
            faults.append(
                Fault(f"'{entry.line}' is not a line of this year.", "line", entry.line, entry.row)
            )
            continue
        if (entry.line, entry.month) in seen:
            faults.append(
                Fault("This line stands here twice for the month.", "line", entry.line, entry.row)
            )
        seen.add((entry.line, entry.month))
        if not line.takes(entry.month):
            faults.append(
                Fault(
                    f"The line runs from month {line.first_month} to {line.last_month}.",
                    "month",
                    str(entry.month),
                    entry.row,
                )
            )
        if entry.month == 0 and isinstance(entry.actual_pence, int):
            faults.append(
                Fault("Month 0 is the opening forecast and has no actual.", "actual", "", entry.row)
            )
        for name in ("actual", "forecast", "earlier_months"):
            value = getattr(entry, f"{name}_pence")
            if isinstance(value, int) and abs(value) > LARGEST_PENCE:
                faults.append(
                    Fault("This is larger than any amount can be.", name, str(value), entry.row)
                )
        if isinstance(entry.comment, str) and storable(entry.comment) != entry.comment:
            message = "This holds characters that are no text. Type it again."
            faults.append(Fault(message, "comment", "", entry.row or entry.line))
    return faults


def _check_permission(by: User | None, write: Writing, lines: dict[str, Line]) -> None:
    if by is None:
        return
    for partner in {line.partner_id: line.partner for line in lines.values()}.values():
        require(by, Permission.ENTER_OUTTURN, system=write.slice.system, partner=partner)


def why_shut(slice_: Slice, month: int, state: str | None, today: date) -> tuple[str, str] | None:
    """The code and the sentence for a month that takes no figures; None when it takes them."""
    if slice_.status != Slice.Status.OPEN or state == ReturnState.CLOSED:
        year = f"The year {slice_.year}"
        what = month_words(month).capitalize() if state == ReturnState.CLOSED else year
        return (
            "closed",
            f"{what} is closed. Put a correction into the next open month, "
            "or ask the system's administrator to reopen it.",
        )
    if month_begins(slice_, month) > today:
        begins = f"{month_begins(slice_, month):%-d %B %Y}"
        what = month_words(month).capitalize()
        return "not_open", f"{what} begins on {begins}; it can be entered from then."
    if state in (ReturnState.SUBMITTED, ReturnState.APPROVED):
        return (
            "submitted",
            f"The return for {month_words(month)} was {state}. Ask for it to be sent back first.",
        )
    return None


def _check_months(
    slice_: Slice, entries: Sequence[Entry], lines: dict[str, Line], today: date
) -> None:
    states = {
        (item.partner_id, item.month): item.state
        for item in MonthlyReturn.objects.filter(
            slice=slice_, month__in={entry.month for entry in entries}
        )
    }
    for entry in entries:
        state = states.get((lines[entry.line].partner_id, entry.month))
        shut = why_shut(slice_, entry.month, state, today)
        if shut:
            raise Refused([Fault(shut[1], "month", str(entry.month), entry.row)], code=shut[0])


def _check_revisions(
    entries: Sequence[Entry],
    lines: dict[str, Line],
    heads: dict[tuple[int, int], Outturn],
) -> None:
    faults, newer = [], []
    for entry in entries:
        head = heads.get((lines[entry.line].pk, entry.month))
        stands = head.revision if head else None
        if entry.revision in (ANY, stands):
            continue
        faults.append(
            Fault(
                "Somebody saved this line after you opened it. Compare the two and save again.",
                "revision",
                str(entry.revision),
                entry.row or entry.line,
            )
        )
        newer.append(value_of(entry.line, entry.month, head))
    if faults:
        raise Conflict(faults, newer)


def value_of(line: str, month: int, head: Outturn | None) -> dict[str, Any]:
    """A head as plain data; every figure None and revision None where there is no value yet."""
    return {
        "line": line,
        "month": month,
        "revision": head.revision if head else None,
        "actual_pence": head.actual_pence if head else None,
        "forecast_pence": head.forecast_pence if head else None,
        "earlier_months_pence": head.earlier_months_pence if head else None,
        "comment": head.comment if head else "",
    }
