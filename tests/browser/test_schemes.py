"""Schemes in a browser: filters that leave the page where it is, Back, and the keyboard."""

import csv
import re

from playwright.sync_api import Page, expect

YEAR = "/systems/illustrative-1"
EAST = "/systems/east-sussex/years/2017-18"


def open_list(page: Page) -> Page:
    """The schemes of the illustrative system's latest year with figures."""
    page.goto("/")
    page.get_by_role("link", name="Illustrative system 1").first.click()
    page.get_by_role("navigation", name="Questions").get_by_role("link", name="Schemes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Schemes")
    return page


def names(page: Page) -> list[str]:
    """The schemes in the list, in order."""
    return page.locator("#table-schemes tbody tr:not(.total) th a").all_inner_texts()


def mark(page: Page) -> None:
    """Leave a mark on the page that only loading it whole would wipe away."""
    page.evaluate("document.querySelector('h1').dataset.mark = 'here'")


def marked(page: Page) -> bool:
    return page.evaluate("document.querySelector('h1').dataset.mark") == "here"


def test_a_filter_renews_the_list_alone_and_stands_in_the_address(desk):
    page = open_list(desk.person("commissioner"))
    every = names(page)
    mark(page)
    page.get_by_label("Stage").select_option("Delivered")
    expect(page.locator("[data-said]")).to_contain_text("match")
    some = names(page)
    assert 0 < len(some) < len(every)
    expect(page).to_have_url(re.compile(r"[?&]stage=delivered\b"))
    assert marked(page)
    expect(page.locator("#chart-schemes .plot-container")).to_be_visible()
    page.reload()
    assert names(page) == some
    expect(page.get_by_label("Stage")).to_have_value("delivered")


def test_back_brings_the_list_of_before(desk):
    page = open_list(desk.person("commissioner"))
    every = names(page)
    page.get_by_label("Search").fill("falls")
    expect(page.locator("[data-said]")).to_contain_text("match")
    assert len(names(page)) < len(every)
    page.go_back()
    expect(page.locator("[data-said]")).not_to_contain_text("match")
    assert names(page) == every
    expect(page.get_by_label("Search")).to_have_value("")


def test_the_search_asks_once_the_typing_rests(desk):
    page = open_list(desk.person("commissioner"))
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)
    page.get_by_label("Search").press_sequentially("falls", delay=20)
    expect(page.locator("[data-said]")).to_contain_text("match")
    assert len(asked) == 1


def test_sorting_by_keyboard_keeps_the_focus_and_says_its_order(desk):
    page = open_list(desk.person("commissioner"))
    mark(page)
    head = page.locator("#table-schemes thead a", has_text="Plan")
    head.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#table-schemes th[aria-sort=descending]")).to_contain_text("Plan")
    expect(page.locator("#table-schemes thead a", has_text="Plan")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#table-schemes th[aria-sort=ascending]")).to_contain_text("Plan")
    assert marked(page)


def test_what_is_seen_is_what_is_taken_away(desk):
    page = open_list(desk.person("commissioner"))
    page.get_by_label("Status").select_option("Red")
    expect(page.locator("[data-said]")).to_contain_text("match")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").click()
    with taken.value.path().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows} == {"red"}
    assert sorted(row["name"] for row in rows) == sorted(names(page))


def test_without_scripts_the_form_still_filters(desk):
    page = desk.person("commissioner", java_script_enabled=False)
    page.goto(f"{EAST}/schemes")
    page.get_by_label("Search").fill("planned")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("q=planned"))
    assert names(page)[0] == "Planned care"


def test_a_scheme_and_its_tabs_on_a_telephone(desk):
    page = desk.person("commissioner", size=(390, 844))
    page.goto(f"{EAST}/schemes")
    page.get_by_role("link", name="Healthy Homes").click()
    for name in ("Savings", "Delivery", "Outcomes", "History"):
        page.get_by_role("navigation", name="About this scheme").get_by_role(
            "link", name=name
        ).click()
        expect(
            page.get_by_role("navigation", name="About this scheme").get_by_role("link", name=name)
        ).to_have_attribute("aria-current", "page")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
