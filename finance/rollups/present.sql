-- The facts as they stand now.
scheme AS (
    SELECT s.id, s.parent_id, s.theme_id FROM schemes_scheme s
    WHERE s.system_id = (SELECT i.system_id FROM schemes_slice i WHERE i.id = %(slice)s)
),
line AS (
    SELECT l.id, l.partner_id, l.kind, l.sense, l.heading_id, l.scheme_id, l.pool_id, l.recurrent,
           l.saving_type, l.calendar, l.first_month, l.last_month, l.counter_line_id
    FROM finance_line l
    WHERE l.slice_id = %(slice)s
),
plan AS (
    SELECT f.line_id, f.full_year_pence, f.to_date_pence, f.basis
    FROM finance_planfigure f
    WHERE f.plan_id = coalesce(%(plan)s, (
        SELECT c.plan_id FROM finance_headlinechoice c
        WHERE c.slice_id = %(slice)s ORDER BY c.change DESC LIMIT 1
    ))
),
fact AS (
    SELECT o.line_id, o.month, v.state, v.actual, v.forecast, v.earlier, v.actual_basis,
           v.forecast_basis
    FROM finance_outturn o
    CROSS JOIN LATERAL (VALUES
        ('provisional', o.actual_pence, o.forecast_pence, o.earlier_months_pence,
         o.actual_basis, o.forecast_basis),
        ('published', o.published_actual_pence, o.published_forecast_pence,
         o.published_earlier_months_pence,
         o.published_actual_basis, o.published_forecast_basis)
    ) AS v (state, actual, forecast, earlier, actual_basis, forecast_basis)
    WHERE o.slice_id = %(slice)s
      AND (v.actual IS NOT NULL OR v.forecast IS NOT NULL)
),
