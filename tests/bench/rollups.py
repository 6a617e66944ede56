"""Recompute against the same totals by hand."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path

from django.db import connection

from esbt.generating.system import generate, years_up_to
from finance.models import Line, Outturn, Rollup
from finance.rollups import headline_plan, recompute
from finance.services import Entry, record_outturns
from schemes.models import Slice
from tests.bench.measure import Result, alternate

BY_HAND = (Path(__file__).parent / "by_hand.sql").read_text()
LAST_YEAR = "2025-26"
TODAY = date(2026, 11, 22)  # all generated years lie behind it, so every month has its facts


def load(*, systems: int, lines: int, years: int) -> int:
    """Generate what is missing and compute it; the number of monthly facts there are."""
    for _ in generate(
        systems=systems, lines=lines, years=years_up_to(LAST_YEAR, years), seed=7, today=TODAY
    ):
        pass
    for pk in Slice.objects.filter(computation=None).values_list("pk", flat=True):
        recompute(pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum will have done on a settled database
    return Outturn.objects.count()


def by_hand(slice_id: int) -> list[tuple[object, ...]]:
    """Run the hand-written statement."""
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"slice": slice_id, "plan": headline_plan(slice_id)})
        return cursor.fetchall()


def measure() -> list[Result]:
    """One slice after a change, then all slices."""
    one = Slice.objects.filter(system__code="illustrative-1").latest("year")
    assert_same_totals(one)
    reopen(one)
    line = Line.objects.filter(slice=one).earliest("code").code
    amounts = count(1)

    def change() -> None:
        entry = Entry(line=line, month=12, actual_pence=next(amounts) * 100)
        record_outturns(by=None, slice_id=one.pk, entries=[entry])

    times = alternate(
        {
            "change": change,
            "after one save": lambda: recompute(one.pk),
            # all months, whatever changed: what the statement by hand does as well
            "recompute": lambda: recompute(one.pk, whole=True),
            "by hand": lambda: by_hand(one.pk),
        },
        rounds=15,
    )
    everything = list(Slice.objects.values_list("pk", flat=True))
    all_times = alternate(
        {
            "recompute": lambda: [recompute(pk, whole=True) for pk in everything],
            "by hand": lambda: [by_hand(pk) for pk in everything],
        },
        rounds=1,
    )
    return [
        Result(
            "recompute of one slice, by hand = 1",
            times["recompute"] / times["by hand"],
            3,
            "times",
            {f"{name} (s)": times[name] for name in ("recompute", "by hand", "after one save")},
        ),
        Result(
            f"recompute of all {len(everything)} slices, by hand = 1",
            all_times["recompute"] / all_times["by hand"],
            3,
            "times",
            {f"{name} (s)": value for name, value in all_times.items()},
        ),
    ]


def reopen(slice_: Slice) -> None:
    """Let the bench write into a generated year, which is closed."""
    Slice.objects.filter(pk=slice_.pk).update(status=Slice.Status.OPEN)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE finance_monthlyreturn SET state = 'draft' WHERE slice_id = %s", [slice_.pk]
        )


def assert_same_totals(slice_: Slice) -> None:
    """Both ways must give the same system totals, or the comparison means nothing."""
    hand = {
        (row[0], row[1], row[2]): row[11:13]
        for row in by_hand(slice_.pk)
        if all(value is None for value in row[3:8])
    }
    ours = {
        (row.state, row.kind, row.month): (row.actual_pence, row.variance_pence)
        for row in Rollup.objects.filter(slice=slice_, partner_key=0, level="all")
    }
    if hand != ours:
        raise SystemExit("the statement by hand and the rollups differ: fix one of them first")
