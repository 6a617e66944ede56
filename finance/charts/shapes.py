"""What a page of figures is handed: plain data."""

from dataclasses import dataclass

from esbt.kit.money import Cell


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure in large, with what it stands against."""

    label: str
    value: Cell
    unit: str
    direction: str  # "favourable", "adverse" or "none"
    words: str  # "▼ adverse"; "" where there is no direction
    against: str


@dataclass(frozen=True, slots=True)
class Table:
    """A plain table of figures: a heading and cells a row."""

    caption: str
    columns: tuple[str, ...]  # of the row headings, then of the cells
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    wide: tuple[int, ...] = ()  # columns, the headings' being 0, that fold away on a telephone
    summed: bool = False  # the last row is the total of the others


@dataclass(frozen=True, slots=True)
class PositionTable:
    """The position as printed: partners in the published order, then the total."""

    unit: str  # as a heading writes it, "£m"
    ended: bool  # the year is over: plan to date is the plan for the year
    turnover: bool  # whether anybody's turnover is known
    forecast: bool  # whether forecasts have a place in it
    without: str  # who was due and has not reported, so that the total leaves them out
    rows: "tuple[TableRow, ...]"
    narrow: tuple[str, ...] = ("variance",)  # the columns that a telephone shows, by name


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the position table."""

    partner: str
    name: str
    total: bool
    reported: bool  # or nobody was due to report
    derived: bool  # a figure of the row was worked out; which one, its source page says
    suspect: bool  # the source of a figure of the row is doubtful
    plan: Cell
    ytd_plan: Cell
    ytd_actual: Cell
    variance: Cell
    variance_pct: Cell
    direction: str
    words: str
    forecast: Cell
    forecast_variance: Cell
    forecast_direction: str
    forecast_words: str
    forecast_age: str  # "at month 5", or of a sum the span of its months; "" without one
    pct_turnover: Cell
    basis: str
    bases_differ: bool
