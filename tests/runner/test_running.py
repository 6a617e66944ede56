"""One ./run, seen from outside while it runs."""

import os
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection as tests_database

from tests.runner.schema import schema_of
from tests.runner.seed import first_folder
from tests.runner.site import eventually, on_linux
from tests.runner.writers import check, write_at_once

pytestmark = on_linux


def test_second_start_on_the_same_data_says_so_and_stops(site):
    second = site.run()
    assert second.returncode == 1
    assert f"already runs on {site.folder} at http://127.0.0.1:{site.port}/" in second.stderr
    assert site.ready()


def test_taken_port_is_named_before_anything_starts(site, own_site):
    own_site.port = site.port
    refused = own_site.run()
    assert refused.returncode == 1
    assert f"Port {site.port} is taken" in refused.stderr
    assert not (own_site.folder / "postgres").exists()


def test_every_step_of_a_first_start_has_a_line_with_its_time(site, tmp_path_factory):
    said = (first_folder(tmp_path_factory) / "output.txt").read_text()
    for label in ("PostgreSQL", "Valkey", "Migrations", "Static files", "Demo data", "Web server"):
        assert any(line.startswith(label) and line.endswith(" s") for line in said.splitlines()), (
            label
        )


@pytest.mark.parametrize("role", ["postgres", "esbt_owner", "esbt_app"])
@pytest.mark.parametrize("password", ["", "better-together"])
def test_postgres_wants_the_right_password(site, role, password):
    port = urlsplit(site.reach()["DATABASE_URL"]).port
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(
            host="127.0.0.1", port=port, user=role, password=password, dbname="postgres"
        )


def test_valkey_wants_a_password(site):
    port = urlsplit(site.reach()["REDIS_URL"]).port
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")


def test_application_role_is_no_owner(site):
    connection = psycopg2.connect(site.reach()["DATABASE_URL"])
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("CREATE TABLE mine (id int)")
    connection.close()


@pytest.mark.parametrize("name", ["secrets.json", "environment.json"])
def test_passwords_are_for_their_owner_alone(site, name):
    assert (site.folder / name).stat().st_mode & 0o777 == 0o600


def test_no_password_is_among_the_arguments_of_a_process(site):
    password = urlsplit(site.reach()["REDIS_URL"]).password
    pids = [line.split()[0] for line in site.processes()]
    assert pids
    shown = [Path(f"/proc/{pid}/cmdline").read_text() for pid in pids]
    assert not any(password in arguments for arguments in shown)


def test_manage_passes_standard_input_output_and_status_through(site):
    script = "import sys; print(sys.stdin.read().upper()); sys.exit(7)"
    done = site.run("manage", "shell", "-v0", "-c", script, input="from outside")
    assert (done.stdout, done.returncode) == ("FROM OUTSIDE\n", 7)


@pytest.mark.parametrize(
    "name", ["valkey", "postgresql", "celery-worker", "celery-beat", "web-server"]
)
def test_killed_child_is_started_again_where_it_was(site, name):
    pid, reach = site.child(name), site.reach()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: site.child(name) != pid, f"another {name}")
    eventually(site.ready, "a ready site")
    assert site.reach() == reach
    assert "starting it again" in site.said()


@pytest.fixture(scope="module")
def token(site):
    return site.token("finance-esht")


@pytest.mark.parametrize(
    ("month", "victims"),
    [(1, []), (2, ["valkey"]), (3, ["postgresql"])],
    ids=["worker", "valkey", "postgresql"],
)
def test_killed_between_a_save_and_its_total_loses_neither(site, token, month, victims):
    """Nobody else has reported here, so that the total is the one figure saved."""
    pence = -1_000_000_00 * month - 1
    eventually(lambda: not site.position(token, month)["stale"], "computed figures")
    worker = site.child("celery-worker")
    os.kill(worker, signal.SIGSTOP)  # it hears the bell and cannot answer it
    assert site.save(token, [("esht-position", month, pence)]) == 200
    found = site.position(token, month)
    assert found["stale"]
    assert found["total"]["ytd_actual_pence"] is None

    for pid in [*map(site.child, victims), worker]:
        os.kill(pid, signal.SIGKILL)
    eventually(site.ready, "a ready site")
    eventually(lambda: not site.position(token, month)["stale"], "computed figures")
    assert site.position(token, month)["total"]["ytd_actual_pence"] == pence
    verified = site.run("manage", "verify_rollups")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def takes_calls(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


def test_save_while_valkey_is_down_is_quick_and_its_total_follows(site, token):
    pence = -4_000_000_01
    port = urlsplit(site.reach()["REDIS_URL"]).port
    killed = site.child("valkey")
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: site.child("valkey") != killed, "another valkey")
    os.kill(site.child("valkey"), signal.SIGKILL)  # it died young: the next takes its time
    while takes_calls(port):  # dying takes it a moment
        pass
    began = time.monotonic()
    assert site.save(token, [("esht-position", 4, pence)]) == 200
    assert time.monotonic() - began < 1
    eventually(site.ready, "a ready site")
    eventually(lambda: not site.position(token, 4)["stale"], "computed figures")
    assert site.position(token, 4)["total"]["ytd_actual_pence"] == pence


def test_several_writers_at_once_overwrite_nothing(site):
    answered = check(site, write_at_once(site, writers=6, seconds=2))
    assert answered[200] > 10
    assert answered[409]  # else they never met


@pytest.mark.django_db
def test_migrations_make_the_tables_that_the_models_say(site):
    """The other tests' tables are made from the models."""

    def migrated(sql: str) -> list[tuple]:
        owner = psycopg2.connect(site.reach()["DATABASE_OWNER_URL"])
        with owner, owner.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def made(sql: str) -> list[tuple]:
        with tests_database.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    ours, theirs = schema_of(made), schema_of(migrated)
    for part, rows in theirs.items():
        assert len(rows) > 0, part
        assert set(ours[part]) ^ set(rows) == set(), part
