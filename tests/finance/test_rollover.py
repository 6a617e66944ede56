"""A year rolled over: the same lines, no figures."""

import pytest

from finance.models import Line
from finance.services import LineSpec, roll_over, save_lines
from schemes.models import FinancialYear, Membership, Partner, Slice, System

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> Slice:
    system = System.objects.create(code="weald", name="Weald")
    for code in ("council", "trust"):
        partner = Partner.objects.create(code=code, name=code, short_name=code, kind="other")
        Membership.objects.create(system=system, partner=partner)
    financial_year = FinancialYear.objects.create(code="2018-19")
    return Slice.objects.create(system=system, year=financial_year)


def test_lines_that_last_the_year_are_carried_on_with_their_legs(year: Slice) -> None:
    specs = [
        LineSpec(code="pay", name="Pay", partner="trust", kind="spend", recurrent=True),
        LineSpec(code="ward", name="Ward", partner="trust", kind="spend", last_month=6),
        LineSpec(
            code="fee",
            name="Fee",
            partner="council",
            kind="spend",
            counterparty="trust",
            counter_line="fee-income",
        ),
        LineSpec(
            code="fee-income", name="Fee", partner="trust", kind="income", counterparty="council"
        ),
    ]
    save_lines(by=None, slice_id=year.pk, specs=specs)
    following = roll_over(by=None, slice_id=year.pk)
    assert following.year_id == "2019-20"
    lines = {line.code: line for line in Line.objects.filter(slice=following)}
    assert set(lines) == {"pay", "fee", "fee-income"}
    assert lines["pay"].recurrent is True
    assert lines["fee"].counter_line_id == lines["fee-income"].pk


def test_rolling_over_twice_changes_nothing(year: Slice) -> None:
    spec = LineSpec(code="pay", name="Pay", partner="trust", kind="spend")
    save_lines(by=None, slice_id=year.pk, specs=[spec])
    following = roll_over(by=None, slice_id=year.pk)
    following.refresh_from_db()
    again = roll_over(by=None, slice_id=year.pk)
    again.refresh_from_db()
    assert (again.pk, again.change) == (following.pk, following.change)
    assert Line.objects.filter(slice=again).count() == 1
