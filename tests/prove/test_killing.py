"""While people save, processes die at random, and nothing saved is lost.

Every attempt has an amount of its own, so that the amounts that stand in the history tell which
saves were stored, and how often.
"""

import contextlib
import http.client
import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.runner.site import Site, eventually, on_linux

pytestmark = on_linux

LINES = {
    "finance-esht": "esht-position",
    "finance-escc": "escc-position",
    "finance-ehs-hr-ccgs": "ehs-hr-ccgs-position",
}
WRITERS = 4  # the first two of one person, so that they meet on the same line
ROUND_SECONDS = 6.0
CHILDREN = ["celery-worker", "celery-beat", "valkey", "postgresql", "web-server"]
VICTIMS = [*CHILDREN, "runner"]


@dataclass
class Book:
    """What was sent, and what was answered: 200, another status, or nothing."""

    attempts: dict[tuple[str, int, int], int | None] = field(default_factory=dict)
    pastes: list[list[tuple[str, int, int]]] = field(default_factory=list)
    slowest: float = 0.0
    amounts: itertools.count = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(
        self, attempts: list[tuple[str, int, int]], status: int | None, seconds: float
    ) -> None:
        with self.lock:
            self.attempts |= dict.fromkeys(attempts, status)
            self.pastes.append(attempts)
            if status == 200:
                self.slowest = max(self.slowest, seconds)

    def answered(self) -> set[tuple[str, int, int]]:
        return {attempt for attempt, status in self.attempts.items() if status == 200}


def write(site: Site, token: str, line: str, book: Book, chance: random.Random, until: float):
    while time.monotonic() < until:
        with book.lock:
            months = chance.sample(range(1, 13), chance.choice((1, 1, 12)))  # 12: a pasted year
            attempts = [(line, month, -next(book.amounts)) for month in months]
        began = time.monotonic()
        try:
            status = site.save(token, attempts, patience=20)
        except (OSError, http.client.HTTPException):
            status = None
            time.sleep(0.05)
        book.keep(attempts, status, time.monotonic() - began)


def kill(site: Site, victim: str) -> None:
    """Kill a process; the runner, which nobody starts again, is started again at once."""
    if victim == "runner":
        site.signal(signal.SIGKILL)
        eventually(lambda: not site.processes(), "the end of all processes")
        site.start()
        return
    # it may be down already, and about to be started again
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(site.child(victim), signal.SIGKILL)


def all_run(site: Site) -> bool:
    """Whether every child lives, and no web worker of a killed parent still answers for it.

    Such a worker goes a second later, with the requests that it has just taken; the proof's own
    questions must not be among them.
    """
    try:
        states = [stat(site.child(name))[0] for name in CHILDREN]
        web = str(site.child("web-server"))
        orphans = [
            pid
            for pid in site.process_numbers()
            if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()
            and web not in (pid, stat(pid)[1])
        ]
    except OSError:
        return False
    return "Z" not in states and not orphans


def stat(pid: int | str) -> list[str]:
    """Return what the kernel says of a process: its state, its parent and more."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def test_nothing_saved_is_lost_or_doubled(own_site, rounds, seed, tell):
    own_site.start()
    tokens = {username: own_site.token(username) for username in LINES}
    reader = own_site.token("commissioner")
    chance, book = random.Random(seed), Book()
    tell(f"\n{rounds} rounds of {ROUND_SECONDS:.0f} s, --seed {seed}")
    for number in range(1, rounds + 1):
        killed = one_round(own_site, tokens, book, chance, number)
        check(own_site, book, reader)
        statuses = Counter(map(str, book.attempts.values()))
        tell(
            f"round {number:2}: killed {', '.join(killed)}; so far {dict(statuses)}, "
            f"slowest save {book.slowest:.2f} s"
        )
    assert len(book.answered()) > 10 * rounds  # else it was too quiet to prove anything


def one_round(site, tokens, book, chance, number) -> list[str]:
    """Save from several threads, kill meanwhile, and wait until all is ready again."""
    until = time.monotonic() + ROUND_SECONDS
    people = [*LINES.items(), next(iter(LINES.items()))][:WRITERS]
    writers = [
        threading.Thread(
            target=write,
            args=(site, tokens[who], line, book, random.Random(chance.random()), until),
        )
        for who, line in people
    ]
    for writer in writers:
        writer.start()
    # each has its turn; else chance picks, up to three a round and two at once
    killed = []
    turn = [VICTIMS[(number - 1) % len(VICTIMS)]]
    for victim in turn + chance.choices(CHILDREN, k=chance.randint(0, 2)):
        time.sleep(chance.uniform(0.1, ROUND_SECONDS / 4))
        kill(site, victim)
        killed.append(victim)
    for writer in writers:
        writer.join()
    eventually(lambda: all_run(site) and site.ready(), "a ready site")
    return killed


def check(site: Site, book: Book, reader: str) -> None:
    eventually(lambda: not site.position(reader, 12)["stale"], "computed figures")
    history = site.history()
    stored = Counter((line, month, pence) for line, month, _, pence in history)
    assert book.answered() <= set(stored), "a save was answered 200 and is not there"
    assert set(stored) <= set(book.attempts), "something is there that nobody sent"
    assert set(stored.values()) <= {1}, "a save is there twice"
    for paste in book.pastes:
        assert len(set(paste) & set(stored)) in (0, len(paste)), "a paste is stored by half"
    refused = {a for a, status in book.attempts.items() if status and 400 <= status < 500}
    assert not refused & set(stored), "a save was refused and is there"

    heads: dict[tuple[str, int], int] = {}
    for (line, month), group in itertools.groupby(history, key=lambda row: row[:2]):
        rows = list(group)
        assert [row[2] for row in rows] == list(range(1, len(rows) + 1)), "revisions have a gap"
        heads[line, month] = rows[-1][3]
    for month in range(1, 13):  # totals added by hand from the history
        amounts = [pence for (_, at), pence in heads.items() if at == month]
        total = site.position(reader, month)["total"]["ytd_actual_pence"]
        assert total == (sum(amounts) if amounts else None), f"month {month}"
    verified = site.run("manage", "verify_rollups")
    assert verified.returncode == 0, verified.stdout + verified.stderr
