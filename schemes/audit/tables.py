"""Tables of reference rows that the audit tells of, and the way from their rows to a system."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

# tables whose rows belong to a system, and how; upper floors add theirs when they start
TABLES: dict[str, str] = {
    "scheme": "system",
    "theme": "system",
    "membership": "system",
    "partner": "systems",
    "partnername": "partner__systems",
    "partnercode": "partner__systems",
    "groupmember": "group__systems",
    "stageweight": "system",
    "activitycount": "system",
    "risk": "system",
    "evaluation": "scheme__system",
    "equalitymark": "scheme__system",
    "assessment": "scheme__system",
    "dependency": "scheme__system",
    "intendedoutcome": "scheme__system",
    "pool": "system",
    "poolmember": "pool__system",
    "agreement": "system",
    "agreementparty": "agreement__system",
    "signoff": "system",
    "fundplan": "system",
    "fundversion": "plan__system",
    "fundheading": "plan__system",
    "programme": "plan__system",
    "programmeheading": "programme__plan__system",
    "aim": "plan__system",
    "nationalcondition": "plan__system",
    "conditionstep": "condition__plan__system",
    "acuteassumption": "plan__system",
    "body": "system",
    "bodymember": "body__system",
    "meeting": "body__system",
    "decision": "body__system",
    "actionplan": "system",
    "actionarea": "plan__system",
    "action": "area__plan__system",
    "actionlink": "action__area__plan__system",
    "assurance": "area__plan__system",
    "workstream": "system",
    "project": "workstream__system",
    "milestone": "system",
    "milestoneneed": "milestone__system",
    "registerrow": "system",
}
APPS: dict[str, str] = {}  # of the tables that are not the ground floor's


@dataclass(frozen=True, slots=True)
class Saves:
    """Facts that are saved many at a time, of which the audit tells a save in one entry.

    ``of`` has for a system's id a row a save, with at and actor, and annotated ``what`` it is about
    and ``many``, the number of its facts.
    """

    action: str
    fact: str  # one of them, such as "value"
    of: Callable[[int], QuerySet[Any]]


SAVES: list[Saves] = []  # upper floors add theirs when they start


def audit_too(app: str, tables: Mapping[str, str]) -> None:
    """Tell of an upper floor's tables as well, each with the way from its rows to their system."""
    TABLES.update(tables)
    APPS.update(dict.fromkeys(tables, app))
