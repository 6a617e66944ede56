"""What tests of every room share."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import pre_migrate
from django.test.utils import CaptureQueriesContext

from tests.factories import Valley, a_valley

# few tests, and long ones: begun last, they would leave one of two workers without work
_LONG = ("tests/runner/", "tests/esbt/test_pages_permissions.py", "tests/browser/test_pages.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; the rest stay in their order."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


@pytest.fixture(scope="session")
def django_db_use_migrations() -> bool:
    """Tables are made from the models, in 3 seconds instead of 30.

    The sites that tests start beside go through the migrations, and ./run check and ./run prove
    hold them against the models.
    """
    return False


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """What migrations bring besides: the extension and their own table first, triggers last."""
    settings.PGTRIGGER_INSTALL_ON_MIGRATE = True
    pre_migrate.connect(_extend, dispatch_uid="extension of tests")


def _extend(**_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    MigrationRecorder(connection).ensure_schema()


@pytest.fixture(autouse=True)
def forget_cache(monkeypatch) -> Callable[[], None]:
    """Pages kept by another test, or by another worker's database, are never met.

    Called, it forgets what this test kept. Clearing the cache would empty it for the other workers
    too, in the middle of tests that count on finding what they kept.
    """

    def forget() -> None:
        monkeypatch.setattr(caches["default"], "key_prefix", uuid4().hex)

    forget()
    return forget


@pytest.fixture
def valley(db) -> Valley:
    return a_valley()


@pytest.fixture
def query_count():
    """Count the queries of a call."""

    def count(call: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as captured:
            call()
        return len(captured)

    return count
