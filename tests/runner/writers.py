"""Many people at the same figures at once: processes of their own, over HTTP.

Each sends amounts that nobody else sends, with the revision that it last saw; who is told of a
newer value tries again from that. What was accepted is then looked for in the history.
"""

import multiprocessing
import random
import time
from collections import Counter
from pathlib import Path

from tests.runner.site import OPEN_YEAR, Site

LINES = {
    "finance-esht": "esht-position",
    "finance-escc": "escc-position",
    "finance-ehs-hr-ccgs": "ehs-hr-ccgs-position",
}
MONTHS = range(1, 5)  # few, so that they meet
# line, month, the revision that was seen, pence, and the status of the answer
Attempt = tuple[str, int, int | None, int, int]


def write_at_once(site: Site, *, writers: int, seconds: float) -> list[Attempt]:
    """What everybody sent, and how it was answered."""
    tokens = {username: site.token(username) for username in LINES}
    people = [list(LINES)[number % len(LINES)] for number in range(writers)]
    tasks = [
        (site.folder, site.port, tokens[who], LINES[who], number, seconds)
        for number, who in enumerate(people, 1)
    ]
    with multiprocessing.get_context("spawn").Pool(writers) as pool:
        return [attempt for made in pool.starmap(_write, tasks, chunksize=1) for attempt in made]


def _write(
    folder: Path, port: int, token: str, line: str, number: int, seconds: float
) -> list[Attempt]:
    site = Site(folder, port)  # as seen from another process
    until = time.monotonic() + seconds
    chance = random.Random(number)
    seen: dict[int, int | None] = {}
    made: list[Attempt] = []
    while time.monotonic() < until:
        month = chance.choice(MONTHS)
        pence = -(number * 1_000_000 + len(made) + 1)
        row = {"line": line, "ytd_actual_pence": pence, "revision": seen.get(month)}
        status, answer = site.call(
            f"{OPEN_YEAR}/months/{month}/outturns",
            token,
            {"outturns": [row]},
            method="PUT",
            patience=60,
        )
        made.append((line, month, seen.get(month), pence, status))
        newer = answer["newer"] if status == 409 else answer.get("rows", [])
        if newer:
            seen[month] = newer[0]["revision"]
    return made


def check(site: Site, attempts: list[Attempt]) -> Counter[int]:
    """Hold what was answered against the history; how often each status was answered."""
    history = site.history()
    sent = {attempt[3] for attempt in attempts}
    stood = {(line, month, revision): pence for line, month, revision, pence in history}
    for line, month, seen, pence, status in attempts:
        found = stood.get((line, month, (seen or 0) + 1))
        if status == 200:
            assert found == pence, "what was accepted is not the next revision of what was seen"
        else:
            assert status == 409, "neither accepted nor told of a newer value"
            assert found not in (pence, None), "told of a newer value where none stands"
    stored = [pence for *_, pence in history if pence in sent]
    assert len(stored) == len(set(stored)) == sum(attempt[4] == 200 for attempt in attempts)
    return Counter(attempt[4] for attempt in attempts)
