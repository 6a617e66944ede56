"""What is said of the progress of actions, by those who own them or see to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.http import Http404

from esbt.kit.problems import Fault, Refused
from schemes.models import Action, ActionNote, User
from schemes.queries import may_report
from schemes.services.endings import ask_before_done, open_needs, report_faults
from schemes.services.seen import refuse_newer
from schemes.services.slices import NO_FIGURE, touch
from schemes.services.upsert import Wanted, upsert

LONGEST_NOTE = 4000


@transaction.atomic
def report_action(
    *,
    by: User,
    action: Action,
    text: str,
    changed: Mapping[str, str],
    seen: int | None = None,
    confirmed: bool = False,
) -> ActionNote | None:
    """Say how an action goes: a note, and its ``status``, ``done_on``, ``shown_by`` and, where it
    is stopped, ``stopped_because``.

    ``seen`` is the state that its author had before them, as ``state_of`` says it; a note alone
    stands beside whatever others say. Raises Conflict when somebody saved a newer state, Refused
    without words or a change, for done without a day or the evidence that is asked for, for stopped
    without a reason, and for a day that ``ending_faults`` refuses or that lies before the plan was
    agreed; with the code "confirm", unless ``confirmed``, for done while it waits for something
    that is open. Http404 for those who may not: commissioners and administrators of the system
    may, and finance leads and approvers of a partner that owns it.
    """
    system = action.area.plan.system
    if not may_report(by, action):
        raise Http404
    if changed and seen is not None:
        refuse_newer(action, seen)
    may = ("status", "done_on", "shown_by", "stopped_because")
    values = {name: changed[name] for name in may if name in changed}
    if values and values.get("status", action.status) != Action.Status.STOPPED:
        values["stopped_because"] = ""
    if not text.strip() and not changed:
        raise Refused([Fault("Say how the action goes, or change its status.", "text")])
    after = {name: values.get(name, getattr(action, name)) for name in may}
    faults = report_faults(action.area.plan, after, dated=bool(values))
    if len(text) > LONGEST_NOTE:
        faults.append(Fault(f"Shorten this to {LONGEST_NOTE:,} characters.", "text"))
    if faults:
        raise Refused(faults)
    done = Action.Status.DONE
    if after["status"] == done and action.status != done and not confirmed:
        ask_before_done(open_needs([action.pk]))
    if values:
        upsert(Action, [Wanted({"area_id": action.area_id, "code": action.code}, values)], by=by)
    note = None
    if text.strip():
        note = ActionNote.objects.create(
            action=action, text=text.strip(), at=datetime.now(UTC), actor=by
        )
    touch(by=by, slices=Q(system=system), action="actions", from_month=NO_FIGURE)
    return note
