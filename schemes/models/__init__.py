"""Tables of the ground floor, a file by subject."""

from schemes.models.evidence import Evidence, Source
from schemes.models.history import RowVersion
from schemes.models.keys import IdempotencyKey
from schemes.models.partners import (
    GroupMember,
    Partner,
    PartnerCode,
    PartnerName,
    Succession,
)
from schemes.models.people import AdminEvent, ApiToken, RoleGrant, User
from schemes.models.plan import Pool, Scheme, Stage, Theme
from schemes.models.registers import (
    ActivityCount,
    Approval,
    Assessment,
    Characteristic,
    Dependency,
    Effect,
    EqualityMark,
    Evaluation,
    IntendedOutcome,
    StageWeight,
)
from schemes.models.risks import Risk, RiskStatus
from schemes.models.systems import Change, FinancialYear, Membership, Slice, System

__all__ = [
    "ActivityCount",
    "AdminEvent",
    "ApiToken",
    "Approval",
    "Assessment",
    "Change",
    "Characteristic",
    "Dependency",
    "Effect",
    "EqualityMark",
    "Evaluation",
    "Evidence",
    "FinancialYear",
    "GroupMember",
    "IdempotencyKey",
    "IntendedOutcome",
    "Membership",
    "Partner",
    "PartnerCode",
    "PartnerName",
    "Pool",
    "Risk",
    "RiskStatus",
    "RoleGrant",
    "RowVersion",
    "Scheme",
    "Slice",
    "Source",
    "Stage",
    "StageWeight",
    "Succession",
    "System",
    "Theme",
    "User",
]
