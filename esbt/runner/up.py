"""`./run`: everything that the site needs, started in order and kept running."""

import http.client
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from esbt.runner import static_files
from esbt.runner.console import complain, say, step
from esbt.runner.places import (
    DataFolderInUse,
    data_folder,
    hold,
    port_is_taken,
    running_environment_file,
    write_private,
)
from esbt.runner.processes import Child, Stopped, Supervisor, handle_signals, run_step
from esbt.runner.servers import Servers, django_command, servers

READY_WITHIN = 120.0
SIGN_IN = (
    "Demo: sign in as commissioner, board, admin, finance-esht or approver-esht; "
    "the password is better-together."
)
NO_DEMO = "No demo users: ./run manage invite_administrator EMAIL NAME makes the first account."
# what a command of ./run manage needs in order to use these servers
SHARED = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "ESBT_SECRET_KEY",
    "ESBT_ADDRESS",
    "ESBT_DEMO",
    "ESBT_STATIC_ROOT",
)


def up() -> int:
    """Start everything, watch it until a signal comes, stop everything. Returns the exit status."""
    started = float(os.environ.pop("ESBT_STARTED", 0)) or time.time()
    handle_signals()
    folder = data_folder()
    try:
        lock = hold(folder)
    except DataFolderInUse:
        complain(f"ESBT already runs on {folder}{address_of_running(folder)}. Stop it first.")
        return 1
    with lock:
        Supervisor(folder).stop_leftovers()  # one of them may hold the port
        port = wanted_port()
        try:
            with servers(folder, durable=True, quiet=False) as running:
                prepare(running, folder, port)
                start_site(running, folder, port)
                say(f"{'Ready after':<28} {time.time() - started:6.1f} s")
                say(f"\nESBT is at http://127.0.0.1:{port}/  (Ctrl-C stops it)")
                say(SIGN_IN if running.environment["ESBT_DEMO"] == "1" else NO_DEMO)
                keep_running(running.supervisor)
        except Stopped:
            say("Stopped.")
            return 0
        finally:
            running_environment_file(folder).unlink(missing_ok=True)


def wanted_port() -> int:
    """Return PORT (default 8000), or end with a message when it cannot be served."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 2**16:
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    if port_is_taken(int(text)):
        raise SystemExit(f"Port {text} is taken by another program. Choose one: PORT=8001 ./run")
    return int(text)


def address_of_running(folder: Path) -> str:
    """Return " at ADDRESS" when the runner that holds the folder has noted it."""
    try:
        port = json.loads(running_environment_file(folder).read_text())["PORT"]
    except (OSError, ValueError, KeyError):
        return ""
    return f" at http://127.0.0.1:{port}/"


def prepare(running: Servers, folder: Path, port: int) -> None:
    """Bring database, static files, demo data and rollups up to date."""
    environment = running.environment
    running.migrate(quiet=False)
    shared = {name: environment[name] for name in SHARED} | {"PORT": str(port)}
    write_private(running_environment_file(folder), json.dumps(shared, indent=1))
    static_files.collect(environment)
    if environment["ESBT_DEMO"] == "1":
        with step("Demo data and rollups"):
            run_step(django_command("load_demo"), environment)
    else:
        with step("Rollups"):
            run_step(django_command("recompute"), environment)


def start_site(running: Servers, folder: Path, port: int) -> None:
    """Start worker, beat and web server, and wait until the site says that it is ready."""
    # Celery warns about root, which is fine for data on this machine alone
    environment = running.environment | {"PYTHONWARNINGS": "ignore:::celery.platforms"}
    supervisor = running.supervisor
    celery = [sys.executable, "-m", "celery", "-q", "-A", "esbt"]
    with step("Celery worker and beat"):
        worker = [*celery, "worker", "--pool=threads", "--concurrency=2", "--loglevel=WARNING"]
        supervisor.add(
            Child(
                name="Celery worker",
                command=[*worker, "--without-gossip", "--without-mingle"],
                environment=environment,
                # it would wait for a broker that goes down with it; the sweep repeats its work
                death_signal=signal.SIGKILL,
            )
        )
        schedule = folder / "beat-schedule"
        supervisor.add(
            Child(
                name="Celery beat",
                command=[*celery, "beat", "--loglevel=WARNING", f"--schedule={schedule}"],
                environment=environment,
                death_signal=signal.SIGKILL,
            )
        )
    with step("Web server"):
        supervisor.add(
            Child(
                name="Web server",
                command=[
                    *(sys.executable, "-m", "gunicorn", "esbt.wsgi"),
                    *("--bind", f"127.0.0.1:{port}", "--workers", "2"),
                    *("--worker-class", "gthread", "--threads", "4", "--preload"),
                    *("--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"),
                ],
                environment=environment,
                death_signal=signal.SIGQUIT,  # at once: the database goes down with it
            )
        )
        wait_until_ready(supervisor, port)


def wait_until_ready(supervisor: Supervisor, port: int) -> None:
    """Wait for /readyz to answer 200; end with what it said if it never does."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        status, body = ask(port, "/readyz")
        if status == http.HTTPStatus.OK:
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"Not ready after {READY_WITHIN:.0f} s; /readyz said: {body}")
        time.sleep(0.1)
        supervisor.watch()


def ask(port: int, path: str) -> tuple[int, str]:
    """Return the status and body of a local answer; status 0 when nothing answers."""
    # not urllib, which would go through a proxy named in the environment
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def keep_running(supervisor: Supervisor) -> NoReturn:
    """Start again what dies, until a signal ends it all."""
    while True:
        supervisor.watch()
        time.sleep(0.2)
