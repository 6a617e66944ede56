"""`./run manage COMMAND`: a Django command on the running database, or on one started for it."""

import json
import os
import time
from pathlib import Path

import psycopg2

from esbt.runner.console import complain
from esbt.runner.places import DataFolderInUse, data_folder, hold, running_environment_file
from esbt.runner.processes import handle_signals, run_in_foreground
from esbt.runner.servers import Servers, django_command, owner_environment, servers

# these change the structure of the database or its grants; all others run as the application
OWNER_COMMANDS = {"migrate", "grant_access"}


def manage(arguments: list[str]) -> int:
    """Run a Django command and return its exit status; nothing else goes to standard output."""
    handle_signals()
    folder = data_folder()
    said = False
    while True:
        try:
            lock = hold(folder)
        except DataFolderInUse:
            running = running_environment(folder)
            if running:
                return run_in_foreground(
                    django_command(*arguments), for_command(arguments, os.environ | running)
                )
            if not said:
                complain("Waiting for another ./run on the same data to start or to finish.")
                said = True
            time.sleep(0.2)
            continue
        with lock, servers(folder, durable=True) as started:
            if arguments[:1] != ["migrate"] and is_empty(started):
                started.migrate()
            return run_in_foreground(
                django_command(*arguments),
                for_command(arguments, started.environment),
                started.supervisor,
            )


def running_environment(folder: Path) -> dict[str, str]:
    """Return how the servers of a running ./run are reached; empty when it is not that far yet."""
    try:
        noted: dict[str, str] = json.loads(running_environment_file(folder).read_text())
    except OSError:
        return {}
    return noted


def for_command(arguments: list[str], environment: dict[str, str]) -> dict[str, str]:
    """Return the environment with the role that the command needs."""
    if arguments[:1] and arguments[0] in OWNER_COMMANDS:
        return owner_environment(environment)
    return environment


def is_empty(running: Servers) -> bool:
    """Say whether no migration was ever applied to the database."""
    connection = psycopg2.connect(running.environment["DATABASE_OWNER_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NULL")
        (empty,) = cursor.fetchone() or (True,)
    connection.close()
    return bool(empty)
