"""The long proofs, by `./run prove`: how long, and drawn from which seed."""

import random
import sys

import pytest

from tests.runner.site import Site


def pytest_addoption(parser):
    parser.addoption("--rounds", type=int, default=100, help="rounds of killing (default 100)")
    parser.addoption("--seed", type=int, help="what the rounds are drawn from (default: chance)")
    parser.addoption(
        "--examples", type=int, default=50, help="examples an operation or package (default 50)"
    )


@pytest.fixture(scope="session")
def rounds(pytestconfig):
    return pytestconfig.getoption("rounds")


@pytest.fixture(scope="session")
def examples(pytestconfig):
    return pytestconfig.getoption("examples")


@pytest.fixture(scope="session")
def seed(pytestconfig):
    given = pytestconfig.getoption("seed")
    return random.randrange(2**31) if given is None else given


@pytest.fixture
def tell(capsys):
    """Say something in the run's own output, whether or not the proof holds."""

    def say(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    return say


@pytest.fixture
def own_site(tmp_path):
    """A ./run of this test's own, which it may kill."""
    own = Site(tmp_path / "var")
    yield own
    own.stop()
    assert not own.processes()
