"""Reading: the published figures, where they come from, charts and pictures."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in

YEAR = "/systems/east-sussex/years/2017-18"


def row_of(page: Page, name: str) -> list[str]:
    """The visible cells of a partner's row in the position table."""
    row = page.locator("table.figures tr").filter(has=page.locator("th[scope=row]", has_text=name))
    return [cell.strip() for cell in row.first.locator("td:visible").all_inner_texts()]


def test_2017_18_stands_as_it_was_printed(desk):
    """Annual report 2017/18, paragraph 2.11: plan, outturn and variance in £m."""
    page = desk.person("commissioner")
    page.goto(f"{YEAR}/finances")
    assert row_of(page, "East Sussex County Council")[:3] == ["0.0", "(0.4)", "(0.4)"]
    assert row_of(page, "EHS & HR CCGs")[:3] == ["0.0", "(37.1)", "(37.1)"]
    trust = row_of(page, "East Sussex Healthcare NHS Trust")
    assert trust[:3] == ["(26.5)", "(57.4)", "(30.9)"]
    assert "bases may differ" in trust[3]
    total = row_of(page, "Total")
    assert total[:3] == ["(26.5)", "(94.9)", "(68.4)"]
    assert "adverse" in total[3]
    notes = page.get_by_role("region", name="Notes").get_by_role("listitem")
    expect(notes.filter(has_text="the bases of plan and outturn may differ")).to_contain_text(
        "East Sussex Healthcare"
    )
    expect(page.locator("p.sentence")).to_have_text(
        "The system ended the year £68.4m adverse to plan: £37.1m at the two CCGs, "
        "£30.9m at East Sussex Healthcare, £0.4m at the Council."
    )


def test_figure_opens_to_the_paragraph_that_it_comes_from(desk):
    page = desk.person("commissioner")
    page.goto(f"{YEAR}/finances")
    page.get_by_role("link", name="(57.4)").click()
    expect(page).to_have_url(re.compile(r"/lines/esht-position$"))
    actual = page.get_by_role("heading", name="Where the actual comes from").locator(
        "xpath=following-sibling::dl[1]"
    )
    expect(actual).to_contain_text("annual report 2017/18")
    expect(actual).to_contain_text("Paragraph 2.11")
    expect(actual).to_contain_text("“(57.4)” in £m")


def test_narrow_page_keeps_the_rest_of_the_table_a_tap_away(desk):
    page = desk.person("board", size=(390, 844), has_touch=True)
    page.goto(f"{YEAR}/finances")
    assert row_of(page, "Total")[0] == "(68.4)"
    page.get_by_text("Show every column").tap()
    assert row_of(page, "Total")[:3] == ["(26.5)", "(94.9)", "(68.4)"]


@pytest.fixture
def illustrative(desk):
    """The page of the demo's system that has figures month by month."""
    page = desk.person("commissioner")
    page.goto("/")
    card = page.get_by_role("region", name=re.compile("^Illustrative system"))
    card.get_by_role("link", name="System finances").click()
    return page


def test_each_chart_has_title_text_and_table(illustrative):
    charts = illustrative.locator("[data-chart]")
    expect(charts).to_have_count(2)
    for chart in charts.all():
        title = chart.locator("[data-title]").inner_text()
        assert re.search(r"£[\d.]+m", title), f"the title states no finding: {title}"
        assert re.search(r"\d", chart.locator("[data-canvas]").get_attribute("aria-label"))
        expect(chart.locator("svg.main-svg").first).to_be_visible()
        beside = chart.locator("xpath=following-sibling::div[@role='region'][1]")
        expect(beside.get_by_role("table")).to_be_visible()


def test_picture_of_a_chart_can_be_kept(illustrative):
    chart = illustrative.locator("[data-chart]").first
    with illustrative.expect_download() as kept:
        chart.get_by_role("button", name=re.compile("^Download picture")).click()
    assert kept.value.suggested_filename.startswith("System finances 20")
    assert kept.value.suggested_filename.endswith(".png")
    picture = kept.value.path().read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (2000, 1120)


def test_print_and_csv_are_offered(desk):
    page = desk.person("board")
    page.goto(f"{YEAR}/finances")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("link", name="CSV", exact=True).click()
    with kept.value.path().open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["actual_to_date_gbp"] for row in rows if row["partner"] == "total"] == [
        "-94900000.00"
    ]


def test_without_scripts_the_table_and_the_charts_words_are_the_page(desk):
    page = desk.stranger(java_script_enabled=False)
    sign_in(page, "commissioner")
    page.goto(f"{YEAR}/finances")
    assert row_of(page, "Total")[:3] == ["(26.5)", "(94.9)", "(68.4)"]
    expect(page.locator(".chart__plain").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Download|Print"))).to_have_count(0)
