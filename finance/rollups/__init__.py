"""The computing: facts to figures with set-based SQL, stored per slice or, as at a moment, not.

figures.sql is the one home of the rules; present.sql and as_at.sql say which facts it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from finance.models import Computation, HeadlineChoice, Plan, Rollup
from schemes.models import Change, Slice

_HERE = Path(__file__).parent
_COLUMNS = [field.column for field in Rollup._meta.local_concrete_fields]
_KEY = ["slice_id", "state", "partner_key", "kind", "level", "key", "month"]
_VALUES = [column for column in _COLUMNS if column not in _KEY]
_NAMES = ", ".join(_COLUMNS)


@cache
def _sql(name: str) -> str:
    return (_HERE / name).read_text()


# The first month to work out. Read in the same statement as the facts, so that no change slips in
# between with an earlier one.
_ALL_MONTHS = "SELECT 0 AS month"
_CHANGED_MONTHS = """
    SELECT min(c.from_month) AS month FROM schemes_change c
    WHERE c.slice_id = %(slice)s AND c.number > %(seen)s"""


def _with(facts: str, since: str = _ALL_MONTHS) -> str:
    return f"WITH since AS ({since}), {_sql(facts)} {_sql('figures.sql')}"


@cache
def _store(since: str) -> str:
    """One statement, so that the figures and the change number come from one snapshot.

    Rows that did not change are not touched: writing them again would only cost.
    """
    sets = ", ".join(f"{column} = excluded.{column}" for column in _VALUES)
    old = ", ".join(f"r.{column}" for column in _VALUES)
    new = ", ".join(f"n.{column}" for column in _VALUES)
    same = " AND ".join(f"n.{column} = r.{column}" for column in _KEY)
    return f"""{_with("present.sql", since)},
    stored AS (
        SELECT {_NAMES} FROM finance_rollup
        WHERE slice_id = %(slice)s AND month >= (SELECT s.month FROM since s)
    ),
    gone AS (
        DELETE FROM finance_rollup r WHERE r.slice_id = %(slice)s AND r.month >= (SELECT s.month FROM since s)
            AND NOT EXISTS (SELECT FROM result n WHERE {same})
    ),
    kept AS (
        INSERT INTO finance_rollup ({_NAMES})
        SELECT n.* FROM (SELECT {_NAMES} FROM result) n LEFT JOIN stored r ON {same}
        WHERE r.slice_id IS NULL OR ({old}) IS DISTINCT FROM ({new})
        ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET {sets}
    )
    UPDATE finance_computation SET at = %(at)s,
        change = (SELECT s.change FROM schemes_slice s WHERE s.id = %(slice)s)
    WHERE slice_id = %(slice)s
    RETURNING change"""


@contextmanager
def _figuring() -> Iterator[CursorWrapper]:
    """A cursor that plans these statements well before the tables have statistics.

    Without them the planner expects one line and loops over all facts for each; sums of hundreds
    of thousands of rows want hashing, and memory enough to do it in.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '32MB'; SET LOCAL enable_nestloop = off")
        yield cursor


def headline(slice_id: int, ceiling: int | None = None) -> Plan | None:
    """The plan that a slice is compared with, now or as at a change."""
    choices = HeadlineChoice.objects.filter(slice=slice_id).select_related("plan")
    if ceiling is not None:
        choices = choices.filter(change__lte=ceiling)
    choice = choices.order_by("-change").first()
    return choice.plan if choice else None


def headline_plan(slice_id: int, ceiling: int | None = None) -> int | None:
    """Its id."""
    plan = headline(slice_id, ceiling)
    return plan.pk if plan else None


def recompute(slice_id: int, *, whole: bool = False) -> int:
    """Bring a slice's rollups to its present facts; the change number that they now show.

    Safe to run at any time, any number of times and at once: the row of Computation is the lock,
    writers are never blocked, and the old totals stay visible until the new ones commit. It works
    out the months that changes since the last time can have moved, and with ``whole`` all.
    """
    with transaction.atomic():
        Computation.objects.get_or_create(slice_id=slice_id)
        seen = Computation.objects.select_for_update().get(slice_id=slice_id).change
        if not whole and not Change.objects.filter(slice=slice_id, number__gt=seen).exists():
            return seen
        parameters = {
            "slice": slice_id,
            "plan": headline_plan(slice_id),
            "seen": seen,
            "at": datetime.now(UTC),
        }
        with _figuring() as cursor:
            cursor.execute(_store(_ALL_MONTHS if whole else _CHANGED_MONTHS), parameters)
            return int(cursor.fetchone()[0])


