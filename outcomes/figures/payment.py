"""Payment for performance: what a target pays for a value, to the penny. Plain numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from esbt.kit.money import divide_half_away

WHOLE = "whole"  # as outcomes.models.metrics.PaymentRule
PROPORTIONAL = "proportional"


def met(direction: str, value: Decimal, target: Decimal) -> bool | None:
    """Whether a value meets a target on the better side; None where neither side is better."""
    if direction == "increase":
        return value >= target
    return value <= target if direction == "decrease" else None


def paid(
    *,
    direction: str,
    value: Decimal | None,
    target: Decimal | None,
    baseline: Decimal | None,
    pence: int | None,
    rule: str,
) -> int | None:
    """Pence paid of ``pence`` for a value; None where something that it hangs on is not stated.

    A target that is met pays all. One that is missed pays nothing under the whole rule, and under
    the proportional one as much of it as the value has come of the way from the baseline to the
    target, from 0 to the whole; halves of a penny go up. Where the target asks for no way beyond
    the baseline, as one that keeps a level, a miss pays nothing.
    """
    if value is None or target is None or pence is None or not rule:
        return None
    reached = met(direction, value, target)
    if reached is None:
        return None
    if reached:
        return pence
    if rule == WHOLE:
        return 0
    if baseline is None:
        return None
    if met(direction, baseline, target):
        return 0
    come = Fraction(value) - Fraction(baseline)
    share = max(come / (Fraction(target) - Fraction(baseline)), Fraction(0))
    return divide_half_away(pence * share.numerator, share.denominator)
