"""Forms with which a framework, its items, metrics and targets are kept by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from esbt.forms.base import Choice, Day, When, Words, iso, offer
from esbt.forms.keeping import Number
from finance.forms.risk import AmountField, typed
from outcomes.models import (
    Area,
    Framework,
    FrameworkItem,
    Level,
    Metric,
    SchemeMetric,
    Target,
)
from outcomes.models.metrics import Direction, Frequency, PaymentRule, Unit
from schemes.models import Source, System

_CODE = "Small letters, digits and hyphens, such as falls-admissions. It never changes."
_WHEN = "As much as is known: 2018, 2018-03, 2018-03-09 or FY2017-18."


class Amount(forms.DecimalField):
    """A value in a metric's unit, which may be left out."""

    def __init__(self, label: str, **more: Any) -> None:
        said = {"invalid": "Type a number, such as 91.3."}
        places = {"max_digits": 20, "decimal_places": 6, "required": False}
        super().__init__(
            label=label, error_messages=said, widget=forms.TextInput, **(places | more)
        )


class Tick(forms.BooleanField):
    """Yes or no."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False)


def _many(label: str, **more: Any) -> Words:
    return Words(label, 4000, widget=forms.Textarea, **more)


def _count(label: str) -> Number:
    said = "As its source counts them; leave blank where it does not."
    return Number(label, required=False, min_value=0, max_value=999, help_text=said)


def _place() -> Number:
    return Number("Place in the order", initial=0, min_value=0, max_value=9999)


def _values(found: Any, names: list[str]) -> dict[str, Any]:
    return {name: getattr(found, name) for name in names}


class FrameworkForm(forms.Form):
    """What may change about a version of a framework."""

    name = Words("Name", required=True)
    dated = When("Dated")
    status = Words("Status", 40, help_text="Such as draft or refreshed.")
    baseline = Words(
        "Baseline year", 7, help_text="The financial year that it compares with, such as 2015-16."
    )
    expected_domains = _count("Domains")
    expected_objectives = _count("Objectives")
    expected_outcomes = _count("Outcomes")
    position = _place()
    note = _many("Note")

    @classmethod
    def of(cls, framework: Framework) -> dict[str, Any]:
        """What the form shows at first."""
        return _values(framework, list(cls.base_fields))


class NewFrameworkForm(FrameworkForm):
    """A version, with its code."""

    code = Words("Code", 60, required=True, help_text=_CODE)
    field_order = ["code"]


class ItemForm(forms.Form):
    """What may change about a domain, objective or outcome."""

    level = Choice("Level", "Choose", required=True)
    name = Words("Name", 300, required=True)
    parent = Choice("It stands under", "None that is stated")
    position = _place()
    note = _many("Note")

    def __init__(self, framework: Framework, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "level", Level.choices)
        above = framework.items.exclude(level=Level.OUTCOME)
        offer(
            self, "parent", [(item.code, f"{item.get_level_display()}: {item}") for item in above]
        )

    @staticmethod
    def of(item: FrameworkItem) -> dict[str, Any]:
        """What the form shows at first."""
        said = _values(item, ["level", "name", "position", "note"])
        return said | {"parent": item.parent.code if item.parent else ""}


class NewItemForm(ItemForm):
    """An item, with its code."""

    code = Words("Code", 60, required=True, help_text=f"{_CODE} The same in each version.")
    field_order = ["level", "code"]


class LinkForm(forms.Form):
    """A metric or scheme that an item rests on."""

    to = Choice("", "Choose", required=True)

    def __init__(self, label: str, pairs: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].label = label
        offer(self, "to", pairs)


class MetricForm(forms.Form):
    """What may change about a metric."""

    name = Words("Name", required=True)
    why = _many("Why it matters")
    numerator = _many("What is counted")
    denominator = _many("What it is divided by")
    unit = Choice("Unit", required=True)
    unit_words = Words("Unit in words", 80, help_text="Such as delayed days.")
    per = Number("Times", initial=1, min_value=1, help_text="100 for a percentage.")
    decimals = Number("Decimals", initial=0, min_value=0, max_value=6)
    direction = Choice("Which way is better", "Choose", required=True)
    frequency = Choice("How often a value is expected", required=True)
    metric_source = Choice("Source", "Not stated")
    area = Choice("Area that is shown first", "None")
    part_of = Choice("Part of", "Of no other metric")
    part_kind = Words("By what it is a part", 40, help_text="Such as reason.")
    position = _place()
    quality = _many("What is known to distort it")
    no_target = _many("Why it has no target", help_text="Where that is meant.")
    review = When("Review")
    fix_after = Number(
        "Limits stay after so many values", required=False, min_value=2, max_value=999
    )
    screen = Tick("Leave extreme moves out of the limits")
    note = _many("Note")

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "unit", Unit.choices)
        offer(self, "direction", Direction.choices)
        offer(self, "frequency", Frequency.choices)
        offer(self, "metric_source", Source.objects.order_by("title").values_list("code", "title"))
        offer(self, "area", Area.objects.order_by("name").values_list("code", "name"))
        wholes = system.metrics.filter(part_of=None)
        offer(self, "part_of", wholes.values_list("code", "name"))

    @classmethod
    def of(cls, metric: Metric) -> dict[str, Any]:
        """What the form shows at first."""
        links = ("metric_source", "area", "part_of")
        return _values(metric, [name for name in cls.base_fields if name not in links]) | {
            "metric_source": metric.source.code if metric.source else "",
            "area": metric.area.code if metric.area else "",
            "part_of": metric.part_of.code if metric.part_of else "",
        }


class NewMetricForm(MetricForm):
    """A metric, with its code."""

    code = Words("Code", 60, required=True, help_text=_CODE)
    field_order = ["code"]


class TargetForm(forms.Form):
    """What a metric should reach in a period."""

    value = Amount("Target", help_text="In the metric's unit; blank where words alone say it.")
    words = _many("In words")
    baseline = Amount("Baseline")
    starts = Day("From", help_text="Leave blank where it is open.")
    ends = Day("To, this day included")
    area = Choice("Area", "Every area")
    payment = Words("Payment", 40, help_text=f"When it is paid for. {_WHEN}")
    payment_pence = AmountField(
        label="Amount that hangs on it, in pounds",
        required=False,
        help_text="Such as 120,000. Leave it empty while it is not stated.",
    )
    payment_rule = Choice("How much of it is paid", "No amount is stated")
    note = _many("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "area", Area.objects.order_by("name").values_list("code", "name"))
        offer(self, "payment_rule", PaymentRule.choices)

    @staticmethod
    def of(target: Target) -> dict[str, Any]:
        """What the form shows at first."""
        return _values(
            target, ["value", "words", "baseline", "payment", "payment_rule", "note"]
        ) | {
            "payment_pence": typed(target.payment_pence),
            "starts": iso(target.starts),
            "ends": iso(target.ends),
            "area": target.area.code if target.area else "",
        }


class NewTargetForm(TargetForm):
    """A target, with its code."""

    code = Words("Code", 60, required=True, help_text="Such as 2018-19. It never changes.")
    field_order = ["code"]


class SchemeMetricForm(forms.Form):
    """How a scheme should move a metric."""

    words = _many("How it should move it", help_text="Such as: fewer people wait for care at home.")
    lag_months = Number(
        "Expected after so many months",
        required=False,
        min_value=0,
        max_value=120,
        help_text="Leave it empty while it is not stated.",
    )
    note = _many("Note")

    @classmethod
    def of(cls, link: SchemeMetric) -> dict[str, Any]:
        """What the form shows at first."""
        return _values(link, list(cls.base_fields))


class NewSchemeMetricForm(SchemeMetricForm):
    """The same, with the metric."""

    metric = Choice("Metric", "Choose", required=True)
    field_order = ["metric"]

    def __init__(self, metrics: Iterable[Metric], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = [(item.code, f"{item.name} ({item.get_direction_display()})") for item in metrics]
        offer(self, "metric", pairs)
