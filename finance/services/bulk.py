"""The bulk way in: a slice's figures of many months by COPY, checked as single saves are."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from finance.services.outturns import LARGEST_PENCE, why_shut
from schemes.models import User
from schemes.people.permissions import Permission, require
from schemes.services.slices import writing

_STAGE = """
CREATE TEMP TABLE staged (
    line text NOT NULL, month smallint NOT NULL, actual bigint, forecast bigint
) ON COMMIT DROP"""

# Each check counts the rows that fail it. The words are for an operator; the page names cells.
_CHECKS = {
    "rows name a line that this year does not have": """
        SELECT count(*) FROM staged s LEFT JOIN finance_line l
            ON l.slice_id = %(slice)s AND l.code = s.line WHERE l.id IS NULL""",
    "rows stand in a month that their line does not have": """
        SELECT count(*) FROM staged s
        JOIN finance_line l ON l.slice_id = %(slice)s AND l.code = s.line
        WHERE s.month NOT BETWEEN l.first_month AND l.last_month""",
    "lines stand twice in a month": """
        SELECT count(*) FROM (SELECT FROM staged GROUP BY line, month HAVING count(*) > 1) d""",
    "rows have a value already; bulk loading only adds": """
        SELECT count(*) FROM staged s
        JOIN finance_line l ON l.slice_id = %(slice)s AND l.code = s.line
        JOIN finance_outturn o ON o.line_id = l.id AND o.month = s.month""",
    "amounts are larger than any amount can be": """
        SELECT count(*) FROM staged
        WHERE abs(actual) > %(largest)s OR abs(forecast) > %(largest)s""",
}

_ADD = """
WITH added AS (
    INSERT INTO finance_outturnrevision (line_id, month, revision, change, actual_pence,
        forecast_pence, actual_basis, forecast_basis, comment, actor_id)
    SELECT l.id, s.month, 1, %(change)s, s.actual, s.forecast, '', '', '', %(actor)s
    FROM staged s JOIN finance_line l ON l.slice_id = %(slice)s AND l.code = s.line
    RETURNING line_id, month, revision, change, actual_pence, forecast_pence
)
INSERT INTO finance_outturn (line_id, slice_id, month, revision, change, actual_pence,
    forecast_pence, actual_basis, forecast_basis, comment,
    published_actual_basis, published_forecast_basis)
SELECT line_id, %(slice)s, month, revision, change, actual_pence, forecast_pence, '', '', '', '', ''
FROM added"""


# what COPY would read as the end of a column or row
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_outturns(
    *,
    by: User | None,
    slice_id: int,
    rows: Iterable[tuple[str, int, int | None, int | None]],
    today: date | None = None,
) -> int:
    """Add figures (line code, month, actual to date, forecast, in pence); how many were added.

    All or nothing; raises Refused with a count for each rule that is broken. It only adds: a value
    that exists is changed one save at a time.
    """
    text = io.StringIO()
    for line, month, actual, forecast in rows:
        actual_text = r"\N" if actual is None else actual
        forecast_text = r"\N" if forecast is None else forecast
        text.write(f"{line.translate(_ESCAPED)}\t{month}\t{actual_text}\t{forecast_text}\n")
    if not text.tell():
        return 0
    text.seek(0)
    with writing(slice_id=slice_id, by=by, action="outturns in bulk") as write:
        if by is not None:
            require(by, Permission.MANAGE_SYSTEM, system=write.slice.system)
        with connection.cursor() as cursor:
            cursor.execute(_STAGE)
            cursor.copy_expert("COPY staged FROM STDIN", text)
            parameters = {"slice": slice_id, "largest": LARGEST_PENCE}
            faults = []
            for words, sql in _CHECKS.items():
                cursor.execute(sql, parameters)
                count = cursor.fetchone()[0]
                if count:
                    faults.append(Fault(f"{count} {words}."))
            if faults:
                raise Refused(faults)
            cursor.execute(
                """SELECT DISTINCT s.month, r.state FROM staged s
                JOIN finance_line l ON l.slice_id = %(slice)s AND l.code = s.line
                LEFT JOIN finance_monthlyreturn r ON r.slice_id = %(slice)s
                    AND r.partner_id = l.partner_id AND r.month = s.month""",
                parameters,
            )
            for month, state in cursor.fetchall():
                shut = why_shut(write.slice, month, state, today or timezone.localdate())
                if shut:
                    raise Refused([Fault(shut[1], "month", str(month))], code=shut[0])
            cursor.execute(
                _ADD,
                {"slice": slice_id, "change": write.draw(), "actor": by.pk if by else None},
            )
            added = int(cursor.rowcount)
            cursor.execute("DROP TABLE staged")
            return added
