"""Illustrative systems: clearly labelled, the same from the same seed, proved in every rollup."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from esbt.generate import financial_year, generate, years_up_to
from finance.models import Line, MonthlyReturn, Outturn, Rollup
from finance.rollups import recompute, verify
from schemes.models import Partner, Slice, System

pytestmark = pytest.mark.django_db

TODAY = date(2018, 9, 12)  # month 6; five months lie behind


def make(seed: int = 1, *, systems: int = 1, lines: int = 25) -> list[str]:
    years = ["2017-18", "2018-19"]
    return list(generate(systems=systems, lines=lines, years=years, seed=seed, today=TODAY))


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2018, 3, 31), "2017-18"), (date(2018, 4, 1), "2018-19"), (date(2099, 5, 1), "2099-00")],
)
def test_a_day_lies_in_its_financial_year(day, year):
    assert financial_year(day) == year


def test_years_lead_up_to_the_last():
    assert years_up_to("2000-01", 3) == ["1998-99", "1999-00", "2000-01"]


def test_a_system_says_that_it_is_made_up():
    make()
    system = System.objects.get()
    assert system.illustrative
    for item in (system, *Partner.objects.all()):
        assert "llustrative" in item.name
        assert "ill" in item.code


def test_every_year_has_its_lines_and_the_months_behind_it():
    make()
    past, present = Slice.objects.order_by("year")
    assert (past.status, present.status) == ("closed", "open")
    for slice_, months in ((past, 12), (present, 5)):
        assert Line.objects.filter(slice=slice_).count() == 25
        assert set(Outturn.objects.filter(slice=slice_).values_list("month", flat=True)) == set(
            range(1, months + 1)
        )
    states = MonthlyReturn.objects.filter(slice=present).values_list("month", "state").distinct()
    assert dict(states) == {1: "closed", 2: "closed", 3: "closed", 4: "approved"}
    late = Outturn.objects.filter(slice=present, month=5, line__partner__code="ill1-council")
    assert not late.exists()


def test_its_figures_prove():
    make()
    for slice_ in Slice.objects.all():
        recompute(slice_.pk)
        assert verify(slice_.pk) == []
    assert Rollup.objects.filter(kind="position", level="all", reported__gt=0).exists()


def figures(seed: int) -> list[tuple]:
    """What a seed makes; the system is then put aside."""
    make(seed)
    rows = list(
        Outturn.objects.filter(slice__system__code="illustrative-1")
        .order_by("slice__year", "line__code", "month")
        .values_list("line__code", "month", "actual_pence", "forecast_pence")
    )
    count = System.objects.count()
    for model in (System, Partner):
        for item in model.objects.filter(code__startswith="ill"):
            model.objects.filter(pk=item.pk).update(code=f"old{count}-{item.code}")
    return rows


def test_a_seed_makes_the_same_figures_and_another_others():
    first = figures(1)
    assert figures(1) == first
    assert figures(2) != first


def test_what_exists_is_left():
    make()
    before = Outturn.objects.count()
    assert make() == ["illustrative-1 exists already"]
    assert Outturn.objects.count() == before


def test_the_command_makes_several():
    out = StringIO()
    call_command(
        "generate_system", systems=2, lines=10, years=1, seed=3, stdout=out, stderr=StringIO()
    )
    assert System.objects.filter(illustrative=True).count() == 2
