"""Who opens which address, and who gets through with what: every one of them, for everybody.

Addresses may hold names of numbers that the test knows: {cora}, a person; {grant}, her role;
{other}, a person of another system; {member}, a partner's part in a pool; {file}, published
figures that were sent; {moor} and {hill}, what these partners uploaded.
"""

from dataclasses import dataclass, field

SYSTEM = "/systems/valley"
YEAR = "/systems/valley/years/2018-19"
API = "/api/v1/systems"
METRIC = "/systems/valley/outcomes/metrics/delays"

EVERYBODY = {
    "visitor", "stranger", "own lead", "other lead", "approver", "commissioner", "board",
    "auditor", "administrator", "site administrator", "administrator elsewhere",
}  # fmt: skip
SIGNED_IN = EVERYBODY - {"visitor"}
READERS = SIGNED_IN - {"stranger", "administrator elsewhere"}
AUDITS = {"auditor", "administrator", "site administrator"}
KEEPS = {"administrator", "site administrator"}
KEEPS_RISKS = {"own lead", "other lead", *KEEPS}
ENTERS_VALUES = {"commissioner", *KEEPS}
SITE = {"site administrator"}
SOME_KEEPERS = {*KEEPS, "administrator elsewhere"}
KEEP = "/systems/valley/keep"
MILLION = 10**6
METHODS = ("POST", "PUT", "PATCH", "DELETE")
OUTCOMES = "/systems/valley/outcomes"
FRAMEWORK = f"{OUTCOMES}/frameworks/first"
AGREEMENT = "/systems/valley/agreements/s75"
PLAN = "/systems/valley/fund-plans/better-care"
CONDITION = f"{PLAN}/conditions/seven-days"
BOOK = f"{YEAR}/fund-plans/fund/workbook"
FUND = f"{YEAR}/pools/fund"
DELIVERY = (
    "delivery", "action-plans", "action-plans/plan", "action-plans/plan/actions/1-1", "actions.csv",
    "milestones", "milestones.csv", "milestones/offer", "workstreams", "workstreams.csv",
    "workstreams/home", "calendar", "calendar.csv", "calendar/feeds", "partners.csv",
)  # fmt: skip
REVIEW = "/systems/valley/action-plans/plan"
REVIEW_FORMS = (
    "change", "add-area", "areas/1/change", "areas/1/add-action", "areas/1/add-assurance",
    "areas/1/assurances/a", "actions/1-1/change", "actions/1-1/add-need",
    "actions/1-1/needs/1-2/remove",
)  # fmt: skip
ACTION = f"{REVIEW}/actions/1-1"
MILESTONE = "/systems/valley/milestones/offer"
CUTS = f"{YEAR}/reduction-plans/cuts"
CUTS_FORMS = ("add-urgent-action", "add-risk", "risks/winter", "urgent-actions/shifts")
CUTS_LEADS = {"own lead", "approver", *KEEPS}
OWN = {"moor": "own lead", "hill": "other lead"}

