"""Tables of the ground floor, a file by subject."""

from schemes.models.actions import (
    Action,
    ActionArea,
    ActionLink,
    ActionNote,
    ActionPlan,
    Assurance,
)
from schemes.models.agreements import Agreement, AgreementParty, SignOff
from schemes.models.bodies import Body, BodyMember, Decision, Meeting
from schemes.models.evidence import Evidence, Source
from schemes.models.funds import (
    AcuteAssumption,
    Aim,
    ConditionStep,
    FundHeading,
    FundPlan,
    FundVersion,
    NationalCondition,
    Programme,
    ProgrammeHeading,
)
from schemes.models.history import RowVersion
from schemes.models.keys import IdempotencyKey
from schemes.models.partners import (
    GroupMember,
    Partner,
    PartnerCode,
    PartnerName,
    Succession,
)
from schemes.models.people import AdminEvent, ApiToken, CalendarFeed, RoleGrant, User
from schemes.models.plan import Scheme, Stage, Theme
from schemes.models.pools import Pool, PoolMember
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
from schemes.models.risks import Risk, RiskRating, RiskStatus
from schemes.models.rows import RegisterRow
from schemes.models.systems import Change, FinancialYear, Membership, Slice, System
from schemes.models.workstreams import (
    Milestone,
    MilestoneNeed,
    Progress,
    Project,
    Workstream,
)

__all__ = [
    "Action",
    "ActionArea",
    "ActionLink",
    "ActionNote",
    "ActionPlan",
    "ActivityCount",
    "AcuteAssumption",
    "AdminEvent",
    "Agreement",
    "AgreementParty",
    "Aim",
    "ApiToken",
    "Approval",
    "Assessment",
    "Assurance",
    "Body",
    "BodyMember",
    "CalendarFeed",
    "Change",
    "Characteristic",
    "ConditionStep",
    "Decision",
    "Dependency",
    "Effect",
    "EqualityMark",
    "Evaluation",
    "Evidence",
    "FinancialYear",
    "FundHeading",
    "FundPlan",
    "FundVersion",
    "GroupMember",
    "IdempotencyKey",
    "IntendedOutcome",
    "Meeting",
    "Membership",
    "Milestone",
    "MilestoneNeed",
    "NationalCondition",
    "Partner",
    "PartnerCode",
    "PartnerName",
    "Pool",
    "PoolMember",
    "Programme",
    "ProgrammeHeading",
    "Progress",
    "Project",
    "RegisterRow",
    "Risk",
    "RiskRating",
    "RiskStatus",
    "RoleGrant",
    "RowVersion",
    "Scheme",
    "SignOff",
    "Slice",
    "Source",
    "Stage",
    "StageWeight",
    "Succession",
    "System",
    "Theme",
    "User",
    "Workstream",
]