def compute(
    slice_id: int, *, plan_id: int | None = None, ceiling: int | None = None
) -> list[Rollup]:
    """The figures of a slice against another plan or as at a change. Stores nothing."""
    facts = "present.sql" if ceiling is None else "as_at.sql"
    parameters = {
        "slice": slice_id,
        "plan": plan_id or headline_plan(slice_id, ceiling),
        "ceiling": ceiling,
    }
    with _figuring() as cursor:
        cursor.execute(f"{_with(facts)} SELECT {_NAMES} FROM result", parameters)
        names = [field.attname for field in Rollup._meta.local_concrete_fields]
        return [Rollup(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def differences(slice_id: int) -> int:
    """How many rollup rows differ from what the facts give (0 when all is well)."""
    stored = f"SELECT {_NAMES} FROM finance_rollup WHERE slice_id = %(slice)s"
    result = f"SELECT {_NAMES} FROM result"
    sql = f"""{_with("present.sql")} SELECT count(*) FROM (
        ({stored} EXCEPT {result}) UNION ALL ({result} EXCEPT {stored})) AS d"""
    return _count(sql, {"slice": slice_id, "plan": headline_plan(slice_id)})


# Each present value beside the last of its revisions; anything here is a defect or a hand's work.
_HISTORY = {
    "outturn heads differ from their last revision": """
        SELECT count(*) FROM (
            SELECT * FROM finance_outturn WHERE slice_id = %(slice)s
        ) o FULL JOIN (
            SELECT DISTINCT ON (r.line_id, r.month) r.*
            FROM finance_outturnrevision r JOIN finance_line l ON l.id = r.line_id
            WHERE l.slice_id = %(slice)s
            ORDER BY r.line_id, r.month, r.revision DESC
        ) r ON r.line_id = o.line_id AND r.month = o.month
        WHERE (o.revision, o.change, o.actual_pence, o.forecast_pence, o.actual_basis,
               o.forecast_basis, o.comment, o.actual_evidence_id, o.forecast_evidence_id)
            IS DISTINCT FROM
              (r.revision, r.change, r.actual_pence, r.forecast_pence, r.actual_basis,
               r.forecast_basis, r.comment, r.actual_evidence_id, r.forecast_evidence_id)""",
    "published figures differ from the revision that was approved": """
        SELECT count(*) FROM finance_outturn o
        JOIN finance_line l ON l.id = o.line_id
        LEFT JOIN finance_monthlyreturn m ON m.slice_id = o.slice_id
            AND m.partner_id = l.partner_id AND m.month = o.month
        LEFT JOIN LATERAL (
            SELECT r.* FROM finance_outturnrevision r
            WHERE r.line_id = o.line_id AND r.month = o.month AND r.change <= m.published_change
            ORDER BY r.revision DESC LIMIT 1
        ) r ON true
        WHERE o.slice_id = %(slice)s
          AND (o.published_revision, o.published_actual_pence, o.published_forecast_pence)
            IS DISTINCT FROM (r.revision, r.actual_pence, r.forecast_pence)""",
    "plan figures differ from their last revision": """
        SELECT count(*) FROM finance_planfigure f JOIN finance_plan p ON p.id = f.plan_id
        LEFT JOIN LATERAL (
            SELECT r.* FROM finance_planrevision r
            WHERE r.plan_id = f.plan_id AND r.line_id = f.line_id ORDER BY r.change DESC LIMIT 1
        ) r ON true
        WHERE p.slice_id = %(slice)s
          AND (f.full_year_pence, f.to_date_pence, f.basis, f.change)
            IS DISTINCT FROM (r.full_year_pence, r.to_date_pence, r.basis, r.change)""",
    "lines differ from their last version": """
        SELECT count(*) FROM finance_line l
        LEFT JOIN LATERAL (
            SELECT v.* FROM finance_lineversion v
            WHERE v.line_id = l.id ORDER BY v.change DESC LIMIT 1
        ) v ON true
        WHERE l.slice_id = %(slice)s
          AND (l.name, l.heading_id, l.scheme_id, l.pool_id, l.recurrent, l.calendar,
               l.first_month, l.last_month)
            IS DISTINCT FROM (v.name, v.heading_id, v.scheme_id, v.pool_id, v.recurrent,
               v.calendar, v.first_month, v.last_month)""",
}


def verify(slice_id: int) -> list[str]:
    """What is wrong with a slice's figures, in sentences; empty when they can be trusted.

    Rollups are held against the facts, and every present value against its revisions.
    """
    faults = []
    state = Slice.objects.filter(pk=slice_id).values_list("change", "computation__change").get()
    if state[0] != (state[1] or 0):
        faults.append(f"stale: change {state[0]} is not computed yet, only {state[1] or 0} is")
    wrong = differences(slice_id)
    if wrong:
        faults.append(f"{wrong} rollup rows differ from the facts")
    for sentence, sql in _HISTORY.items():
        count = _count(sql, {"slice": slice_id})
        if count:
            faults.append(f"{count} {sentence}")
    return faults


def _count(sql: str, parameters: dict[str, Any]) -> int:
    with _figuring() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.fetchone()[0])
