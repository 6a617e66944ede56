"""Registers and governance in a browser: a file in, filters in place, a board and its meeting."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.test_pages import OVERFLOW, violations
from tests.browser.test_schemes import mark, marked

HERE = "/systems/illustrative-1"
BEDS = b"""code,name,setting,unit,capacity,demand,rating
story-acute,Acute beds of the story,Acute,beds,61,66.5,Good
story-homes,Homes of the story,Nursing home,places,,,
"""


def reads_well(page: Page, address: str) -> None:
    """On a desk and on a telephone: nothing runs over, and axe finds nothing."""
    for size in (WIDE, NARROW):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{HERE}/{address}")  # the header folds its ways to the width that it finds
        assert page.evaluate(OVERFLOW) == []
        assert violations(page) == []
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def test_a_file_comes_in_and_its_rows_are_found(desk):
    page = desk.person("admin")
    page.goto(f"{HERE}/delivery")
    page.get_by_role("link", name="Registers").click()
    page.get_by_role("link", name="Care market and bed capacity").click()
    page.get_by_role("link", name="Import a file").click()
    beds = {"name": "beds.csv", "mimeType": "text/csv", "buffer": BEDS}
    page.get_by_label("File").set_input_files(beds)
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_text("adds 2 rows, changes 0")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Store 2 changes").click()
    expect(page.get_by_text("Stored: 2 added")).to_be_visible()
    mark(page)
    page.get_by_label("Search", exact=True).fill("acute beds of")
    expect(page.locator("[data-said]")).to_contain_text("1 of")
    expect(page).to_have_url(re.compile("q=acute"))
    assert marked(page)
    page.get_by_role("link", name="Acute beds of the story").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Change this row").click()
    page.get_by_label("Demand").fill("60")
    page.get_by_label("Demand").press("Enter")
    expect(page.get_by_text("Demand: from “66.5” to “60”")).to_be_visible()
    for address in ("registers", "registers/capacity", "registers/capacity/story-acute"):
        reads_well(page, address)
    reads_well(page, "add-to-register/engagement")


def test_a_board_is_kept_and_sees_what_its_meeting_should(desk):
    desk.allow(422)
    page = desk.person("admin")
    page.goto(f"{HERE}/add-body")
    page.get_by_label("Name", exact=True).fill("Board of the story")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("link", name="Add a seat").click()
    page.get_by_label("Role", exact=True).fill("Ada Lovelace")
    page.get_by_label("Role", exact=True).press("Enter")
    expect(page.get_by_text("Personal names are not kept here").first).to_be_visible()
    page.get_by_label("Role", exact=True).fill("Independent chair")
    page.get_by_label("Role", exact=True).press("Enter")
    expect(page.get_by_role("rowheader", name="Independent chair")).to_be_visible()
    page.get_by_role("link", name="Add a meeting").click()
    page.get_by_label("On", exact=True).fill("2030-07")
    page.get_by_label("On", exact=True).press("Enter")
    page.get_by_role("link", name="What it should see").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Next meeting: July 2030")
    board = "governance/board-of-the-story"
    for address in ("governance", board, f"{board}/next-meeting"):
        reads_well(page, address)
