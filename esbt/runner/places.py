"""Where things lie, and the few things about them that several parts need."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import IO

BASE = Path(__file__).resolve().parent.parent.parent


def data_folder() -> Path:
    """Return the folder for data (ESBT_VAR, else var/), made if need be."""
    folder = Path(os.environ.get("ESBT_VAR") or BASE / "var").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads; readers see the old text or all of the new."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def passwords(folder: Path) -> Mapping[str, str]:
    """Return this data folder's passwords and secret key, drawn at random the first time."""
    path = folder / "secrets.json"
    if not path.exists():
        names = ("superuser", "owner", "app", "valkey", "secret_key")
        drawn = {name: secrets.token_urlsafe(48) for name in names}
        write_private(path, json.dumps(drawn, indent=1))
    stored: dict[str, str] = json.loads(path.read_text())
    return stored


def free_port() -> int:
    """Return a loopback port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_taken(port: int) -> bool:
    """Say whether some program listens on this loopback port."""
    with socket.socket() as probe:
        # as the web server does: a port in TIME_WAIT after a restart is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


class DataFolderInUse(Exception):
    """Another runner holds this data folder."""


def hold(folder: Path, *, wait: bool = False) -> IO[str]:
    """Take the data folder for this process; the kernel lets go when the process ends.

    Returns the lock file, to be kept open. Raises DataFolderInUse, or waits its turn.
    """
    lock = (folder / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        lock.close()
        raise DataFolderInUse from None
    running_environment_file(folder).unlink(missing_ok=True)  # left by a runner that was killed
    return lock


def running_environment_file(folder: Path) -> Path:
    """Return where `./run` notes, while it runs, how its servers are reached."""
    return folder / "environment.json"
