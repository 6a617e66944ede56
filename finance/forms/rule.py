"""The fields in which a person states a rule of risk share, and the rule that they make.

Each kind of rule asks for fields of its own. Without scripts another kind is asked for what it
needs when the form is sent: such a form ``asks``, and nothing is made of it yet. What lies deeper
than the fields go is written as data, and checked alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

from esbt.kit.money import format_pence
from esbt.kit.problems import Fault, Refused
from finance.forms.risk import AmountField
from finance.pools.risk_share import parse_rule

Terms = Mapping[str, Any]

SIMPLE = (
    ("proportional", "In proportion to contributions"),
    ("fixed", "In fixed percentages"),
    ("service", "By the partner of each service"),
    ("kept", "All by one partner"),
    ("returned", "Returned in proportion to contributions"),
    ("carried_forward", "Carried forward to next year"),
)
NESTED = (
    ("risk_pool", "A risk pool first, up to a cap"),
    ("by_direction", "Over- and underspend apart"),
    ("tiers", "In two or three bands by size"),
)
AS_DATA = "advanced"
KINDS = (("", "Choose"), *SIMPLE, *NESTED, (AS_DATA, "Another rule, written as data"))
# the rules within a rule: the start of their fields' names, and what they are called
WITHIN: Mapping[str, Sequence[tuple[str, str]]] = {
    "risk_pool": (("then-", "What is left after the risk pool"),),
    "by_direction": (("overspend-", "An overspend"), ("underspend-", "An underspend")),
    "tiers": (
        ("tier1-", "The first band"),
        ("tier2-", "The second band"),
        ("tier3-", "The third band"),
    ),
}
THIRD = "tier3-"
LONGEST = 20_000

_EXAMPLE = (
    '{"kind": "by_heading", "headings": {"reablement": {"kind": "service"}}, '
    '"otherwise": {"kind": "proportional"}}'
)
_NOT_JSON = (
    "This is not data in JSON. Begin from the example, and mind the quotation marks, commas and "
    "brackets."
)


class RuleForm(forms.Form):
    """A rule for a pool of some members; ``cleaned_data`` has its ``terms``, as they are stored."""

    def __init__(self, data: Any = None, *, members: Mapping[str, str], **kwargs: Any) -> None:
        """``members`` are the partners' names by code."""
        super().__init__(data, **kwargs)
        self.members = members
        self.rule_fields: list[tuple[str, list[str]]] = []
        self._build()
        names = [name for _, own in self.rule_fields for name in own]
        self.asks = self.is_bound and any(name not in self.data for name in names)
        if self.asks:  # shown as it was typed, with what the chosen kind needs beside it
            self.initial.update(
                (name, self.data[name]) for name in self.fields if name in self.data
            )
            self.is_bound = False

    @property
    def rule_groups(self) -> list[dict[str, Any]]:
        """The rule's fields as templates show them: a legend, its fields, its percentages."""
        return [
            {
                "legend": legend,
                "fields": [self[name] for name in names if "percent-" not in name],
                "percents": [self[name] for name in names if "percent-" in name],
            }
            for legend, names in self.rule_fields
        ]

    def clean(self) -> dict[str, Any]:
        """The fields with the rule's terms; what is wrong with it stands beside its fields."""
        said = super().clean() or self.cleaned_data
        if self.errors:
            return said
        terms = self._as_data() if said["kind"] == AS_DATA else self._terms("")
        if terms is None:
            return said
        try:
            parse_rule(terms, sorted(self.members))
        except Refused as refused:
            self.add_faults(refused.faults)
        return said | {"terms": terms}

    def add_faults(self, faults: Sequence[Fault], **called: str) -> None:
        """Put faults beside the fields that they are about, those of the rule by their paths."""
        for fault in faults:
            name = called.get(fault.field, fault.field)
            if name.startswith("rule"):
                self.add_error(*self._of_rule(fault))
            else:
                self.add_error(name if name in self.fields else None, fault.message)

    def _of_rule(self, fault: Fault) -> tuple[str | None, str]:
        name = _field_of(fault.field)
        if "data" in self.fields:
            return "data", f"{fault.field}: {fault.message}"
        if name.endswith("percent"):
            name += f"-{next(iter(self.members))}"
        return (name if name in self.fields else None), fault.message

    def _said(self, name: str) -> str:
        source = self.data if self.is_bound else self.initial
        return str(source.get(name) or "")

    def _build(self) -> None:
        self._group("", "The rule", KINDS)
        kind = self._said("kind")
        own = self.rule_fields[-1][1]
        if kind == "risk_pool":
            own.append(self._amount("cap", "The risk pool bears up to, £"))
        if kind == AS_DATA:
            self.fields["data"] = forms.CharField(
                label="The rule as data",
                help_text=f"JSON, as the description of the API says, such as {_EXAMPLE}",
                max_length=LONGEST,
                widget=forms.Textarea,
                error_messages={"required": f"Write the rule, such as {_EXAMPLE}"},
            )
            own.append("data")
        for prefix, legend in WITHIN.get(kind, ()):
            choices = (("", "No third band" if prefix == THIRD else "Choose"), *SIMPLE)
            self._group(prefix, legend, choices, required=prefix != THIRD)

    def _group(
        self, prefix: str, legend: str, choices: Sequence[tuple[str, str]], *, required: bool = True
    ) -> None:
        """The kind of a rule, and what a simple one asks for."""
        names: list[str] = []
        if prefix == "tier1-":
            names.append(self._amount("tier1-limit", "It ends at an over- or underspend of, £"))
        if prefix == "tier2-":
            hint = "Leave it empty for two bands: the second is then all beyond the first."
            label = "It ends at an over- or underspend of, £"
            names.append(self._amount("tier2-limit", label, hint, required=False))
        said = "Choose who bears it. No rule is assumed."
        name = f"{prefix}kind"
        self.fields[name] = forms.ChoiceField(
            label="It is borne" if prefix else "An over- or underspend is borne",
            choices=choices,
            required=required,
            error_messages={"required": said, "invalid_choice": said},
        )
        names.append(name)
        self.rule_fields.append((legend, names))
        kind = self._said(name)
        if kind == "fixed":
            for code, partner in self.members.items():
                names.append(field := f"{prefix}percent-{code}")
                self.fields[field] = forms.CharField(
                    label=f"{partner}, %", required=False, max_length=20
                )
        if kind == "kept":
            names.append(field := f"{prefix}partner")
            self.fields[field] = forms.ChoiceField(
                label="By",
                choices=[("", "Choose"), *self.members.items()],
                error_messages={"required": "Choose the partner.", "invalid_choice": "Choose one."},
            )

    def _amount(self, name: str, label: str, hint: str = "", *, required: bool = True) -> str:
        self.fields[name] = AmountField(
            label=label,
            help_text=hint or "Such as 500,000 or 1.2m",
            required=required,
            error_messages={"required": "Type an amount, such as 500,000."},
        )
        return name

    def _terms(self, prefix: str) -> dict[str, Any] | None:
        """The rule whose fields begin so; None after saying what is wrong with it."""
        said = self.cleaned_data
        terms: dict[str, Any] = {"kind": said[f"{prefix}kind"]}
        match terms["kind"]:
            case "fixed":
                typed = {code: said[f"{prefix}percent-{code}"] for code in self.members}
                terms["percent"] = {
                    code: text.strip(" %\N{NO-BREAK SPACE}") for code, text in typed.items() if text
                }
            case "kept":
                terms["partner"] = said[f"{prefix}partner"]
            case "risk_pool":
                terms |= {"cap_pence": said["cap"], "then": self._terms("then-")}
            case "by_direction":
                terms |= {way: self._terms(f"{way}-") for way in ("overspend", "underspend")}
            case "tiers":
                return self._tiers()
        return terms

    def _tiers(self) -> dict[str, Any] | None:
        said = self.cleaned_data
        ends, third = said["tier2-limit"] is not None, said["tier3-kind"]
        if ends and not third:
            self.add_error(
                "tier3-kind", "Choose who bears what is beyond, or leave the second band's end out."
            )
            return None
        if third and not ends:
            self.add_error(
                "tier2-limit", "Type where the second band ends, or choose no third band."
            )
            return None
        bands = [{"up_to_pence": said["tier1-limit"], "rule": self._terms("tier1-")}]
        if third:
            bands.append({"up_to_pence": said["tier2-limit"], "rule": self._terms("tier2-")})
        last = "tier3-" if third else "tier2-"
        return {"kind": "tiers", "tiers": [*bands, {"rule": self._terms(last)}]}

    def _as_data(self) -> Any:
        try:
            terms = json.loads(self.cleaned_data["data"])
            plain = json.dumps(terms, ensure_ascii=False, allow_nan=False)
            plain.encode()
        except (ValueError, RecursionError):
            plain = ""
        if not plain or "\\u0000" in plain:  # which no database holds
            self.add_error("data", _NOT_JSON)
            return None
        return terms


