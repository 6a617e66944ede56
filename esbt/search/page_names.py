"""The product's own pages by the names that people and documents have for them.

A row: the page's title, its address name and what more its address takes, and other names. Pages
of a year open in the latest that holds figures; pages of a fund plan in each of a system's plans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import connection
from django.urls import reverse

from esbt.search.finding import CONFIG
from schemes.models import FundPlan, System


class Scope(StrEnum):
    """What a page is about."""

    SITE = "site"
    SYSTEM = "system"
    YEAR = "year"
    PLAN = "plan"


@dataclass(frozen=True)
class PageName:
    """A page, and what else it is called."""

    title: str
    page: str
    scope: Scope
    names: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageLink:
    """Where a page opens: in which system, or fund plan of one; "" for a page of the site."""

    label: str
    system: str
    href: str


@dataclass(frozen=True, slots=True)
class PageHit:
    """A page that was found, with each place that it can be opened for."""

    title: str
    links: Sequence[PageLink] = field(default_factory=list)


_SITE, _SYSTEM, _YEAR, _PLAN = Scope.SITE, Scope.SYSTEM, Scope.YEAR, Scope.PLAN
PAGES = (
    PageName(
        "Schemes", "schemes", _YEAR,
        "SIP schedule; Strategic Investment Plan; savings by scheme; gross budget; "
        "scheme capacity and activity targets; scheme text, pathways and dependency record; "
        "care home beds; next steps",
    ),
    PageName(
        "Pooled budgets", "pools", _YEAR,
        "Pooled and aligned budget accounts; SIP resources; Integrated Commissioning Fund; ICF; "
        "pool account; contributions; section 75; host partner; risk share; share of an overspend",
    ),
    PageName(
        "As printed", "printed", _YEAR,
        "Honest loader and source trail; source documents; partner share of savings; "
        "East Sussex share table; quoted tables; list of doubts; evidence",
    ),
    PageName(
        "System finances", "finances", _YEAR,
        "System deficit table and monthly outturn entry; position; surplus or deficit; variance; "
        "partners; month by month",
    ),
    PageName("Board summary", "board", _YEAR, "Variance on one page; commentary; board members"),
    PageName(
        "Forecast and risks", "forecast", _YEAR,
        "Forecast, control total and risk-adjusted position; risk register; in-year risk; "
        "net risk; pressures",
    ),
    PageName(
        "Savings", "savings", _YEAR,
        "Savings targets by line; prescribing; locality planning; TECS; run rate; slippage",
    ),
    PageName(
        "Expenditure reduction plans", "reduction-plans", _YEAR,
        "Expenditure reduction plan tracking; recovery plans; urgent action; slippage",
    ),
    PageName(
        "Four assurance questions", "questions", _YEAR,
        "System Financial Recovery Board; recovery board; four questions; assurance",
    ),
    PageName("Claims of two partners", "claims", _YEAR, "Savings claimed twice; double counting"),
    PageName("Plans", "plans", _YEAR, "Versions of a plan; original and revised plan; budget"),
    PageName("Virements", "virements", _YEAR, "Transfer of budget between lines"),
    PageName("Headings", "headings", _YEAR, "Income and spend by heading; subjective analysis"),
    PageName("Causes of variances", "causes", _YEAR, "Why figures are over or under plan"),
    PageName("Contracts and transfers", "contracts", _YEAR, "Between partners; counterparty"),
    PageName(
        "Returns", "returns", _YEAR,
        "Monthly returns; closing a month; recomputing and freezing; who has yet to report; "
        "approval; lateness",
    ),
    PageName("Timetable", "timetable", _YEAR, "Deadlines of returns; reporting calendar"),
    PageName("Changes", "changes", _YEAR, "Difference since the last snapshot; who changed what"),
    PageName(
        "Money and outcomes", "money-and-outcomes", _YEAR, "Value for money; cost beside results"
    ),
    PageName(
        "Evaluations of schemes", "evaluations", _SYSTEM,
        "Scheme evaluation register; evaluating pilots; continue, re-plan or stop; community "
        "investments",
    ),
    PageName(
        "Equality impact", "equality", _SYSTEM,
        "Equality impact marks; protected characteristics; equalities assessment; EIA",
    ),
    PageName(
        "Outcomes", "outcomes", _SYSTEM,
        "Outcomes framework; domains, objectives and outcomes; versions of the framework; "
        "activity and performance facts; new services and improvements; local metrics with "
        "national comparison and direction; delayed transfers of care; DTOC; KPI; indicators",
    ),
    PageName(
        "Quarterly reports", "quarters", _SYSTEM,
        "Quarterly performance report; annual full report; one domain a quarter; "
        "KPI and finance reporting",
    ),
    PageName(
        "Agreements and plans", "agreements", _SYSTEM,
        "Agreements and approvals register; Alliance Agreement; Financial Framework Agreement; "
        "section 75; sign-off; who has still to approve; risk share and host partner",
    ),
    PageName(
        "Fund plan", "fund-plan", _PLAN,
        "Better Care Fund; BCF plan summary and versions; sign-off; scheme headings and programmes "
        "by life phase; aims and how they are measured; pooled value; iBCF",
    ),
    PageName(
        "Metrics of a fund plan", "fund-plan-tab", _PLAN,
        "Better Care Fund; BCF metrics with performance periods and payment points; payment for "
        "performance",
        ("metrics",),
    ),
    PageName(
        "National conditions", "fund-plan-tab", _PLAN,
        "National conditions compliance; Better Care Fund; BCF; seven day services; NHS number",
        ("conditions",),
    ),
    PageName(
        "Risks of a fund plan", "fund-plan-tab", _PLAN,
        "BCF risk register; Better Care Fund; mitigation; unrated risks",
        ("risks",),
    ),
    PageName(
        "Acute impact", "fund-plan-tab", _PLAN,
        "Acute impact modelling; Better Care Fund; BCF; admissions avoided; workforce",
        ("acute",),
    ),
    PageName(
        "Delivery", "delivery", _SYSTEM,
        "Delivery and assurance; progress; recovery; what is overdue; programme management; PMO",
    ),
    PageName(
        "Action plans", "action-plans", _SYSTEM,
        "Action tracker; CQC system review action plan; regulator; assurance evidence; overdue "
        "actions; Senior Responsible Officer",
    ),
    PageName(
        "Milestones", "milestones", _SYSTEM,
        "Milestone plan; roadmap; slip history; integrated care partnership; ICP",
    ),
    PageName(
        "Workstreams", "workstreams", _SYSTEM,
        "Integration programme: workstreams and projects; target operating model; TOM",
    ),
    PageName("Calendar", "calendar", _SYSTEM, "Everything due; diary; dates; deadlines"),
    PageName(
        "Governance", "governance", _SYSTEM,
        "Governance map; boards and groups; who decides what; members of a board; terms of "
        "reference; HWB review; Health and Wellbeing Board; partner and organisation register; "
        "decision log; approvals outstanding",
    ),
    PageName("Registers", "registers", _SYSTEM, "Lists that are kept; typed registers"),
    PageName(
        "Engagement log", "register", _SYSTEM,
        "Engagement and citizen voice log; focus groups; Healthwatch; patient participation; PPG; "
        "stakeholder group; consultation",
        ("engagement",),
    ),
    PageName(
        "Localities and networks", "register", _SYSTEM,
        "Locality planning and networks; locality groups; general practices",
        ("localities",),
    ),
    PageName(
        "Market and bed capacity", "register", _SYSTEM,
        "Care market and bed capacity; demand and capacity model (beds); bed gap; care homes; "
        "length of stay; waiting",
        ("capacity",),
    ),
    PageName(
        "Population facts", "register", _SYSTEM,
        "Population needs and demography; JSNA; Joint Strategic Needs Assessment; older people",
        ("population",),
    ),
    PageName(
        "Data sets and links", "register", _SYSTEM,
        "Integrated dataset and record links; SID; NHS number; data sharing; informatics",
        ("datasets",),
    ),
    PageName(
        "Local offer", "register", _SYSTEM,
        "Local offer and integrated commissioning framework; joint commissioning; readiness",
        ("offers",),
    ),
    PageName(
        "Risk groups", "register", _SYSTEM,
        "Risk stratification and proactive case lists; frailty; Rockwood; anticipatory care",
        ("risk-groups",),
    ),
    PageName(
        "My work", "my-work", _SITE,
        "Tasks; what waits for me; monthly outturn entry; enter figures; to approve; reminders; "
        "digest",
    ),
    PageName(
        "How figures are made", "about-figures", _SITE,
        "Recomputing and freezing; rollups; rounding; rating; provisional and published",
    ),
    PageName(
        "What each role may do", "about-roles", _SITE,
        "Roles and access; permissions; who may enter; admin",
    ),
    PageName("What I may do", "me", _SITE, "My roles; my account; access"),
    PageName("Glossary", "about-glossary", _SITE, "Abbreviations; what words mean; acronyms"),
    PageName("Accessibility statement", "about-accessibility", _SITE, "WCAG; screen reader"),
)  # fmt: skip

_SEARCH = """
SELECT place, ts_rank(words, query) AS rank
FROM (
    SELECT place, setweight(to_tsvector(%(config)s, title), 'A')
        || setweight(to_tsvector(%(config)s, names), 'B') AS words
    FROM unnest(%(titles)s::text[], %(names)s::text[]) WITH ORDINALITY AS page (title, names, place)
) pages, websearch_to_tsquery(%(config)s, %(asked)s) query
WHERE words @@ query
ORDER BY rank DESC, place
"""


def find_pages(asked: str, systems: Sequence[System], *, years: Mapping[str, str]) -> list[PageHit]:
    """The pages that are called so, the best first, each with its places: two queries.

    A page that has no place in any of the systems is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _SEARCH,
            {
                "config": CONFIG,
                "titles": [page.title for page in PAGES],
                "names": [page.names for page in PAGES],
                "asked": asked,
            },
        )
        found = [PAGES[place - 1] for place, _ in cursor.fetchall()]
    plans = FundPlan.objects.filter(system__in=systems).order_by("system", "-first_year", "code")
    by_system: dict[int, list[FundPlan]] = {}
    for plan in plans:
        by_system.setdefault(plan.system_id, []).append(plan)
    hits = [PageHit(page.title, _places(page, systems, years, by_system)) for page in found]
    return [hit for hit in hits if hit.links]


def _places(
    page: PageName,
    systems: Sequence[System],
    years: Mapping[str, str],
    plans: Mapping[int, Sequence[FundPlan]],
) -> list[PageLink]:
    """Everywhere that a page opens."""
    if page.scope == Scope.SITE:
        return [PageLink("", "", reverse(page.page))]
    return [link for system in systems for link in _links(page, system, years, plans)]


def _links(
    page: PageName,
    system: System,
    years: Mapping[str, str],
    plans: Mapping[int, Sequence[FundPlan]],
) -> list[PageLink]:
    """Where a page opens in a system: nowhere where it has no year or fund plan to show."""

    def link(label: str, *args: str) -> PageLink:
        href = reverse(page.page, args=[system.code, *args, *page.more])
        return PageLink(label, system.code, href)

    if page.scope == Scope.PLAN:
        return [link(f"{system.name}, {plan.name}", plan.code) for plan in plans.get(system.pk, ())]
    if page.scope == Scope.SYSTEM:
        return [link(system.name)]
    year = years.get(system.code)
    return [link(system.name, year)] if year else []
