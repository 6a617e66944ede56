"""PostgreSQL and Valkey together, for as long as a block of code runs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from esbt.runner.console import step
from esbt.runner.places import passwords
from esbt.runner.postgres import APP, OWNER, Postgres
from esbt.runner.processes import Supervisor, ignore_signals, run_step
from esbt.runner.valkey import Valkey


@dataclass
class Servers:
    """Running servers: the environment for what uses them, and the supervisor that keeps them."""

    environment: dict[str, str]
    supervisor: Supervisor

    def as_owner(self) -> dict[str, str]:
        """Return the environment for commands that change the database's structure."""
        return owner_environment(self.environment)

    def migrate(self, *, quiet: bool = True) -> None:
        """Bring the database up to date and give the application role its rights."""
        with step("Migrations", quiet=quiet):
            run_step(django_command("grant_access", APP, "--migrate"), self.as_owner())


@contextmanager
def servers(folder: Path, *, durable: bool, quiet: bool = True) -> Iterator[Servers]:
    """Start PostgreSQL and Valkey on `folder`, and stop them, and what was added, at the end.

    The caller holds the folder (places.hold) or has just made it. durable=False gives up safety
    against a crash of the machine for speed: for tests. Runs in the main thread only.
    """
    (folder / "logs").mkdir(exist_ok=True)
    supervisor = Supervisor(folder)
    supervisor.stop_leftovers()
    drawn = passwords(folder)
    try:
        with step("PostgreSQL", quiet=quiet):
            postgres = Postgres(folder, drawn, durable=durable)
            postgres.prepare()
            supervisor.add(postgres.child())
            postgres.set_up(supervisor.watch)
        with step("Valkey", quiet=quiet):
            valkey = Valkey(folder, drawn["valkey"], durable=durable)
            supervisor.add(valkey.child())
            valkey.wait(supervisor.watch)
        yield Servers(
            {
                **os.environ,
                "DATABASE_URL": postgres.url(APP, drawn["app"]),
                "DATABASE_OWNER_URL": postgres.url(OWNER, drawn["owner"]),
                "REDIS_URL": valkey.url(),
                "ESBT_SECRET_KEY": drawn["secret_key"],
                "ESBT_ADDRESS": os.environ.get("ESBT_ADDRESS")
                or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}",
                "ESBT_DEMO": os.environ.get("ESBT_DEMO", "1"),
                "ESBT_STATIC_ROOT": str(folder / "static"),
                "DJANGO_SETTINGS_MODULE": "esbt.settings",
            },
            supervisor,
        )
    finally:
        ignore_signals()
        supervisor.stop()


def django_command(*arguments: str) -> list[str]:
    """Return the command line of a Django command."""
    return [sys.executable, "manage.py", *arguments]


def owner_environment(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment with the owner's role in place of the application's."""
    return environment | {"DATABASE_URL": environment["DATABASE_OWNER_URL"]}
