"""`./run backup FILE` and `./run restore FILE`: all data of the data folder, in one file.

The file is pg_dump's own format, so PostgreSQL's programs read it too, and a newer PostgreSQL
reads what an older one wrote. Valkey holds nothing that is not made again.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from esbt.runner.console import complain, say, step
from esbt.runner.manage import running_environment
from esbt.runner.places import DataFolderInUse, data_folder, hold
from esbt.runner.postgres import programs
from esbt.runner.processes import Supervisor, handle_signals, run_step
from esbt.runner.servers import servers


def backup(name: str) -> int:
    """Write a backup, whether the site runs or not; return the exit status.

    The file appears whole or not at all, and only its owner reads it.
    """
    handle_signals()
    file = named(name)
    if not file.parent.is_dir():
        complain(f"There is no folder {file.parent}. Make it first.")
        return 1
    draft = file.with_name(file.name + ".new")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        with environment_of_data() as environment, step("Backup"):
            client(environment, "pg_dump", "--format=custom", f"--file={draft}")
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    size = f"{file.stat().st_size / 1e6:.1f} MB"
    say(f"{file} holds everything, {size}. It names people: keep it safe.")
    return 0


def restore(name: str) -> int:
    """Put a backup in the place of the data; return the exit status.

    What stood there is kept beside it, and comes back when the restore fails.
    """
    handle_signals()
    file, folder = named(name), data_folder()
    if not file.is_file():
        complain(f"There is no file {file}.")
        return 1
    try:
        lock = hold(folder)
    except DataFolderInUse:
        complain(f"ESBT runs on {folder}. Stop it first.")
        return 1
    with lock:
        Supervisor(folder).stop_leftovers()
        aside = move_aside(folder / "postgres")
        try:
            fill(folder, file)
        except BaseException:
            shutil.rmtree(folder / "postgres", ignore_errors=True)
            if aside:
                aside.rename(folder / "postgres")
            complain("Nothing was restored; the data is as it was.")
            raise
    say(f"Restored from {file}. Start the site with ./run")
    if aside:
        say(f"What was there before is in {aside}; delete it once you have looked.")
    return 0


def fill(folder: Path, file: Path) -> None:
    """Make a new cluster of a backup, brought up to date for this version of the site."""
    # kept pages and figures go by revisions, which now mean something else
    shutil.rmtree(folder / "valkey", ignore_errors=True)
    with servers(folder, durable=True, quiet=False) as running:
        with step("Restore"):
            client(
                running.as_owner(),
                "pg_restore",
                *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
                str(file),
            )
        running.migrate(quiet=False)


def move_aside(data: Path) -> Path | None:
    """Move a cluster to a name of its own; None when there is none."""
    if not data.exists():
        return None
    aside = data.with_name(f"postgres-before-{time.strftime('%Y%m%d-%H%M%S')}")
    data.rename(aside)
    return aside


@contextmanager
def environment_of_data() -> Iterator[dict[str, str]]:
    """Yield how the owner reaches the database: of the running site, or of one started for it."""
    folder = data_folder()
    try:
        lock = hold(folder)
    except DataFolderInUse:
        running = running_environment(folder)
        if not running:
            raise SystemExit(
                "Another ./run on the same data is starting or finishing. Try again in a moment."
            ) from None
        yield {**os.environ, "DATABASE_URL": running["DATABASE_OWNER_URL"]}
        return
    with lock, servers(folder, durable=True) as started:
        yield started.as_owner()


def client(environment: dict[str, str], program: str, *arguments: str) -> None:
    """Run a client program of PostgreSQL's on the database; the password is no argument."""
    url = urlsplit(environment["DATABASE_URL"])
    place = (
        f"--host={url.hostname}",
        f"--port={url.port}",
        f"--username={url.username}",
        f"--dbname={url.path.removeprefix('/')}",
        "--no-password",
    )
    password = {"PGPASSWORD": unquote(url.password or "")}
    run_step([str(programs() / program), *place, *arguments], environment | password)


def named(name: str) -> Path:
    """The file that a person names from their own folder."""
    return Path(os.environ.get("ESBT_FROM", ".")) / Path(name).expanduser()
