-- The same totals as one would write them by hand for the generated data, and stored nowhere.
-- It relies on what is true of that data only: every line runs all year, reports each month, has
-- no other leg (parts of schemes carry their own theme) and stands on equal bases.
WITH fact AS (
    SELECT l.partner_id, l.kind, l.sense, coalesce(l.heading_id, 0) AS heading,
           coalesce(l.scheme_id, 0) AS scheme, coalesce(sc.theme_id, 0) AS theme,
           l.recurrent::int AS recurrent, o.month, s.state, s.actual, s.forecast,
           p.full_year_pence AS plan, p.to_date_pence[o.month] AS plan_to_date,
           l.sense * (s.actual - p.to_date_pence[o.month]) AS variance,
           l.sense * (s.forecast - p.full_year_pence) AS forecast_variance,
           s.actual - coalesce(lag(s.actual) OVER (PARTITION BY l.id, s.state ORDER BY o.month), 0)
               AS in_month
    FROM finance_outturn o
    JOIN finance_line l ON l.id = o.line_id
    JOIN finance_planfigure p ON p.line_id = l.id AND p.plan_id = %(plan)s
    LEFT JOIN schemes_scheme sc ON sc.id = l.scheme_id
    CROSS JOIN LATERAL (VALUES
        ('published', o.published_actual_pence, o.published_forecast_pence),
        ('provisional', o.actual_pence, o.forecast_pence)
    ) AS s (state, actual, forecast)
    WHERE o.slice_id = %(slice)s
)
SELECT state, kind, month, partner_id, heading, scheme, theme, recurrent, count(*),
       sum(plan)::bigint, sum(plan_to_date)::bigint, sum(actual)::bigint, sum(variance)::bigint,
       sum(in_month)::bigint, sum(forecast)::bigint, sum(forecast_variance)::bigint
FROM fact
GROUP BY state, kind, month, GROUPING SETS (
    (), (partner_id), (heading), (partner_id, heading), (scheme), (theme), (recurrent)
)
UNION ALL
SELECT state, 'position', month, partner_id, NULL, NULL, NULL, NULL, count(DISTINCT partner_id),
       sum(sense * plan)::bigint, sum(sense * plan_to_date)::bigint, sum(sense * actual)::bigint,
       sum(variance)::bigint, sum(sense * in_month)::bigint, sum(sense * forecast)::bigint,
       sum(forecast_variance)::bigint
FROM fact
WHERE kind IN ('income', 'spend')
GROUP BY state, month, GROUPING SETS ((), (partner_id))
