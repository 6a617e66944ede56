"""What people say about a month: totals of their own published papers, and words to the board."""

from __future__ import annotations

from dataclasses import dataclass

from esbt.kit.problems import Fault, Refused
from finance.models import Commentary, MonthlyReturn, PaperTotal
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.lines import Kind
from finance.models.outturns import ReturnState
from finance.queries.known import is_closed
from finance.services.closing import waited_for
from finance.services.outturns import LARGEST_PENCE
from schemes.models import Partner, Slice, User
from schemes.models.base import storable
from schemes.permissions import Permission, require
from schemes.services.slices import NO_FIGURE, writing

LONGEST_WORDS = 10_000


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

    Every version is kept. Raises Http404 for those who may not write, and Refused while the month
    is neither closed nor approved by every partner that is waited for.
    """
    action = f"commentary on month {month}"
    with writing(slice_id=slice_id, by=by, action=action, from_month=NO_FIGURE) as write:
        if by is not None:
            require(by, Permission.WRITE_COMMENTARY, system=write.slice.system)
        faults = _words_faults(write.slice, month, text, signed_as)
        if faults:
            raise Refused(faults)
        last = Commentary.objects.filter(slice=write.slice, month=month).order_by("-change").first()
        if (last.text, last.signed_as) == (text, signed_as) if last else not text:
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


def _words_faults(slice_: Slice, month: int, text: str, signed_as: str) -> list[Fault]:
    if not FIRST_MONTH <= month <= AUDITED:
        return [Fault("There is no such month.", "month", str(month))]
    faults = []
    if len(text) > LONGEST_WORDS:
        faults.append(Fault(f"Shorten this to {LONGEST_WORDS:,} characters.", "text"))
    if storable(text) != text:
        faults.append(Fault("This holds characters that are no text. Type it again.", "text"))
    if not signed_as or len(signed_as) > 120 or storable(signed_as) != signed_as:
        said = "Say as what you sign, such as Chief Finance Officer, in 120 characters at most."
        faults.append(Fault(said, "signed_as", signed_as[:40]))
    waiting = not_approved(slice_, month)
    if waiting:
        names = ", ".join(partner.name for partner in waiting)
        said = f"Words stand beside figures that are approved. Not approved yet: {names}."
        faults.append(Fault(said, "month", str(month)))
    return faults


def not_approved(slice_: Slice, month: int) -> list[Partner]:
    """Partners that are waited for and have not approved a month that the system has not closed."""
    if slice_.status != Slice.Status.OPEN or is_closed(slice_, month):
        return []
    done = set(
        MonthlyReturn.objects.filter(
            slice=slice_, month=month, state__in=[ReturnState.APPROVED, ReturnState.CLOSED]
        ).values_list("partner", flat=True)
    )
    return [partner for partner in waited_for(slice_, month) if partner.pk not in done]
