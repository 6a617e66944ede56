"""`./run manage spc`: series in, charts out, or words on what is wrong and nothing else."""

import io
import json
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from outcomes.spc.series import answers

DATES = ["2017-04-01", "2017-05-01", "2017-06-01", "2017-07-01"]
KEYS = {"date", "value", "mean", "lpl", "upl", "near_lpl", "near_upl", "rule", "point_type"}


def series(**changes):
    return {"id": "delays", "dates": DATES, "values": [4, 6, 4, 6]} | changes


def points(**changes):
    return answers([series(**changes)])["delays"]["points"]


@pytest.fixture
def spc(monkeypatch, capsys):
    """Run the command with what stands on standard input: exit status, output, errors."""

    def run(given):
        text = given if isinstance(given, bytes) else json.dumps(given).encode()
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
        try:
            call_command("spc")
            status = 0
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_series_in_charts_out(spc):
    status, out, err = spc(
        [
            series(
                values=[4, 6, None, 4.0],
                improvement_direction="decrease",
                target=99,
                rebase_dates=["2017-06-15"],
                fix_after_n=12,
                screen_outliers=True,
            ),
            series(id=7),
        ]
    )
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert list(found) == ["delays", "7"]
    delays = found["delays"]
    assert delays["points"].keys() == KEYS
    # mean 5 and limits 5 ± 5.32 to June; in July a step of one point, without limits
    assert delays["points"]["mean"] == [5, 5, 5, 4]
    assert delays["points"]["upl"] == [pytest.approx(10.32)] * 3 + [None]
    assert delays["points"]["value"] == [4, 6, None, 4]
    assert delays["points"]["rule"] == [None] * 4
    assert delays["points"]["point_type"] == ["common_cause", "common_cause", None, "common_cause"]
    assert (delays["variation_type"], delays["assurance_type"]) == ("common_cause", None)
    assert delays["short_group_warning"] is True


def test_no_series_no_charts(spc):
    assert spc([]) == (0, "{}\n", "")


def test_a_series_without_points():
    found = answers([series(dates=[], values=[], target=3)])["delays"]
    assert found == {
        "points": {key: [] for key in KEYS},
        "variation_type": None,
        "assurance_type": None,
        "short_group_warning": True,
    }


def test_points_come_in_the_order_of_their_dates_with_values_and_targets():
    mixed = {"dates": ["2017-06-01", "2017-04-01", "2017-05-01"], "values": [3, 1, 2]}
    found = answers([series(**mixed, target=[9, -9, 2], improvement_direction="increase")])
    assert found["delays"]["points"]["date"] == ["2017-04-01", "2017-05-01", "2017-06-01"]
    assert found["delays"]["points"]["value"] == [1, 2, 3]
    # 2 ± 2.66; June's target is 9, which stands first
    assert found["delays"]["assurance_type"] == "consistent_fail"


def test_the_direction_is_neutral_when_it_is_not_stated():
    loud = {"values": [4, 6, 4, 60], "fix_after_n": 3, "target": 0}
    for stated in ({}, {"improvement_direction": None}, {"improvement_direction": "neutral"}):
        found = answers([series(**loud, **stated)])["delays"]
        assert found["variation_type"] == "special_cause_neutral_high"
        assert found["assurance_type"] is None


def test_limits_fixed_after_more_values_than_there_are_are_those_of_all():
    for number in (4, 4.0, 1_000, 10**30):
        assert points(fix_after_n=number) == points()


def test_dates_may_carry_a_time():
    given = ["2017-04-01T00:00:00Z", "2017-05-01T01:00:00+01:00", "2017-06-01", "2017-07-01"]
    assert points(dates=given)["date"] == given
    steps = points(dates=given, rebase_dates=["2017-05-01"])["mean"]
    assert steps == [4] + [pytest.approx(16 / 3)] * 3


