"""Forms of reduction plans: what a plan does to a partner, and what is urgently done about one."""

from __future__ import annotations

from typing import Any

from django import forms

from esbt.forms.base import Choice, When, Words, offer
from finance.models import Line, PlanEffect, UrgentAction
from finance.services import PlanEffectSpec, UrgentActionSpec
from schemes.models import RiskStatus

_LONGEST = 4000
_ROLE = "A role, such as Director of Finance, and never a person's name."
_SAID = {True: "yes", False: "no", None: ""}


def _long(label: str, **more: Any) -> Words:
    return Words(label, _LONGEST, widget=forms.Textarea, **more)


class EffectForm(forms.Form):
    """What a plan does to a partner, and whether the partner has understood it."""

    effect = _long("What the plan does to it")
    understood = Choice("Has the partner understood it?", "Nobody has said")
    role = Words("Said by", 120, help_text=_ROLE)
    on = When("Said on")
    note = _long("Note")

    def __init__(self, *args: Any, words: bool, **kwargs: Any) -> None:
        """Without ``words`` only the partner's own understanding is asked for."""
        super().__init__(*args, **kwargs)
        offer(self, "understood", [("yes", "Yes"), ("no", "No, or not yet")])
        if not words:
            del self.fields["effect"]

    @staticmethod
    def of(effect: PlanEffect | None) -> dict[str, Any]:
        """What the form shows at first."""
        if effect is None:
            return {}
        plain = {name: getattr(effect, name) for name in ("effect", "role", "on", "note")}
        return plain | {"understood": _SAID[effect.understood]}

    def spec(self, line: str, partner: str, effect: PlanEffect | None) -> PlanEffectSpec:
        """What is to be saved; words that were not asked for stay."""
        said = self.cleaned_data
        return PlanEffectSpec(
            line=line,
            partner=partner,
            effect=said.get("effect", effect.effect if effect else ""),
            understood={"yes": True, "no": False}.get(said["understood"]),
            role=said["role"],
            on=said["on"],
            note=said["note"],
            evidence_id=effect.evidence_id if effect else None,
        )


class RiskForm(forms.Form):
    """A risk of the register that endangers a plan."""

    risk = Choice("Risk", "Choose", required=True)

    def __init__(self, line: Line, *args: Any, **kwargs: Any) -> None:
        """Offer the open risks that are not named for the plan yet."""
        super().__init__(*args, **kwargs)
        found = line.slice.system.risks.filter(status=RiskStatus.OPEN)
        named = found.exclude(pk__in=line.plan_risks.values("risk")).order_by("name", "code")
        offer(self, "risk", [(risk.code, risk.name) for risk in named])


class UrgentForm(forms.Form):
    """What is done about a plan that does not deliver, and by when."""

    words = _long("What is to be done", required=True)
    owner_role = Words("Who does it", 120, help_text=_ROLE)
    due = When("Due", "An earlier date stays in its history.", required=True)
    moved_because = Words("Why its date moves", 500, help_text="Asked for when the date moves.")
    done = When("Done on", "Only when it is done.")
    shown_by = _long("What shows that it is done")
    note = _long("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial:
            del self.fields["moved_because"]  # a first date has not moved

    @classmethod
    def of(cls, action: UrgentAction) -> dict[str, Any]:
        """What the form shows at first."""
        plain = [name for name in cls.base_fields if name != "moved_because"]
        return {name: getattr(action, name) for name in plain}

    def spec(self, line: str, code: str, action: UrgentAction | None) -> UrgentActionSpec:
        """What is to be saved."""
        evidence = action.evidence_id if action else None
        return UrgentActionSpec(line=line, code=code, evidence_id=evidence, **self.cleaned_data)
