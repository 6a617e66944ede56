"""Forms of agreements, sign-off and the parts of a fund's plan: thin, since services say what is
wrong.
"""

from __future__ import annotations

from typing import Any

from django import forms

from esbt.forms.base import Choice, Day, When, Words, iso, offer
from esbt.forms.outcomes import Amount, Tick
from finance.forms.risk import AmountField, typed
from schemes.governance.agreements import CONTENTS
from schemes.models import (
    AcuteAssumption,
    Agreement,
    Aim,
    ConditionStep,
    NationalCondition,
    SignOff,
    System,
)
from schemes.queries import partners_around

LONG = 10_000
PARTY = "party_"  # with the code of a partner: whether it is a party


def _long(label: str, **more: Any) -> Words:
    return Words(label, LONG, widget=forms.Textarea, **more)


class AgreementForm(forms.Form):
    """What partners have agreed, and who they are."""

    name = Words("Name", required=True)
    kind = Choice("Kind", "Choose", required=True)
    state = Choice("State", required=True)
    version = Words("Version", 120)
    supersedes = Choice("It takes the place of", "No other agreement")
    pool = Choice("Pooled budget", "None")
    starts = Day("From", help_text="Leave blank where it is not stated.")
    ends = Day("To, this day included")
    note = _long("Note")

    def __init__(
        self, system: System, agreement: Agreement | None, *args: Any, **kwargs: Any
    ) -> None:
        """Offer the system's pools, other agreements and partners."""
        super().__init__(*args, **kwargs)
        offer(self, "kind", Agreement.Kind.choices)
        offer(self, "state", Agreement.State.choices)
        others = system.agreements.exclude(code=agreement.code if agreement else "")
        offer(self, "supersedes", others.values_list("code", "name"))
        offer(self, "pool", system.pools.values_list("code", "name"))
        for name, label in CONTENTS:
            self.fields[name] = _long(label)
        self.members = list(system.memberships.values_list("partner__code", "partner__name"))
        for code, label in self.members:
            self.fields[PARTY + code] = Tick(label)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        contents = [name for name, _ in CONTENTS]
        parties = [PARTY + code for code, _ in self.members]
        first = [name for name in self.fields if name not in (*contents, *parties, "note")]
        return [
            ("The agreement", [self[name] for name in first]),
            ("Parties", [self[name] for name in parties]),
            ("What it says", [self[name] for name in (*contents, "note")]),
        ]

    @staticmethod
    def of(agreement: Agreement) -> dict[str, Any]:
        """What the form shows at first."""
        names = ("name", "kind", "state", "version", "note", *(name for name, _ in CONTENTS))
        parties = agreement.parties.values_list("partner__code", flat=True)
        return {name: getattr(agreement, name) for name in names} | {
            "supersedes": agreement.supersedes.code if agreement.supersedes else "",
            "pool": agreement.pool.code if agreement.pool else "",
            "starts": iso(agreement.starts),
            "ends": iso(agreement.ends),
            **{PARTY + code: True for code in parties},
        }

    def values(self) -> dict[str, Any]:
        """The fields as an agreement's spec takes them."""
        given = self.cleaned_data
        return {name: value for name, value in given.items() if not name.startswith(PARTY)}

    def parties(self) -> list[str]:
        """Codes of the partners that are ticked."""
        return [code for code, _ in self.members if self.cleaned_data[PARTY + code]]


class SignOffForm(forms.Form):
    """What a body has said to an agreement or a plan."""

    body = Words("Body", required=True, help_text="Who signs, such as the council's cabinet.")
    partner = Choice("The partner that it is", "None of the system's partners")
    state = Choice("How far it has come", required=True)
    role = Words("Signed by", 120, help_text="A role, such as chief officer, never a person.")
    on = When("When")
    minute = Words("Minute", help_text="Of the meeting that ratified it.")
    note = _long("Note")

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "state", SignOff.State.choices)
        offer(self, "partner", partners_around(system).values_list("code", "name"))

    @staticmethod
    def of(item: SignOff) -> dict[str, Any]:
        """What the form shows at first."""
        names = ("body", "state", "role", "on", "minute", "note")
        return {name: getattr(item, name) for name in names} | {
            "partner": item.partner.code if item.partner else ""
        }


class ConditionForm(forms.Form):
    """How far a national condition has come."""

    status = Choice("Status", "Not stated")
    shown_by = _long("What shows that it is met", help_text="Without it no condition is met.")
    in_place = _long("What is in place")
    planned = _long("What is planned")
    note = _long("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "status", NationalCondition.Status.choices)

    @classmethod
    def of(cls, item: NationalCondition) -> dict[str, Any]:
        """What the form shows at first."""
        return {name: getattr(item, name) for name in cls.base_fields}


class StepForm(forms.Form):
    """A dated step towards a condition."""

    name = Words("Step", 300, required=True)
    due = When("Due")
    done = When("Done", "Leave it empty while it is not done.")
    note = _long("Note")

    @classmethod
    def of(cls, item: ConditionStep) -> dict[str, Any]:
        """What the form shows at first."""
        return {name: getattr(item, name) for name in cls.base_fields}


class AimForm(forms.Form):
    """How an aim is measured."""

    measure = _long("How it is measured, in words")
    metric = Choice("Metric", "No metric")

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "metric", system.metrics.values_list("code", "name"))

    @classmethod
    def of(cls, item: Aim) -> dict[str, Any]:
        """What the form shows at first."""
        return {name: getattr(item, name) for name in cls.base_fields}


class AssumptionForm(forms.Form):
    """The numbers of an assumption on a hospital."""

    admissions_avoided = Amount(
        "Admissions avoided in a year",
        max_digits=12,
        decimal_places=2,
        help_text="Leave it empty while it is not stated.",
    )
    cost_pence = AmountField(
        label="Cost of one admission, in pounds",
        required=False,
        help_text="Such as 1,490. Leave it empty while it is not stated.",
    )
    about = _long("What it rests on")

    @staticmethod
    def of(item: AcuteAssumption) -> dict[str, Any]:
        """What the form shows at first."""
        return {
            "admissions_avoided": item.admissions_avoided,
            "cost_pence": typed(item.cost_pence),
            "about": item.about,
        }


class WhatIfForm(forms.Form):
    """Numbers that somebody tries in the place of those that are stored; nothing is kept."""

    def __init__(self, assumptions: list[AcuteAssumption], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assumptions = assumptions
        for item in assumptions:
            avoided, cost = self.names(item)
            self.fields[avoided] = Amount(
                "Admissions avoided in a year", max_digits=12, decimal_places=2
            )
            self.fields[cost] = AmountField(
                label="Cost of one admission, in pounds", required=False
            )

    @staticmethod
    def names(item: AcuteAssumption) -> tuple[str, str]:
        """The fields of an assumption: admissions, and the cost of one."""
        return f"{item.code}_admissions", f"{item.code}_cost"

    def rows(self) -> list[tuple[AcuteAssumption, forms.BoundField, forms.BoundField]]:
        """Assumptions with their two fields."""
        made = []
        for item in self.assumptions:
            avoided, cost = self.names(item)
            made.append((item, self[avoided], self[cost]))
        return made

    def typed(self) -> dict[str, tuple[Any, Any]]:
        """What was typed, by the codes of assumptions."""
        return {
            item.code: (self.cleaned_data[avoided], self.cleaned_data[cost])
            for item in self.assumptions
            for avoided, cost in [self.names(item)]
        }
