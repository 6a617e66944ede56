"""Proving figures: rollups against the facts, and every present value against its history."""

from __future__ import annotations

from typing import Any

from finance.rollups.computing import COLUMNS, figuring, headline_plan, statement
from schemes.models import Slice

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
        WHERE (o.revision, o.change, o.actual_pence, o.forecast_pence,
               o.earlier_months_pence, o.actual_basis,
               o.forecast_basis, o.comment, o.actual_evidence_id, o.forecast_evidence_id)
            IS DISTINCT FROM
              (r.revision, r.change, r.actual_pence, r.forecast_pence,
               r.earlier_months_pence, r.actual_basis,
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
          AND (o.published_revision, o.published_actual_pence, o.published_forecast_pence,
               o.published_earlier_months_pence, o.published_actual_basis,
               o.published_forecast_basis)
            IS DISTINCT FROM
              (r.revision, r.actual_pence, r.forecast_pence, r.earlier_months_pence,
               coalesce(r.actual_basis, ''), coalesce(r.forecast_basis, ''))""",
    "plan figures differ from their last revision": """
        SELECT count(*) FROM finance_planfigure f JOIN finance_plan p ON p.id = f.plan_id
        LEFT JOIN LATERAL (
            SELECT r.* FROM finance_planrevision r
            WHERE r.plan_id = f.plan_id AND r.line_id = f.line_id ORDER BY r.change DESC LIMIT 1
        ) r ON true
        WHERE p.slice_id = %(slice)s
          AND (f.full_year_pence, f.to_date_pence, f.gross_pence, f.investment_pence,
               f.full_year_effect_pence, f.basis, f.evidence_id, f.change)
            IS DISTINCT FROM
              (r.full_year_pence, r.to_date_pence, r.gross_pence, r.investment_pence,
               r.full_year_effect_pence, r.basis, r.evidence_id, r.change)""",
    "lines differ from their last version": """
        SELECT count(*) FROM finance_line l
        LEFT JOIN LATERAL (
            SELECT v.* FROM finance_lineversion v
            WHERE v.line_id = l.id ORDER BY v.change DESC LIMIT 1
        ) v ON true
        WHERE l.slice_id = %(slice)s
          AND (l.name, l.heading_id, l.scheme_id, l.pool_id, l.recurrent, l.saving_type, l.baseline,
               l.calendar, l.first_month, l.last_month)
            IS DISTINCT FROM (v.name, v.heading_id, v.scheme_id, v.pool_id, v.recurrent,
               v.saving_type, v.baseline, v.calendar, v.first_month, v.last_month)""",
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
    with figuring() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.fetchone()[0])


def differences(slice_id: int) -> int:
    """How many rollup rows differ from what the facts give (0 when all is well)."""
    stored = f"SELECT {COLUMNS} FROM finance_rollup WHERE slice_id = %(slice)s"
    result = f"SELECT {COLUMNS} FROM result"
    sql = f"""{statement("present.sql")} SELECT count(*) FROM (
        ({stored} EXCEPT {result}) UNION ALL ({result} EXCEPT {stored})) AS d"""
    return _count(sql, {"slice": slice_id, "plan": headline_plan(slice_id)})
