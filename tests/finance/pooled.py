"""A pool with a year's spend in the valley, which tests of shares and what-ifs begin from.

In thousands of pounds: it plans 100 a month and reports by quarter, 10, 30, 60 and 90 over to
date. Moor hosts it and puts in 720, Dale 360, Fell 120; Dale and Fell report as one group.
"""

from datetime import date

from finance.services import ShareRuleSpec, save_share_rules
from tests.factories import Valley, a_line, a_pool, a_valley, report
from tests.money import pounds

FIRST = {"kind": "proportional"}
SECOND = {
    "kind": "risk_pool",
    "cap_pence": pounds("20000"),
    "then": {"kind": "fixed", "percent": {"moor": "50", "dale": "25", "fell": "25"}},
}
TO_DATE = {3: pounds("310000"), 6: pounds("630000"), 9: pounds("960000"), 12: pounds("1290000")}
PLAN = {month: pounds("100000") * month for month in range(1, 13)}


def a_pooled_valley(*, last: int = 12) -> Valley:
    """The valley with the pool's lines, plans and reports to a month, without any rule."""
    valley = a_valley()
    valley.pool = a_pool(valley.slice, valley.moor, valley.dale, valley.fell)  # type: ignore[attr-defined]
    care = a_line(valley.slice, valley.moor, "pool-spend", "care", pool="fund")
    puts = [
        a_line(valley.slice, partner, "contribution", pool="fund")
        for partner in (valley.moor, valley.dale, valley.fell)
    ]
    moor, ccgs = valley.line(valley.moor), valley.line(valley.ccgs)
    figures = dict(zip(puts, ("720000", "360000", "120000"), strict=True))
    figures |= {moor: [0] * 12, ccgs: [0] * 12, care: [pounds("100000")] * 12}
    valley.plan(figures)
    for month, pence in TO_DATE.items():
        if month <= last:
            report(care, month, str(pence // 100))
            report(moor, month, str(PLAN[month] // 100 - pence // 100))
            report(ccgs, month, "0")
    return valley


def two_rules(**more: object) -> list[ShareRuleSpec]:
    """In proportion until September, from October a risk pool and then fixed percentages."""
    known = {"system": "valley", "pool": "fund"} | more
    return [
        ShareRuleSpec(code="first", name="1", terms=FIRST, ends=date(2018, 9, 30), **known),
        ShareRuleSpec(code="second", name="2", terms=SECOND, starts=date(2018, 10, 1), **known),
    ]


def with_rules() -> Valley:
    """The pooled valley with both rules."""
    valley = a_pooled_valley()
    save_share_rules(by=None, specs=two_rules())
    valley.figures()
    return valley