# address, who opens it, and how the others are answered: a visitor first, then everybody else
PAGES = {
    "/": (SIGNED_IN, 302, None),
    "/my-work": (SIGNED_IN, 302, None),
    "/search?q=moor": (SIGNED_IN, 302, None),
    "/api/v1/search?q=moor": (SIGNED_IN, 401, None),
    f"{YEAR}/board": (READERS, 302, 404),
    f"{YEAR}/finances": (READERS, 302, 404),
    f"{YEAR}/finances.csv": (READERS, 302, 404),
    f"{YEAR}/finances-by-month.csv": (READERS, 302, 404),
    f"{YEAR}/savings": (READERS, 302, 404),
    f"{YEAR}/savings-by-month.csv": (READERS, 302, 404),
    f"{YEAR}/forecast": (READERS, 302, 404),
    f"{YEAR}/forecast.csv": (READERS, 302, 404),
    f"{YEAR}/risks.csv": (READERS, 302, 404),
    f"{YEAR}/risks/winter": (READERS, 302, 404),
    **dict.fromkeys(
        (f"{YEAR}/{page}" for page in ("reduction-plans", "reduction-plans.csv", "questions")),
        (READERS, 302, 404),
    ),
    CUTS: (READERS, 302, 404),
    f"{CUTS}/effects/hill": ({"other lead", *KEEPS}, 302, 404),
    **dict.fromkeys((f"{CUTS}/{page}" for page in CUTS_FORMS), (CUTS_LEADS, 302, 404)),
    f"{YEAR}/questions.csv": (READERS, 302, 404),
    "/systems/valley/risks": (READERS, 302, 404),
    "/systems/valley/risks.csv": (READERS, 302, 404),
    f"{YEAR}/add-risk": (KEEPS_RISKS, 302, 404),
    f"{YEAR}/risks/winter/change": (KEEPS_RISKS - {"other lead"}, 302, 404),
    f"{YEAR}/schemes": (READERS, 302, 404),
    f"{YEAR}/schemes.csv": (READERS, 302, 404),
    f"{YEAR}/schemes.xlsx": (READERS, 302, 404),
    f"{YEAR}/schemes/falls": (READERS, 302, 404),
    f"{YEAR}/schemes/falls/history": (READERS, 302, 404),
    f"{YEAR}/claims": (READERS, 302, 404),
    f"{YEAR}/returns": (READERS, 302, 404),
    f"{YEAR}/changes": (READERS, 302, 404),
    f"{YEAR}/changes.csv": (READERS, 302, 404),
    f"{YEAR}/plans": (READERS, 302, 404),
    f"{YEAR}/plans.csv": (READERS, 302, 404),
    f"{YEAR}/plan-differences.csv": (READERS, 302, 404),
    f"{YEAR}/virements": (READERS, 302, 404),
    f"{YEAR}/headings": (READERS, 302, 404),
    f"{YEAR}/headings.csv": (READERS, 302, 404),
    f"{YEAR}/causes": (READERS, 302, 404),
    f"{YEAR}/causes.csv": (READERS, 302, 404),
    f"{YEAR}/contracts": (READERS, 302, 404),
    f"{YEAR}/contracts.csv": (READERS, 302, 404),
    f"{YEAR}/beside": (READERS, 302, 404),
    f"{YEAR}/pools": (READERS, 302, 404),
    f"{YEAR}/pools.csv": (READERS, 302, 404),
    f"{YEAR}/pool-amounts.csv": (READERS, 302, 404),
    f"{YEAR}/pools/fund": (READERS, 302, 404),
    f"{YEAR}/pools/fund/lines.csv": (READERS, 302, 404),
    f"{YEAR}/pools/fund/statements/1": (READERS, 302, 404),
    f"{YEAR}/pools/fund/statements/1.csv": (READERS, 302, 404),
    f"{YEAR}/pools/fund/statements/1.xlsx": (READERS, 302, 404),
    f"{FUND}/what-if": (READERS, 302, 404),
    f"{FUND}/what-if.csv?kind=kept&partner=moor&amount=1": (READERS, 302, 404),
    f"{FUND}/shares.csv": (READERS, 302, 404),
    f"{FUND}/add-rule": (KEEPS, 302, 404),
    f"{FUND}/rules/first": (KEEPS, 302, 404),
    f"{FUND}/change": (KEEPS, 302, 404),
    f"{FUND}/add-partner": (KEEPS, 302, 404),
    f"{FUND}/partners/{{member}}": (KEEPS, 302, 404),
    f"{FUND}/amounts/opening": (KEEPS, 302, 404),
    "/systems/valley/outcomes/import": (ENTERS_VALUES, 302, 404),
    "/systems/valley/outcomes/import/{file}": (ENTERS_VALUES, 302, 404),
    "/systems/valley/outcomes/import/{file}/progress": (ENTERS_VALUES, 302, 404),
    "/systems/valley/audit": (AUDITS, 302, 404),
    "/systems/valley/audit.csv": (AUDITS, 302, 404),
    f"{YEAR}/stamp": (READERS, 302, 404),
    f"{YEAR}/lines/moor-position": (READERS, 302, 404),
    f"{YEAR}/partners/moor": (READERS, 302, 404),
    f"{YEAR}/printed": (READERS, 302, 404),
    f"{YEAR}/tables/share": (READERS, 302, 404),
    f"{YEAR}/tables/share.csv": (READERS, 302, 404),
    "/systems/valley/equality": (READERS, 302, 404),
    "/systems/valley/equality.csv": (READERS, 302, 404),
    "/systems/valley/evaluations": (READERS, 302, 404),
    "/systems/valley/evaluations.csv": (READERS, 302, 404),
    f"{SYSTEM}/registers": (READERS, 302, 404),
    f"{SYSTEM}/registers/capacity": (READERS, 302, 404),
    f"{SYSTEM}/registers/capacity.csv": (READERS, 302, 404),
    f"{SYSTEM}/registers/capacity.xlsx": (READERS, 302, 404),
    f"{SYSTEM}/registers/capacity/beds": (READERS, 302, 404),
    f"{SYSTEM}/registers/capacity/beds/change": (KEEPS, 302, 404),
    f"{SYSTEM}/registers/capacity/beds/remove": (KEEPS, 302, 404),
    f"{SYSTEM}/add-to-register/capacity": (KEEPS, 302, 404),
    f"{SYSTEM}/import-register/capacity": (KEEPS, 302, 404),
    f"{SYSTEM}/partners": (READERS, 302, 404),
    f"{SYSTEM}/partners/moor": (READERS, 302, 404),
    f"{SYSTEM}/partners/hill": (READERS, 302, 404),
    f"{SYSTEM}/governance": (READERS, 302, 404),
    f"{SYSTEM}/bodies.csv": (READERS, 302, 404),
    f"{SYSTEM}/decisions.csv": (READERS, 302, 404),
    f"{SYSTEM}/add-body": (KEEPS, 302, 404),
    f"{SYSTEM}/governance/board": (READERS, 302, 404),
    f"{SYSTEM}/governance/board/next-meeting": (READERS, 302, 404),
    f"{SYSTEM}/governance/board/change": (KEEPS, 302, 404),
    f"{SYSTEM}/governance/board/add-seat": (KEEPS, 302, 404),
    f"{SYSTEM}/governance/board/seat/moor": (KEEPS, 302, 404),
    "/schemas/governance/bodies.json": (EVERYBODY, None, None),
    "/schemas/registers/capacity.json": (EVERYBODY, None, None),
    f"{YEAR}/workbook.xlsx": ({"own lead", "other lead"}, 302, 404),
    f"{YEAR}/timetable": (READERS, 302, 404),
    f"{YEAR}/months/1/commentary": (KEEPS, 302, 404),
    **{
        f"{YEAR}/partners/{partner}/{page}": ({lead, *more}, 302, 404)
        for partner, lead in OWN.items()
        for page, more in {
            "months/1/enter": (),
            "months/13/enter": (),
            "months/1/submit": (),
            "months/1/paper": {"approver"} if partner == "moor" else (),
            "workbook.xlsx": (),
            "uploads": (),
            f"uploads/{{{partner}}}": (),
            f"uploads/{{{partner}}}/progress": (),
            "mappings/new": (),
            f"mappings/{{{partner}}}": (),
            "year/actual": (),
            "year/forecast": (),
            "year/plan": KEEPS,
        }.items()
    },
    f"{YEAR}/partners/moor/months/1/return": ({"approver"}, 302, 404),
    f"{YEAR}/partners/hill/months/1/return": (set(), 302, 404),
    "/me": (SIGNED_IN, 302, None),
    "/people": ({*AUDITS, *SOME_KEEPERS}, 302, 404),
    "/people/invite": (SOME_KEEPERS, 302, 404),
    "/people/{cora}": (AUDITS, 302, 404),
    "/people/{cora}/account": (KEEPS, 302, 404),
    "/people/{cora}/roles": (KEEPS, 302, 404),
    "/people/{cora}/roles/{grant}": (KEEPS, 302, 404),
    "/people/{other}": ({"administrator elsewhere", *SITE}, 302, 404),
    "/people/{other}/account": ({"administrator elsewhere", *SITE}, 302, 404),
    "/administration": (SOME_KEEPERS, 302, 404),
    "/administration/systems": (SITE, 302, 404),
    "/administration/packages": (SITE, 302, 404),
    "/administration/packages/datapackage.json": (SITE, 302, 404),
    "/administration/funds": (SOME_KEEPERS, 302, 404),
    BOOK: ({"own lead", "other lead", *KEEPS}, 302, 404),
    f"{BOOK}.xlsx": ({"own lead", "other lead", *KEEPS}, 302, 404),
    KEEP: (KEEPS, 302, 404),
    f"{KEEP}/name": (KEEPS, 302, 404),
    f"{KEEP}/partners": (KEEPS, 302, 404),
    f"{KEEP}/partners/moor": (KEEPS, 302, 404),
    f"{KEEP}/partners/hill": (KEEPS, 302, 404),
    f"{YEAR}/keep": (KEEPS, 302, 404),
    f"{YEAR}/keep/lines": (KEEPS, 302, 404),
    f"{YEAR}/keep/lines/moor-position": (KEEPS, 302, 404),
    OUTCOMES: (READERS, 302, 404),
    f"{OUTCOMES}.csv": (READERS, 302, 404),
    f"{FRAMEWORK}/compare": (READERS, 302, 404),
    f"{OUTCOMES}/quarters": (READERS, 302, 404),
    f"{OUTCOMES}/quarters/{{due}}": (READERS, 302, 404),
    f"{OUTCOMES}/quarters/{{due}}.csv": (READERS, 302, 404),
    f"{OUTCOMES}/add-framework": (KEEPS, 302, 404),
    FRAMEWORK: (KEEPS, 302, 404),
    f"{FRAMEWORK}/add-item": (KEEPS, 302, 404),
    f"{FRAMEWORK}/items/health": (KEEPS, 302, 404),
    f"{OUTCOMES}/add-metric": (KEEPS, 302, 404),
    f"{METRIC}/change": (KEEPS, 302, 404),
    f"{METRIC}/add-target": (KEEPS, 302, 404),
    f"{METRIC}/targets/aim": (KEEPS, 302, 404),
    f"{YEAR}/schemes/falls/add-metric": (KEEPS, 302, 404),
    f"{YEAR}/schemes/falls/metrics/delays": (KEEPS, 302, 404),
    f"{YEAR}/schemes/falls/metrics/delays/remove": (KEEPS, 302, 404),
    f"{YEAR}/money-and-outcomes": (READERS, 302, 404),
    f"{YEAR}/money-and-outcomes.csv": (READERS, 302, 404),
    "/schemas/money-and-outcomes.json": (EVERYBODY, None, None),
    METRIC: (READERS, 302, 404),
    f"{METRIC}.csv": (READERS, 302, 404),
    f"{METRIC}/history?starts=2017-01-01&ends=2017-01-31": (READERS, 302, 404),
    f"{METRIC}/enter": (ENTERS_VALUES, 302, 404),
    f"{METRIC}/steps": (ENTERS_VALUES, 302, 404),
    "/systems/valley/outcomes/compare/delays": (READERS, 302, 404),
    "/systems/valley/outcomes/compare/delays.csv": (READERS, 302, 404),
    "/schemas/outcomes/metric.json": (EVERYBODY, None, None),
    "/schemas/what-if.json": (EVERYBODY, None, None),
    "/schemas/position.json": (EVERYBODY, None, None),
    "/schemas/forecast.json": (EVERYBODY, None, None),
    "/schemas/risks.json": (EVERYBODY, None, None),
    "/schemas/schemes/equality.json": (EVERYBODY, None, None),
    "/schemas/fund-plans/conditions.json": (EVERYBODY, None, None),
    "/systems/valley/agreements": (READERS, 302, 404),
    "/systems/valley/agreements.csv": (READERS, 302, 404),
    "/systems/valley/sign-offs.csv": (READERS, 302, 404),
    "/systems/valley/add-agreement": (KEEPS, 302, 404),
    AGREEMENT: (READERS, 302, 404),
    f"{AGREEMENT}/change": (KEEPS, 302, 404),
    f"{AGREEMENT}/add-sign-off": (KEEPS, 302, 404),
    "/systems/valley/sign-offs/council": (KEEPS, 302, 404),
    PLAN: (READERS, 302, 404),
    **dict.fromkeys(
        (f"{PLAN}/{tab}" for tab in ("metrics", "conditions", "risks", "acute", "history")),
        (READERS, 302, 404),
    ),
    **dict.fromkeys(
        (f"{PLAN}/{name}.csv" for name in ("headings", "metrics", "conditions", "risks")),
        (READERS, 302, 404),
    ),
    f"{PLAN}/add-sign-off": (KEEPS, 302, 404),
    CONDITION: (KEEPS, 302, 404),
    f"{CONDITION}/add-step": (KEEPS, 302, 404),
    f"{CONDITION}/steps/rota": (KEEPS, 302, 404),
    f"{PLAN}/aims/lives": (KEEPS, 302, 404),
    f"{PLAN}/assumptions/falls": (KEEPS, 302, 404),
    **dict.fromkeys((f"{SYSTEM}/{page}" for page in DELIVERY), (READERS, 302, 404)),
    "/systems/valley/add-action-plan": (KEEPS, 302, 404),
    **dict.fromkeys((f"{REVIEW}/{page}" for page in REVIEW_FORMS), (KEEPS, 302, 404)),
    "/systems/valley/add-milestone": (KEEPS, 302, 404),
    f"{MILESTONE}/change": (KEEPS, 302, 404),
    "/calendar/nothing.ics": (set(), 404, 404),  # only its token opens it
    "/schemas/delivery/actions.json": (EVERYBODY, None, None),
    "/about/figures": (EVERYBODY, None, None),
    "/about/accessibility": (EVERYBODY, None, None),
    "/about/glossary": (EVERYBODY, None, None),
    "/about/roles": (EVERYBODY, None, None),
    "/healthz": (EVERYBODY, None, None),
    "/accounts/login/": ({"visitor"}, None, 302),
    API: (SIGNED_IN, 401, None),
    f"{API}/valley": (READERS, 401, 404),
    f"{API}/valley/partners": (READERS, 401, 404),
    f"{API}/valley/years": (READERS, 401, 404),
    f"{API}/valley/evaluations": (READERS, 401, 404),
    f"{API}/valley/evaluations.csv": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/position": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/schemes": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/schemes.csv": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/schemes/falls": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/savings": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/savings.csv": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/risks": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/reduction-plans": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/questions": (READERS, 401, 404),
    f"{API}/valley/pools": (READERS, 401, 404),
    f"{API}/valley/pools.csv": (READERS, 401, 404),
    f"{API}/valley/pools/fund": (READERS, 401, 404),
    f"{API}/valley/pools/fund/lines.csv": (READERS, 401, 404),
    f"{API}/valley/pools/fund/statements/2018-19/1": (READERS, 401, 404),
    f"{API}/valley/pools/fund/statements/2018-19/1/accounts.csv": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/lines": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/lines/moor-position/outturns": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/months/1/commentary": (READERS, 401, 404),
    f"{API}/valley/pools/fund/shares?year=2018-19": (READERS, 401, 404),
    f"{API}/valley/metrics": (READERS, 401, 404),
    f"{API}/valley/metrics/delays": (READERS, 401, 404),
    f"{API}/valley/metrics/delays/observations": (READERS, 401, 404),
    f"{API}/valley/frameworks": (READERS, 401, 404),
    f"{API}/valley/frameworks/first": (READERS, 401, 404),
    f"{API}/valley/agreements": (READERS, 401, 404),
    f"{API}/valley/agreements/s75": (READERS, 401, 404),
    f"{API}/valley/sign-offs": (READERS, 401, 404),
    f"{API}/valley/fund-plans": (READERS, 401, 404),
    f"{API}/valley/fund-plans/better-care": (READERS, 401, 404),
    f"{API}/valley/fund-plans/better-care/conditions": (READERS, 401, 404),
    f"{API}/valley/fund-plans/better-care/risks": (READERS, 401, 404),
    f"{API}/valley/actions": (READERS, 401, 404),
    f"{API}/valley/actions/1-1": (READERS, 401, 404),
    f"{API}/valley/milestones": (READERS, 401, 404),
    f"{API}/valley/risks": (READERS, 401, 404),
    f"{API}/valley/workstreams": (READERS, 401, 404),
    f"{API}/valley/calendar": (READERS, 401, 404),
    f"{API}/valley/bodies": (READERS, 401, 404),
    f"{API}/valley/bodies.csv": (READERS, 401, 404),
    f"{API}/valley/bodies/board": (READERS, 401, 404),
    f"{API}/valley/decisions": (READERS, 401, 404),
    f"{API}/valley/decisions.csv": (READERS, 401, 404),
    f"{API}/valley/registers": (READERS, 401, 404),
    f"{API}/valley/registers/capacity": (READERS, 401, 404),
    f"{API}/valley/registers/capacity.csv": (READERS, 401, 404),
    f"{API}/valley/registers/capacity/beds": (READERS, 401, 404),
    "/api/v1/openapi.json": (EVERYBODY, None, None),
}


