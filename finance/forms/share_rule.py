"""The form of a dated rule of risk share: its months, its agreement, and its trigger."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from finance.charts.words import MONTHS
from finance.forms.rule import RuleForm, typed_rule
from finance.models import ShareRule
from finance.services import ShareRuleSpec
from schemes.models import Agreement, Pool

_CALENDAR = [*MONTHS[9:], *MONTHS[:9]]  # from January
_MONTH = re.compile(r"(?:(?P<year>20\d\d)-(?P<month>\d\d?)|(?P<name>[A-Za-z]+) +(?P<in>20\d\d))")
_HINT = "Whole months, such as October 2018 or 2018-10."


class MonthField(forms.CharField):
    """A month as people type it: "October 2018", "Oct 2018", "2018-10"; its first day, or None."""

    def __init__(self, label: str, hint: str) -> None:
        super().__init__(label=label, help_text=hint, required=False, max_length=20)

    def clean(self, value: Any) -> Any:
        """The month's first day, with what is wrong in words."""
        typed = super().clean(value)
        if not typed:
            return None
        found = _MONTH.fullmatch(typed)
        month = 0
        if found and found["name"]:
            start = found["name"][:3].title()
            month = next((n for n, name in enumerate(_CALENDAR, 1) if name[:3] == start), 0)
            if month and not _CALENDAR[month - 1].startswith(found["name"].title()):
                month = 0
        elif found:
            month = int(found["month"])
        if not found or not 1 <= month <= 12:
            raise forms.ValidationError(f"'{typed}' is not a month. Type it as October 2018.")
        return date(int(found["year"] or found["in"]), month, 1)


class ShareRuleForm(RuleForm):
    """A rule as a person states it."""

    name = forms.CharField(
        label="Name of the rule",
        max_length=200,
        help_text="As the agreement calls it, such as Schedule 3, risk share",
        error_messages={"required": "Name the rule."},
    )
    starts = MonthField("First month", f"{_HINT} Empty: since the pool began.")
    ends = MonthField("Last month", f"{_HINT} Empty: until another rule is agreed.")
    agreement = forms.ChoiceField(
        label="Agreement that it stands in",
        required=False,
        error_messages={"invalid_choice": "Choose one of the list."},
    )
    trigger = forms.CharField(
        label="When shares become binding",
        help_text="In the agreement's words, such as: once both boards have signed the year's "
        "accounts. Until it is recorded below, every share is indicative.",
        required=False,
        max_length=2000,
        widget=forms.Textarea,
    )
    triggered_on = forms.DateField(
        label="Day on which that happened",
        help_text="Such as 2019-05-14. Leave it empty until it has.",
        required=False,
        error_messages={"invalid": "This is not a day. Type it as 2019-05-14."},
    )
    minute = forms.CharField(
        label="Minute that records it",
        help_text="Such as: Integrated Commissioning Board, 14 May 2019, item 6",
        required=False,
        max_length=200,
    )
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea)

    def __init__(self, *args: Any, pool: Pool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreements = Agreement.objects.filter(Q(pool=None) | Q(pool=pool), system=pool.system_id)
        self.fields["agreement"].choices = [  # type: ignore[attr-defined]
            ("", "Not stated"),
            *agreements.values_list("code", "name"),
        ]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields beside the rule, under their headings; the name's comes first."""
        return [
            ("When it holds", [self[name] for name in ("starts", "ends", "agreement")]),
            ("Indicative or binding", [self[n] for n in ("trigger", "triggered_on", "minute")]),
            ("Beside it", [self["note"]]),
        ]

    def clean(self) -> dict[str, Any]:
        """Also that a trigger has both its day and its minute."""
        said = super().clean()
        day, minute = said.get("triggered_on"), said.get("minute")
        if day and not minute and "minute" not in self.errors:
            self.add_error("minute", "Name the minute that met the trigger.")
        if minute and not day and "triggered_on" not in self.errors:
            self.add_error("triggered_on", "Type the day of that minute.")
        return said

    def spec(self, pool: Pool, rule: ShareRule | None) -> ShareRuleSpec:
        """What to save; where a rule comes from stays."""
        said = self.cleaned_data
        last = said["ends"]
        return ShareRuleSpec(
            system=pool.system.code,
            pool=pool.code,
            code=rule.code if rule else "",
            name=said["name"],
            terms=said["terms"],
            starts=said["starts"],
            ends=last and last.replace(day=monthrange(last.year, last.month)[1]),
            agreement=said["agreement"],
            trigger=said["trigger"],
            triggered_on=said["triggered_on"],
            minute=said["minute"],
            note=said["note"],
            evidence_id=rule.evidence_id if rule else None,
        )


def stored_rule(rule: ShareRule, members: Mapping[str, str]) -> dict[str, str]:
    """What a rule says now, as the form's fields show it."""
    words = {name: getattr(rule, name) for name in ("name", "trigger", "minute", "note")}
    return {
        **typed_rule(rule.terms, members),
        **words,
        "starts": _month(rule.starts),
        "ends": _month(rule.ends),
        "agreement": rule.agreement.code if rule.agreement else "",
        "triggered_on": rule.triggered_on.isoformat() if rule.triggered_on else "",
    }


def _month(day: date | None) -> str:
    return f"{_CALENDAR[day.month - 1]} {day.year}" if day else ""
