"""The form of a metric's newest values in an area, a row a period, and of its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from esbt.kit.money import MINUS
from esbt.kit.problems import Fault
from esbt.kit.when import first_day, is_when, period_words
from outcomes.downloads import number
from outcomes.models import ENTERED, Frequency, Metric, Observation, Standing
from outcomes.services import ObservationEntry

ROWS = 6  # the newest periods that the page shows
_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}
_MONTHS |= {Frequency.TWO_YEARLY: 12}


class Number(forms.CharField):
    """A figure as people type it: 1,234.5; blank is not stated."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label=label, required=False, max_length=30, **more)

    def clean(self, value: Any) -> Decimal | None:
        """The figure, or None."""
        text = super().clean(value).replace(",", "").replace(" ", "").replace(MINUS, "-")
        if not text:
            return None
        try:
            found = Decimal(text.removesuffix("%"))
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            said = f"'{value}' is not a number. Type digits, such as 1,234.5."
            raise forms.ValidationError(said)
        return found


class PeriodDay(forms.DateField):
    """The first or last day of a period."""

    def __init__(self, label: str) -> None:
        said = "This is not a day. Type it as 2018-04-01."
        super().__init__(
            label=label,
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": said, "required": said},
        )


class ValueForm(forms.Form):
    """One period. A known one keeps its days; a new one may be given others."""

    starts = PeriodDay("First day")
    ends = PeriodDay("Last day")
    value = Number("Value")
    numerator = Number("Numerator")
    denominator = Number("Denominator")
    standing = forms.ChoiceField(label="State", choices=[(s.value, s.label) for s in ENTERED])
    comment = forms.CharField(label="Comment", required=False, widget=forms.Textarea)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, metric: Metric, head: Observation | None, place: int) -> None:
        self.head = head
        super().__init__(data, prefix=f"row{place}", initial=shown(head) if head else None)
        counted = head and (head.numerator is not None or head.denominator is not None)
        if not (counted or (metric.numerator and metric.denominator)):
            del self.fields["numerator"], self.fields["denominator"]
        if head:
            for name in ("starts", "ends"):
                self.fields[name].widget = forms.HiddenInput()

    @property
    def period(self) -> str:
        """The period in words; "" of a new one."""
        return period_words(self.head.starts, self.head.ends) if self.head else ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is said about a period that has no value yet."""
        data = self.cleaned_data
        figures = [data.get(name) for name in ("value", "numerator", "denominator")]
        said = any(figure is not None for figure in figures) or data["comment"]
        return not self.head and not said and data["standing"] == Standing.FINAL

    def entry(self, metric: Metric, area: str, row: str) -> ObservationEntry:
        """What was typed. Evidence and hedge stay with figures that stay."""
        data = self.cleaned_data
        figures = {name: data.get(name) for name in ("value", "numerator", "denominator")}
        held = self.head and all(
            getattr(self.head, name) == figure or name not in self.fields
            for name, figure in figures.items()
        )
        value = figures["value"]
        derived = figures["numerator"] is not None and figures["denominator"] is not None
        if derived and self.head and value == self.head.value and not held:
            value = None  # it follows from counts that moved, and was not typed anew
        return ObservationEntry(
            metric=metric.code,
            area=area,
            starts=data["starts"],
            ends=data["ends"],
            value=value,
            numerator=figures["numerator"],
            denominator=figures["denominator"],
            standing=data["standing"],
            comment=data["comment"].replace("\r\n", "\n").strip(),
            revision=data["revision"],
            hedge=self.head.hedge if held and self.head else "",
            evidence_id=self.head.evidence_id if held and self.head else None,
            row=row,
        )

    def add_fault(self, fault: Fault) -> None:
        """Put what the service says at the field that it is about."""
        field = fault.field if fault.field in self.fields else "value"
        self.add_error(field, fault.message)


def shown(head: Observation) -> dict[str, Any]:
    """What stands, as the form's fields hold it."""
    return {
        "starts": head.starts.isoformat(),
        "ends": head.ends.isoformat(),
        "value": number(head.value),
        "numerator": number(head.numerator),
        "denominator": number(head.denominator),
        "standing": head.standing,
        "comment": head.comment,
        "revision": head.revision,
    }


def next_period(frequency: str, latest: tuple[date, date] | None) -> tuple[date, date] | None:
    """The period that comes after the latest one, by how often a value is expected."""
    if latest is None:
        return None
    starts = latest[1] + timedelta(days=1)
    if frequency == Frequency.WEEKLY:
        return starts, starts + timedelta(days=6)
    months = _MONTHS.get(Frequency(frequency))
    if not months:
        return None
    if frequency == Frequency.TWO_YEARLY:  # of every second year
        starts = date(starts.year + 1, starts.month, 1)
    count = starts.year * 12 + starts.month - 1 + months
    return starts, date(count // 12, count % 12 + 1, 1) - timedelta(days=1)


@dataclass(frozen=True)
class Newer:
    """What somebody else saved meanwhile, beside what was typed."""

    period: str
    theirs: str
    yours: str


def said(values: Mapping[str, Any]) -> str:
    """A value with its counts and state, to be compared with another."""
    counts = [number(values[name]) for name in ("numerator", "denominator")]
    parts = [number(values["value"]) or ("" if any(counts) else "no value")]
    parts.append(" of ".join(counts) if all(counts) else "")
    parts.append(Standing(values["standing"]).label.lower() if values["standing"] else "")
    return ", ".join(filter(None, parts))


class StepForm(forms.Form):
    """Where limits start anew, and why."""

    on = forms.CharField(
        label="From", max_length=10, help_text="A month or a day, such as 2018-04 or 2018-04-16",
        error_messages={"required": "Type the month from which limits start anew, as 2018-04."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", max_length=300,
        error_messages={"required": "Say why the limits start anew here."},
    )  # fmt: skip
    area = forms.ChoiceField(label="For", required=False)

    def __init__(self, data: Any = None, *, areas: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"area": areas[0][0]} if areas else None)
        self.fields["area"].choices = [*areas, ("", "Every area")]  # type: ignore[attr-defined]

    def clean_on(self) -> date:
        """The day that is meant: of a month its first."""
        text = self.cleaned_data["on"].strip()
        if len(text) < len("2018-04") or not text[-1].isdecimal() or not is_when(text):
            raise forms.ValidationError("This is no month or day. Type it as 2018-04.")
        if "Q" in text or text.startswith("FY"):
            raise forms.ValidationError("This is no month or day. Type it as 2018-04.")
        return first_day(text)


def problems_of(forms_: Sequence[forms.Form]) -> list[dict[str, str]]:
    """Every error of several forms with the way to its field."""
    return [
        {"text": str(error), "href": f"#{field.id_for_label}"}
        for form in forms_
        for field in form
        for error in field.errors
    ]
