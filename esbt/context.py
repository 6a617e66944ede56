"""What every page's frame shows: who is here, which system and year, and the ways on."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import ResolverMatch, reverse

from esbt.kit.cached import remember
from finance.as_at import PARAMETER, keeps
from finance.models import Line
from finance.models.lines import Kind
from finance.queries.positions import years_with_actuals
from schemes.models import RoleGrant, Slice, User
from schemes.people.permissions import Permission, grants_of, has_permission
from schemes.people.roles import PERMISSIONS, Role
from schemes.queries import computed_change, visible_slices

# pages that mean the same in another system and year, so that switching keeps the page
_KEPT = (
    "finances", "board", "schemes", "savings", "forecast", "money-and-outcomes", "pools",
    "reduction-plans", "questions",
)  # fmt: skip
# pages beneath the finances of a year
_BENEATH = ("plans", "virements", "headings", "causes", "contracts", "beside")
# pages about one thing of a system, which another year of it has as well
_KEPT_IN_SYSTEM = (
    "scheme", "scheme-tab", "claims", "returns", "printed", "risk", "pool", *_BENEATH,
)  # fmt: skip
_PLAN = "reduction-plan"  # kept in the years that have it; the others lead to their list
# pages about a system, whatever the year
_OF_SYSTEM = (
    "outcomes", "quarters", "agreements", "delivery", "action-plans", "milestones", "workstreams",
    "calendar", "governance", "registers", "risk-register", "partners",
)  # fmt: skip
# pages about one thing of a system, and the list of such things that another system has
_PLAN_FORMS = (
    "change-action-plan", "add-action-area", "change-action-area", "add-action", "add-assurance",
    "add-action-need", "remove-action-need", "remove-plan", "remove-area", "remove-action",
    "remove-assurance",
)  # fmt: skip
_LISTS = {
    **dict.fromkeys(_PLAN_FORMS, "action-plans"),
    "action-plan": "action-plans", "action": "action-plans", "change-action": "action-plans",
    "change-assurance": "action-plans", "milestone": "milestones", "add-milestone": "milestones",
    "change-milestone": "milestones", "workstream": "workstreams", "calendar-feeds": "calendar",
    "body": "governance", "next-meeting": "governance", "add-body": "governance",
    "change-body": "governance", "add-body-part": "governance", "change-body-part": "governance",
    "register": "registers", "register-row": "registers", "add-register-row": "registers",
    "change-register-row": "registers", "remove-register-row": "registers",
    "add-milestone-need": "milestones", "remove-milestone-need": "milestones",
    "remove-milestone": "milestones", "add-workstream": "workstreams",
    "change-workstream": "workstreams", "remove-workstream": "workstreams",
    "add-project": "workstreams", "change-project": "workstreams",
    "remove-project": "workstreams", "remove-body": "governance", "remove-body-part": "governance",
    "import-register": "registers", "register-partner": "partners",
}  # fmt: skip
_RISKS = ("forecast", "risk", "add-risk", "change-risk")
_RETURNS = ("returns", "timetable")
_FINANCE = ("finances", "line", "partner", "changes", *_RETURNS, *_RISKS, *_BENEATH)
_SCHEMES = (
    "schemes", "savings", "claims", "scheme", "scheme-tab", "equality", "evaluations",
    "add-scheme-metric", "change-scheme-metric", "remove-scheme-metric",
)  # fmt: skip
_OUTCOMES = (
    "outcomes", "metric", "compare", "compare-frameworks", "quarters", "quarter-report",
    "money-and-outcomes", "add-framework", "change-framework", "add-item", "change-item",
    "metric-history", "metric-enter", "metric-steps", "import-figures", "import-file",
    "add-metric", "change-metric", "add-target", "change-target",
)  # fmt: skip
_REGISTERS = (
    "agreements", "agreement", "add-agreement", "change-agreement", "add-sign-off",
    "change-sign-off", "add-plan-sign-off", "fund-plan", "fund-plan-tab", "change-condition",
    "add-condition-step", "change-condition-step", "change-aim", "change-assumption",
)  # fmt: skip
_POOLS = (
    "pools", "pool", "pool-statement", "change-pool", "add-pool-member", "change-pool-member",
    "state-pool-amount", *_REGISTERS,
)  # fmt: skip
_DELIVERY = (
    "delivery", "action-plans", "action-plan", "action", "change-action", "change-assurance",
    "milestones", "milestone", "add-milestone", "change-milestone", "workstreams", "workstream",
    "calendar", "calendar-feeds", "governance", "body", "next-meeting", "add-body", "change-body",
    "add-body-part", "change-body-part", "registers", "register", "register-row",
    "add-register-row", "change-register-row", "remove-register-row", "import-register",
    "risk-register", "reduction-plans", "reduction-plan", "plan-effect", "add-urgent-action",
    "urgent-action", "add-plan-risk", "remove-plan-risk", "questions", "partners",
    "register-partner", "add-action-plan", "add-milestone-need", "remove-milestone-need",
    "remove-milestone", "add-workstream", "change-workstream", "remove-workstream", "add-project",
    "change-project", "remove-project", "remove-body", "remove-body-part", "remove-urgent-action",
    *_PLAN_FORMS,
)  # fmt: skip
_MONTH = ("enter-month", "submit-month", "month-paper", "month-return")
_MINE = ("my-work", *_MONTH, "year-grid", "uploads", "upload", "mapping", "new-mapping")
_KEEPING = (
    "administration", "new-system", "load-package", "keep", "change-system", "add-partner",
    "keep-partner", "keep-year", "add-line", "change-line",
)  # fmt: skip
_PEOPLE = ("people", "person", "invite", "change-account", "give-role", "change-role")


def house(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html. Two queries for a person, shared with the page, and one more
    where the page names no year, unless what it says is kept; none for a visitor.
    """
    context: dict[str, Any] = {"demo": settings.DEMO}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    grants = grants_of(user)
    slices = visible_slices(user)
    match = request.resolver_match
    here = (match.kwargs.get("system"), match.kwargs.get("year")) if match else (None, None)
    page = match.url_name if match and match.url_name else ""
    roles = {Role(grant.role).label for grant in grants}
    name = str(user)  # in the demo it says the role already
    return context | {
        "person": {"name": name, "role": ", ".join(sorted(r for r in roles if r not in name))},
        "nav": _nav(slices, here, page, bool(grants), _kept(request, page))
        + _audit(user, slices, here, page)
        + _keeping(grants, page),
        "switcher": _switcher(slices, match, page),
    }


