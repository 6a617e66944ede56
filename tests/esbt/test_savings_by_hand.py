"""Every figure of the illustrative savings overview, against SQL written by hand over the facts.

The statements know nothing of rollups: they read the headline plan, the published outturns and
the schemes, as somebody would who checks the page with a database client.
"""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from esbt.generating.system import generate
from finance.figures import judging
from finance.models.rollups import State
from finance.queries.savings import savings_book
from schemes.models import Slice
from schemes.people.roles import Role
from schemes.queries import computed_change
from tests.factories import a_person

pytestmark = pytest.mark.django_db

MONTH = 6  # the last approved one on 12 November 2026
FACTS = """
    WITH fact AS (
        SELECT l.id, l.code, l.recurrent, l.saving_type,
               p.full_year_pence AS plan, p.to_date_pence[6] AS to_date,
               p.full_year_effect_pence AS effect,
               now.published_actual_pence AS actual, now.published_forecast_pence AS forecast,
               last.published_forecast_pence AS before,
               s.id AS scheme, coalesce(w.id, s.id) AS whole,
               coalesce(w.code, s.code) AS whole_code,
               coalesce(nullif(s.stage, ''), w.stage) AS stage,
               coalesce(st.code, wt.code) AS theme
        FROM finance_line l
        JOIN finance_planfigure p ON p.line_id = l.id
        JOIN finance_plan v ON v.id = p.plan_id AND v.code = 'original'
        LEFT JOIN finance_outturn now ON now.line_id = l.id AND now.month = 6
        LEFT JOIN finance_outturn last ON last.line_id = l.id AND last.month = 5
        LEFT JOIN schemes_scheme s ON s.id = l.scheme_id
        LEFT JOIN schemes_scheme w ON w.id = s.parent_id
        LEFT JOIN schemes_theme st ON st.id = s.theme_id
        LEFT JOIN schemes_theme wt ON wt.id = w.theme_id
        WHERE l.slice_id = %s AND l.kind = 'saving'
    )
"""
SUMS = """sum(plan), sum(to_date), sum(actual), sum(actual) - sum(to_date), sum(forecast),
    sum(forecast) - sum(plan)"""


@pytest.fixture
def year(db) -> Slice:
    """The illustrative year in its seventh month."""
    today, years = date(2026, 11, 12), ["2026-27"]
    list(generate(systems=1, lines=120, years=years, seed=1, today=today))
    return Slice.objects.select_related("system", "year", "computation").get()


@pytest.fixture
def book(year):
    found = savings_book(year, state=State.PUBLISHED, change=computed_change(year))
    assert found.month == MONTH
    return found


def by_hand(year: Slice, select: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"{FACTS} {select.replace('SUMS', SUMS)}", [year.pk])
        return [
            tuple(int(v) if isinstance(v, Decimal) else v for v in row) for row in cursor.fetchall()
        ]


def sums(figures) -> tuple:
    return (
        figures.plan_pence,
        figures.plan_to_date_pence,
        figures.actual_pence,
        figures.variance_pence,
        figures.forecast_pence,
        figures.forecast_variance_pence,
    )


def test_the_total(year, book):
    (expected,) = by_hand(year, "SELECT SUMS FROM fact")
    assert sums(book.total) == expected
    assert None not in expected


def test_each_scheme_with_its_parts(year, book):
    expected = by_hand(year, "SELECT whole_code, SUMS FROM fact WHERE whole > 0 GROUP BY 1")
    assert {row.code: sums(row.figures) for row in book.tops if row.figures.lines} == {
        code: tuple(rest) for code, *rest in expected
    }
    parts = by_hand(
        year,
        "SELECT s.code, SUMS FROM fact f JOIN schemes_scheme s ON s.id = f.scheme "
        "WHERE s.parent_id IS NOT NULL GROUP BY 1",
    )
    assert parts
    assert {
        row.code: sums(row.figures) for row in book.rows if row.parent and row.figures.lines
    } == {code: tuple(rest) for code, *rest in parts}


RECURRENT = "CASE recurrent WHEN true THEN 'yes' WHEN false THEN 'no' ELSE 'not stated' END"


@pytest.mark.parametrize(
    ("column", "name"),
    [(RECURRENT, "recurrent"), ("stage", "stages"), ("theme", "themes"), ("saving_type", "types")],
)
def test_each_split(year, book, column, name):
    select = "SELECT COLUMN, SUMS FROM fact WHERE COLUMN > '' GROUP BY 1"
    expected = by_hand(year, select.replace("COLUMN", column))
    split = getattr(book, name)
    found = {key: sums(value[1] if name == "themes" else value) for key, value in split.items()}
    assert found == {key: tuple(rest) for key, *rest in expected}


def test_what_no_scheme_carries(year, book):
    (expected,) = by_hand(year, "SELECT SUMS FROM fact WHERE scheme IS NULL")
    assert sums(book.unidentified) == expected


