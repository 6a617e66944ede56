"""A ./run as a test drives it: from outside, with a data folder of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg2
import pytest

from esbt.runner.places import BASE, free_port

PATIENCE = 180.0
OPEN_YEAR = "systems/east-sussex/years/2018-19"
HISTORY = """
    SELECT l.code, r.month, r.revision, r.actual_pence FROM finance_outturnrevision r
    JOIN finance_line l ON l.id = r.line_id JOIN schemes_slice s ON s.id = l.slice_id
    JOIN schemes_system y ON y.id = s.system_id
    WHERE y.code = 'east-sussex' AND s.year_id = '2018-19' AND r.month > 0
    ORDER BY 1, 2, 3"""
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


class Site:
    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.port = port or free_port()
        self.output = folder.parent / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """A person's shell: without what ./run test sets for the tests."""
        set_for_tests = ("ESBT_", "DATABASE_", "REDIS_", "DJANGO_")
        plain = {k: v for k, v in os.environ.items() if not k.startswith(set_for_tests)}
        return {**plain, "ESBT_VAR": str(self.folder), "PORT": str(self.port)}

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        """Run ./run with these arguments on the same data, to its end."""
        return subprocess.run(
            [BASE / "run", *arguments],
            env=self.environment | options.pop("env", {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            **options,
        )

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [BASE / "run"], env=self.environment, stdout=output, stderr=output
            )
        eventually(self.announced, "the address in: " + self.said())

    def announced(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()
        return f"http://127.0.0.1:{self.port}/" in self.said()

    def said(self) -> str:
        return self.output.read_text()

    def signal(self, number: signal.Signals) -> None:
        """Send the runner a signal and wait until it is gone."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(60)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGTERM)

    def child(self, name: str) -> int:
        """Return the process number of a child by its note."""
        pid: int = json.loads((self.folder / "running" / f"{name}.json").read_text())["pid"]
        return pid

    def reach(self) -> dict[str, str]:
        """Return how the running servers are reached."""
        noted: dict[str, str] = json.loads((self.folder / "environment.json").read_text())
        return noted

    def ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def token(self, username: str) -> str:
        """Return a new token for the API."""
        return self.run("manage", "issue_token", username).stdout.strip()

    def call(
        self,
        path: str,
        token: str,
        body: object = None,
        *,
        patience: float = 30,
        method: str = "",
    ) -> tuple[int, dict]:
        """Get, or post (or as ``method`` says) a body to, a path of the API; status and answer.

        Raises OSError or HTTPException where no whole answer comes.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request(
                method or ("GET" if body is None else "POST"),
                f"/api/v1/{path}",
                None if body is None else json.dumps(body),
                headers,
            )
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:  # a server error has no body of ours
            return answer.status, {}

    def save(self, token: str, rows: Sequence[tuple[str, int, int]], **options) -> int:
        """Save actuals (line, month, pence) of East Sussex 2018/19, which is open; the status."""
        told = [dict(zip(("line", "month", "actual_pence"), row, strict=True)) for row in rows]
        return self.call(f"{OPEN_YEAR}/outturns", token, {"rows": told}, **options)[0]

    def history(self) -> list[tuple[str, int, int, int]]:
        """Every revision of East Sussex 2018/19 as line, month, revision and pence."""
        connection = psycopg2.connect(self.reach()["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(HISTORY)
                return cursor.fetchall()
        finally:
            connection.close()

    def position(self, token: str, month: int) -> dict:
        """Return the provisional position of East Sussex 2018/19 in a month."""
        status, answer = self.call(f"{OPEN_YEAR}/position?state=provisional&month={month}", token)
        assert status == 200, answer
        return answer

    def processes(self) -> list[str]:
        """Return every living process that has our data folder in its command or environment."""
        return [f"{pid} {known[:200]!r}" for pid, known in self._known().items()]

    def process_numbers(self) -> list[str]:
        """Return the numbers of these processes."""
        return list(self._known())

    def _known(self) -> dict[str, bytes]:
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    continue
                known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(self.folder).encode() in known:
                found[entry.name] = known
        return found


def eventually(condition, what: str) -> None:
    """Wait until the condition holds; fail naming what was waited for."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)
