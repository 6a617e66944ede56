"""What a finance page says with its figures: sentence, charts, headlines and tables.

Plain data in (finance.figures), plain data out; no Django and no database. Each chart's title and
alternative text are made from the numbers beside the chart, so that they cannot disagree.
"""

from esbt.kit.drawing import Chart
from finance.charts.forecast_bars import forecast_steps, forecast_waterfall
from finance.charts.forecast_words import distance_words, forecast_headlines, forecast_sentence
from finance.charts.heading_tables import (
    HeadingTable,
    heading_tables,
    headings_chart,
    headings_sentence,
)
from finance.charts.month_lines import months
from finance.charts.pools import (
    Telling,
    flow_chart,
    flow_table,
    pool_headlines,
    pool_sentence,
    pool_table,
    pool_unit,
)
from finance.charts.savings import (
    points_of,
    savings_caveats,
    savings_headlines,
    savings_months,
    savings_months_table,
    savings_sentence,
    savings_unit,
)
from finance.charts.savings_bars import scheme_bars
from finance.charts.savings_tables import (
    claims_table,
    recurrent_parts,
    scheme_table,
    split_table,
)
from finance.charts.scheme_words import scheme_headlines, scheme_sentence
from finance.charts.shapes import Headline, PositionTable, Table, TableRow
from finance.charts.share_bars import (
    Bearer,
    bearers_table,
    borne,
    share_bars,
    what_if_sentence,
)
from finance.charts.share_tables import (
    share_sentence,
    share_table,
    standings_sentence,
    standings_table,
)
from finance.charts.tables import headlines, months_table, position_table
from finance.charts.variance_bars import Bar, cause_bars, heading_bars
from finance.charts.waterfalls import waterfall
from finance.charts.words import (
    amount,
    balance,
    capital_words,
    caveats,
    direction_of,
    direction_words,
    forecast_age,
    line_words,
    month_name,
    position_sentence,
    variance_words,
)

__all__ = [
    "Bar",
    "Bearer",
    "Chart",
    "HeadingTable",
    "Headline",
    "PositionTable",
    "Table",
    "TableRow",
    "Telling",
    "amount",
    "balance",
    "bearers_table",
    "borne",
    "capital_words",
    "cause_bars",
    "caveats",
    "claims_table",
    "direction_of",
    "direction_words",
    "distance_words",
    "flow_chart",
    "flow_table",
    "forecast_age",
    "forecast_headlines",
    "forecast_sentence",
    "forecast_steps",
    "forecast_waterfall",
    "heading_bars",
    "heading_tables",
    "headings_chart",
    "headings_sentence",
    "headlines",
    "line_words",
    "month_name",
    "months",
    "months_table",
    "points_of",
    "pool_headlines",
    "pool_sentence",
    "pool_table",
    "pool_unit",
    "position_sentence",
    "position_table",
    "recurrent_parts",
    "savings_caveats",
    "savings_headlines",
    "savings_months",
    "savings_months_table",
    "savings_sentence",
    "savings_unit",
    "scheme_bars",
    "scheme_headlines",
    "scheme_sentence",
    "scheme_table",
    "share_bars",
    "share_sentence",
    "share_table",
    "split_table",
    "standings_sentence",
    "standings_table",
    "variance_words",
    "waterfall",
    "what_if_sentence",
]