@dataclass(frozen=True)
class Sent:
    """What is sent to an address, and who gets through with which answer; the others get 404."""

    method: str
    address: str
    who: dict[str, int]
    body: dict = field(default_factory=dict)
    visitor: int = 302

    @property
    def expected(self) -> dict[str, int]:
        return dict.fromkeys(EVERYBODY, 404) | {"visitor": self.visitor} | self.who


def to_api(method: str, path: str, who: dict[str, int], body: dict) -> Sent:
    return Sent(method, f"{API}/valley/years/2018-19/{path}", who, body, visitor=401)


def by(people: set[str], status: int = 302) -> dict[str, int]:
    return dict.fromkeys(people, status)


_ROLE = {"role": "auditor", "system": "valley", "partner": "", "starts": "", "ends": ""}
_BODY = {"name": "A", "short_name": "A", "kind": "council", "starts": "", "ends": ""}
_PAPER = {"kind": "position", "measure": "actual", "amount": "-1", "source": "Report"}
_MAP = {"code": "Account", "amount": "Amount", "header_row": "1", "unit": "pounds"}
_MAP |= {"amounts": "to-date", "measure": "actual", "seen": "1"}
_NEW_MAP = {**_MAP, "name": "y", "seen": ""}
_SETTLED = {"amount": "agreed", "pence": "1", "status": "agreed", "reason": "The signed plan"}
_LINE = {"name": "A", "calendar": "monthly", "first_month": 1, "last_month": 12}
_DUE = {"year": "2018-19", "quarter": "2", "domain": "first/health"}
_AGREEMENT = {"name": "A", "kind": "other", "state": "proposed"}
_SIGN_OFF = {"body": "A", "state": "outstanding"}
_VERSION = {"name": "A", "position": 1}
_ITEM = {"level": "domain", "name": "A", "position": 1}
_METRIC = {"name": "A", "unit": "number", "direction": "decrease", "frequency": "monthly"}
_METRIC |= {"per": "1", "decimals": "0", "position": "0"}
_SHARE = {"variance_pence": -9, "contributions": {"a": 1}, "rule": {"kind": "proportional"}}

