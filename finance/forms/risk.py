"""The form of a risk and of what it puts at stake in a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from esbt.kit.asking import CONFIRMED, ask, is_confirmed
from esbt.kit.money import AmountError, format_pence, parse_amount
from esbt.kit.problems import Refused
from esbt.kit.when import REMEDY, as_typed
from finance.models import RiskMoney, StandsAs
from finance.services import RiskMoneySpec
from schemes.models import Partner, Pool, Risk, RiskRating, RiskStatus, Scheme, Slice
from schemes.services.risks import RiskSpec

LONG = 4000
NOT_RATED = [("", "Not rated"), *((str(n), str(n)) for n in range(1, 6))]
MONEY = ("amount", "stands_as", "mitigation_amount", "reason")
# fields of the services under the names that they have here
_HERE = {"pence": "amount", "mitigation_pence": "mitigation_amount"}

GROUPS = (
    ("What may go wrong", ("name", "cause", "effect", "partner", "scheme", "pool", "status")),
    ("How likely and how grave", ("likelihood", "impact", "rating")),
    ("What it would cost in {year}", MONEY),
    ("What is done about it", ("mitigation", "owner_role", "owner", "review", "note")),
)


class AmountField(forms.CharField):
    """Pounds as people type them; pence, or None where it is left empty."""

    def clean(self, value: Any) -> Any:
        """Pence of what was typed, with what is wrong in words."""
        try:
            return parse_amount(super().clean(value))
        except AmountError as error:
            raise forms.ValidationError(str(error)) from None


def _long(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=LONG, widget=forms.Textarea
    )


class RiskForm(forms.Form):
    """What a person says of a risk; in a closed year without its money."""

    name = forms.CharField(
        label="Risk", max_length=200, error_messages={"required": "Name the risk."}
    )
    cause = _long("Cause", "Why it may happen")
    effect = _long("Effect", "What it would do")
    partner = forms.ChoiceField(
        label="Whose risk it is",
        error_messages={"required": "Choose whose risk it is.", "invalid_choice": "Choose one."},
    )
    scheme = forms.ChoiceField(label="Scheme", required=False)
    pool = forms.ChoiceField(label="Pooled budget", required=False)
    status = forms.ChoiceField(
        label="Status",
        choices=RiskStatus.choices,
        initial=RiskStatus.OPEN,
        help_text="Only open risks count. One that landed belongs in the forecast.",
    )
    likelihood = forms.ChoiceField(label="Likelihood, 1 to 5", choices=NOT_RATED, required=False)
    impact = forms.ChoiceField(label="Impact, 1 to 5", choices=NOT_RATED, required=False)
    rating = forms.ChoiceField(
        label="Rated in a word",
        choices=[("", "No word is stated"), *RiskRating.choices],
        required=False,
        help_text="As a source prints it. A risk without a word and a score is not rated, "
        "which is not low.",
    )
    amount = AmountField(
        label="At stake, in pounds",
        required=False,
        help_text="By how much the position would be worse, such as 1.2m. "
        "Leave it empty while nobody has said.",
    )
    stands_as = forms.ChoiceField(
        label="The amount is", choices=StandsAs.choices, initial=StandsAs.NOT_STATED
    )
    mitigation_amount = AmountField(
        label="Mitigations are worth, in pounds",
        required=False,
        help_text="By how much they would lessen it. Leave it empty while nobody has said.",
    )
    reason = _long("Why the amount is what it is")
    mitigation = _long("What is done about it")
    owner_role = forms.CharField(
        label="Who sees to it",
        required=False,
        max_length=120,
        help_text="A role, such as director of finance, and never a person's name",
    )
    owner = forms.ChoiceField(label="Of which partner", required=False)
    review = forms.CharField(
        label="Looked at again", required=False, max_length=40, help_text=REMEDY
    )
    note = _long("Note")

    def clean_review(self) -> str:
        """The date in the form that is kept."""
        return as_typed(self.cleaned_data["review"])

    def __init__(
        self, *args: Any, slice_: Slice, keeps: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        members = Partner.objects.filter(memberships__system=slice_.system_id)
        schemes = Scheme.objects.filter(system=slice_.system_id)
        self._choose("partner", keeps)
        self.fields["partner"].required = all(code for code, _ in keeps)
        self._choose("scheme", [("", "None"), *schemes.values_list("code", "name")])
        pools = Pool.objects.filter(system=slice_.system_id)
        self._choose("pool", [("", "None"), *pools.values_list("code", "name")])
        self._choose("owner", [("", "Not stated"), *members.values_list("code", "name")])
        self.year = str(slice_.year)
        if slice_.status != Slice.Status.OPEN:
            for name in MONEY:
                del self.fields[name]

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [
            (title.format(year=self.year), fields)
            for title, names in (*GROUPS, ("Asked", (CONFIRMED,)))
            if (fields := [self[name] for name in names if name in self.fields])
        ]

    def spec(self, system: str, risk: Risk | None) -> RiskSpec:
        """What to save of the risk; where it comes from stays."""
        values = {
            name: self.cleaned_data[name]
            for name in (
                "name", "cause", "effect", "partner", "scheme", "pool", "status", "rating",
                "mitigation", "owner_role", "owner", "review", "note",
            )
        }  # fmt: skip
        likelihood, impact = self.cleaned_data["likelihood"], self.cleaned_data["impact"]
        return RiskSpec(
            system=system,
            code=risk.code if risk else "",
            likelihood=int(likelihood) if likelihood else None,
            impact=int(impact) if impact else None,
            evidence_id=risk.evidence_id if risk else None,
            **values,
        )

    def money(self, old: RiskMoney | None) -> RiskMoneySpec:
        """What to save of the money; an amount that was typed has no source but its author."""
        said = self.cleaned_data
        if "amount" not in self.fields:
            values = (old.pence, old.stands_as, old.mitigation_pence) if old else None
            reason = ""
        else:
            values = (said["amount"], said["stands_as"], said["mitigation_amount"])
            reason = said["reason"]
        pence, stands_as, mitigation = values or (None, StandsAs.NOT_STATED, None)
        same = old is not None and (old.pence, old.stands_as, old.mitigation_pence) == values
        return RiskMoneySpec(
            risk="",
            pence=pence,
            stands_as=stands_as,
            mitigation_pence=mitigation,
            reason=reason or (old.reason if old and same else ""),
            evidence_id=old.evidence_id if old and same and not reason else None,
        )

    def add_faults(self, refused: Refused) -> None:
        """Put what the services refused or ask beside the fields that it is about."""
        asks = refused.code == "confirm"
        if asks or is_confirmed(self):
            ask(self)
        for fault in refused.faults:
            name = CONFIRMED if asks else _HERE.get(fault.field, fault.field)
            self.add_error(name if name in self.fields else None, fault.message)


def stored(risk: Risk, money: RiskMoney | None) -> dict[str, str]:
    """What a risk says now, as the form's fields show it."""
    codes = {
        name: found.code if (found := getattr(risk, name)) else ""
        for name in ("partner", "scheme", "pool", "owner")
    }
    rated = {name: str(getattr(risk, name) or "") for name in ("likelihood", "impact")}
    words = {
        name: getattr(risk, name)
        for name in (
            "name", "cause", "effect", "status", "rating", "mitigation", "owner_role", "review",
            "note",
        )
    }  # fmt: skip
    return {
        **words,
        **codes,
        **rated,
        "amount": typed(money.pence if money else None),
        "stands_as": money.stands_as if money else StandsAs.NOT_STATED,
        "mitigation_amount": typed(money.mitigation_pence if money else None),
    }


def typed(pence: int | None) -> str:
    """Pence as AmountField takes them; "" where they are not stated."""
    return "" if pence is None else format_pence(pence, "gbp")
