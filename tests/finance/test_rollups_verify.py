"""verify_rollups: silent when figures can be trusted, and loud about each way in which not."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from finance.models import Outturn, PlanFigure, Rollup
from finance.rollups import recompute
from schemes.models import Slice
from tests.factories import a_year, approve, evenly, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def proved(valley):
    """A year with a plan, an approved month and a later one, computed."""
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120")})
    report(line, 1, "-11")
    approve(valley.slice, 1, valley.moor)
    report(line, 2, "-22")
    recompute(valley.slice.pk)
    return valley


def verify(*arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of the command."""
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_rollups", "--wait=0", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), f"{err.getvalue()}{error}"
    return 0, out.getvalue(), err.getvalue()


def test_right_figures_are_verified(proved):
    assert verify() == (0, "verified 1 slices: no difference\n", "")


def test_a_changed_rollup_is_found(proved):
    Rollup.objects.filter(month=2, kind="position", partner_key=0, level="all").update(
        actual_pence=1
    )
    status, _, said = verify()
    assert status == 1
    assert "valley 2018-19: 4 rollup rows differ" in said  # two states, as stored and as computed


def test_a_missing_rollup_and_one_too_many_are_found(proved):
    row = Rollup.objects.filter(month=5, partner_key=0, level="all", state="published").get()
    Rollup.objects.filter(pk=row.pk).delete()
    assert "1 rollup rows differ" in verify()[2]
    row.save(force_insert=True)
    assert verify()[0] == 0
    row.kind = "cash"
    row.save(force_insert=True)
    assert "1 rollup rows differ" in verify()[2]


def test_a_head_that_its_history_does_not_know_is_found(proved):
    Outturn.objects.filter(month=2).update(actual_pence=1)
    recompute(proved.slice.pk, whole=True)
    status, _, said = verify()
    assert status == 1
    assert "1 outturn heads differ from their last revision" in said


def test_a_head_that_is_gone_is_found(proved):
    Outturn.objects.filter(month=2).delete()
    recompute(proved.slice.pk, whole=True)
    assert "1 outturn heads differ" in verify()[2]


@pytest.mark.parametrize(
    "values",
    [
        {"published_actual_pence": 1},
        {"published_actual_basis": "adjusted"},
        {"published_revision": 2},
    ],
)
def test_a_published_value_that_was_not_approved_is_found(proved, values):
    Outturn.objects.filter(month=1).update(**values)
    recompute(proved.slice.pk, whole=True)
    status, _, said = verify()
    assert status == 1
    assert "1 published figures differ from the revision that was approved" in said


def test_a_value_that_nobody_published_is_found(proved):
    Outturn.objects.filter(month=2).update(published_revision=1, published_actual_pence=1)
    recompute(proved.slice.pk, whole=True)
    assert "1 published figures differ" in verify()[2]


def test_a_plan_figure_that_its_history_does_not_know_is_found(proved):
    PlanFigure.objects.update(basis="adjusted")
    recompute(proved.slice.pk, whole=True)
    status, _, said = verify()
    assert status == 1
    assert "1 plan figures differ from their last revision" in said


def test_a_line_that_its_history_does_not_know_is_found(proved):
    line = Outturn.objects.first().line
    line.calendar = "quarterly"
    line.save()
    recompute(proved.slice.pk, whole=True)
    assert "1 lines differ from their last version" in verify()[2]


def test_a_stale_slice_is_found(proved):
    report(Outturn.objects.first().line, 2, "-23")
    status, _, said = verify()
    assert status == 1
    assert f"stale: change {proved.fresh().change} is not computed yet" in said
    recompute(proved.slice.pk)
    assert verify()[0] == 0


def test_only_the_named_years_are_looked_at(proved):
    a_year(proved.system, "2019-20")
    Slice.objects.filter(year="2018-19").update(change=99)
    assert verify("--year", "2019-20")[0] == 0
    assert verify("--system", "valley")[0] == 1
    assert "no such" in verify("--system", "nowhere")[2]


def test_recompute_by_hand_takes_the_stale_or_the_named(proved):
    def run(*arguments: str) -> str:
        out = StringIO()
        call_command("recompute", *arguments, stdout=out)
        return out.getvalue()

    assert run() == "recomputed 0\n"
    assert run("--all") == run("--system", "valley", "--year", "2018-19") == "recomputed 1\n"
    report(Outturn.objects.first().line, 2, "-23")
    assert run() == "recomputed 1\n"
    assert verify()[0] == 0
    Rollup.objects.all().delete()
    assert run() == "recomputed 0\n"
    run("--all")
    assert verify()[0] == 0
