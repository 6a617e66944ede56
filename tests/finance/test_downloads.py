"""Tables to take away hold what the page holds, to the penny, and say where they stand."""

from decimal import Decimal

import pytest

from finance.downloads.positions import (
    MONTH_COLUMNS,
    POSITION_COLUMNS,
    month_rows,
    position_rows,
)
from finance.models.rollups import State
from finance.queries import months_of, position
from finance.rollups import recompute
from tests.factories import evenly, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(valley):
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120")})
    report(line, 2, "-20.07", "-121")
    recompute(valley.slice.pk)
    return position(valley.fresh(), state=State.PROVISIONAL)


def named(columns, row) -> dict[str, object]:
    return dict(zip([column.name for column in columns], row, strict=True))


def test_a_row_a_partner_and_the_total(told):
    table, _ = told
    moor, total = (named(POSITION_COLUMNS, row) for row in position_rows(table))
    assert (moor["partner"], total["partner"], total["name"]) == ("moor", "total", "Total")
    for row in (moor, total):
        assert (row["plan_gbp"], row["plan_to_date_gbp"]) == ("-120.00", "-20.00")
        assert (row["actual_to_date_gbp"], row["variance_gbp"]) == ("-20.07", "-0.07")
        assert (row["forecast_variance_gbp"], row["direction"]) == ("-1.00", "adverse")
        assert (row["bases_may_differ"], row["revision"]) == ("false", table.change)
    assert pounds(str(Decimal(moor["variance_gbp"]))) == table.rows[0].variance_pence


def test_a_row_a_month_with_gaps(told):
    table, figures = told
    rows = [named(MONTH_COLUMNS, row) for row in month_rows(table, months_of(figures))]
    assert [row["actual_to_date_gbp"] for row in rows[:3]] == ["", "-20.07", ""]
    assert rows[11]["plan_to_date_gbp"] == "-120.00"
