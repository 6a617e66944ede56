"""The API under what its own description allows and forbids: it answers, and never falls over."""

import re
import subprocess
import sys

import pytest

from tests.runner.site import Site


@pytest.fixture
def site(tmp_path):
    own = Site(tmp_path / "var")
    own.start()
    yield own
    own.stop()


def test_no_request_makes_a_server_error(site, tmp_path, examples, seed, tell):
    fuzz = [
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        f"http://127.0.0.1:{site.port}/api/v1/openapi.json",
        *("--header", f"Authorization: Bearer {site.token('finance-esht')}"),
        *("--checks", "not_a_server_error", "--continue-on-failure", "--warnings", "off"),
        *("--max-examples", str(examples), "--seed", str(seed), "--no-color"),
        *("--phases", "examples,coverage,fuzzing", "--request-timeout", "30"),
    ]
    done = subprocess.run(fuzz, cwd=tmp_path, capture_output=True, text=True, check=False)
    summary = re.findall(
        r"^.*(?:Test cases|generated|passed|Operations|seed).*$", done.stdout, re.M
    )
    tell("\n" + "\n".join(summary[-8:]))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    verified = site.run("manage", "verify_rollups")
    assert verified.returncode == 0, verified.stdout + verified.stderr
