"""A metric in a browser: what East Sussex's delayed days say, and a step set by keyboard."""

import csv
import io
import re

from playwright.sync_api import expect

DELAYED = "/systems/east-sussex/outcomes/metrics/delayed-days"


def test_the_fall_from_2017_is_an_improvement_and_the_csv_says_the_same(desk):
    page = desk.person("board")
    page.goto(DELAYED)
    said = "Special cause improvement: the last 26 points lie below the mean"
    expect(page.locator(".verdict")).to_contain_text(said)
    expect(page.locator("#chart-control .chart__title")).to_have_text(said)
    expect(page.locator("#chart-control .plot-container")).to_be_visible()
    text = page.request.get(f"{DELAYED}.csv").text()
    rows = list(csv.DictReader(io.StringIO(text)))
    shown = page.locator("#table-values tbody tr")
    expect(shown).to_have_count(len(rows))
    for row, cells in zip(reversed(rows[-30:]), shown.all()[:30], strict=True):
        assert cells.locator("td").first.inner_text() == f"{int(row['value']):,}"
        mean = cells.locator("td").nth(1).inner_text().replace(",", "")
        assert mean == f"{float(row['mean']):.1f}"
        assert row["point_type"] in cells.locator(".point").get_attribute("class")


def test_a_step_is_set_by_keyboard_drawn_and_taken_back(desk):
    page = desk.person("commissioner")
    page.goto(DELAYED)
    page.get_by_role("link", name="Set where limits start anew").press("Enter")
    page.get_by_label("From").fill("2017-11")
    page.keyboard.press("Tab")
    page.keyboard.type("Discharge to assess, for a try")
    page.keyboard.press("Enter")
    row = page.get_by_role("row", name=re.compile("Discharge to assess, for a try"))
    expect(row).to_contain_text("1 November 2017")
    page.goto(DELAYED)
    expect(page.locator("#chart-control")).to_contain_text("Discharge to assess, for a try")
    page.goto(f"{DELAYED}/steps")
    row.get_by_role("button", name="Take back").press("Enter")
    expect(row).to_contain_text("taken back")
    page.goto(DELAYED)
    expect(page.locator("#chart-control")).not_to_contain_text("Discharge to assess")
