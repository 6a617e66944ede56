"""The forecast of 2018/19 and the risk against it, as the annual report has them (2.16, 2.18)."""

from pathlib import Path

import pytest

from esbt import loading
from finance.models.rollups import State
from finance.queries.forecast import risk_position
from schemes.models import Slice
from tests.money import millions

pytestmark = pytest.mark.django_db

EAST_SUSSEX = Path(__file__).parents[2] / "fixtures" / "east-sussex"


def year(code: str) -> Slice:
    return Slice.objects.select_related("system", "year", "computation").get(
        system__code="east-sussex", year=code
    )


@pytest.fixture
def found():
    loading.load([EAST_SUSSEX], progress=str)
    return risk_position(year("2018-19"), state=State.PUBLISHED)


def test_the_system(found):
    total = found.book.total
    assert total.forecast_pence == millions("-76.9")
    assert total.last_pence == millions("-94.9")
    assert total.change_pence == millions("18.0")
    assert total.plans_pence == total.expected_pence == millions("43.3")
    assert found.sums.counted_pence == millions("19.9")
    assert found.book.before_plans_pence == millions("-120.2")
    assert found.if_lands_pence == millions("-96.8")


@pytest.mark.parametrize(
    ("partner", "forecast", "control", "distance", "last", "change", "plan"),
    [
        ("escc", "0.0", "0.0", "0.0", "-0.4", "0.4", "6.2"),
        ("ehs-hr-ccgs", "-32.0", "-32.0", "0.0", "-37.1", "5.1", "18.0"),
        ("esht", "-44.9", None, None, "-57.4", "12.5", "19.1"),
    ],
)
def test_each_partner(found, partner, forecast, control, distance, last, change, plan):
    row = next(row for row in found.book.rows if row.partner == partner)
    assert [
        row.forecast_pence,
        row.control_pence,
        row.distance_pence,
        row.last_pence,
        row.change_pence,
        row.plans_pence,
        row.delivered_pence,
    ] == [
        None if text is None else millions(text)
        for text in (forecast, control, distance, last, change, plan, None)
    ]


def test_what_is_derived_says_so(found):
    rows = {row.partner: row for row in found.book.rows}
    assert rows["esht"].forecast_doubt.marks == ("derived",)
    assert "76.9 - 32.0 - 0.0 = 44.9" in rows["esht"].forecast_doubt.working
    assert rows["ehs-hr-ccgs"].forecast_doubt.marks == ()
    assert rows["escc"].control_doubt.marks == ("inferred",)
    assert found.book.total.distance_pence is None  # East Sussex Healthcare states no control total


def test_the_risk_is_carried_as_it_is_printed(found):
    (risk,) = found.risks
    assert (risk.code, risk.partner, risk.status) == ("in-year-risk", "", "open")
    assert (risk.likelihood, risk.impact, risk.score) == (None, None, None)
    assert risk.stake.pence == millions("19.9")
    assert (risk.stake.gross_pence, risk.stake.net_pence) == (None, None)
    assert (found.sums.gross_pence, found.sums.mitigation_pence, found.sums.net_pence) == (
        None,
        None,
        None,
    )


def test_cautions(found):
    said = " ".join(found.cautions)
    assert "whether £19.9m is before or after mitigations is not said" in said
    assert "East Sussex Healthcare NHS Trust, forecast (derived)" in said
    assert "The total plan is without East Sussex Healthcare NHS Trust" in said
    assert found.book.underlying_pence is None
    assert "The underlying position is not stated" in said


def test_a_year_that_ended_without_a_forecast():
    loading.load([EAST_SUSSEX], progress=str)
    past = risk_position(year("2017-18"), state=State.PUBLISHED)
    assert past.book.total.forecast_pence is None
    assert past.book.outturn_pence == millions("-94.9")
    assert (past.book.before_plans_pence, past.if_lands_pence) == (None, None)
    assert list(past.risks) == []  # the risk is of 2018/19, and 2017/18 is closed
