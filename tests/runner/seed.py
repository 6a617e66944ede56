"""Sites that begin with the data of one that was started and stopped before."""

import fcntl
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.runner.site import Site


def first_folder(factory: pytest.TempPathFactory) -> Path:
    """Where the session's first site was, with what it said in output.txt."""
    together = factory.getbasetemp()
    return (together.parent if "PYTEST_XDIST_WORKER" in os.environ else together) / "seed"


def filled(factory: pytest.TempPathFactory, folder: Path) -> Site:
    """A site, not started, in a new folder, with the demo in it.

    Migrations and demo run for the first one of a session alone, in whichever process it comes up;
    the others begin with a copy of its folder.
    """
    seed = first_folder(factory) / "var"
    seed.parent.mkdir(exist_ok=True)
    with (seed.parent / "door").open("a") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        if not seed.exists():
            first = Site(seed.with_name("first"))
            first.start()
            first.signal(signal.SIGTERM)
            assert not first.processes()
            first.folder.rename(seed)
    shutil.copytree(seed, folder, symlinks=True)
    return Site(folder)
