"""A correction goes into the next open month, which says how much of it is that."""

import pytest

from tests.factories import approve, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


def test_what_corrects_earlier_months_stands_beside_the_month(valley):
    line = valley.line(valley.moor)
    report(line, 1, "-10")
    report(line, 2, "-25", earlier_months_pence=pounds("-3"))
    may = valley.figures()(2)
    # 25 less 10 is May's 15, of which 3 should have been April's
    assert (may.in_month_pence, may.earlier_months_pence) == (pounds("-15"), pounds("-3"))


def test_it_is_published_with_its_month(valley):
    line = valley.line(valley.moor)
    report(line, 1, "-10", earlier_months_pence=pounds("-2"))
    approve(valley.slice, 1, valley.moor)
    assert valley.figures()(1, state="published").earlier_months_pence == pounds("-2")