def typed_rule(terms: object, members: Mapping[str, str]) -> dict[str, str]:
    """A rule as the fields of a form show it."""
    fields = dict(_fields(terms, "", members)) if _fits(terms, members) else None
    return fields or {"kind": AS_DATA, "data": json.dumps(terms, indent=2, ensure_ascii=False)}


def _fits(terms: Any, members: Mapping[str, str], *, within: bool = False) -> bool:
    """Whether the fields hold a rule: one of a simple kind, or a nested one of simple ones."""
    kind = terms.get("kind") if isinstance(terms, Mapping) else None
    if kind == "fixed":
        return {*terms["percent"]} <= {*members}
    if kind == "kept":
        return terms["partner"] in members
    if kind is None or within or kind not in WITHIN:
        return kind in dict(SIMPLE)
    tiers = terms.get("tiers", ())
    inner = [tier["rule"] for tier in tiers] or [
        terms[prefix.removesuffix("-")] for prefix, _ in WITHIN[kind]
    ]
    return len(tiers) in (0, 2, 3) and all(_fits(own, members, within=True) for own in inner)


def _fields(terms: Any, prefix: str, members: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield f"{prefix}kind", terms["kind"]
    match terms["kind"]:
        case "fixed":
            for code in members:
                yield f"{prefix}percent-{code}", str(terms["percent"].get(code, ""))
        case "kept":
            yield f"{prefix}partner", terms["partner"]
        case "risk_pool":
            yield "cap", format_pence(terms["cap_pence"], "gbp")
            yield from _fields(terms["then"], "then-", members)
        case "by_direction":
            for way in ("overspend", "underspend"):
                yield from _fields(terms[way], f"{way}-", members)
        case "tiers":
            for place, tier in enumerate(terms["tiers"], 1):
                if place < len(terms["tiers"]):
                    yield f"tier{place}-limit", format_pence(tier["up_to_pence"], "gbp")
                elif place == 2:
                    yield "tier2-limit", ""
                    yield "tier3-kind", ""
                yield from _fields(tier["rule"], f"tier{place}-", members)


def _field_of(path: str) -> str:
    """The form's field for a path within a rule: rule.tiers[0].rule.percent.escc."""
    path = path.removeprefix("rule").removeprefix(".").replace("cap_pence", "cap")
    path = re.sub(
        r"tiers\[(\d+)\]\.(rule\.?)?", lambda found: f"tier{int(found[1]) + 1}.", path
    ).replace("up_to_pence", "limit")
    return path.rstrip(".").replace(".", "-")
