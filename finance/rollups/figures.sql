-- Facts to figures. Before it stand since, the first month to work out, saving_types, their names
-- in order, and present.sql or as_at.sql, which name scheme, line, plan and fact.
-- Rules: DESIGN "Facts about money"; DOMAIN 1, 3, 5, 6 and 19.
--
-- Lines that share every heading form a bundle; months are worked out a line at a time, summed to
-- bundles, and only those few are grouped into the levels that pages show.
-- What a month shows depends on no month after it, so only those from since on are worked out.
month AS (
    SELECT m.month FROM generate_series(1, 12) AS m (month) WHERE m.month >= (SELECT s.month FROM since s)
    UNION
    SELECT DISTINCT f.month FROM fact f WHERE f.month IN (0, 13) AND f.month >= (SELECT s.month FROM since s)
),
state AS (SELECT * FROM (VALUES ('published'), ('provisional')) AS s (state)),
-- whose position is entered, by itself or in its group
entered AS (
    SELECT l.partner_id, l.first_month, l.last_month FROM line l WHERE l.kind = 'position'
    UNION ALL
    SELECT g.member_id, l.first_month, l.last_month
    FROM line l JOIN schemes_groupmember g ON g.group_id = l.partner_id
    WHERE l.kind = 'position'
),
covered AS (
    SELECT DISTINCT l.id FROM line l
    JOIN entered e ON e.partner_id = l.partner_id
        AND e.first_month <= l.last_month AND l.first_month <= e.last_month
),
-- a leg of a contract or transfer is a bundle of its own, so that it can be held against the other
planned AS MATERIALIZED (
    SELECT l.id, l.partner_id, l.kind, l.sense, l.calendar, l.first_month, l.last_month,
           coalesce(l.heading_id, 0) AS heading, coalesce(l.scheme_id, 0) AS scheme,
           coalesce(own.parent_id, l.scheme_id, 0) AS tree,
           coalesce(own.theme_id, parent.theme_id, 0) AS theme,
           coalesce(l.pool_id, 0) AS pool, coalesce(l.recurrent::int, -1) AS recurrent,
           coalesce(array_position((SELECT t.names FROM saving_types t), l.saving_type::text), 0) AS saving_type,
           CASE WHEN l.counter_line_id IS NOT NULL THEN l.id END AS leg, l.counter_line_id,
           covered.id IS NOT NULL AS entered, p.full_year_pence AS plan, p.to_date_pence AS to_date, p.basis,
           dense_rank() OVER (
               ORDER BY l.partner_id, l.kind, l.heading_id, l.scheme_id, l.pool_id, l.recurrent,
                   l.saving_type, l.counter_line_id, covered.id IS NOT NULL
           ) AS bundle
    FROM line l
    LEFT JOIN plan p ON p.line_id = l.id
    LEFT JOIN scheme own ON own.id = l.scheme_id
    LEFT JOIN scheme parent ON parent.id = own.parent_id
    LEFT JOIN covered ON covered.id = l.id
),
bundle AS (
    SELECT DISTINCT bundle, partner_id, kind, sense, heading, scheme, tree, theme, pool, recurrent,
           saving_type, leg, counter_line_id, entered
    FROM planned
),
-- a line in a month: month 0 is the opening forecast, 13 the audited year; a line that has ended
-- keeps the figure of its last month
place AS (
    SELECT l.id, l.bundle, l.sense, l.first_month, l.plan, m.month, s.state,
           m.month > l.last_month AND (m.month < 13 OR l.last_month < 12) AS ended,
           CASE l.calendar
               WHEN 'monthly' THEN m.month > 0
               WHEN 'quarterly' THEN m.month IN (3, 6, 9, 12, 13) OR m.month > l.last_month
               WHEN 'year-end' THEN m.month >= l.last_month
               ELSE false
           END AS due,
           CASE
               WHEN m.month = 0 THEN NULL
               WHEN l.to_date IS NOT NULL THEN l.to_date[least(m.month, 12)]
               WHEN m.month >= l.last_month THEN l.plan
           END AS plan_to_date,
           f.actual, f.forecast, f.earlier,
           f.actual IS NOT NULL AND f.actual_basis <> l.basis AS actual_differs,
           f.forecast_basis <> l.basis AS forecast_differs
    FROM planned l
    CROSS JOIN month m
    CROSS JOIN state s
    LEFT JOIN fact f ON f.line_id = l.id AND f.state = s.state
        AND f.month = CASE WHEN m.month = 13 AND l.last_month = 12 THEN 13
            ELSE least(m.month, l.last_month) END
    WHERE m.month >= l.first_month OR m.month = 0
),
-- the last reports of the months that are not worked out
prior AS (
    SELECT f.line_id, f.state,
           max(CASE WHEN f.actual IS NOT NULL THEN ARRAY[f.month, f.actual] END) AS before,
           max(CASE WHEN f.forecast IS NOT NULL THEN
                   ARRAY[f.month, f.forecast, coalesce(f.forecast_basis <> l.basis, false)::int]
               END) AS latest
    FROM fact f JOIN planned l ON l.id = f.line_id
    WHERE f.month < (SELECT s.month FROM since s)
        AND (f.month = 0 OR f.month BETWEEN l.first_month AND l.last_month)
    GROUP BY f.line_id, f.state
),
-- with what came before it: the report that an in-month figure starts from, the latest forecast
history AS (
    SELECT p.*,
           greatest(prior.before, max(CASE WHEN p.actual IS NOT NULL THEN
                   ARRAY[p.month, p.actual] END)
               OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS before,
           greatest(prior.latest, max(CASE WHEN p.forecast IS NOT NULL AND NOT p.ended THEN
                   ARRAY[p.month, p.forecast, coalesce(p.forecast_differs, false)::int] END)
               OVER earlier) AS latest
    FROM place p
    LEFT JOIN prior ON prior.line_id = p.id AND prior.state = p.state
    WINDOW earlier AS (PARTITION BY p.id, p.state ORDER BY p.month)
),
cell AS (
    SELECT h.bundle, h.state, h.month, h.due, h.plan, h.plan_to_date, h.actual,
           CASE WHEN h.actual_differs THEN printed.pence
               ELSE coalesce(nullif(h.sense, 0), 1) * (h.actual - h.plan_to_date) END AS variance,
           CASE WHEN NOT h.ended AND h.month < 13
               THEN h.actual - coalesce(h.before[2], 0) END AS in_month,
           CASE WHEN NOT h.ended AND h.month < 13 THEN h.earlier END AS earlier,
           CASE WHEN h.actual IS NOT NULL AND NOT h.ended AND h.month < 13
               THEN coalesce(h.before[1] + 1, h.first_month) END AS in_month_from,
           h.latest[2] AS forecast, h.latest[1] AS forecast_month,
           h.latest[1] < least(h.month, 12) AND NOT h.ended AS forecast_behind,
           CASE WHEN h.latest[3] = 0
               THEN coalesce(nullif(h.sense, 0), 1) * (h.latest[2] - h.plan)
           END AS forecast_variance,
           h.actual_differs OR h.latest[3] = 1 AS bases_differ
    FROM history h
    LEFT JOIN finance_printedfigure printed ON h.actual_differs AND printed.line_id = h.id
        AND printed.month = h.month AND printed.measure = 'variance'
),
summed AS MATERIALIZED (
    SELECT c.bundle, c.state, c.month, count(*) AS places, count(*) FILTER (WHERE c.due) AS lines,
           count(c.actual) AS reported, count(c.plan) AS planned, sum(c.plan)::bigint AS plan,
           count(c.plan_to_date) AS planned_to_date,
           -- of those with a plan one may say nothing of this month: then neither does the sum
           CASE WHEN count(c.plan_to_date) = count(c.plan)
               THEN sum(c.plan_to_date) END::bigint AS plan_to_date,
           sum(c.actual)::bigint AS actual,
           sum(c.plan_to_date) FILTER (WHERE c.variance IS NOT NULL)::bigint AS compared,
           count(c.variance) AS varied, sum(c.variance)::bigint AS variance,
           sum(c.in_month)::bigint AS in_month, sum(c.earlier)::bigint AS earlier,
           min(c.in_month_from) AS in_month_from, max(c.in_month_from) AS in_month_from_last,
           count(c.forecast) AS forecasts, sum(c.forecast)::bigint AS forecast,
           min(c.forecast_month) AS forecast_month, max(c.forecast_month) AS forecast_month_last,
           count(*) FILTER (WHERE c.forecast_behind) AS forecasts_behind,
           count(c.forecast_variance) AS forecast_varied,
           sum(c.forecast_variance)::bigint AS forecast_variance,
           bool_or(c.bases_differ) AS bases_differ
    FROM cell c
    GROUP BY c.bundle, c.state, c.month
),
-- where nobody enters it a position is income less spend, and known only when each line is
derived AS (
    SELECT b.partner_id, s.state, s.month, (sum(s.lines) = sum(s.places))::int AS lines,
           sum(s.reported) = sum(s.places) AS whole,
           CASE WHEN sum(s.planned) = sum(s.places) THEN sum(b.sense * s.plan) END AS plan,
           CASE WHEN sum(s.planned_to_date) = sum(s.places)
               THEN sum(b.sense * s.plan_to_date) END AS plan_to_date,
           sum(b.sense * s.actual) AS actual,
           CASE WHEN sum(s.varied) = sum(s.places) THEN sum(s.variance) END AS variance,
           sum(b.sense * s.in_month) AS in_month, sum(b.sense * s.earlier) AS earlier,
           min(s.in_month_from) AS in_month_from, max(s.in_month_from_last) AS in_month_from_last,
           CASE WHEN sum(s.forecasts) = sum(s.places)
               THEN sum(b.sense * s.forecast) END AS forecast,
           min(s.forecast_month) AS forecast_month,
           max(s.forecast_month_last) AS forecast_month_last,
           sum(s.forecasts_behind) AS forecasts_behind,
           CASE WHEN sum(s.forecast_varied) = sum(s.places)
               THEN sum(s.forecast_variance) END AS forecast_variance,
           bool_or(s.bases_differ) AS bases_differ
    FROM summed s JOIN bundle b USING (bundle)
    WHERE b.kind IN ('income', 'spend') AND NOT b.entered
    GROUP BY b.partner_id, s.state, s.month
),
figure AS (
    SELECT b.partner_id, b.kind, b.heading, b.scheme, b.tree, b.theme, b.pool, b.recurrent,
           b.saving_type, s.state, s.month, s.lines, s.reported, s.plan, s.plan_to_date, s.actual, s.compared,
           s.variance, s.in_month, s.earlier, s.in_month_from, s.in_month_from_last, s.forecast,
           s.forecast_month, s.forecast_month_last, s.forecasts_behind, s.forecast_variance,
           s.bases_differ
    FROM summed s JOIN bundle b USING (bundle)
    UNION ALL
    SELECT partner_id, 'position', 0, 0, 0, 0, 0, -1, 0,
           state, month, lines, whole::int, plan, plan_to_date, CASE WHEN whole THEN actual END,
           CASE WHEN whole AND variance IS NOT NULL THEN plan_to_date END,
           CASE WHEN whole THEN variance END, CASE WHEN whole THEN in_month END,
           CASE WHEN whole THEN earlier END,
           CASE WHEN whole THEN in_month_from END, CASE WHEN whole THEN in_month_from_last END,
           forecast, forecast_month, forecast_month_last, forecasts_behind, forecast_variance,
           bases_differ
    FROM derived
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
               WHEN grouping(saving_type) = 0 THEN 'saving-type'
               ELSE 'all'
           END AS level,
           coalesce(heading, scheme, tree, theme, pool, recurrent, saving_type, 0)::bigint AS key,
           month, sum(lines)::int AS lines, sum(reported)::int AS reported,
           sum(plan)::bigint AS plan_pence,
           CASE WHEN bool_and(plan IS NULL OR plan_to_date IS NOT NULL)
               THEN sum(plan_to_date) END::bigint AS plan_to_date_pence,
           sum(actual)::bigint AS actual_pence, sum(compared)::bigint AS compared_plan_pence,
           sum(variance)::bigint AS variance_pence,
           CASE WHEN min(in_month_from) = max(in_month_from_last)
               THEN sum(in_month) END::bigint AS in_month_pence,
           sum(earlier)::bigint AS earlier_months_pence,
           CASE WHEN min(in_month_from) = max(in_month_from_last)
               THEN min(in_month_from) END AS in_month_from,
           sum(forecast)::bigint AS forecast_pence,
           sum(forecast_variance)::bigint AS forecast_variance_pence,
           min(forecast_month) AS forecast_month, max(forecast_month_last) AS forecast_month_last,
           coalesce(sum(forecasts_behind), 0)::int AS forecasts_behind,
           coalesce(bool_or(bases_differ), false) AS bases_differ
    FROM figure
    GROUP BY state, kind, month, GROUPING SETS (
        (), (partner_id), (heading), (partner_id, heading), (scheme), (tree), (theme), (pool),
        (recurrent), (saving_type)
    )
    HAVING coalesce(heading, scheme, tree, theme, pool, saving_type, 1) <> 0
),
-- contracts and transfers whose two legs are both lines; a sum with a gap in it stays null
leg AS (
    SELECT sa.state, sa.month, a.kind, sa.reported + sb.reported AS reported,
           sa.plan, sb.plan AS other_plan, sa.actual, sb.actual AS other_actual,
           sa.forecast, sb.forecast AS other_forecast
    FROM bundle a
    JOIN bundle b ON b.leg = a.counter_line_id
    JOIN summed sa ON sa.bundle = a.bundle
    JOIN summed sb ON sb.bundle = b.bundle AND sb.state = sa.state AND sb.month = sa.month
    WHERE a.kind = 'income' AND b.kind = 'spend' OR a.kind = 'transfer' AND a.leg < b.leg
),
-- what both sides report goes out of gross income and spend ...
agreed AS (
    SELECT state, month, k.kind, sum(reported) AS reported,
           sum(plan + other_plan - greatest(plan, other_plan)) AS plan,
           sum(actual + other_actual - greatest(actual, other_actual)) AS actual,
           sum(forecast + other_forecast - greatest(forecast, other_forecast)) AS forecast
    FROM leg CROSS JOIN (VALUES ('income'), ('spend')) AS k (kind)
    WHERE leg.kind = 'income'
    GROUP BY state, month, k.kind
),
-- ... and what they do not agree on flatters the total where it is positive; a transfer's legs
-- have opposite signs and should add to nothing
unagreed AS (
    SELECT state, month, kind, sum(reported) AS reported,
           sum(CASE kind WHEN 'income' THEN plan - other_plan ELSE plan + other_plan END) AS plan,
           sum(CASE kind WHEN 'income' THEN actual - other_actual
               ELSE actual + other_actual END) AS actual,
           sum(CASE kind WHEN 'income' THEN forecast - other_forecast
               ELSE forecast + other_forecast END) AS forecast
    FROM leg
    GROUP BY state, month, kind
),
result AS (
    SELECT %(slice)s::bigint AS slice_id, g.* FROM grouped g
    UNION ALL
    SELECT %(slice)s, state, 0, kind, level, 0, month, 0, reported,
           plan::bigint, NULL, actual::bigint, NULL, NULL, NULL, NULL, NULL, forecast::bigint, NULL, NULL,
           NULL, 0, false
    FROM (
        SELECT 'eliminated' AS level, a.* FROM agreed a
        UNION ALL
        SELECT 'unagreed', u.* FROM unagreed u
    ) contract
)
