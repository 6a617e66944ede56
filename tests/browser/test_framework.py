"""Outcomes in a browser: a framework with its gaps, filters in place, keyboard and telephone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.test_pages import OVERFLOW, violations
from tests.browser.test_schemes import mark, marked

HERE = "/systems/illustrative-1/outcomes"
FORMS = (
    (
        "add-framework",
        {"Code": "story", "Name": "Story", "Domains": "2", "Place in the order": "9"},
    ),
    ("frameworks/story/add-item?level=domain", {"Code": "story-home", "Name": "At home"}),
    ("add-metric", {"Code": "story-falls", "Name": "Falls of the story"}),
)


def keep(page: Page, address: str, fields: dict[str, str]) -> None:
    """Fill a form and send it by the Enter key."""
    page.goto(f"{HERE}/{address}")
    for label, typed in fields.items():
        page.get_by_label(label, exact=True).fill(typed)
    if page.get_by_label("Which way is better").count():
        page.get_by_label("Which way is better").select_option("decrease")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_what_is_missing_is_entered_and_metrics_are_found(desk):
    page = desk.person("admin")
    for address, fields in FORMS:
        keep(page, address, fields)
    page.goto(HERE)
    expect(page.get_by_text("1 of 2 domains: 1 more is not entered")).to_be_visible()
    expect(page.get_by_role("link", name="Enter one of the domains")).to_be_visible()
    expect(page.get_by_role("heading", name="Domain At home")).to_be_visible()
    for size in (WIDE, NARROW):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(HERE)  # the header folds its ways to the width that it finds
        assert page.evaluate(OVERFLOW) == []
        assert violations(page) == []
    mark(page)
    page.get_by_label("Search", exact=True).fill("of the story")
    expect(page.locator("[data-said]")).to_contain_text("1 of")
    expect(page).to_have_url(re.compile("q=of"))
    assert marked(page)
    page.get_by_role("link", name="Falls of the story").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Falls of the story")
    page.get_by_role("navigation", name="Questions").get_by_role("button", name="More").click()
    way = page.get_by_role("navigation", name="Questions").get_by_role("link", name="Outcomes")
    expect(way).to_have_attribute("aria-current", "page")


def test_money_and_outcomes_read_well_on_a_telephone(desk):
    page = desk.person("board", size=NARROW)
    page.goto("/systems/east-sussex/years/2017-18/money-and-outcomes")
    expect(page.get_by_text("Side by side shows no cause.")).to_be_visible()
    assert page.evaluate(OVERFLOW) == []
    assert violations(page) == []