def test_each_month(year, book):
    for point in book.months:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT sum(p.to_date_pence[%s]), sum(o.published_actual_pence),
                       sum(o.published_forecast_pence), count(o.published_actual_pence), count(*)
                FROM finance_line l
                JOIN finance_planfigure p ON p.line_id = l.id
                LEFT JOIN finance_outturn o ON o.line_id = l.id AND o.month = %s
                WHERE l.slice_id = %s AND l.kind = 'saving'
                """,
                [point.month, point.month, year.pk],
            )
            plan, actual, forecast, reported, lines = cursor.fetchone()
        whole = reported == lines
        assert (point.plan_pence, point.reported, point.lines) == (plan, reported, lines)
        assert point.actual_pence == (actual if whole else None)
        assert point.forecast_pence == (forecast if whole else None)
    assert sum(point.actual_pence is not None for point in book.months) == MONTH


def test_what_is_at_risk(year, book):
    """Forecast and not delivered, in schemes that are red or not yet in delivery."""
    (expected,) = by_hand(
        year,
        """, whole AS (
            SELECT f.whole, s.stage, sum(plan) AS plan, sum(to_date) AS to_date,
                   sum(actual) AS actual, sum(forecast) AS forecast
            FROM fact f JOIN schemes_scheme s ON s.id = f.whole GROUP BY 1, 2
        )
        SELECT sum(forecast - actual) FROM whole
        WHERE forecast > actual AND (
            stage IN ('opportunity', 'plan-in-progress', 'fully-developed')
            OR to_date - actual >= least(to_date * 0.05, 10000000)
            OR plan - forecast >= least(plan * 0.05, 10000000)
        )""",
    )
    assert judging.savings_at_risk(book).pence == expected[0]


def test_rates_and_effects(year, book):
    ((actual, forecast, effect),) = by_hand(
        year, "SELECT sum(actual), sum(forecast), sum(effect) FROM fact"
    )
    assert judging.run_rate(book.total, MONTH) == pytest.approx(actual * 12 / 6, abs=1)
    needed = judging.needed_rate(book.total, MONTH)
    assert needed.pence == pytest.approx((forecast - actual) / 6, abs=1)
    assert needed.so_far_pence == pytest.approx(actual / 6, abs=1)
    assert book.full_year_effect_pence == effect


def test_the_weighted_forecast(year, book):
    (expected,) = by_hand(
        year,
        "SELECT sum(f.forecast * w.percent) / 100.0 FROM fact f "
        "JOIN schemes_stageweight w ON w.stage = f.stage",
    )
    assert book.weighted_forecast_pence == pytest.approx(expected[0], abs=1)


def test_what_changed_since_last_month(year, book):
    expected = by_hand(
        year,
        "SELECT whole_code, sum(forecast) - sum(before) AS moved FROM fact WHERE whole > 0 "
        "GROUP BY 1 HAVING sum(forecast) <> sum(before) "
        "ORDER BY abs(sum(forecast) - sum(before)) DESC",
    )
    assert [(moved.code, moved.change_pence) for moved in judging.moves(book)] == expected


def test_what_endangers_the_total(year, book):
    expected = by_hand(
        year,
        "SELECT coalesce(whole_code, ''), sum(plan) - sum(forecast) FROM fact "
        "GROUP BY 1 HAVING sum(forecast) < sum(plan) ORDER BY 2 DESC",
    )
    found = judging.dangers(book)
    assert [(danger.code, danger.shortfall_pence) for danger in found] == expected
    whole = sum(pence for _, pence in expected)
    assert found[0].share == round(Decimal(expected[0][1] * 100) / whole, 1)


def test_totals_before_and_after_savings_claimed_twice(year, book):
    (before,) = by_hand(year, "SELECT sum(plan), sum(actual), sum(forecast) FROM fact")
    (taken,) = by_hand(
        year,
        """SELECT sum(plan), sum(actual), sum(forecast) FROM fact WHERE id IN (
            SELECT CASE c.settlement WHEN 'one' THEN c.other_id WHEN 'other' THEN c.one_id END
            FROM finance_claim c)""",
    )
    totals = judging.claim_totals(book)

    def three(figures) -> tuple:
        return figures.plan_pence, figures.actual_pence, figures.forecast_pence

    assert three(totals.before) == before
    assert three(totals.taken) == taken
    assert three(totals.after) == tuple(a - b for a, b in zip(before, taken, strict=True))


def test_the_page_says_these_figures(year, book):
    browser = Client()
    browser.force_login(a_person("bert", Role.BOARD_MEMBER, system=year.system))
    said = browser.get("/systems/illustrative-1/years/2026-27/savings").content.decode()
    ((actual, forecast),) = by_hand(year, "SELECT sum(actual), sum(forecast) FROM fact")
    assert f"saved £{actual / 1e8:.1f}m" in said
    assert f"forecasts £{forecast / 1e8:.1f}m" in said