def _nav(
    slices: list[Slice], here: tuple[str | None, str | None], page: str, works: bool, kept: str
) -> list[dict[str, Any]]:
    ways = [("Overview", reverse("home"), page == "home")]
    there = here if all(here) else _foremost(slices, here[0])
    if there:
        ways.append(("Finance", reverse("finances", args=there) + kept, page in _FINANCE))
        ways.append(("Schemes", reverse("schemes", args=there) + kept, page in _SCHEMES))
        ways.append(("Outcomes", reverse("outcomes", args=there[:1]), page in _OUTCOMES))
        ways.append(("Pooled budgets", reverse("pools", args=there), page in _POOLS))
        ways.append(("Delivery", reverse("delivery", args=there[:1]), page in _DELIVERY))
        ways.append(("Board", reverse("board", args=there) + kept, page in ("board", "commentary")))
    if works:
        ways.append(("My work", reverse("my-work"), page in _MINE))
    return [{"label": label, "href": href, "current": current} for label, href, current in ways]


def _kept(request: HttpRequest, page: str) -> str:
    """The moment that a page of figures is asked for as at, for the ways to the pages beside it."""
    text = request.GET.get(PARAMETER, "").strip()
    if page not in _KEPT or not text or not keeps(text):
        return ""
    return f"?{urlencode({PARAMETER: text})}"


def _audit(
    user: User, slices: list[Slice], here: tuple[str | None, str | None], page: str
) -> list[dict[str, Any]]:
    """The way to the audit of this system, else of the first, for those who read it."""
    there = next((slice_ for slice_ in slices if here[0] in (None, slice_.system.code)), None)
    if there is None or not has_permission(user, Permission.READ_AUDIT, system=there.system):
        return []
    href = reverse("audit", args=[there.system.code])
    return [{"label": "Audit", "href": href, "current": page == "audit"}]


