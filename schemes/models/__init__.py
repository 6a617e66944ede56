"""Tables of the ground floor, a file by subject."""

from schemes.models.evidence import Evidence, Source
from schemes.models.partners import (
    GroupMember,
    Partner,
    PartnerCode,
    PartnerName,
    Succession,
)
from schemes.models.people import ApiToken, RoleGrant, User
from schemes.models.plan import Pool, Scheme, Theme
from schemes.models.systems import Change, FinancialYear, Membership, Slice, System

__all__ = [
    "ApiToken",
    "Change",
    "Evidence",
    "FinancialYear",
    "GroupMember",
    "Membership",
    "Partner",
    "PartnerCode",
    "PartnerName",
    "Pool",
    "RoleGrant",
    "Scheme",
    "Slice",
    "Source",
    "Succession",
    "System",
    "Theme",
    "User",
]