BAD = [
    ({"id": None}, "series number 1, id: An id must be text"),
    ({"id": " "}, "series number 1, id: An id must be text"),
    ({"dates": "2017"}, "series delays, dates: This must be a list of dates."),
    ({"dates": [*DATES[:3], "soon"]}, "series delays, dates: This is not a date"),
    ({"dates": [*DATES[:3], 2017]}, "write it as 2017-04-01. Given: 2017"),
    ({"dates": [*DATES[:3], DATES[0]]}, "stands more than once"),
    ({"dates": [*DATES[:3], "2017-04-01T00:00"]}, "stands more than once"),
    ({"dates": DATES[:3]}, "series delays, values: There are 4 entries for 3 dates"),
    ({"values": {}}, "series delays, values: This must be a list of numbers"),
    ({"values": [4, 6, 4, "6"]}, "series delays, values: This is not a number"),
    ({"values": [4, 6, 4, True]}, "series delays, values: This is not a number"),
    ({"values": [4, 6, 4, float("nan")]}, "series delays, values: This is not a number"),
    ({"values": [4, 6, 4, float("-inf")]}, "series delays, values: This is not a number"),
    ({"values": [4, 6, 4, 10**400]}, "series delays, values: This is not a number"),
    ({"improvement_direction": "up"}, "must be one of increase, decrease, neutral. Given: up"),
    ({"improvement_direction": []}, "series delays, improvement_direction:"),
    ({"target": "90%"}, "series delays, target: A target must be a number"),
    ({"target": float("inf")}, "series delays, target: A target must be a number"),
    ({"target": [1, 2, 3]}, "series delays, target: There are 3 entries for 4 dates"),
    ({"target": [1, 2, 3, "x"]}, "series delays, target: This is not a number"),
    ({"rebase_dates": "2017-04-01"}, "series delays, rebase_dates: This must be a list"),
    ({"rebase_dates": [None]}, "series delays, rebase_dates: This is not a date"),
    ({"fix_after_n": 0}, "series delays, fix_after_n: This must be a whole number of at least 1"),
    ({"fix_after_n": -3}, "series delays, fix_after_n:"),
    ({"fix_after_n": 2.5}, "series delays, fix_after_n:"),
    ({"fix_after_n": True}, "series delays, fix_after_n:"),
    ({"screen_outliers": "yes"}, "series delays, screen_outliers: This must be true or false."),
]


@pytest.mark.parametrize(("changes", "said"), BAD)
def test_a_bad_series_is_refused_in_words_by_id_and_field(spc, changes, said):
    status, out, err = spc([series(**changes), series(id="good")])
    assert (status, out) == (1, "")
    assert said in err
    assert "good" not in err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "Standard input is not JSON"),
        (b"[{]", "Standard input is not JSON"),
        (b"\xff\xfe\xfa", "Standard input is not JSON"),
        (b"[" * 200_000, "Standard input is not JSON"),
        ({}, "must be a list of series"),
        ([3], "series number 1: A series must be an object"),
        ([{"id": "x"}], "series x, dates: This field is missing"),
        ([series(id=1), series(id="1")], "series 1, id: More than one series has this id"),
    ],
)
def test_what_is_no_list_of_series_is_refused(spc, given, said):
    status, out, err = spc(given)
    assert (status, out) == (1, "")
    assert said in err


def test_every_fault_is_told_at_once(spc):
    _, _, err = spc([series(target="x", fix_after_n=0), series(id="b", values=["?"] * 4)])
    assert err.count("\n") == 3


def test_a_field_that_means_nothing_is_told_and_left_aside(spc):
    status, out, err = spc([series(fix_after=2)])
    assert status == 0
    assert json.loads(out)["delays"]["points"]["rule"] == [None] * 4
    assert err.startswith("series delays, fix_after: This field is not known")


def test_a_rebase_date_that_begins_nothing_is_told_and_does_no_harm(spc):
    status, out, err = spc([series(rebase_dates=["2017-04-01", "2017-05-02", "2017-07-02"])])
    assert status == 0
    assert json.loads(out)["delays"]["points"]["mean"] == [5, 5, 5, 5]
    assert err.splitlines() == [
        "series delays, rebase_dates: No date stands before this one, so that it begins nothing. "
        "Given: 2017-04-01",
        "series delays, rebase_dates: No date stands on or after this one, so that it begins "
        "nothing. Given: 2017-07-02",
    ]
