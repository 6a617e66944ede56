"""Roles as lists of permissions, each with a sentence that a person can check.

Within a system every member reads all lines and totals; one enters only for one's own partner.
"""

from enum import StrEnum

from django.db import models


class Permission(StrEnum):
    """What can be allowed."""

    READ_SYSTEM = "read the system's published figures"
    READ_PROVISIONAL = "read provisional figures"
    ENTER_OUTTURN = "enter monthly figures for a partner"
    REPROFILE = "spread a partner's plan anew over its open months"
    PROPOSE_VIREMENT = "propose a virement between a partner's lines"
    APPROVE_VIREMENT = "approve a virement that somebody else proposed"
    EXPLAIN_VARIANCE = "say what a partner's variances are due to"
    RATE_SCHEME = "rate a scheme"
    SETTLE_CLAIMS = "settle savings that two partners claim"
    KEEP_RISKS = "keep risks and what is at stake"
    APPROVE_RETURN = "approve a partner's monthly return"
    CLOSE_MONTH = "close and reopen a month of the system"
    WRITE_COMMENTARY = "write to the board about a month"
    ENTER_OBSERVATION = "enter values of outcome metrics, and say where their limits start anew"
    KEEP_OUTCOMES = "keep the outcomes framework, its metrics and targets"
    KEEP_POOLS = "keep pooled budgets, their agreements, rules and plans"
    KEEP_SCENARIO = "keep a what-if under a name"
    KEEP_DELIVERY = "keep bodies, action plans, milestones and registers"
    REPORT_PROGRESS = "say how actions and milestones go"
    REPORT_OWN_ACTIONS = "say how the actions go that a partner owns, alone or with others"
    MANAGE_SYSTEM = "change the system's partners, lines and plans"
    MANAGE_PEOPLE = "invite people, and give, change and end their roles"
    LOAD_DATA = "load data packages"
    READ_AUDIT = "read who changed what, and when"


class Role(models.TextChoices):
    """Who people are to the system."""

    FINANCE_LEAD = "finance-lead", "Finance lead"
    APPROVER = "approver", "Approver"
    COMMISSIONER = "commissioner", "Commissioner"
    BOARD_MEMBER = "board-member", "Board member"
    AUDITOR = "auditor", "Auditor"
    SYSTEM_ADMINISTRATOR = "system-administrator", "System administrator"
    SITE_ADMINISTRATOR = "site-administrator", "Site administrator"


_READ = (Permission.READ_SYSTEM, Permission.READ_PROVISIONAL)

_ADMINISTERS = (
    *_READ,
    Permission.READ_AUDIT,
    Permission.REPROFILE,
    Permission.APPROVE_VIREMENT,
    Permission.RATE_SCHEME,
    Permission.SETTLE_CLAIMS,
    Permission.KEEP_RISKS,
    Permission.CLOSE_MONTH,
    Permission.WRITE_COMMENTARY,
    Permission.ENTER_OBSERVATION,
    Permission.KEEP_OUTCOMES,
    Permission.KEEP_POOLS,
    Permission.KEEP_SCENARIO,
    Permission.KEEP_DELIVERY,
    Permission.REPORT_PROGRESS,
    Permission.MANAGE_SYSTEM,
    Permission.MANAGE_PEOPLE,
)
PERMISSIONS: dict[Role, tuple[Permission, ...]] = {
    Role.FINANCE_LEAD: (
        *_READ,
        Permission.ENTER_OUTTURN,
        Permission.REPROFILE,
        Permission.PROPOSE_VIREMENT,
        Permission.EXPLAIN_VARIANCE,
        Permission.RATE_SCHEME,
        Permission.KEEP_RISKS,
        Permission.KEEP_SCENARIO,
        Permission.REPORT_OWN_ACTIONS,
    ),
    Role.APPROVER: (
        *_READ,
        Permission.APPROVE_RETURN,
        Permission.APPROVE_VIREMENT,
        Permission.REPORT_OWN_ACTIONS,
    ),
    Role.COMMISSIONER: (
        *_READ,
        Permission.ENTER_OBSERVATION,
        Permission.KEEP_SCENARIO,
        Permission.REPORT_PROGRESS,
    ),
    Role.BOARD_MEMBER: _READ,
    Role.AUDITOR: (*_READ, Permission.READ_AUDIT),
    Role.SYSTEM_ADMINISTRATOR: _ADMINISTERS,
    Role.SITE_ADMINISTRATOR: (*_ADMINISTERS, Permission.LOAD_DATA),
}

DESCRIPTIONS: dict[Role, str] = {
    Role.FINANCE_LEAD: "Enters the monthly figures of one partner and of groups it reports with, "
    "spreads its plan over the months, proposes virements, says what variances are due to and how "
    "its actions go, and keeps its risks.",
    Role.APPROVER: "Approves and closes the monthly return of one partner, approves its "
    "virements, and says how its actions go; enters no figures.",
    Role.COMMISSIONER: "Reads all figures of a system, enters values of its outcome metrics, and "
    "says how its actions and milestones go.",
    Role.BOARD_MEMBER: "Reads all figures of a system.",
    Role.AUDITOR: "Reads everything of a system and its history; writes nothing.",
    Role.SYSTEM_ADMINISTRATOR: "Closes months, writes to the board, and keeps the people, "
    "partners, lines, plans, pools, risks and outcomes of a system.",
    Role.SITE_ADMINISTRATOR: "Keeps every system and everybody of the installation, and loads data "
    "packages.",
}
