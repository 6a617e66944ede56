"""Whatever people do and in whichever order: computing what changed is computing everything."""

import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esbt.kit.problems import Refused
from finance.models import Line, LineVersion, MonthlyReturn, Outturn, Rollup
from finance.models.outturns import ReturnState
from finance.rollups import compute, recompute, verify
from finance.services import (
    Entry,
    LineSpec,
    PlanEntry,
    VirementSpec,
    choose_headline,
    move_returns,
    propose_virement,
    record_outturns,
    record_plan,
    save_lines,
    save_plan,
    settle_virement,
)
from tests.factories import Valley, a_valley

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("ESBT_EXAMPLES", "10"))  # ./run prove may ask for more
_VALUES = [field.attname for field in Rollup._meta.local_concrete_fields]

# code, partner, kind, and what else: positions entered, worked out, and in a group; a contract
LINES = {
    "moor-position": ("moor", "position", {}),
    "ccgs-position": ("ccgs", "position", {"last_month": 6}),
    "dale-income": ("dale", "income", {"first_month": 7}),
    "dale-spend": ("dale", "spend", {"first_month": 7}),
    "in": ("hill", "income", {"counterparty": "moor", "counter_line": "out"}),
    "out": ("moor", "spend", {"counterparty": "hill", "counter_line": "in"}),
    "hill-spend": ("hill", "spend", {"calendar": "quarterly"}),
    "hill-more": ("hill", "spend", {}),
}
MAY_BE_CUT = ("hill-spend", "out", "dale-spend")

amounts = st.one_of(st.none(), st.integers(-10_000, 10_000))
lines = st.sampled_from(sorted(LINES))
bases = st.sampled_from(["", "adjusted"])
saves = st.tuples(
    st.just("save"), lines, st.integers(0, 13), amounts, amounts, bases, st.just(None)
)
plans = st.tuples(
    st.just("plan"),
    lines,
    st.sampled_from(["original", "revised"]),
    st.one_of(st.none(), st.lists(st.integers(-500, 500), min_size=12, max_size=12)),
    st.integers(-5_000, 5_000),
    bases,
    st.booleans(),
)
moves = st.tuples(
    st.just("move"),
    st.sampled_from(["moor", "hill", "dale", "ccgs"]),
    st.integers(0, 13),
    st.sampled_from(list(ReturnState)),
)
cuts = st.tuples(
    st.just("cut"), st.sampled_from(MAY_BE_CUT), st.integers(1, 12), st.integers(1, 12)
)
vires = st.tuples(st.just("vire"), st.integers(1, 500), st.one_of(st.none(), st.integers(1, 12)))
histories = st.lists(st.one_of(saves, saves, plans, moves, cuts, vires), min_size=1, max_size=8)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=histories)
def test_computing_what_changed_is_computing_everything(steps):
    valley = _valley()
    known: list[tuple[int, list[tuple[object, ...]]]] = []
    frozen: dict[tuple[int, int], list[tuple[object, ...]]] = {}
    for step in steps:
        with suppress(Refused):  # what is refused stores nothing, and that is proved too
            _do(valley, step)
        change = recompute(valley.slice.pk)
        assert verify(valley.slice.pk) == [], step
        stored = _rows(Rollup.objects.filter(slice=valley.slice))
        assert _rows(compute(valley.slice.pk)) == stored
        assert _rows(compute(valley.slice.pk, ceiling=change)) == stored, step
        known.append((change, stored))
        closed = _closed(valley)
        for place in closed.keys() & frozen.keys():
            assert closed[place] == frozen[place], f"published figures of a closed month: {step}"
        frozen = closed
    recompute(valley.slice.pk, whole=True)
    assert _rows(Rollup.objects.filter(slice=valley.slice)) == known[-1][1]
    for change, then in known:
        assert _rows(compute(valley.slice.pk, ceiling=change)) == then


