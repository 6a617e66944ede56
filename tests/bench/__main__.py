"""Run the benchmark: prints a table, writes JSON, exit status 1 when a limit is not kept.

Needs the servers' addresses in the environment (./run bench starts them, with fsync on).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import django

django.setup()

# models need django.setup
from tests.bench import (  # noqa: E402
    closing,
    control_charts,
    pages,
    pasting,
    rollups,
    saving,
    schemes,
    workbook,
)
from tests.bench.measure import Result  # noqa: E402

SYSTEMS, LINES, YEARS = 42, 1000, 5


def main() -> int:
    """Measure small, load the rest, measure large, and say what was kept."""
    parser = argparse.ArgumentParser(prog="./run bench")
    parser.add_argument("--systems", type=int, default=SYSTEMS)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--years", type=int, default=YEARS)
    parser.add_argument("--json", type=Path, default=Path("var/bench.json"))
    given = parser.parse_args()

    results: list[Result] = []
    facts = rollups.load(systems=1, lines=given.lines, years=1)
    print(f"{facts:,} monthly facts: measuring pages", flush=True)
    small = pages.measure()
    start = time.monotonic()
    facts = rollups.load(systems=given.systems, lines=given.lines, years=given.years)
    print(f"{facts:,} monthly facts, loaded in {time.monotonic() - start:.0f} s", flush=True)
    large = pages.measure()
    results += pages.compare(small, large)
    results += rollups.measure()
    results += closing.measure()
    results += pasting.measure()
    results += saving.measure()
    results += schemes.measure()
    results += workbook.measure()
    results += control_charts.measure()

    width = max(len(result.name) for result in results)
    for result in results:
        verdict = "kept" if result.kept else "NOT KEPT"
        print(
            f"{result.name:<{width}}  {result.value:8.2f} {result.unit:<8} "
            f"at most {result.limit:g}  {verdict}"
        )
        for name, value in result.detail.items():
            print(f"{'':<{width}}    {name}: {value:.4g}")
    given.json.parent.mkdir(parents=True, exist_ok=True)
    written = [asdict(result) | {"kept": result.kept} for result in results]
    given.json.write_text(json.dumps({"facts": facts, "results": written}, indent=2))
    print(f"written to {given.json}")
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