_ACT = {"words": "A", "due": "2018-09"}
SENT = [
    *(
        row
        for partner, lead in OWN.items()
        for row in (
            to_api(
                "POST",
                "outturns",
                {lead: 200},
                {"rows": [{"line": f"{partner}-position", "month": 2, "actual_pence": 1}]},
            ),
            to_api(
                "PUT",
                "months/2/outturns",
                {lead: 200},
                {"outturns": [{"line": f"{partner}-position", "ytd_actual_pence": 1}]},
            ),
            Sent(
                "POST",
                f"{YEAR}/partners/{partner}/months/2/enter",
                {lead: 200},
                {f"actual-{partner}-position": "-5"},
            ),
            Sent("POST", f"{YEAR}/partners/{partner}/months/1/submit", {lead: 303}),
            Sent("POST", f"{YEAR}/partners/{partner}/months/1/paper", {lead: 303}, _PAPER),
            # nothing was submitted yet
            Sent(
                "POST",
                f"{YEAR}/partners/{partner}/months/1/return",
                {"approver": 409} if partner == "moor" else {},
                {"state": "approved"},
            ),
            # nothing is typed
            Sent("POST", f"{YEAR}/partners/{partner}/year/actual", {lead: 200}),
            Sent("POST", f"{YEAR}/partners/{partner}/year/forecast", {lead: 200}),
            Sent("POST", f"{YEAR}/partners/{partner}/year/plan", by({lead, *KEEPS}, 422)),
            Sent("POST", f"{YEAR}/partners/{partner}/mappings/new", {lead: 303}, _NEW_MAP),
            # there is no file in it, and what is there is not read yet
            Sent("POST", f"{YEAR}/partners/{partner}/uploads", {lead: 422}, {"month": "4"}),
            Sent("POST", f"{YEAR}/partners/{partner}/uploads/{{{partner}}}", {lead: 422}),
            Sent("POST", f"{YEAR}/partners/{partner}/mappings/{{{partner}}}", {lead: 303}, _MAP),
            Sent(
                "POST",
                f"{KEEP}/partners/{partner}",
                by(KEEPS),
                {"act": "name", "name-name": f"The {partner}"},
            ),
        )
    ),
    Sent("POST", f"{YEAR}/returns", by(KEEPS), {"act": "close", "month": "1", "reason": "So"}),
    Sent("POST", "/my-work", by(SIGNED_IN), {"act": "reminders", "reminders": "off"}),
    Sent("POST", f"{YEAR}/months/1/commentary", by(KEEPS, 422)),  # the month is not approved yet
    Sent(
        "POST",
        f"{YEAR}/timetable",
        by(KEEPS),
        {"month": "0", "submit": "8", "approve": "10", "close": "15"},
    ),
    *(
        Sent(
            "POST",
            f"{YEAR}/causes?month=1",
            {lead: 302},
            {"line": f"{partner}-position", "month": "1", "cause": "pay", "words": "Agency"},
        )
        for partner, lead in OWN.items()
    ),
    # no lines are chosen; who settles has its own tests
    Sent("POST", f"{YEAR}/virements", by(set(OWN.values()), 422), {"act": "propose"}),
    Sent(
        "POST",
        f"{YEAR}/plans",
        by(KEEPS),
        {"act": "version", "plan": "original", "name": "B", "reason": "So"},
    ),
    # no risk is described, and the state that was seen is none
    Sent("POST", f"{YEAR}/add-risk", by(KEEPS_RISKS, 422)),
    Sent("POST", f"{YEAR}/risks/winter/change", by(KEEPS_RISKS - {"other lead"}, 422)),
    Sent("POST", "/systems/valley/outcomes/import", by(ENTERS_VALUES, 422)),
    Sent("POST", "/systems/valley/outcomes/import/{file}", by(ENTERS_VALUES, 422)),
    Sent("POST", f"{YEAR}/claims", by(KEEPS), {"settlement": "apart"}),
    Sent("POST", f"{YEAR}/pools/fund", by(KEEPS), _SETTLED),
    Sent(
        "POST",
        f"{YEAR}/schemes/falls/rate",
        by({"own lead", *KEEPS}),
        {"month": "1", "rating": "red"},
    ),
    Sent(
        "POST",
        "/people/invite",
        by(KEEPS) | {"administrator elsewhere": 422},
        _ROLE | {"email": "new@example.org", "name": "New"},
    ),
    Sent(
        "POST",
        "/people/{cora}",
        by(KEEPS),
        {"act": "close", "reason": "Left"},
    ),
    Sent(
        "POST",
        "/people/{other}",
        by({"administrator elsewhere", *SITE}),
        {"act": "close", "reason": "Left"},
    ),
    Sent(
        "POST",
        "/people/{cora}/account",
        by(KEEPS),
        {"name": "Cora Cole", "email": "", "reason": "Slip"},
    ),
    Sent("POST", "/people/{cora}/roles", by(KEEPS), _ROLE),
    Sent("POST", "/people/{cora}/roles/{grant}", by(KEEPS), {"act": "end", "reason": "Left"}),
    Sent("POST", "/administration/systems", by(SITE), {"code": "new", "name": "New"}),
    Sent("POST", "/administration/packages", by(SITE, 422)),
    Sent(
        "POST",
        "/administration/funds",
        by(KEEPS, 200) | {"administrator elsewhere": 422},
        {"system": "valley", "year": "2030-31", "council": "moor", "icb": "hill", "board": "Board"},
    ),
    Sent("POST", BOOK, by({"own lead", "other lead", *KEEPS}, 422)),
    Sent("POST", KEEP, by(KEEPS), {"year": "2030-31"}),
    Sent("POST", f"{KEEP}/name", by(KEEPS), {"name": "Vale"}),
    Sent("POST", f"{KEEP}/partners", by(KEEPS), _BODY | {"code": "new", "position": 9}),
    Sent("POST", f"{YEAR}/keep", by(KEEPS)),
    Sent(
        "POST",
        f"{YEAR}/keep/lines",
        by(KEEPS),
        _LINE | {"code": "new", "partner": "moor", "kind": "income"},
    ),
    Sent("POST", f"{YEAR}/keep/lines/moor-position", by(KEEPS), _LINE),
    Sent("POST", ACTION, by(ENTERS_VALUES), {"text": "Begun."}),
    Sent("POST", "/systems/valley/add-action-plan", by(KEEPS), {"name": "A"}),
    Sent("POST", f"{REVIEW}/add-area", by(KEEPS), {"name": "A", "position": 9}),
    Sent("POST", f"{REVIEW}/areas/1/add-action", by(KEEPS), {"number": "1.9", "name": "A"}),
    Sent("POST", f"{REVIEW}/areas/1/add-assurance", by(KEEPS), {"words": "It works too"}),
    *(Sent("POST", f"{REVIEW}/{page}", by(KEEPS, 422)) for page in REVIEW_FORMS[-2:]),
    # no state was seen
    Sent("POST", f"{REVIEW}/change", by(KEEPS, 409), {"name": "A"}),
    Sent("POST", f"{REVIEW}/areas/1/change", by(KEEPS, 409), {"name": "A", "position": 9}),
    Sent("POST", f"{ACTION}/change", by(KEEPS, 409), {"number": "1.1", "name": "A"}),
    Sent("POST", f"{REVIEW}/areas/1/assurances/a", by(KEEPS, 409)),
    Sent("POST", "/systems/valley/add-milestone", by(KEEPS), {"code": "new", "name": "A"}),
    Sent("POST", MILESTONE, by(ENTERS_VALUES, 409), {"status": "in-progress"}),
    Sent("POST", f"{MILESTONE}/change", by(KEEPS, 409), {"name": "A"}),
    Sent("POST", "/systems/valley/calendar/feeds", by(READERS, 200), {"act": "open"}),
    Sent("POST", f"{OUTCOMES}/quarters", by(KEEPS), _DUE),
    Sent("POST", f"{OUTCOMES}/quarters/{{due}}", by(KEEPS, 422), {"text": "Well."}),  # as nobody
    Sent("POST", f"{OUTCOMES}/add-framework", by(KEEPS), _VERSION | {"code": "new"}),
    Sent("POST", FRAMEWORK, by(KEEPS), _VERSION),
    Sent("POST", f"{FRAMEWORK}/add-item", by(KEEPS), _ITEM | {"code": "new"}),
    Sent("POST", f"{FRAMEWORK}/items/health", by(KEEPS), {"act": "metric", "metric-to": "delays"}),
    Sent("POST", f"{OUTCOMES}/add-metric", by(KEEPS), _METRIC | {"code": "new"}),
    Sent("POST", f"{METRIC}/change", by(KEEPS), _METRIC),
    Sent("POST", f"{METRIC}/add-target", by(KEEPS), {"code": "new", "words": "Fewer"}),
    Sent("POST", f"{METRIC}/targets/aim", by(KEEPS), {"value": "9"}),
    Sent("POST", f"{YEAR}/schemes/falls/add-metric", by(KEEPS), {"metric": "homes"}),
    Sent("POST", f"{YEAR}/schemes/falls/metrics/delays", by(KEEPS), {"lag_months": "6"}),
    Sent("POST", f"{YEAR}/schemes/falls/metrics/delays/remove", by(KEEPS), {"reason": "Not so"}),
    Sent("POST", "/systems/valley/add-agreement", by(KEEPS), _AGREEMENT),
    Sent("POST", f"{AGREEMENT}/add-sign-off", by(KEEPS), _SIGN_OFF),
    Sent("POST", f"{PLAN}/add-sign-off", by(KEEPS), _SIGN_OFF),
    Sent("POST", f"{CONDITION}/add-step", by(KEEPS), {"name": "Rota"}),
    # the state that was seen is none
    Sent("POST", f"{AGREEMENT}/change", by(KEEPS, 409), _AGREEMENT),
    Sent("POST", "/systems/valley/sign-offs/council", by(KEEPS, 409), _SIGN_OFF),
    Sent("POST", CONDITION, by(KEEPS, 409), {"status": "planned"}),
    Sent("POST", f"{CONDITION}/steps/rota", by(KEEPS, 409), {"name": "Rota"}),
    Sent("POST", f"{PLAN}/aims/lives", by(KEEPS, 409), {"measure": "Years"}),
    Sent("POST", f"{PLAN}/assumptions/falls", by(KEEPS, 409), {"cost_pence": "5"}),
    # what is typed stands so; withdrawing and a step want a reason
    Sent("POST", f"{METRIC}/enter", by(ENTERS_VALUES)),
    Sent(
        "POST",
        f"{METRIC}/history?starts=2017-01-01&ends=2017-01-31",
        by(ENTERS_VALUES, 422),
        {"reason": ""},
    ),
    Sent("POST", f"{METRIC}/steps", by(ENTERS_VALUES, 422), {"on": "2018-04", "reason": ""}),
    Sent(
        "PUT",
        f"{API}/valley/metrics/delays/observations",
        by(ENTERS_VALUES, 200),
        {"rows": [{"area": "vale", "starts": "2019-01-01", "ends": "2019-01-31", "value": 3}]},
        visitor=401,
    ),
    Sent(
        "POST",
        f"{API}/valley/pools/fund/what-if",
        by(READERS, 200),
        {"year": "2018-19", "variance_pence": -9, "rule": {"kind": "kept", "partner": "moor"}},
        visitor=401,
    ),
    # no what-if is asked for, so that none is kept; who may has its own test
    Sent("POST", f"{FUND}/what-if", by(READERS, 422)),
    Sent("POST", f"{FUND}/add-rule", by(KEEPS, 422), {"name": "A", "kind": ""}),
    Sent("POST", f"{FUND}/rules/first", by(KEEPS, 422), {"name": "A", "kind": ""}),
    Sent("POST", f"{SYSTEM}/add-body", by(KEEPS), {"name": "New"}),
    Sent("POST", f"{SYSTEM}/governance/board/change", by(KEEPS, 409), {"name": "A"}),
    Sent("POST", f"{SYSTEM}/governance/board/add-seat", by(KEEPS), {"role": "A", "chair": "true"}),
    Sent("POST", f"{SYSTEM}/governance/board/seat/moor", by(KEEPS, 409), {"role": "Chair"}),
    Sent("POST", f"{SYSTEM}/add-to-register/capacity", by(KEEPS), {"name": "A", "setting": "B"}),
    # the state that was seen is none, no reason is given, and there is no file
    Sent("POST", f"{SYSTEM}/registers/capacity/beds/change", by(KEEPS, 409)),
    Sent("POST", f"{SYSTEM}/registers/capacity/beds/remove", by(KEEPS, 422)),
    Sent("POST", f"{SYSTEM}/import-register/capacity", by(KEEPS, 422)),
    Sent(
        "PUT",
        f"{API}/valley/registers/capacity",
        by(KEEPS, 200),
        {"rows": [{"code": "new", "name": "New", "setting": "Acute"}]},
        visitor=401,
    ),
    # nothing is typed, and no state of the action was seen
    Sent("POST", f"{CUTS}/effects/hill", by({"other lead", *KEEPS})),
    *(Sent("POST", f"{CUTS}/{page}", by(CUTS_LEADS, 422)) for page in CUTS_FORMS[:3]),
    Sent("POST", f"{CUTS}/urgent-actions/shifts", by(CUTS_LEADS, 409), _ACT),
    Sent("POST", f"{YEAR}/questions", by(KEEPS, 422)),
    Sent("POST", f"{FUND}/change", by(KEEPS, 422)),
    Sent("POST", f"{FUND}/add-partner", by(KEEPS, 422)),
    Sent("POST", f"{FUND}/partners/{{member}}", by(KEEPS, 409)),  # without the state that was seen
    Sent("POST", f"{FUND}/amounts/opening", by(KEEPS, 422)),
    Sent("POST", "/api/v1/risk-share", by(SIGNED_IN, 200), _SHARE, visitor=401),
]
