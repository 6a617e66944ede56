"""The API under what its own description allows and forbids: it answers, and never falls over."""

import json
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.runner.site import OPEN_YEAR, Site, eventually

# chance alone would hardly name a system: one run keeps to addresses that exist
THERE = """[parameters]
"path.system" = "east-sussex"
"path.year" = "2018-19"
"path.line" = "esht-position"
"""
WHOLE = st.integers() | st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**15, 10**40])
ANYTHING = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=9) | WHOLE
ROW = st.fixed_dictionaries(
    {
        "line": st.sampled_from(["esht-position", "esht-reduction", "escc-position"]) | ANYTHING,
        "month": st.integers(0, 13) | ANYTHING,
    },
    optional={
        "actual_pence": WHOLE | ANYTHING,
        "forecast_pence": WHOLE | ANYTHING,
        "comment": st.text(max_size=40) | st.just("\x00") | ANYTHING,
        "revision": st.integers(0, 3) | ANYTHING,
    },
)
SOUND = st.fixed_dictionaries(
    {
        "line": st.sampled_from(["esht-position", "esht-reduction"]),
        "month": st.integers(1, 12),
        "actual_pence": st.none() | st.integers(-(10**15), 10**15),
    },
    optional={"forecast_pence": st.integers(-(10**15), 10**15), "comment": st.text(max_size=40)},
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    own = Site(tmp_path_factory.mktemp("site") / "var")
    own.start()
    yield own
    own.stop()


@pytest.mark.parametrize("known", ["", THERE], ids=["any address", "addresses that exist"])
def test_no_request_makes_a_server_error(site, tmp_path, examples, seed, tell, known):
    (tmp_path / "schemathesis.toml").write_text(known)
    fuzz = [
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        f"http://127.0.0.1:{site.port}/api/v1/openapi.json",
        *("--header", f"Authorization: Bearer {site.token('finance-esht')}"),
        *("--checks", "not_a_server_error", "--continue-on-failure", "--warnings", "off"),
        *("--max-examples", str(examples), "--seed", str(seed), "--no-color"),
        *("--report", "har", "--report-har-path", "har.json"),
        *("--phases", "examples,coverage,fuzzing", "--request-timeout", "30"),
    ]
    done = subprocess.run(fuzz, cwd=tmp_path, capture_output=True, text=True, check=False)
    entries = json.loads((tmp_path / "har.json").read_text())["log"]["entries"]
    answers = Counter(entry["response"]["status"] for entry in entries)
    where = "addresses that exist" if known else "any address"
    tell(f"\n{where}: answered {dict(answers)}; --seed {seed}")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert not known or answers[200] > examples, "hardly any request found what it asked for"


def test_no_figure_makes_a_server_error_or_a_wrong_total(site, examples, seed, tell):
    token = site.token("finance-esht")
    statuses: Counter[int] = Counter()

    @settings(max_examples=examples * 10, deadline=None, database=None)
    @given(st.lists(ROW, max_size=3) | st.lists(SOUND, min_size=1, max_size=2))
    def one(rows):
        status, answer = site.call(f"{OPEN_YEAR}/outturns", token, {"rows": rows})
        statuses[status] += 1
        assert status < 500, rows
        assert status == 200 or answer["detail"], "a refusal says why"

    seeded(seed)(one)()
    tell(f"\nfigures: answered {dict(statuses)}; --seed {seed}")
    assert statuses[200] > examples
    assert statuses[422] > examples
    eventually(lambda: not site.position(token, 12)["stale"], "computed figures")
    verified = site.run("manage", "verify_rollups")
    assert verified.returncode == 0, verified.stdout + verified.stderr
