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
