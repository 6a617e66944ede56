-- The facts as they were known at a change: the last version of each up to that ceiling.
scheme AS (
    SELECT s.id,
           CASE WHEN v.id IS NULL THEN s.parent_id ELSE (v.values ->> 'parent_id')::bigint END
               AS parent_id,
           CASE WHEN v.id IS NULL THEN s.theme_id ELSE (v.values ->> 'theme_id')::bigint END
               AS theme_id
    FROM schemes_scheme s
    LEFT JOIN (
        SELECT DISTINCT ON (r.row) r.id, r.row, r.values
        FROM schemes_rowversion r
        JOIN schemes_change c ON c.slice_id = %(slice)s AND c.number = %(ceiling)s
        WHERE r.table = 'scheme' AND r.at <= c.at
        ORDER BY r.row, r.at DESC, r.id DESC
    ) v ON v.row = s.id
    WHERE s.system_id = (SELECT i.system_id FROM schemes_slice i WHERE i.id = %(slice)s)
),
line AS (
    SELECT DISTINCT ON (l.id)
           l.id, l.partner_id, l.kind, l.sense, v.heading_id, v.scheme_id, v.pool_id, v.recurrent,
           v.saving_type, v.calendar, v.first_month, v.last_month, l.counter_line_id
    FROM finance_line l
    JOIN finance_lineversion v ON v.line_id = l.id AND v.change <= %(ceiling)s
    WHERE l.slice_id = %(slice)s
    ORDER BY l.id, v.change DESC
),
plan AS (
    SELECT DISTINCT ON (r.line_id) r.line_id, r.full_year_pence, r.to_date_pence, r.basis
    FROM finance_planrevision r
    WHERE r.plan_id = %(plan)s AND r.change <= %(ceiling)s
    ORDER BY r.line_id, r.change DESC
),
published AS (
    SELECT DISTINCT ON (r.id) r.partner_id, r.month, e.published_change
    FROM finance_monthlyreturn r
    JOIN finance_returnevent e ON e.monthly_return_id = r.id AND e.change <= %(ceiling)s
    WHERE r.slice_id = %(slice)s
    ORDER BY r.id, e.change DESC
),
fact AS (
    SELECT * FROM (
        SELECT DISTINCT ON (r.line_id, r.month, s.state)
               r.line_id, r.month, s.state, r.actual_pence AS actual, r.forecast_pence AS forecast,
               r.earlier_months_pence AS earlier,
               r.actual_basis, r.forecast_basis
        FROM finance_outturnrevision r
        JOIN line l ON l.id = r.line_id
        LEFT JOIN published p ON p.partner_id = l.partner_id AND p.month = r.month
        CROSS JOIN LATERAL (VALUES
            ('provisional', %(ceiling)s), ('published', p.published_change)
        ) AS s (state, ceiling)
        WHERE r.change <= s.ceiling
        ORDER BY r.line_id, r.month, s.state, r.change DESC
    ) known
    WHERE actual IS NOT NULL OR forecast IS NOT NULL
),
