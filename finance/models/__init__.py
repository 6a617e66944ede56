"""Tables of the money, a file by subject."""

from finance.models.judgements import Claim, Rag, Rating
from finance.models.keys import IdempotencyKey
from finance.models.lines import Heading, Line, LineVersion, PositionCover
from finance.models.outturns import MonthlyReturn, Outturn, OutturnRevision, ReturnEvent
from finance.models.plans import HeadlineChoice, Plan, PlanFigure, PlanRevision
from finance.models.printed import PrintedFigure, PrintedTable
from finance.models.rollups import Computation, Rollup
from finance.models.uploads import LedgerMapping, Upload, UploadState

__all__ = [
    "Claim",
    "Computation",
    "Heading",
    "HeadlineChoice",
    "IdempotencyKey",
    "LedgerMapping",
    "Line",
    "LineVersion",
    "MonthlyReturn",
    "Outturn",
    "OutturnRevision",
    "Plan",
    "PlanFigure",
    "PlanRevision",
    "PositionCover",
    "PrintedFigure",
    "PrintedTable",
    "Rag",
    "Rating",
    "ReturnEvent",
    "Rollup",
    "Upload",
    "UploadState",
]
