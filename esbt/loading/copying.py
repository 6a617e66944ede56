"""A new year of the Better Care Fund: the template's words filled in, and loaded like a package.

What is there already stays as it is: a copy adds a plan with its parts, and lines without amounts.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from esbt.kit.problems import Fault, Refused
from esbt.kit.reporting import closing
from esbt.kit.when import is_when
from esbt.loading import Progress, Report, load
from finance.models import Plan
from outcomes.models import Metric
from schemes.models import (
    AdminEvent,
    FundPlan,
    Membership,
    Partner,
    Pool,
    PoolMember,
    Source,
    System,
    User,
)
from schemes.models.base import CODE
from schemes.people.permissions import Permission, has_permission, require
from schemes.services.grants import keep_event

TEMPLATE = settings.BASE_DIR / "fixtures" / "better-care-fund-template"

# tables whose rows are left out where they are there: the model, and what it is known by
_SHARED: dict[str, tuple[type[Model], Mapping[str, str]]] = {
    "sources": (Source, {"code": "code"}),
    "systems": (System, {"code": "code"}),
    "partners": (Partner, {"code": "code"}),
    "memberships": (Membership, {"system__code": "system", "partner__code": "partner"}),
    "pools": (Pool, {"system__code": "system", "code": "code"}),
    "pool_members": (PoolMember, {"pool__system__code": "system", "pool__code": "pool"}),
    "metrics": (Metric, {"system__code": "system", "code": "code"}),
    "plans": (Plan, {"slice__system__code": "system", "slice__year": "year"}),
}


@dataclass(frozen=True, kw_only=True)
class NewFund:
    """For whom and for when a fund's plan is made; names may be blank for what is there already."""

    system: str
    year: str
    council: str
    icb: str
    board: str
    place: str = ""
    council_name: str = ""
    icb_name: str = ""
    districts: str = ""

    @property
    def plan(self) -> str:
        """The code of its plan."""
        return f"better-care-fund-{self.year}"


def may_copy(user: User, system: System | None) -> bool:
    """Whether somebody makes a fund in a system, or for None in one that is not there yet."""
    return has_permission(user, Permission.LOAD_DATA) or (
        system is not None
        and has_permission(user, Permission.MANAGE_SYSTEM, system=system)
        and has_permission(user, Permission.KEEP_POOLS, system=system)
    )


def copy_fund(*, by: User | None, fund: NewFund, progress: Progress = lambda line: None) -> Report:
    """Make a year of the fund: all of it or nothing; what it made is the report of a load.

    An administrator of a system makes one there, with partners that are its members; only who
    loads data makes a system or a partner by it. Raises Refused, also for a plan that is there,
    and Http404 for whoever may not.
    """
    system = System.objects.filter(code=fund.system).first()
    if by is not None and not may_copy(by, system):
        require(by, Permission.LOAD_DATA)
    members = by is not None and not has_permission(by, Permission.LOAD_DATA)
    words = _words(fund, system, only_members=members)
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / TEMPLATE.name
        _fill(path, words)
        report = load((path,), progress=progress)
        made = System.objects.get(code=fund.system)
        reason = f"Better Care Fund template, {fund.year}: {closing(report.total)}"
        keep_event(by=by, action=AdminEvent.Action.PACKAGE_LOADED, system=made, reason=reason)
    return report


def _words(fund: NewFund, system: System | None, *, only_members: bool) -> dict[str, str]:
    """What stands for the template's words in braces; raises Refused with all that is lacking."""
    faults = []
    if not is_when(f"FY{fund.year}"):
        faults.append(Fault("Write a financial year, such as 2026-27.", "year", fund.year))
    if not fund.board.strip():
        faults.append(Fault("Name the Health and Wellbeing Board that agrees the plan.", "board"))
    if fund.council == fund.icb:
        said = "The council and the Integrated Care Board are two partners."
        faults.append(Fault(said, "icb", fund.icb))
    words = {name: str(value).strip() for name, value in asdict(fund).items()}
    faults += _code_fault("system", fund.system)
    words["place"] = system.name if system else words["place"]
    namesake = System.objects.filter(name__iexact=words["place"]).exclude(code=fund.system).first()
    if system is None and namesake:
        said = (
            f"There is a system of this name already, {namesake.code}: choose it, or give the new "
            "place a name of its own."
        )
        faults.append(Fault(said, "place", words["place"]))
    if not words["place"]:
        said = "There is no system of this code yet: write the name of the place."
        faults.append(Fault(said, "place"))
    for role in ("council", "icb"):
        partner, name = Partner.objects.filter(code=words[role]).first(), f"{role}_name"
        faults += _code_fault(role, words[role])
        words[name] = partner.short_name if partner else words[name]
        if only_members and not (partner and partner.systems.filter(code=fund.system).exists()):
            said = "This is no member of the system. Add it to the system's partners first."
            faults.append(Fault(said, role, words[role]))
        elif not words[name]:
            said = "There is no partner of this code yet: write its name."
            faults.append(Fault(said, name))
    covers = FundPlan.objects.filter(
        system=system, first_year__lte=fund.year, last_year__gte=fund.year
    ).first()
    if covers:
        said = (
            f"The system has this year's plan already: {covers.name}. Change it by its workbook "
            "or its pages, or choose a year that no plan covers."
        )
        faults.append(Fault(said, "year", fund.year))
    if faults:
        raise Refused(faults)
    first = int(fund.year[:4])
    return words | {
        "year_words": fund.year.replace("-", "/"),
        "first": str(first),
        "next": str(first + 1),
    }


def _code_fault(field: str, code: str) -> list[Fault]:
    try:
        CODE(code)
    except ValidationError:
        said = "Write a code of small letters, digits and hyphens, such as east-sussex."
        return [Fault(said, field, code)]
    return []


def _fill(path: Path, words: Mapping[str, str]) -> None:
    """Write the template with its words filled in, without what is there already."""
    shutil.copytree(TEMPLATE, path)
    for file in path.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as text:
            heading, *rows = csv.reader(text)
        filled = [[_filled(cell, words) for cell in row] for row in rows]
        shared = _SHARED.get(file.stem)
        kept = [row for row in filled if not (shared and _is_there(shared, heading, row))]
        with file.open("w", encoding="utf-8", newline="") as text:
            csv.writer(text, lineterminator="\n").writerows([heading, *kept])


def _filled(cell: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        cell = cell.replace(f"{{{name}}}", word)
    return cell


def _is_there(
    shared: tuple[type[Model], Mapping[str, str]], heading: list[str], row: list[str]
) -> bool:
    model, known_by = shared
    cells: dict[str, Any] = dict(zip(heading, row, strict=True))
    known = {lookup: cells[column] for lookup, column in known_by.items()}
    return model._default_manager.filter(**known).exists()
