"""Values of metrics in words, as lists and reports say them."""

from __future__ import annotations

from decimal import Decimal

from outcomes.models import Metric, Unit


def number(metric: Metric, value: Decimal) -> str:
    """A value with the metric's decimals, without its unit."""
    return f"{value:,.{metric.decimals}f}".replace("-", "−")


def value_words(metric: Metric, value: Decimal | None, hedge: str = "") -> str:
    """A value with its unit and the source's own hedge, such as over 91.3%; "" for none."""
    if value is None:
        return ""
    unit = "%" if metric.unit == Unit.PERCENT else f" {unit_words(metric)}".rstrip()
    return f"{hedge} {number(metric, value)}{unit}".strip()


def unit_words(metric: Metric) -> str:
    """What a value counts, in words; "" for a bare number."""
    if metric.unit_words or metric.unit == Unit.NUMBER:
        return metric.unit_words
    return str(metric.get_unit_display())


def change_words(metric: Metric, value: Decimal, before: Decimal) -> str:
    """How a value stands to an earlier one: 1.2 points lower. No judgement; that is the chart's."""
    moved = value - before
    size = number(metric, abs(moved))
    if Decimal(size.replace(",", "")) == 0:
        return "the same"
    unit = " points" if metric.unit == Unit.PERCENT else ""
    return f"{size}{unit} {'higher' if moved > 0 else 'lower'}"
