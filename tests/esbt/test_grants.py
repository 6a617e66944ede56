"""The application's own database role: it adds to history and can do nothing else with it."""

import os

import psycopg2
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from psycopg2 import errors, sql

from finance.models import Rollup
from schemes.models.base import AppendOnly
from tests.factories import a_valley, approve, report

HISTORY = [model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)]
APP_URL = os.environ.get("ESBT_APP_DATABASE_URL", "")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not APP_URL, reason="./run test gives the role's address"),
]


@pytest.fixture
def app():
    """A connection as the application, to a database with a row in every table of history."""
    valley = a_valley()
    line = valley.line(valley.moor)
    valley.plan({line: "-1"})
    report(line, 1, "-1")
    approve(valley.slice, 1, valley.moor)
    valley.figures()
    role = psycopg2.extensions.parse_dsn(APP_URL)["user"]
    call_command("grant_access", role)
    made = psycopg2.connect(APP_URL, dbname=connection.settings_dict["NAME"])
    made.autocommit = True
    yield made
    made.close()


def denied(app, statement: str, *names: str) -> None:
    with app.cursor() as cursor, pytest.raises(errors.InsufficientPrivilege):
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def test_history_cannot_be_touched(app):
    for table in HISTORY:
        denied(app, "UPDATE {} SET id = id", table)
        denied(app, "DELETE FROM {}", table)
        denied(app, "TRUNCATE {} CASCADE", table)
        denied(app, "ALTER TABLE {} DISABLE TRIGGER ALL", table)
        denied(app, "ALTER TABLE {} ADD COLUMN x int", table)
        denied(app, "DROP TABLE {} CASCADE", table)
        denied(app, "CREATE TRIGGER x BEFORE INSERT ON {} EXECUTE FUNCTION x()", table)


def test_guards_cannot_be_gone_around(app):
    denied(app, "SET session_replication_role = replica")
    denied(app, "SET ROLE {}", connection.settings_dict["USER"])
    denied(app, "CREATE TABLE x (id int)")
    denied(app, "DELETE FROM {}", "django_migrations")


def test_history_can_be_added_to(app):
    with app.cursor() as cursor:
        for table in HISTORY:
            cursor.execute("SELECT has_table_privilege(%s, 'INSERT')", [table])
            assert cursor.fetchone() == (True,)
        cursor.execute(
            "INSERT INTO schemes_change (slice_id, number, at, action, reason, from_month)"
            " SELECT id, 999, now(), 'test', '', 0 FROM schemes_slice"
        )
        assert cursor.rowcount == 1


def test_everything_else_is_read_and_written(app):
    with app.cursor() as cursor:
        cursor.execute("UPDATE schemes_slice SET change = change")
        assert cursor.rowcount == 1
        cursor.execute("DELETE FROM finance_rollup")
        assert cursor.rowcount > 0
    assert not Rollup.objects.exists()
