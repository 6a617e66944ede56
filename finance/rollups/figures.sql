-- Facts to figures. Before it stands present.sql or as_at.sql, which name line, plan and fact.
-- Rules: DESIGN "Facts about money"; DOMAIN 1, 3, 5, 6 and 19.
month AS (
    SELECT generate_series(1, 12) AS month
    UNION
    SELECT DISTINCT f.month FROM fact f WHERE f.month IN (0, 13)
),
-- a line in a month: month 0 is the opening forecast, 13 the audited year; a line that has ended
-- keeps the figure of its last month
place AS MATERIALIZED (
    SELECT l.id, l.partner_id, l.kind, l.sense, l.counter_line_id, m.month, s.state,
           coalesce(l.heading_id, 0) AS heading, coalesce(l.scheme_id, 0) AS scheme,
           coalesce(own.parent_id, l.scheme_id, 0) AS tree,
           coalesce(own.theme_id, parent.theme_id, 0) AS theme,
           coalesce(l.pool_id, 0) AS pool, coalesce(l.recurrent::int, -1) AS recurrent,
           l.first_month, m.month > l.last_month AND m.month < 13 AS ended,
           CASE l.calendar
               WHEN 'monthly' THEN m.month > 0
               WHEN 'quarterly' THEN m.month IN (3, 6, 9, 12, 13) OR m.month > l.last_month
               WHEN 'year-end' THEN m.month >= l.last_month
               ELSE false
           END AS due,
           p.full_year_pence AS plan,
           CASE
               WHEN m.month = 0 THEN NULL
               WHEN p.to_date_pence IS NOT NULL THEN p.to_date_pence[least(m.month, 12)]
               WHEN m.month >= l.last_month THEN p.full_year_pence
           END AS plan_to_date,
           f.actual, f.forecast,
           f.actual IS NOT NULL AND f.actual_basis IS DISTINCT FROM p.basis
               AND p.basis IS NOT NULL AS actual_differs,
           f.forecast IS NOT NULL AND f.forecast_basis IS DISTINCT FROM p.basis
               AND p.basis IS NOT NULL AS forecast_differs
    FROM line l
    CROSS JOIN month m
    CROSS JOIN (VALUES ('published'), ('provisional')) AS s (state)
    LEFT JOIN schemes_scheme own ON own.id = l.scheme_id
    LEFT JOIN schemes_scheme parent ON parent.id = own.parent_id
    LEFT JOIN plan p ON p.line_id = l.id
    LEFT JOIN fact f ON f.line_id = l.id AND f.state = s.state
        AND f.month = CASE WHEN m.month = 13 THEN 13 ELSE least(m.month, l.last_month) END
    WHERE m.month >= l.first_month OR m.month = 0
),
-- with what came before it: the report that an in-month figure starts from, the latest forecast
history AS (
    SELECT p.*,
           max(CASE WHEN p.actual IS NOT NULL THEN ARRAY[p.month, p.actual] END)
               OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
           max(CASE WHEN p.forecast IS NOT NULL AND NOT p.ended
                   THEN ARRAY[p.month, p.forecast, p.forecast_differs::int] END)
               OVER earlier AS latest
    FROM place p
    WINDOW earlier AS (PARTITION BY p.id, p.state ORDER BY p.month)
),
cell AS MATERIALIZED (
    SELECT h.id, h.counter_line_id, h.state, h.month, h.partner_id, h.kind, h.heading, h.scheme,
           h.tree, h.theme, h.pool, h.recurrent, h.sense, h.due::int AS lines,
           (h.actual IS NOT NULL)::int AS reported, h.plan, h.plan_to_date, h.actual,
           CASE
               WHEN h.actual IS NULL THEN NULL
               WHEN h.actual_differs THEN printed.pence
               ELSE coalesce(nullif(h.sense, 0), 1) * (h.actual - h.plan_to_date)
           END AS variance,
           CASE WHEN h.actual IS NOT NULL AND NOT h.ended AND h.month < 13
               THEN h.actual - coalesce(h.before[2], 0) END AS in_month,
           CASE WHEN h.actual IS NOT NULL AND NOT h.ended AND h.month < 13
               THEN coalesce(h.before[1] + 1, h.first_month) END AS in_month_from,
           h.latest[2] AS forecast, h.latest[1] AS forecast_month,
           CASE WHEN h.latest[3] = 0
               THEN coalesce(nullif(h.sense, 0), 1) * (h.latest[2] - h.plan) END AS forecast_variance,
           h.actual_differs OR h.latest[3] = 1 AS bases_differ
    FROM history h
    LEFT JOIN finance_printedfigure printed ON h.actual_differs AND printed.line_id = h.id
        AND printed.month = h.month AND printed.measure = 'variance'
),
-- whose position is entered, by itself or in its group
entered AS (
    SELECT l.partner_id, l.first_month, l.last_month FROM line l WHERE l.kind = 'position'
    UNION ALL
    SELECT g.member_id, l.first_month, l.last_month
    FROM line l JOIN schemes_groupmember g ON g.group_id = l.partner_id
    WHERE l.kind = 'position'
),
-- the others' position is income less spend, and known only when each of their lines is
derived AS (
    SELECT c.state, c.month, c.partner_id,
           bool_and(c.lines = 1)::int AS lines, bool_and(c.actual IS NOT NULL) AS whole,
           bool_and(c.forecast IS NOT NULL) AS whole_forecast,
           sum(c.sense * c.plan) AS plan,
           CASE WHEN bool_and(c.plan IS NULL OR c.plan_to_date IS NOT NULL)
               THEN sum(c.sense * c.plan_to_date) END AS plan_to_date,
           sum(c.sense * c.actual) AS actual, sum(c.variance) AS variance,
           bool_and(c.actual IS NULL OR c.variance IS NOT NULL) AS whole_variance,
           sum(c.sense * c.in_month) AS in_month,
           min(c.in_month_from) AS in_month_from, max(c.in_month_from) AS in_month_from_last,
           sum(c.sense * c.forecast) AS forecast, min(c.forecast_month) AS forecast_month,
           CASE WHEN bool_and(c.forecast_variance IS NOT NULL) THEN sum(c.forecast_variance) END
               AS forecast_variance,
           bool_or(c.bases_differ) AS bases_differ
    FROM cell c
    WHERE c.kind IN ('income', 'spend') AND NOT EXISTS (
        SELECT FROM entered e WHERE e.partner_id = c.partner_id
            AND least(greatest(c.month, 1), 12) BETWEEN e.first_month AND e.last_month
    )
    GROUP BY c.state, c.month, c.partner_id
),
figure AS (
    SELECT state, month, partner_id, kind, heading, scheme, tree, theme, pool, recurrent,
           lines, reported, plan, plan_to_date, actual, variance, in_month, in_month_from,
           forecast, forecast_month, forecast_variance, bases_differ
    FROM cell
    UNION ALL
    SELECT state, month, partner_id, 'position', 0, 0, 0, 0, 0, -1,
           lines, whole::int, plan, plan_to_date,
           CASE WHEN whole THEN actual END, CASE WHEN whole AND whole_variance THEN variance END,
           CASE WHEN whole AND in_month_from = in_month_from_last THEN in_month END,
           CASE WHEN whole AND in_month_from = in_month_from_last THEN in_month_from END,
           CASE WHEN whole_forecast THEN forecast END,
           CASE WHEN whole_forecast THEN forecast_month END,
           CASE WHEN whole_forecast THEN forecast_variance END, bases_differ
    FROM derived
),
-- contracts whose two legs are both lines: what both report goes out of gross income and spend
leg AS (
    SELECT a.state, a.month, a.kind, a.reported + b.reported AS reported, a.bases_differ,
           -- (least() alone would take one side's figure where the other has none)
           a.plan + b.plan - greatest(a.plan, b.plan) AS plan_agreed,
           a.actual + b.actual - greatest(a.actual, b.actual) AS actual_agreed,
           a.forecast + b.forecast - greatest(a.forecast, b.forecast) AS forecast_agreed,
           a.actual - b.actual AS actual_gap, a.actual + b.actual AS actual_net,
           a.plan - b.plan AS plan_gap, a.plan + b.plan AS plan_net,
           a.forecast - b.forecast AS forecast_gap, a.forecast + b.forecast AS forecast_net
    FROM cell a JOIN cell b ON b.id = a.counter_line_id AND b.state = a.state AND b.month = a.month
    WHERE a.kind = 'income' AND b.kind = 'spend' OR a.kind = 'transfer' AND a.id < b.id
),
contract AS (
    SELECT state, month, k.kind, 'eliminated' AS level, sum(reported) AS reported,
           sum(plan_agreed) AS plan, sum(actual_agreed) AS actual, sum(forecast_agreed) AS forecast
    FROM leg CROSS JOIN (VALUES ('income'), ('spend')) AS k (kind)
    WHERE leg.kind = 'income'
    GROUP BY state, month, k.kind
    UNION ALL
    SELECT state, month, kind, 'unagreed', sum(reported),
           sum(CASE kind WHEN 'income' THEN plan_gap ELSE plan_net END),
           sum(CASE kind WHEN 'income' THEN actual_gap ELSE actual_net END),
           sum(CASE kind WHEN 'income' THEN forecast_gap ELSE forecast_net END)
    FROM leg
    GROUP BY state, month, kind
),
grouped AS (
    SELECT state, coalesce(partner_id, 0) AS partner_key, kind,
           CASE
               WHEN grouping(heading) = 0 THEN 'heading'
               WHEN grouping(scheme) = 0 THEN 'scheme'
               WHEN grouping(tree) = 0 THEN 'scheme-tree'
               WHEN grouping(theme) = 0 THEN 'theme'
               WHEN grouping(pool) = 0 THEN 'pool'
               WHEN grouping(recurrent) = 0 THEN 'recurrent'
               ELSE 'all'
           END AS level,
           coalesce(heading, scheme, tree, theme, pool, recurrent, 0)::bigint AS key,
           month, sum(lines) AS lines, sum(reported) AS reported,
           sum(plan)::bigint AS plan_pence, sum(plan_to_date)::bigint AS plan_to_date_pence,
           sum(actual)::bigint AS actual_pence,
           sum(plan_to_date) FILTER (WHERE variance IS NOT NULL)::bigint AS compared_plan_pence,
           sum(variance)::bigint AS variance_pence,
           CASE WHEN min(in_month_from) = max(in_month_from)
               THEN sum(in_month) END::bigint AS in_month_pence,
           CASE WHEN min(in_month_from) = max(in_month_from)
               THEN min(in_month_from) END AS in_month_from,
           sum(forecast)::bigint AS forecast_pence,
           sum(forecast_variance)::bigint AS forecast_variance_pence,
           min(forecast_month) AS forecast_month, coalesce(bool_or(bases_differ), false) AS bases_differ
    FROM figure
    GROUP BY state, kind, month, GROUPING SETS (
        (), (partner_id), (heading), (partner_id, heading), (scheme), (tree), (theme), (pool),
        (recurrent)
    )
    HAVING coalesce(heading, scheme, tree, theme, pool, recurrent, 1) <> 0
        OR grouping(recurrent) = 0
),
result AS (
    SELECT %(slice)s::bigint AS slice_id, g.* FROM grouped g
    UNION ALL
    SELECT %(slice)s, state, 0, kind, level, 0, month, 0, reported,
           plan, NULL, actual, NULL, NULL, NULL, NULL, forecast, NULL, NULL, false
    FROM contract
)
