"""The computing: facts to figures with set-based SQL, stored per slice or, as at a moment, not.

figures.sql is the one home of the rules; present.sql and as_at.sql say which facts it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from finance.models import Computation, HeadlineChoice, Plan, Rollup
from finance.models.lines import SavingType
from schemes.models import Change

_HERE = Path(__file__).parent
_COLUMNS = [field.column for field in Rollup._meta.local_concrete_fields]
_KEY = ["slice_id", "state", "partner_key", "kind", "level", "key", "month"]
_VALUES = [column for column in _COLUMNS if column not in _KEY]
COLUMNS = ", ".join(_COLUMNS)


@cache
def _sql(name: str) -> str:
    return (_HERE / name).read_text()


# The first month to work out. Read in the same statement as the facts, so that no change slips in
# between with an earlier one.
_ALL_MONTHS = "SELECT 0 AS month"
_CHANGED_MONTHS = """
    SELECT min(c.from_month) AS month FROM schemes_change c
    WHERE c.slice_id = %(slice)s AND c.number > %(seen)s"""


def statement(facts: str, since: str = _ALL_MONTHS) -> str:
    """The start of a statement whose last CTE, ``result``, holds the figures."""
    types = ", ".join(f"'{name}'" for name in SavingType.values)
    return (
        f"WITH since AS ({since}), saving_types AS (SELECT ARRAY[{types}] AS names), "
        f"{_sql(facts)} {_sql('figures.sql')}"
    )


@cache
def _store(since: str) -> str:
    """One statement, so that the figures and the change number come from one snapshot.

    Rows that did not change are not touched: writing them again would only cost.
    """
    sets = ", ".join(f"{column} = excluded.{column}" for column in _VALUES)
    old = ", ".join(f"r.{column}" for column in _VALUES)
    new = ", ".join(f"n.{column}" for column in _VALUES)
    same = " AND ".join(f"n.{column} = r.{column}" for column in _KEY)
    return f"""{statement("present.sql", since)},
    stored AS (
        SELECT {COLUMNS} FROM finance_rollup
        WHERE slice_id = %(slice)s AND month >= (SELECT s.month FROM since s)
    ),
    gone AS (
        DELETE FROM finance_rollup r
        WHERE r.slice_id = %(slice)s AND r.month >= (SELECT s.month FROM since s)
            AND NOT EXISTS (SELECT FROM result n WHERE {same})
    ),
    kept AS (
        INSERT INTO finance_rollup ({COLUMNS})
        SELECT n.* FROM (SELECT {COLUMNS} FROM result) n LEFT JOIN stored r ON {same}
        WHERE r.slice_id IS NULL OR ({old}) IS DISTINCT FROM ({new})
        ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET {sets}
    )
    UPDATE finance_computation SET at = %(at)s,
        change = (SELECT s.change FROM schemes_slice s WHERE s.id = %(slice)s)
    WHERE slice_id = %(slice)s
    RETURNING change"""


@contextmanager
def figuring() -> Iterator[CursorWrapper]:
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
            "plan": None,  # the headline one, as it stands in the statement's own snapshot
            "seen": seen,
            "at": datetime.now(UTC),
        }
        with figuring() as cursor:
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
    with figuring() as cursor:
        cursor.execute(f"{statement(facts)} SELECT {COLUMNS} FROM result", parameters)
        names = [field.attname for field in Rollup._meta.local_concrete_fields]
        return [Rollup(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
