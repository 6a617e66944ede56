"""Tables of the money, a file by subject."""

from finance.models.causes import Cause, VarianceCause
from finance.models.judgements import Claim, Rag, Rating
from finance.models.lines import Heading, Line, LineVersion, PositionCover
from finance.models.months import Commentary, GapReason, MonthClose, PaperTotal
from finance.models.outturns import MonthlyReturn, Outturn, OutturnRevision, ReturnEvent
from finance.models.plans import HeadlineChoice, Plan, PlanFigure, PlanRevision
from finance.models.pools import (
    IncomeSource,
    PoolAmount,
    PoolLine,
    ProviderSector,
    Scenario,
    ShareRule,
)
from finance.models.printed import PrintedFigure, PrintedTable
from finance.models.recovery import (
    AssuranceAnswer,
    PlanEffect,
    PlanRisk,
    Question,
    UrgentAction,
)
from finance.models.risks import RiskMoney, StandsAs
from finance.models.rollups import Computation, Rollup
from finance.models.timetables import Deadline, Reminder
from finance.models.uploads import LedgerMapping, Upload, UploadState
from finance.models.virements import Virement, VirementOutcome

__all__ = [
    "AssuranceAnswer",
    "Cause",
    "Claim",
    "Commentary",
    "Computation",
    "Deadline",
    "GapReason",
    "Heading",
    "HeadlineChoice",
    "IncomeSource",
    "LedgerMapping",
    "Line",
    "LineVersion",
    "MonthClose",
    "MonthlyReturn",
    "Outturn",
    "OutturnRevision",
    "PaperTotal",
    "Plan",
    "PlanEffect",
    "PlanFigure",
    "PlanRevision",
    "PlanRisk",
    "PoolAmount",
    "PoolLine",
    "PositionCover",
    "PrintedFigure",
    "PrintedTable",
    "ProviderSector",
    "Question",
    "Rag",
    "Rating",
    "Reminder",
    "ReturnEvent",
    "RiskMoney",
    "Rollup",
    "Scenario",
    "ShareRule",
    "StandsAs",
    "Upload",
    "UploadState",
    "UrgentAction",
    "VarianceCause",
    "Virement",
    "VirementOutcome",
]
