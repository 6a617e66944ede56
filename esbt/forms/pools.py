"""Forms of a pooled budget: what it is, who is in it, and what is stated of it in a year."""

from __future__ import annotations

from typing import Any

from django import forms

from esbt.forms.base import Choice, Day, Words, iso, offer
from esbt.forms.outcomes import Tick
from finance.forms.risk import AmountField, typed
from finance.models import PoolAmount
from schemes.models import Pool, PoolMember, System

LONG = 4000
Measure, Status = PoolAmount.Measure, PoolAmount.Status


class PoolForm(forms.Form):
    """What is known of a pool itself."""

    name = Words("Name", required=True)
    kind = Choice("Kind", "Not stated", help_text="Pooled in one fund, or aligned: kept by each.")
    manager_role = Words("Pool manager", 120, help_text="A role, never a person's name.")
    scope = Words("What it holds", LONG, widget=forms.Textarea)
    excludes = Words("What stands outside it", LONG, widget=forms.Textarea)
    note = Words("Note", LONG, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", Pool.Kind.choices)

    @classmethod
    def of(cls, pool: Pool) -> dict[str, Any]:
        """What the form shows at first."""
        return {name: getattr(pool, name) for name in cls.base_fields}


class MemberForm(forms.Form):
    """A partner in a pool; which one it is stays once it is there."""

    partner = Choice("Partner", "Choose", required=True)
    host = Tick("It hosts the pool")
    proposed = Tick("Proposed, and not yet agreed")
    starts = Day("From", help_text="Leave blank where it is not stated.")
    ends = Day("To, this day included", help_text="Leave blank: until somebody ends it.")
    note = Words("Note", LONG, widget=forms.Textarea)

    def __init__(self, system: System, member: PoolMember | None, *args: Any, **kwargs: Any):
        """Offer the system's partners to a new member."""
        super().__init__(*args, **kwargs)
        offer(self, "partner", system.partners.order_by("name").values_list("code", "name"))
        if member is not None:
            del self.fields["partner"]

    @staticmethod
    def of(member: PoolMember) -> dict[str, Any]:
        """What the form shows at first."""
        names = ("host", "proposed", "note")
        days = {"starts": iso(member.starts), "ends": iso(member.ends)}
        return {name: getattr(member, name) for name in names} | days


class AmountForm(forms.Form):
    """An amount that is stated of a pool in a year, as somebody says it now."""

    pence = AmountField(label="Amount, in pounds", error_messages={"required": "Type the amount."})
    status = Choice("How it stands", "Not stated")
    basis = Words("What it is measured by", 120, help_text="Such as county figure.")
    reason = Words(
        "Reason",
        LONG,
        widget=forms.Textarea,
        required=True,
        help_text="Such as the paper or minute that shows it. Kept in the history.",
    )

    def __init__(self, measure: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        statuses = [pair for pair in Status.choices if pair[0] != Status.SUSPECT]
        offer(self, "status", statuses)
        if measure == Measure.OPENING:
            self.fields["pence"].help_text = "What was left of the year before; -20,000 was owed."

    @staticmethod
    def of(amount: PoolAmount) -> dict[str, Any]:
        """What the form shows at first; each saying has its own reason."""
        status = "" if amount.status == Status.SUSPECT else amount.status
        return {"pence": typed(amount.pence), "status": status, "basis": amount.basis}
