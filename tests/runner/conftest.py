import signal

import pytest

from tests.runner.seed import filled
from tests.runner.site import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running ./run that the tests of this folder share; they leave it running."""
    running = filled(tmp_path_factory, tmp_path_factory.mktemp("site") / "var")
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


@pytest.fixture
def filled_site(tmp_path, tmp_path_factory):
    """As ``own_site``, with the demo in it."""
    own = filled(tmp_path_factory, tmp_path / "var")
    yield own
    own.stop()
    assert not own.processes()
