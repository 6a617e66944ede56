import os
import signal

import pytest

from tests.runner.site import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running ./run that the tests of this folder share; they leave it running."""
    running = Site(tmp_path_factory.mktemp("site") / "var")
    running.start()
    yield running
    running.signal(signal.SIGTERM)
    assert not running.processes()


@pytest.fixture
def own_site(tmp_path):
    """A ./run of this test's own, which it may kill."""
    own = Site(tmp_path / "var")
    yield own
    own.stop()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """Without what ./run test sets: a person's shell has none of it."""
    for name in list(os.environ):
        if name.startswith("ESBT_") or name in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}:
            monkeypatch.delenv(name)
