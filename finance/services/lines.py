"""Lines: made and changed together, each change kept as a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import NumericRange

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from finance.models import Heading, Line, LineVersion, PositionCover
from finance.models.base import FIRST_MONTH, LAST_MONTH
from finance.models.lines import SENSE, VERSIONED, Calendar, Kind, SavingType
from finance.services.returns import refuse_closed_year
from schemes.models import GroupMember, Partner, Pool, Scheme, User
from schemes.models.base import CODE, CODE_FORM
from schemes.people.permissions import Permission, require
from schemes.services.slices import Writing, writing


@dataclass(frozen=True, kw_only=True)
class LineSpec:
    """A line as somebody describes it; partners, schemes and lines by their codes."""

    code: str
    name: str
    partner: str
    kind: str
    heading: str = ""
    scheme: str = ""
    pool: str = ""
    recurrent: bool | None = None
    saving_type: str = ""
    baseline: str = ""
    calendar: str = Calendar.MONTHLY
    first_month: int = 1
    last_month: int = 12
    counterparty: str = ""
    counter_line: str = ""
    row: int | str | None = None


_SAVINGS = (Kind.SAVING, Kind.SAVINGS_TARGET, Kind.REDUCTION_PLAN)

# Who a line belongs to and what it counts is its identity; another kind is another line.
_FIXED = ("partner_id", "kind", "counterparty_id")


def save_lines(*, by: User | None, slice_id: int, specs: Sequence[LineSpec]) -> Count:
    """Create or change lines of a slice by their codes.

    Raises Refused with a fault a row for unknown codes, an identity that would change, or a
    position that is counted already; then nothing is stored.
    """
    with writing(slice_id=slice_id, by=by, action="lines") as write:
        if by is not None:
            require(by, Permission.MANAGE_SYSTEM, system=write.slice.system)
        lookup = _Lookup(write, specs)
        faults = [fault for spec in specs for fault in _faults_of(spec)]
        known = {line.code: line for line in Line.objects.filter(slice=write.slice)}
        created, changed, unchanged = [], [], 0
        seen: set[str] = set()
        for spec in specs:
            if spec.code in seen:
                faults.append(Fault("This line stands here twice.", "line", spec.code, spec.row))
            seen.add(spec.code)
            values = lookup.resolve(spec, faults)
            line = known.get(spec.code)
            if line is None:
                line = Line(slice=write.slice, code=spec.code, sense=SENSE.get(spec.kind, 0))
                known[spec.code] = line
                created.append(line)
            elif any(getattr(line, name) != values[name] for name in _FIXED):
                faults.append(
                    Fault(
                        "A line keeps its partner, kind and counterparty. "
                        "Give the new line another code.",
                        "line",
                        spec.code,
                        spec.row,
                    )
                )
                continue
            elif all(getattr(line, name) == values[name] for name in VERSIONED):
                unchanged += 1
                continue
            else:
                changed.append(line)
            for name, value in values.items():
                setattr(line, name, value)
        if faults:
            raise Refused(faults)
        if created or changed:
            refuse_closed_year(write.slice)
            _store(write, created, changed)
        _pair_legs(write, known, specs)
        return Count(len(created), len(changed), unchanged)


def _faults_of(spec: LineSpec) -> list[Fault]:
    """What the table's own constraints would refuse, in words and without asking the database."""
    faults = []
    if spec.kind not in SENSE:
        faults.append(Fault(f"Kinds are {', '.join(Kind.values)}.", "kind", spec.kind, spec.row))
    if spec.calendar not in Calendar.values:
        faults.append(
            Fault(
                f"Calendars are {', '.join(Calendar.values)}.", "calendar", spec.calendar, spec.row
            )
        )
    if not CODE_FORM.fullmatch(spec.code):
        faults.append(Fault(str(CODE.message), "line", spec.code, spec.row))
    if not FIRST_MONTH <= spec.first_month <= spec.last_month <= LAST_MONTH:
        faults.append(
            Fault(
                "A line's months run from its first to its last, 1 to 12.",
                "first_month",
                f"{spec.first_month} to {spec.last_month}",
                spec.row,
            )
        )
    if spec.scheme and spec.pool:
        faults.append(
            Fault(
                "A line belongs to a scheme or to a pool, not to both.", "pool", spec.pool, spec.row
            )
        )
    if spec.saving_type and spec.saving_type not in SavingType.values:
        said = f"Types of savings are {', '.join(SavingType.values)}."
        faults.append(Fault(said, "saving_type", spec.saving_type, spec.row))
    if (spec.saving_type or spec.baseline) and spec.kind not in _SAVINGS:
        said = "Only a saving has a type and a baseline. Leave them blank, or mend the kind."
        faults.append(Fault(said, "saving_type", spec.saving_type, spec.row))
    if spec.kind == Kind.TRANSFER and not spec.counterparty:
        faults.append(
            Fault("A transfer names the partner at its other end.", "counterparty", "", spec.row)
        )
    if spec.counterparty and spec.counterparty == spec.partner:
        faults.append(
            Fault(
                "The counterparty is another partner.", "counterparty", spec.counterparty, spec.row
            )
        )
    return faults


