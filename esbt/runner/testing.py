"""`./run test`, `./run bench`, `./run prove`: each on servers of its own, gone afterwards."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from esbt.runner import static_files
from esbt.runner.chromium import find_or_install
from esbt.runner.processes import handle_signals, ignore_signals, run_in_foreground
from esbt.runner.servers import Servers, servers


@contextmanager
def temporary_folder(purpose: str) -> Iterator[Path]:
    """Make a data folder and remove it at the end."""
    handle_signals()
    folder = Path(tempfile.mkdtemp(prefix=f"esbt-{purpose}-"))
    try:
        yield folder
    finally:
        ignore_signals()
        shutil.rmtree(folder, ignore_errors=True)


def test(arguments: list[str]) -> int:
    """Run pytest on fast, careless servers and return its exit status."""
    with temporary_folder("test") as folder:
        chromium = find_or_install()
        with servers(folder, durable=False) as running:
            environment = for_tests(running) | {"ESBT_CHROMIUM": chromium}
            command = [sys.executable, "-m", "pytest", *arguments]
            return run_in_foreground(command, environment, running.supervisor)


def bench(arguments: list[str]) -> int:
    """Run the benchmark as the application's role on durable servers; return its exit status."""
    with temporary_folder("bench") as folder, servers(folder, durable=True) as running:
        running.migrate()
        static_files.collect(running.environment, quiet=True)
        command = [sys.executable, "-m", "tests.bench", *arguments]
        return run_in_foreground(command, running.environment, running.supervisor)


def prove(arguments: list[str]) -> int:
    """Run the long proofs on durable servers and return their exit status.

    One after the other, so that each has the machine and tells its figures as it goes.
    """
    some = [argument for argument in arguments if argument.startswith("tests/prove")]
    with temporary_folder("prove") as folder, servers(folder, durable=True) as running:
        pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0"]
        command = [*pytest, *arguments, *([] if some else ["tests/prove"])]
        return run_in_foreground(command, for_tests(running), running.supervisor)


def for_tests(running: Servers) -> dict[str, str]:
    """Return an environment in which pytest owns its database, with static files collected.

    DATABASE_URL is the owner's, who may create databases and truncate; ESBT_APP_DATABASE_URL is
    the application's, for tests of what it may not do.
    """
    static_files.collect(running.environment, quiet=True)
    return running.as_owner() | {
        "ESBT_APP_DATABASE_URL": running.environment["DATABASE_URL"],
        "ESBT_DEMO": "1",
    }
