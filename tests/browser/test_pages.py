"""Every page, wide and narrow: accessible, within its width, and without a word on the console."""

import re
import time
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Desk

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
EAST_SUSSEX = "/systems/east-sussex/years"
METRICS = "/systems/east-sussex/outcomes/metrics"
MID_ESSEX_PLAN = "/systems/mid-essex/fund-plans/bcf-2014-16"


OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .map((element) => element.outerHTML.slice(0, 120));
}"""


def illustrative() -> str:
    """The demo's illustrative system in the present financial year."""
    today = date.today()
    first = today.year - (today.month < 4)
    return f"/systems/illustrative-1/years/{first}-{(first + 1) % 100:02d}"


def this_month() -> int:
    """The present month of the financial year, which is never closed yet."""
    return (date.today().month - 4) % 12 + 1


# who opens it, its address, how its heading begins
PAGES = {
    "sign-in": (None, "/accounts/login/", "Sign in"),
    "sign-in refused": (None, "/accounts/login/", "Sign in"),
    "home": ("commissioner", "/", "Overview"),
    "home of a finance lead": ("finance-esht", "/", "Overview"),
    "my work": ("finance-esht", "/my-work", "My work"),
    "finances 2017/18": ("commissioner", f"{EAST_SUSSEX}/2017-18/finances", "System finances 2017"),
    "finances 2018/19": ("commissioner", f"{EAST_SUSSEX}/2018-19/finances", "System finances 2018"),
    "finances, illustrative": ("commissioner", f"{illustrative()}/finances", "System finances"),
    "finances, illustrative, provisional": (
        "commissioner",
        f"{illustrative()}/finances?state=provisional",
        "System finances",
    ),
    "board": ("board", f"{EAST_SUSSEX}/2017-18/board", "Board summary 2017/18"),
    "board, illustrative": ("board", f"{illustrative()}/board", "Board summary"),
    "forecast 2018/19": (
        "commissioner",
        f"{EAST_SUSSEX}/2018-19/forecast",
        "Forecast and risk 2018/19",
    ),
    "forecast, illustrative": (
        "finance-ill1-acute",
        f"{illustrative()}/forecast",
        "Forecast and risk",
    ),
    "risk": ("board", f"{EAST_SUSSEX}/2018-19/risks/in-year-risk", "In-year risk"),
    "agreements": ("commissioner", "/systems/mid-essex/agreements", "Agreements and plans"),
    "add an agreement": ("admin", "/systems/mid-essex/add-agreement", "Add an agreement"),
    "agreement": ("admin", "/systems/mid-essex/agreements/section-75", "Section 75 agreement"),
    "fund plan": ("commissioner", MID_ESSEX_PLAN, "Better Care Fund plan"),
    **{
        f"fund plan, {tab}": ("admin", f"{MID_ESSEX_PLAN}/{tab}", "Better Care Fund plan")
        for tab in ("metrics", "conditions", "risks", "acute", "history")
    },
    "sign-off": ("admin", "/systems/mid-essex/sign-offs/plan-ccg", "Record a sign-off"),
    "add a risk": ("finance-esht", f"{EAST_SUSSEX}/2018-19/add-risk", "Add a risk"),
    "line": ("commissioner", f"{EAST_SUSSEX}/2017-18/lines/esht-position", "Surplus or deficit"),
    "partner": ("commissioner", f"{EAST_SUSSEX}/2017-18/partners/esht", "East Sussex Healthcare"),
    "plans": ("admin", f"{illustrative()}/plans", "Plans"),
    "virements": ("approver-ill1-acute", f"{illustrative()}/virements", "Virements"),
    "headings": ("commissioner", f"{illustrative()}/headings", "Income and spend"),
    "causes": ("finance-ill1-acute", f"{illustrative()}/causes", "Causes of variances"),
    "causes 2017/18": ("commissioner", f"{EAST_SUSSEX}/2017-18/causes", "Causes of variances"),
    "contracts": ("commissioner", f"{illustrative()}/contracts", "Transfers and contracts"),
    "beside": ("commissioner", f"{illustrative()}/beside", "Underlying position"),
    "pools 2017/18": ("commissioner", f"{EAST_SUSSEX}/2017-18/pools", "Pooled budgets 2017/18"),
    "pool 2014/15": (
        "commissioner",
        "/systems/mid-essex/years/2014-15/pools/better-care-fund",
        "Better Care Fund, Mid Essex 2014/15",
    ),
    "pool with a suspect amount": (
        "admin",
        "/systems/mid-essex/years/2015-16/pools/better-care-fund",
        "Better Care Fund, Mid Essex 2015/16",
    ),
    "what if": (
        "commissioner",
        f"{EAST_SUSSEX}/2018-19/pools/icf/what-if"
        "?kind=kept&partner=escc&amount=1m&direction=overspend",
        "What if: risk share of Integrated",
    ),
    "add a rule of risk share": (
        "admin",
        f"{EAST_SUSSEX}/2018-19/pools/icf/add-rule",
        "Add a rule of risk share",
    ),
    "partner, illustrative": (
        "commissioner",
        f"{illustrative()}/partners/ill1-acute?state=provisional",
        "Illustrative",
    ),
    "enter a month": (
        "finance-esht",
        f"{EAST_SUSSEX}/2018-19/partners/esht/months/9/enter",
        "Enter month 9",
    ),
    "enter a month, many lines": (
        "finance-ill1-acute",
        f"{illustrative()}/partners/ill1-acute/months/{this_month()}/enter",
        f"Enter month {this_month()}",
    ),
    "a year of actuals": (
        "finance-esht",
        f"{EAST_SUSSEX}/2018-19/partners/esht/year/actual",
        "Actual to date by month",
    ),
    "a year of actuals, many lines": (
        "finance-ill1-acute",
        f"{illustrative()}/partners/ill1-acute/year/actual",
        "Actual to date by month",
    ),
    "a plan by month": (
        "finance-ill1-acute",
        f"{illustrative()}/partners/ill1-acute/year/plan",
        "Plan by month",
    ),
    "enter a closed month": (
        "finance-esht",
        f"{EAST_SUSSEX}/2017-18/partners/esht/months/12/enter",
        "Month 12",
    ),
    "a month to approve": (
        "approver-esht",
        f"{EAST_SUSSEX}/2018-19/partners/esht/months/9/return",
        "Month 9",
    ),
    "a month to submit": (
        "finance-esht",
        f"{EAST_SUSSEX}/2018-19/partners/esht/months/9/submit",
        "Submit month 9",
    ),
    "a paper beside a return": (
        "finance-esht",
        f"{EAST_SUSSEX}/2018-19/partners/esht/months/9/paper",
        "Beside the published paper",
    ),
    "timetable": ("admin", f"{illustrative()}/timetable", "Timetable of returns"),
    "commentary": ("admin", f"{EAST_SUSSEX}/2017-18/months/12/commentary", "Commentary on March"),
    "people": ("admin", "/people", "People and their roles"),
    "what I may do": ("finance-esht", "/me", "What I may do"),
    "roles": (None, "/about/roles", "What each role may do"),
    "invite a person": ("admin", "/people/invite", "Invite a person"),
    "administration": ("admin", "/administration", "Administration"),
    "load a package": ("admin", "/administration/packages", "Load a data package"),
    "make a fund": ("admin", "/administration/funds", "Make a Better Care Fund"),
    "workbook of a fund": (
        "admin",
        f"{illustrative()}/fund-plans/better-care-plan/workbook",
        "Workbook of the fund",
    ),
    "partners kept": ("admin", "/systems/east-sussex/keep", "Partners and years"),
    "a partner kept": (
        "admin",
        "/systems/east-sussex/keep/partners/ehs-hr-ccgs",
        "EHS & HR CCGs",
    ),
    "lines kept": ("admin", f"{EAST_SUSSEX}/2017-18/keep", "Lines of 2017/18"),
    "monthly returns": ("admin", f"{illustrative()}/returns", "Monthly returns"),
    "schemes 2017/18": ("commissioner", f"{EAST_SUSSEX}/2017-18/schemes", "Schemes 2017/18"),
    "schemes, illustrative": ("commissioner", f"{illustrative()}/schemes", "Schemes"),
    "schemes, filtered to none": ("commissioner", f"{illustrative()}/schemes?q=zz", "Schemes"),
    "scheme": ("commissioner", f"{EAST_SUSSEX}/2017-18/schemes/planned-care", "Planned care"),
    "scheme, savings": ("board", f"{illustrative()}/schemes/scheme-1/savings", ""),
    "scheme, delivery": (
        "commissioner",
        f"{EAST_SUSSEX}/2017-18/schemes/healthy-homes/delivery",
        "Healthy Homes",
    ),
    "scheme, delivery, to rate": ("admin", f"{illustrative()}/schemes/scheme-1/delivery", ""),
    "scheme, outcomes": (
        "commissioner",
        f"{EAST_SUSSEX}/2017-18/schemes/proactive-care/outcomes",
        "Proactive care",
    ),
    "scheme, history": (
        "commissioner",
        f"{EAST_SUSSEX}/2017-18/schemes/urgent-care/history",
        "Urgent care",
    ),
    "savings 2017/18": ("commissioner", f"{EAST_SUSSEX}/2017-18/savings", "Savings 2017/18"),
    "savings, illustrative": ("board", f"{illustrative()}/savings", "Savings"),
    "savings, community trust": (
        "commissioner",
        "/systems/community-trust/years/2014-15/savings?month=7",
        "Savings 2014/15",
    ),
    "savings claimed twice": ("admin", f"{illustrative()}/claims", "Savings claimed twice"),
    "finances, as at a day": (
        "commissioner",
        f"{EAST_SUSSEX}/2017-18/finances?as_at=2018-07-17",
        "System finances 2017",
    ),
    "schemes, as at no day": ("board", f"{illustrative()}/schemes?as_at=yesterday", "Schemes"),
    "what changed": ("commissioner", f"{EAST_SUSSEX}/2017-18/changes", "What changed in 2017"),
    "what changed, illustrative": (
        "board",
        f"{illustrative()}/changes?from=2001-01-01",
        "What changed in",
    ),
    "upload figures": (
        "finance-esht",
        f"{EAST_SUSSEX}/2018-19/partners/esht/uploads?month=4",
        "Upload figures",
    ),
    "new mapping": (
        "finance-esht",
        f"{EAST_SUSSEX}/2018-19/partners/esht/mappings/new",
        "New mapping",
    ),
    "metric": ("board", f"{METRICS}/delayed-days", "Delayed transfers of care"),
    "metric, a percentage": ("board", f"{METRICS}/ae-within-four-hours", "A&E within four hours"),
    "metric, one value": ("board", f"{METRICS}/still-at-home", "Still at home"),
    "values of a metric": ("commissioner", f"{METRICS}/delayed-days/enter", "Enter values"),
    "steps of a metric": ("commissioner", f"{METRICS}/delayed-days/steps", "Where limits"),
    "areas compared": ("board", "/systems/east-sussex/outcomes/compare/rx-saba", "Areas compared"),
    "audit": ("admin", "/systems/east-sussex/audit", "Who changed what"),
    "how figures are made": (None, "/about/figures", "How figures are made"),
    "accessibility": (None, "/about/accessibility", "Accessibility"),
    "glossary": (None, "/about/glossary", "Glossary"),
    "not found": ("commissioner", "/nowhere", "This page is not here"),
    "not found, signed out": (None, "/nowhere", "This page is not here"),
}