def _store(write: Writing, created: list[Line], changed: list[Line]) -> None:
    change = write.draw()
    Line.objects.bulk_create(created, batch_size=2000)
    Line.objects.bulk_update(changed, VERSIONED, batch_size=500)
    LineVersion.objects.bulk_create(
        [
            LineVersion(line=line, change=change, **{n: getattr(line, n) for n in VERSIONED})
            for line in (*created, *changed)
        ],
        batch_size=2000,
    )
    _cover(write, [line for line in (*created, *changed) if line.kind == Kind.POSITION])


def renew_covers(*, by: User | None, group: str = "") -> None:
    """Claim the months of reporting groups' positions anew, after their members changed.

    ``group`` is the code of the one that changed; without it all are. Raises Refused where a
    member's position is then counted twice.
    """
    groups = Line.objects.filter(kind=Kind.POSITION, partner__kind=Partner.Kind.GROUP)
    if group:
        groups = groups.filter(partner__code=group)
    for slice_id in groups.order_by("slice").values_list("slice", flat=True).distinct():
        with writing(slice_id=slice_id, by=by, action="group members") as write:
            if by is not None:
                require(by, Permission.MANAGE_SYSTEM, system=write.slice.system)
            _cover(write, list(groups.filter(slice=slice_id)))


def _cover(write: Writing, lines: list[Line]) -> None:
    """Claim the months of a position for its partner and, in a group, for each member."""
    members: dict[int, list[int]] = {}
    for group, member in GroupMember.objects.filter(
        group__in={line.partner_id for line in lines}
    ).values_list("group", "member"):
        members.setdefault(group, []).append(member)
    PositionCover.objects.filter(line__in=lines).delete()
    try:
        with transaction.atomic():
            PositionCover.objects.bulk_create(
                PositionCover(
                    line=line,
                    slice=write.slice,
                    partner_id=partner,
                    months=NumericRange(line.first_month, line.last_month, "[]"),
                )
                for line in lines
                for partner in (line.partner_id, *members.get(line.partner_id, []))
            )
    except IntegrityError as error:
        if "position_counted_once" not in str(error):
            raise
        codes = ", ".join(line.code for line in lines)
        raise Refused(
            [
                Fault(
                    "A partner's position is already counted in these months, by itself or in "
                    "its group. End one line before the other begins.",
                    "line",
                    codes,
                )
            ]
        ) from error


def _pair_legs(write: Writing, known: dict[str, Line], specs: Sequence[LineSpec]) -> None:
    """Bring the legs of contracts and transfers together; it is enough that one names the other."""
    faults, paired = [], []
    for spec in specs:
        if not spec.counter_line:
            continue
        line, other = known[spec.code], known.get(spec.counter_line)
        if (
            other is None
            or other.counterparty_id != line.partner_id
            or line.counterparty_id != other.partner_id
        ):
            message = "The other leg must be a line of the counterparty that names this partner."
        elif line.counter_line_id == other.pk:
            continue
        elif line.counter_line_id or other.counter_line_id:
            message = "One of the two is a leg of another contract already."
        else:
            line.counter_line, other.counter_line = other, line
            paired += [line, other]
            continue
        faults.append(Fault(message, "counter_line", spec.counter_line, spec.row))
    if faults:
        raise Refused(faults)
    if paired:
        write.draw()
        Line.objects.bulk_update(paired, ["counter_line"], batch_size=500)


class _Lookup:
    """Codes to ids, read once for all rows."""

    def __init__(self, write: Writing, specs: Sequence[LineSpec]) -> None:
        system = write.slice.system_id
        self.tables: dict[str, dict[str, int]] = {
            "partner": dict(
                Partner.objects.filter(memberships__system=system).values_list("code", "id")
            ),
            "heading": dict(Heading.objects.values_list("code", "id")),
            "scheme": dict(Scheme.objects.filter(system=system).values_list("code", "id")),
            "pool": dict(Pool.objects.filter(system=system).values_list("code", "id")),
        }
        self.tables["counterparty"] = self.tables["partner"]

    def resolve(self, spec: LineSpec, faults: list[Fault]) -> dict[str, Any]:
        """The column values of a line; a fault for each code that the system does not know."""
        values: dict[str, Any] = {
            field.name: getattr(spec, field.name)
            for field in fields(spec)
            if field.name in ("name", "kind", *VERSIONED)
        }
        for name, table in self.tables.items():
            code = getattr(spec, name)
            values[f"{name}_id"] = table.get(code)
            if code and code not in table:
                faults.append(
                    Fault(f"'{code}' is not a {name} of this system.", name, code, spec.row)
                )
        return values
