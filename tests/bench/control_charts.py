"""Control limits of a metric in many areas against a plain mean and moving range of the same."""

from __future__ import annotations

import numpy as np

from outcomes.spc import Floats, chart, limits
from tests.bench.measure import Result, alternate

AREAS, MONTHS = 150, 105
ROUNDS = 200


def plain(values: Floats) -> tuple[Floats, Floats]:
    """What numpy does in two lines where no value is missing and no step begins."""
    return values.mean(axis=1), np.abs(np.diff(values, axis=1)).mean(axis=1)


def measure() -> list[Result]:
    """The limits alone, which are what is bound; then with gaps and steps, and with all rules."""
    random = np.random.default_rng(7)
    values = random.normal(100, 10, (AREAS, MONTHS)).round(1)
    gaps = np.where(random.random(values.shape) < 0.05, np.nan, values)
    starts = random.random(values.shape) < 0.02
    assert_same_limits(values)
    times = alternate(
        {
            "plain": lambda: plain(values),
            "limits": lambda: limits(values),
            "with gaps": lambda: limits(gaps),
            "with gaps and steps": lambda: limits(gaps, starts=starts),
            "with all rules and a target": lambda: chart(values, direction="increase", target=90),
        },
        ROUNDS,
    )
    return [
        Result(
            f"control limits, {AREAS} areas of {MONTHS} months, plain numpy = 1",
            times["limits"] / times["plain"],
            5,
            "times",
            {f"{name} (ms)": time * 1e3 for name, time in times.items()}
            | {
                f"{name}, plain = 1": time / times["plain"]
                for name, time in times.items()
                if name.startswith("with")
            },
        )
    ]


def assert_same_limits(values: Floats) -> None:
    """Both ways must give the same limits, or the comparison means nothing."""
    mean, move = plain(values)
    if not np.allclose(limits(values).upl, (mean + 2.66 * move)[:, None]):
        raise SystemExit("the plain limits and ours differ: fix one of them first")
