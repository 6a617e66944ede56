"""The product's own pages by the names that people and documents have for them.

A row: the page's title, its address name and what more its address takes, and other names. Pages
of a year open in the latest that holds figures, or where that holds nothing of what the page shows
in the newest that does; pages of a fund plan in each of a system's plans. Where a page is empty
for some systems it is named for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import connection
from django.urls import reverse

from esbt.search.finding import CONFIG
from esbt.search.holding import systems_holding
from finance.queries.holding import slices_holding
from schemes.models import FundPlan, Slice, System


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

    @property
    def key(self) -> str:
        """Its name among pages whose addresses take more."""
        return "/".join((self.page, *self.more))

    def called(self, asked: str) -> bool:
        """Whether that is just its title or one of its names."""
        names = [self.title, *self.names.split("; ")]
        return asked.casefold() in (name.casefold() for name in names)


@dataclass(frozen=True, slots=True)
class PageLink:
    """Where a page opens: in which system, or fund plan of one; "" for a page of the site."""

    label: str
    system: str
    href: str
    holds: bool = True  # false where it is empty


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
        "East Sussex share table; Improved Better Care Fund; iBCF; "
        "Adult Social Care Support Grant; social care precept; quoted tables; list of doubts; "
        "evidence; data package",
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
        "Savings targets by line; prescribing; No Cheaper Stock Obtainable; locality planning; "
        "Technology Enabled Care Services; TECS; run rate; slippage",
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
        "national comparison and direction; delayed transfers of care; DTOC; indicators; "
        "key performance indicators; KPI; KPIs and finance reporting",
    ),
    PageName(
        "Quarterly reports", "quarters", _SYSTEM,
        "Quarterly performance report; annual full report; one domain a quarter; "
        "KPI and finance reporting; KPIs and finance reporting",
    ),
    PageName(
        "Agreements and plans", "agreements", _SYSTEM,
        "Agreements and approvals register; Alliance Agreement; Financial Framework Agreement; "
        "section 75; sign-off; who has still to approve; risk share and host partner",
    ),
    PageName(
        "Fund plan", "fund-plan", _PLAN,
        "Better Care Fund; BCF plan summary and versions; sign-off; scheme headings and programmes "
        "by life phase; aims and how they are measured; pooled value; plan details; "
        "summary of plan; authorisation and sign off; authorisation and signoff; "
        "service provider engagement; "
        "vision for health and care services; description of planned changes; "
        "aims and objectives; life phases",
    ),
    PageName(
        "Metrics of a fund plan", "fund-plan-tab", _PLAN,
        "Better Care Fund; BCF metrics with performance periods and payment points; payment for "
        "performance",
        ("metrics",),
    ),
    PageName(
        "National conditions", "fund-plan-tab", _PLAN,
        "National conditions compliance; Better Care Fund; BCF; seven day services; "
        "7 day services; 7 day services to support discharge; protecting social care services; "
        "data sharing; "
        "NHS number; joint assessment and accountable lead professional",
        ("conditions",),
    ),
    PageName(
        "Risks of a fund plan", "fund-plan-tab", _PLAN,
        "BCF risk register; Better Care Fund; mitigation; unrated risks",
        ("risks",),
    ),
    PageName(
        "Acute impact", "fund-plan-tab", _PLAN,
        "Acute impact modelling; implications for the acute sector; Better Care Fund; BCF; "
        "admissions avoided; workforce",
        ("acute",),
    ),
    PageName(
        "Delivery", "delivery", _SYSTEM,
        "Delivery and assurance; progress; recovery; what is overdue; programme management; PMO",
    ),
    PageName(
        "Action plans", "action-plans", _SYSTEM,
        "Action tracker; CQC system review action plan; Care Quality Commission; CQC; "
        "regulator; assurance evidence; overdue actions; Senior Responsible Officer",
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
        "reference; HWB review; HWB; Health and Wellbeing Board; decision log; "
        "approvals outstanding",
    ),
    PageName(
        "Partners", "partners", _SYSTEM,
        "Partner and organisation register; organisations; members; aliases; wider partners; "
        "ODS codes",
    ),
    PageName(
        "Risks", "risk-register", _SYSTEM,
        "Register of risks; heat map; likelihood and impact; issues; mitigation",
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


def find_pages(
    asked: str, systems: Sequence[System], slices: Sequence[Slice], *, years: Mapping[str, str]
) -> list[PageHit]:
    """The pages that are called so, each with its places: four queries.

    What is called just so comes first, what is empty everywhere last. ``slices`` are the years of
    the systems, newest first; ``years`` is the year of each that is shown where all are alike. A
    page that has no place in any of the systems is left out.
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
    places = _Places(systems, slices, years)
    found.sort(key=lambda page: not page.called(asked))
    hits = [PageHit(page.title, places.of(page)) for page in found]
    hits.sort(key=lambda hit: not any(link.holds for link in hit.links))
    return [hit for hit in hits if hit.links]


class _Places:
    """Where pages open, and which of these places hold something."""

    def __init__(
        self, systems: Sequence[System], slices: Sequence[Slice], years: Mapping[str, str]
    ) -> None:
        self.systems = systems
        self.years = years
        self.by_year = slices_holding(slices)
        self.by_system = systems_holding(systems)
        self.slices: dict[int, list[Slice]] = {}
        for slice_ in slices:
            self.slices.setdefault(slice_.system_id, []).append(slice_)
        self.plans: dict[int, list[FundPlan]] = {}
        for plan in FundPlan.objects.filter(system__in=systems).order_by(
            "system", "-first_year", "code"
        ):
            self.plans.setdefault(plan.system_id, []).append(plan)

    def of(self, page: PageName) -> list[PageLink]:
        """Everywhere that a page opens; where it is empty only if it is so everywhere."""
        if page.scope == Scope.SITE:
            return [PageLink("", "", reverse(page.page))]
        links = [link for system in self.systems for link in self._links(page, system)]
        return [link for link in links if link.holds] or links

    def _links(self, page: PageName, system: System) -> list[PageLink]:
        """Where a page opens in a system: nowhere where it has no year or fund plan to show."""

        def link(label: str, *args: str, holds: bool = True) -> PageLink:
            href = reverse(page.page, args=[system.code, *args, *page.more])
            return PageLink(label, system.code, href, holds)

        if page.scope == Scope.PLAN:
            plans = self.plans.get(system.pk, ())
            return [link(f"{system.name}, {plan.name}", plan.code) for plan in plans]
        if page.scope == Scope.SYSTEM:
            held = self.by_system.get(page.key, set() if page.page == "register" else None)
            return [link(system.name, holds=held is None or system.pk in held)]
        year, holds = self._year(page, system)
        return [link(f"{system.name} {year.year}", year.year_id, holds=holds)] if year else []

    def _year(self, page: PageName, system: System) -> tuple[Slice | None, bool]:
        """The year in which a page opens, and whether it holds something there."""
        own = self.slices.get(system.pk, [])
        held = self.by_year.get(page.key)
        shown = next((s for s in own if s.year_id == self.years.get(system.code)), None)
        if shown is None or held is None or shown.pk in held:
            return shown, True
        holding = next((slice_ for slice_ in own if slice_.pk in held), None)
        return holding or shown, holding is not None
