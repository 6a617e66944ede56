"""Delivery in a browser: a milestone that slips, a feed, and the search by keyboard."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.test_pages import OVERFLOW, violations

HERE = "/systems/illustrative-1"


def add_and_move(page: Page) -> None:
    """A milestone that was due in July 2018 and is then due in August, by keyboard."""
    page.goto(f"{HERE}/add-milestone")
    for label, typed in (("Code", "ward"), ("Milestone", "New ward"), ("Due", "2018-07")):
        page.get_by_label(label, exact=True).fill(typed)
    page.get_by_label("Due", exact=True).press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Change this milestone").press("Enter")
    page.get_by_label("Due", exact=True).fill("2018-08")
    page.get_by_label("Why its date moves").fill("Rain")
    page.get_by_label("Why its date moves").press("Enter")
    expect(page.get_by_text("From July 2018 to August 2018, one month later")).to_be_visible()


def test_a_milestone_is_followed_as_of_a_day_and_stands_in_the_feed(desk):
    page = desk.person("admin")
    add_and_move(page)
    page.goto(f"{HERE}/delivery")
    page.get_by_role("link", name="Milestones").click()
    row = page.get_by_role("row", name=re.compile("New ward"))
    expect(row).to_contain_text("at first July 2018")
    page.get_by_label("As of").fill("2018-07-31")
    expect(row).to_contain_text("Due later")
    page.get_by_label("As of").fill("2018-08-01")  # the list renews itself, the page stays
    expect(row).to_contain_text("by 1 day")
    expect(row).not_to_contain_text("at first")  # it moved after that day
    expect(page).to_have_url(re.compile("as_of=2018-08-01"))
    page.goto(f"{HERE}/calendar/feeds")
    page.get_by_role("button", name="Make an address").click()
    address = page.locator("code").inner_text()
    answer = desk.stranger().request.get(address)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "Milestone: New ward (due in August 2018)" in answer.text().replace("\r\n ", "")
    for size in (WIDE, NARROW):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for address in ("delivery", "action-plans", "milestones", "milestones/ward", "workstreams",
                        "calendar?month=2018-08", "calendar/feeds"):  # fmt: skip
            page.goto(f"{HERE}/{address}")
            assert page.evaluate(OVERFLOW) == [], address
            assert violations(page) == [], address


def test_a_stroke_leads_to_the_search_unless_one_types(desk):
    page = desk.person("board")
    page.goto("/systems/east-sussex/action-plans/local-review")
    page.get_by_label("Search", exact=True).press("/")
    expect(page.get_by_label("Search", exact=True)).to_have_value("/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/nhsuk-frontend\.[^/]*js"), hold)  # it comes late
    page.goto("/systems/east-sussex/partners", wait_until="domcontentloaded")
    page.keyboard.press("/")
    expect(page.get_by_label("Search everything that you may see")).to_be_focused()
    for route in held:
        route.continue_()
    page.unroute_all()
    page.keyboard.type("SCB")
    page.keyboard.press("Enter")
    first = page.locator("main .found__name").first
    expect(first).to_have_text("ESBT Strategic Commissioning Board (SCB)")
    for size in (WIDE, NARROW):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for address in ("search?q=scb", "systems/east-sussex/partners",
                        "systems/east-sussex/partners/hwlh-ccg"):  # fmt: skip
            page.goto(f"/{address}")
            assert page.evaluate(OVERFLOW) == [], address
            assert violations(page) == [], address