def _closed(valley: Valley) -> dict[tuple[int, int], list[tuple[object, ...]]]:
    """What is published of each partner's closed months."""
    shut = MonthlyReturn.objects.filter(slice=valley.slice, state=ReturnState.CLOSED)
    return {
        (partner, month): sorted(
            Outturn.objects.filter(line__partner=partner, month=month).values_list(
                "line", "published_actual_pence", "published_forecast_pence"
            )
        )
        for partner, month in shut.values_list("partner", "month")
    }


_places = iter(range(10**6))


def _valley() -> Valley:
    """A system of its own for each example, since all of them share one transaction."""
    number = next(_places)
    valley = a_valley(f"-{number}")
    here = {"by": None, "slice_id": valley.slice.pk}
    save_lines(**here, specs=[_spec(valley, code) for code in LINES])
    for name in ("original", "revised"):  # so that a virement finds something to move
        record_plan(
            **here,
            plan=save_plan(**here, code=name, name=name),
            entries=[
                PlanEntry(line=code, full_year_pence=1200, months=[100] * 12)
                for code in ("hill-spend", "hill-more")
            ],
        )
    return valley


def _spec(valley: Valley, code: str, **changes: object) -> LineSpec:
    partner, kind, more = LINES[code]
    values = {**more, **changes}
    if "counterparty" in values:
        values["counterparty"] = getattr(valley, values["counterparty"]).code
    who = getattr(valley, partner).code
    return LineSpec(code=code, name=code, partner=who, kind=kind, **values)


def _do(valley: Valley, step: tuple) -> None:
    here = {"by": None, "slice_id": valley.slice.pk}
    if step[0] == "save":
        _, code, month, actual, forecast, basis, _ = step
        line = Line.objects.get(slice=valley.slice, code=code)
        closed = line.partner.pk in _shut(valley, month)
        if not line.takes(month) or closed:
            return
        entry = Entry(
            line=code,
            month=month,
            actual_pence=None if month == 0 else actual,
            forecast_pence=forecast,
            actual_basis=basis,
        )
        record_outturns(**here, entries=[entry])
    elif step[0] == "plan":
        _, code, name, months, year, basis, headline = step
        line = Line.objects.get(slice=valley.slice, code=code)
        if months is not None:
            months = [m if n in line.months else 0 for n, m in enumerate(months, 1)]
            year = sum(months)
        plan = save_plan(**here, code=name, name=name)
        entry = PlanEntry(line=code, full_year_pence=year, months=months, basis=basis)
        record_plan(**here, plan=plan, entries=[entry])
        if headline:
            choose_headline(**here, plan=plan)
    elif step[0] == "move":
        _, partner, month, state = step
        who = [getattr(valley, partner)]
        move_returns(**here, months=[month], state=state, partners=who)
    elif step[0] == "vire":
        _, pence, month = step
        spec = VirementSpec(
            plan="revised",
            giving="hill-spend",
            receiving="hill-more",
            pence=pence,
            month=month,
            reason="So",
        )
        made = propose_virement(**here, spec=spec)
        settle_virement(**here, virement_id=made.pk, decision="approved")
    else:
        _, code, first, last = step
        months = {"first_month": min(first, last), "last_month": max(first, last)}
        save_lines(**here, specs=[_spec(valley, code, **months)])


def _shut(valley: Valley, month: int) -> set[int]:
    shut = MonthlyReturn.objects.filter(slice=valley.slice, month=month)
    return set(shut.exclude(state=ReturnState.DRAFT).values_list("partner", flat=True))


def _rows(rows) -> list[tuple[object, ...]]:
    return sorted((tuple(getattr(row, name) for name in _VALUES) for row in rows), key=str)


def test_every_version_of_a_line_is_kept(valley):
    line = valley.line(valley.moor)
    for last in (6, 8):
        spec = LineSpec(code=line.code, name="P", partner="moor", kind="position", last_month=last)
        save_lines(by=None, slice_id=valley.slice.pk, specs=[spec])
    versions = LineVersion.objects.filter(line=line).order_by("change")
    assert [version.last_month for version in versions] == [12, 6, 8]
