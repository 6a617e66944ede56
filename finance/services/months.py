"""What people say about a month: totals of their own published papers, and words to the board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esbt.kit.problems import Fault, Refused
from finance.models import Commentary, PaperTotal
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.lines import Kind
from finance.queries.commentary import last_reopening
from finance.queries.known import is_closed
from finance.services.outturns import LARGEST_PENCE
from schemes.models import Partner, Slice, User
from schemes.models.base import storable
from schemes.people.permissions import Permission, require, roles_in
from schemes.services.signing import signing_faults
from schemes.services.slices import NO_FIGURE, writing


@dataclass(frozen=True, kw_only=True)
class PaperSpec:
    """What a paper prints, in pence in the sense of the lines; None takes back what was entered."""

    kind: str
    measure: str
    pence: int | None
    unit_pence: int = 1
    source: str = ""
    place: str = ""
    explanation: str = ""


def save_paper_total(
    *, by: User | None, slice_id: int, partner: Partner, month: int, spec: PaperSpec
) -> bool:
    """Keep what a partner's own published paper prints; False when that stands already.

    It is entered by whoever enters for the partner, in any state of the month, since papers are
    published later. Raises Http404 for others, and Refused for what is no kind, measure or month.
    """
    action = "total of a paper"
    with writing(slice_id=slice_id, by=by, action=action, from_month=NO_FIGURE) as write:
        if by is not None:
            require(by, Permission.ENTER_OUTTURN, system=write.slice.system, partner=partner)
        faults = _paper_faults(spec, month)
        if faults:
            raise Refused(faults)
        last = (
            PaperTotal.objects.filter(
                slice=write.slice,
                partner=partner,
                month=month,
                kind=spec.kind,
                measure=spec.measure,
            )
            .order_by("-change")
            .first()
        )
        if all(getattr(last, name, None) == value for name, value in vars(spec).items()):
            return False
        if last is None and spec.pence is None:
            return False
        PaperTotal.objects.create(
            slice=write.slice,
            partner=partner,
            month=month,
            change=write.draw(),
            actor=by,
            **vars(spec),
        )
        return True


def _paper_faults(spec: PaperSpec, month: int) -> list[Fault]:
    faults = []
    if not FIRST_MONTH <= month <= AUDITED:
        faults.append(Fault("There is no such month.", "month", str(month)))
    if spec.kind not in Kind.values:
        faults.append(Fault("Choose what the total is of.", "kind", spec.kind))
    if spec.measure not in PaperTotal.Measure.values:
        faults.append(Fault("Choose which figure it is.", "measure", spec.measure))
    if spec.pence is not None and abs(spec.pence) > LARGEST_PENCE:
        faults.append(Fault("This is larger than any amount can be.", "amount", str(spec.pence)))
    if spec.unit_pence < 1:
        faults.append(Fault("Choose how finely the paper prints.", "unit"))
    if spec.pence is not None and not spec.source:
        said = "Name the paper, such as the report to the board of 26 July."
        faults.append(Fault(said, "source"))
    for name in ("source", "place", "explanation"):
        text = getattr(spec, name)
        if storable(text) != text:
            faults.append(Fault("This holds characters that are no text. Type it again.", name))
    return faults


def write_commentary(
    *, by: User | None, slice_id: int, month: int, text: str, signed_as: str
) -> bool:
    """Sign words to the board about a month, or take them back; False when they stand already.

    Every version is kept, signed as a role that the writer holds today. Raises Http404 for those
    who may not write, and Refused while the system's month is not closed. After a reopening the
    same words can be signed again.
    """
    action = f"commentary on month {month}"
    with writing(slice_id=slice_id, by=by, action=action, from_month=NO_FIGURE) as write:
        if by is not None:
            require(by, Permission.WRITE_COMMENTARY, system=write.slice.system)
        roles = None if by is None else roles_in(by, write.slice.system)
        faults = _words_faults(write.slice, month, text, signed_as, roles)
        if faults:
            raise Refused(faults)
        last = Commentary.objects.filter(slice=write.slice, month=month).order_by("-change").first()
        if last is None and not text:
            return False
        if (
            last
            and (last.text, last.signed_as) == (text, signed_as)
            and last.change > last_reopening(write.slice, month)
        ):
            return False
        Commentary.objects.create(
            slice=write.slice,
            month=month,
            text=text,
            signed_as=signed_as,
            change=write.draw(),
            actor=by,
        )
        return True


def _words_faults(
    slice_: Slice, month: int, text: str, signed_as: str, roles: Sequence[str] | None
) -> list[Fault]:
    if not FIRST_MONTH <= month <= AUDITED:
        return [Fault("There is no such month.", "month", str(month))]
    faults = signing_faults(text, signed_as, roles)
    if not stands_closed(slice_, month):
        said = "Words to the board stand beside closed figures. Close the month first."
        faults.append(Fault(said, "month", str(month)))
    return faults


def stands_closed(slice_: Slice, month: int) -> bool:
    """Whether nothing of a system's month moves: it is closed, or the whole year is."""
    return slice_.status != Slice.Status.OPEN or is_closed(slice_, month)
