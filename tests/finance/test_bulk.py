"""The bulk way in checks what the single save checks, and only adds."""

from datetime import date

import pytest
from django.db import connection
from django.http import Http404

from esbt.kit.problems import Refused
from finance.models import Outturn, OutturnRevision
from finance.services import copy_outturns, set_year_status
from schemes.people.roles import Role
from tests.factories import a_person, close, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


def copy(line, *rows: tuple, by=None, **more: object) -> int:
    return copy_outturns(by=by, slice_id=line.slice_id, rows=rows, **more)


def test_heads_and_revisions_come_together(valley, line):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    rows = [(line.code, 1, pounds("-1"), None), (line.code, 2, pounds("-2"), pounds("-9"))]
    assert copy(line, *rows, by=ada) == 2
    revision = OutturnRevision.objects.get(month=2)
    assert (revision.actor, revision.revision, revision.change) == (ada, 1, 2)
    at = valley.figures()
    assert (at(2).actual_pence, at(2).forecast_pence) == (pounds("-2"), pounds("-9"))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("nobody", 1, 1, None)], "does not have"),
        ([("moor-position", 13, 1, None)], "their line does not have"),
        ([("moor-position", 1, 1, None), ("moor-position", 1, 2, None)], "twice"),
        ([("moor-position", 1, 10**15 + 1, None)], "larger"),
        ([("moor-position", 1, 1, -(10**15) - 1)], "larger"),
        ([("moor-position", 6, 1, None)], "have a value already"),
    ],
)
def test_one_bad_row_stores_nothing(line, rows, words):
    report(line, 6, "1")
    with pytest.raises(Refused, match=words):
        copy(line, (line.code, 5, 1, None), *rows)
    assert Outturn.objects.count() == 1


def test_closed_and_coming_months_are_refused(valley, line):
    close(valley.slice, 3, valley.moor)
    with pytest.raises(Refused) as refused:
        copy(line, (line.code, 2, 1, None), (line.code, 3, 1, None))
    assert refused.value.code == "closed"
    with pytest.raises(Refused) as refused:
        copy(line, (line.code, 2, 1, None), today=date(2018, 4, 30))
    assert refused.value.code == "not_open"
    set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    with pytest.raises(Refused) as refused:
        copy(line, (line.code, 1, 1, None))
    assert refused.value.code == "closed"


def test_a_finance_lead_loads_nothing_in_bulk(valley, line):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    with pytest.raises(Http404):
        copy(line, (line.code, 1, 1, None), by=finn)


def test_a_second_load_in_one_transaction_finds_a_clean_stage(line):
    copy(line, (line.code, 1, 1, None))
    assert copy(line, (line.code, 2, 1, None)) == 1


def test_nothing_to_copy_draws_no_change(valley, line):
    before = valley.fresh().change
    assert copy(line) == 0
    assert valley.fresh().change == before


def test_a_code_cannot_break_out_of_its_column(line):
    with pytest.raises((Refused, ValueError)):
        copy(line, ("moor-position\t1\t5\t5\nmoor-position", 2, 1, None))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM finance_outturn")
        assert cursor.fetchone() == (0,)