FOLDED = (
    "home",
    "finances, illustrative",
    "enter a month, many lines",
    "a year of actuals, many lines",
    "schemes, illustrative",
    "scheme, savings",
    "savings, illustrative",
)


@pytest.fixture(scope="module")
def readers(browser, base_url, signed_in):
    """A desk, and a browser context of each person for all pages, which keeps what they share."""
    desk = Desk(browser, base_url, signed_in)
    yield desk, {}
    for context in desk.contexts:
        context.close()


@pytest.fixture
def read(readers):
    """A new page of a person's browser; what any of them heard meanwhile is a fault."""
    desk, contexts = readers
    desk.heard, desk.allowed = [], set()
    opened = []

    def open_page(username: str | None, *allowed: int) -> Page:
        desk.allow(*allowed)
        if username not in contexts:
            first = desk.person(username) if username else desk.stranger()
            contexts[username] = first.context
        opened.append(contexts[username].new_page())
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()
    assert not desk.heard


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_quiet(read, name):
    username, path, heading = PAGES[name]
    page = read(username, *([404] if name.startswith("not found") else []))
    page.goto(path)
    if name == "sign-in refused":
        page.locator("[name=login]").fill("nobody")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".nhsuk-error-summary")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(f"^{heading}"))
    assert page.get_by_role("main").count() == 1
    for size in (WIDE, NARROW):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        settle(page)
        assert overflow(page) == [], f"wider than {size[0]} px"
        # narrow pages are the same page folded: their own rules are tried where most is folded
        if size == WIDE or name in FOLDED:
            assert violations(page) == [], f"at {size[0]} px"


def settle(page: Page) -> None:
    """Wait until charts are drawn; what else scripts do is done when the page has loaded."""
    for canvas in page.locator("[data-canvas]").all():
        expect(canvas.locator("svg.main-svg").first).to_be_visible()


def overflow(page: Page) -> list[str]:
    """What stays out of the page's width; a chart takes a moment to follow a new one."""
    deadline = time.monotonic() + 3
    while True:
        found: list[str] = page.evaluate(OVERFLOW)
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def violations(page: Page) -> list[str]:
    answer = Axe().run(page, options={"runOnly": RULES}).response
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in answer["violations"]
        for node in rule["nodes"]
    ]