def _keeping(grants: list[RoleGrant], page: str) -> list[dict[str, Any]]:
    """The way to the administration, or for those who only read the audit to the people."""
    given = {permission for grant in grants for permission in PERMISSIONS[Role(grant.role)]}
    if Permission.MANAGE_PEOPLE in given:
        way = ("Administration", "administration", page in _KEEPING or page in _PEOPLE)
    elif Permission.READ_AUDIT in given:
        way = ("People", "people", page in _PEOPLE)
    else:
        return []
    label, name, current = way
    return [{"label": label, "href": reverse(name), "current": current}]


def _foremost(slices: list[Slice], system: str | None = None) -> tuple[str, str] | None:
    """Where a way leads from a page that names no year: the latest that holds published actuals
    of its system, and from one that names no system those of the first, as on the overview.
    """
    named = [slice_ for slice_ in slices if slice_.system.code == system]
    first = named or slices
    own = [slice_ for slice_ in first if slice_.system_id == first[0].system_id]
    key = "|".join(f"{slice_.pk}.{computed_change(slice_)}" for slice_ in own)
    key = f"years-with-actuals:{hashlib.sha256(key.encode()).hexdigest()}"
    reported = remember(key, lambda: (key, years_with_actuals(own)))
    chosen = next((slice_ for slice_ in own if slice_.pk in reported), own[0] if own else None)
    return (chosen.system.code, chosen.year_id) if chosen else None


def _switcher(slices: list[Slice], match: ResolverMatch | None, page: str) -> dict[str, Any] | None:
    asked = match.kwargs if match else {}
    here = (asked.get("system"), asked.get("year"))
    if page in _OF_SYSTEM or page in _LISTS:
        return _systems_switcher(slices, here[0], _LISTS.get(page, page))
    if not all(here):
        return None
    to = "reduction-plans" if page == _PLAN else page if page in _KEPT else "finances"
    own = [slice_ for slice_ in slices if slice_.system.code == here[0]]
    if not own:
        return None
    years: dict[str, str] = {}
    systems: dict[str, Slice] = {}
    kept = _kept_in(own, page, asked)
    for slice_ in slices:
        chosen = systems.setdefault(slice_.system.code, slice_)
        if slice_.year_id == here[1] and chosen is not slice_:
            systems[slice_.system.code] = slice_  # the same year there, when there is one
    for slice_ in own:
        years[slice_.year_id] = (
            reverse(page, kwargs={**asked, "year": slice_.year_id})
            if slice_.pk in kept
            else reverse(to, args=[slice_.system.code, slice_.year_id])
        )
    return {
        "system": own[0].system.name,
        "year": str(here[1]).replace("-", "/"),
        "systems": [
            {
                "label": slice_.system.name,
                "href": reverse(to, args=[code, slice_.year_id]),
                "current": code == here[0],
            }
            for code, slice_ in systems.items()
        ],
        "years": [
            {"label": year.replace("-", "/"), "href": href, "current": year == here[1]}
            for year, href in years.items()
        ],
    }


def _kept_in(own: list[Slice], page: str, asked: dict[str, str]) -> set[int]:
    """Years of a system, by their ids, that have what a page is about: a query of a plan's page,
    which not every year has; none of others.
    """
    if page == _PLAN:
        lines = Line.objects.filter(slice__in=own, code=asked["code"], kind=Kind.REDUCTION_PLAN)
        return set(lines.values_list("slice", flat=True))
    return {slice_.pk for slice_ in own} if page in _KEPT_IN_SYSTEM else set()


def _systems_switcher(slices: list[Slice], here: str | None, page: str) -> dict[str, Any] | None:
    """The switcher where no year is named: to a page that every system has, of another system."""
    names = {slice_.system.code: slice_.system.name for slice_ in slices}
    if here not in names:
        return None
    return {
        "system": names[here],
        "systems": [
            {"label": name, "href": reverse(page, args=[code]), "current": code == here}
            for code, name in names.items()
        ],
    }
