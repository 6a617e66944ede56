"""One ./run for all test processes of a session."""

import fcntl
import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runner.seed import filled
from tests.runner.site import Site


@contextmanager
def shared_site(factory: pytest.TempPathFactory, together: Path) -> Iterator[Site]:
    """The site in the folder `together`, started by whoever comes first.

    Who started it waits until nobody uses it, and stops it; who comes after that starts another.
    """
    note = together / "site.json"
    together.mkdir(exist_ok=True)
    with (together / "door").open("a") as door, (together / "users").open("a") as users:
        fcntl.flock(door, fcntl.LOCK_EX)
        starting = not note.exists()
        if starting:
            shutil.rmtree(together / "var", ignore_errors=True)
            site = filled(factory, together / "var")
            site.start()
            note.write_text(json.dumps(site.port))
        else:
            site = Site(together / "var", port=json.loads(note.read_text()))
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        try:
            yield site
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            if starting:
                fcntl.flock(door, fcntl.LOCK_EX)
                fcntl.flock(users, fcntl.LOCK_EX)
                note.unlink()
                site.signal(signal.SIGTERM)
