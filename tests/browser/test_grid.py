"""The grids of figures by keyboard and by paste: what is shown, stored and undone."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OFFLINE, sign_in
from tests.browser.test_entering import SAVED, entry, field, save, status
from tests.browser.test_pages import violations

# of a partner that no other story enters for, since stories share the site
YEAR = "/systems/east-sussex/years/2018-19/partners/ehs-hr-ccgs/year"
FIRST, SECOND = "ehs-hr-ccgs-position", "ehs-hr-ccgs-reduction"


def this_year() -> str:
    first = date.today().year - (date.today().month < 4)
    return f"/systems/illustrative-1/years/{first}-{(first + 1) % 100:02d}/partners/ill1-acute/year"


def cell(page: Page, month: int, line: str = FIRST):
    return page.locator(f"#month_{month}-{line}")


def paste(page: Page, text: str) -> None:
    """What Ctrl+V does in the field that has the focus."""
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const options = { clipboardData: data, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        text,
    )


@pytest.fixture
def grid(desk) -> Page:
    page = desk.person("finance-ehs-hr-ccgs")
    page.goto(f"{YEAR}/actual")
    return page


def test_arrows_enter_and_filling_down_move_as_in_a_spreadsheet(grid):
    """In this year's grid every line is a group of its own, so that columns run through all."""
    press = grid.keyboard.press
    cell(grid, 2).focus()
    grid.keyboard.type("5")
    press("ArrowRight")
    expect(cell(grid, 3)).to_be_focused()
    press("Enter")
    expect(cell(grid, 3, SECOND)).to_be_focused()
    press("ArrowLeft")
    press("ArrowUp")
    expect(cell(grid, 2)).to_be_focused()
    press("Tab")
    expect(cell(grid, 3)).to_be_focused()
    press("Shift+Tab")
    press("ArrowDown")
    press("Control+d")
    expect(cell(grid, 2, SECOND)).to_have_value("5")
    expect(status(grid)).to_have_text("1 cell filled with 5; not saved yet")
    # inside what is being typed the arrows stay in the field
    cell(grid, 3).fill("123")
    press("ArrowLeft")
    press("ArrowLeft")
    expect(cell(grid, 3)).to_be_focused()
    # a selection is filled with its first cell
    cell(grid, 3).focus()
    press("Shift+ArrowDown")
    grid.get_by_role("button", name="Fill down").click()
    expect(cell(grid, 3, SECOND)).to_have_value("123")
    grid.get_by_role("button", name="Undo changes").click()
    expect(cell(grid, 2, SECOND)).to_have_value("")


def test_arrows_leave_a_comment_and_escape_takes_back_what_was_typed(desk):
    page = desk.person("finance-ehs-hr-ccgs")
    page.goto(entry(10, "ehs-hr-ccgs"))
    press, typed = page.keyboard.press, page.keyboard.type
    comment, below = (field(page, "comment", line) for line in (FIRST, SECOND))
    comment.focus()
    typed("as planned")
    press("ArrowLeft")
    typed("-")  # the caret is still in it
    expect(comment).to_have_value("as planne-d")
    press("ArrowDown")
    expect(below).to_be_focused()
    press("ArrowUp")
    expect(comment).to_be_focused()
    typed("anew")  # all of it was selected
    expect(comment).to_have_value("anew")
    press("Escape")
    expect(comment).to_have_value("as planne-d")
    press("ArrowLeft")
    forecast = field(page, "forecast", FIRST)
    expect(forecast).to_be_focused()
    press("ArrowRight")
    press("Enter")  # a comment that is all selected is left as any cell
    expect(below).to_be_focused()
    typed("one")
    press("Enter")
    typed("two")
    press("ArrowUp")
    expect(below).to_be_focused()  # from the second line to the first
    press("ArrowUp")
    expect(comment).to_be_focused()
    expect(below).to_have_value("one\ntwo")
    forecast.focus()
    typed("12")
    press("ArrowUp")  # there is nothing above
    press("Escape")
    expect(forecast).to_have_value("")
    page.get_by_role("button", name="Undo changes").click()


def test_a_block_is_previewed_stored_and_undone(desk, grid):
    cell(grid, 6).focus()
    paste(grid, "Line\tJun\tJul\nehs-hr-ccgs-reduction\t(1.5k)\t\nehs-hr-ccgs-position\t£2m\t-3\n")
    dialog = grid.get_by_role("dialog", name="Paste actuals to date")
    expect(dialog).to_contain_text("3 cells would change; 1 stays as it is. Nothing is stored yet.")
    assert violations(grid) == []
    grid.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(cell(grid, 6)).to_be_focused()

    paste(grid, "2m\t3m\r\n4\t5\r\n")
    row = dialog.get_by_role("row", name=re.compile("^Expenditure reduction .* June 2018"))
    expect(row).not_to_be_attached()  # it starts at the cell that has the focus: September
    expect(dialog.get_by_role("row")).to_have_count(5)
    dialog.get_by_role("button", name="Store 4 changes").click()
    expect(status(grid)).to_have_text(SAVED)
    expect(cell(grid, 7, SECOND)).to_have_value("5")
    other = desk.person("finance-ehs-hr-ccgs")
    other.goto(f"{YEAR}/actual")
    expect(cell(other, 6)).to_have_value("2,000,000")
    grid.get_by_role("button", name="Undo what was stored").click()
    expect(status(grid)).to_have_text(re.compile(r"^Undone at \d\d:\d\d$"))
    expect(cell(grid, 7, SECOND)).to_have_value("")
    other.reload()
    expect(cell(other, 6)).to_have_value("")


def test_a_bad_cell_is_named_and_nothing_is_stored(desk, grid):
    desk.allow(422)
    cell(grid, 8).focus()
    paste(grid, "1\t2\n3\tNaN\n")
    dialog = grid.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing has been stored: 1 cell cannot be")
    expect(dialog.get_by_role("row").nth(1)).to_contain_text("Row 2, column 2 (December 2018)")
    expect(dialog.get_by_role("button", name=re.compile("^Store"))).to_have_count(0)
    dialog.get_by_role("link", name="Back to the figures").click()
    expect(cell(grid, 8)).to_have_value("")


def test_what_was_typed_outlives_a_closed_tab_and_goes_with_signing_out(desk):
    desk.allow(OFFLINE)
    page = desk.stranger()
    sign_in(page, "finance-ehs-hr-ccgs")
    page.goto(f"{YEAR}/actual")
    page.context.set_offline(True)
    cell(page, 9).fill("(7)")
    page.close(run_before_unload=False)
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto(f"{YEAR}/actual")
    expect(cell(page, 9)).to_have_value("(7)")
    expect(status(page)).to_have_text(
        re.compile(r"^What you typed at \d\d:\d\d is back, and is not saved yet\.$")
    )
    page.on("dialog", lambda dialog: dialog.accept())  # "leave without saving?"
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "finance-ehs-hr-ccgs")
    page.goto(f"{YEAR}/actual")
    expect(cell(page, 9)).to_have_value("")


def test_variances_and_totals_follow_while_one_types_and_a_plan_keeps_its_year(desk):
    page = desk.person("finance-ill1-acute")
    page.goto(f"{this_year()}/plan")
    group = page.locator("#table-spend")
    row = group.locator("[data-line]").first
    month = row.locator("input").last
    before = month.input_value()
    total = group.locator("[data-total=month_12] [data-sum]")
    stood = total.inner_text()
    expect(row.locator("[data-left]")).to_have_text("adds up")
    month.fill("0")
    expect(row.locator("[data-left]")).to_have_text(f"{before} to place")
    expect(total).not_to_have_text(stood)
    expect(row.get_by_text("changed, not saved")).to_be_visible()
    page.get_by_role("button", name="Undo changes").click()
    expect(total).to_have_text(stood)

    desk.allow(422)
    month.fill("0")
    page.get_by_label("Why the months change").fill("A trial")
    page.keyboard.press("Control+s")
    problem = page.locator("[data-summary]:visible li")
    expect(problem).to_contain_text(f"£{before} is still to be placed. Re-profiling keeps the year")
    page.get_by_role("button", name="Undo changes").click()

    page.goto(f"{this_year()}/actual")
    row = page.locator("#table-spend [data-line]").first
    typed = row.locator("input").last
    typed.fill("1")
    expect(row.locator("[data-variance]")).to_have_text(re.compile(r"^[\d,.]+ favourable$"))
    typed.fill("999m")
    expect(row.locator("[data-variance]")).to_have_text(re.compile(r"^[\d,.]+ adverse$"))


def test_a_year_fits_its_columns_line_up_and_the_total_is_in_sight(desk):
    page = desk.person("finance-ill1-acute")
    for measure in ("actual", "plan"):
        page.goto(f"{this_year()}/{measure}")
        regions = page.locator(".year-grid")
        found = regions.evaluate_all(
            """(regions) => regions.map((region) => {
              const within = (selector) => [...region.querySelectorAll(selector)];
              return {
                beyond: region.scrollWidth - region.clientWidth,
                over: within("td, input").some((it) => it.scrollWidth > it.clientWidth),
                columns: within("thead th").map((th) => Math.round(th.offsetLeft)),
              };
            })"""
        )
        assert len(found) > 3
        assert [(item["beyond"], item["over"]) for item in found] == [(0, False)] * len(found)
        assert all(item["columns"] == found[0]["columns"] for item in found)
        page.locator("#table-spend").scroll_into_view_if_needed()
        expect(page.locator("#table-spend tr.total th")).to_be_in_viewport()


def test_a_month_takes_a_block_with_headings(desk):
    page = desk.person("finance-ehs-hr-ccgs")
    page.goto(entry(11, "ehs-hr-ccgs"))
    field(page, "forecast", FIRST).focus()
    paste(page, "\tForecast\tComment\nehs-hr-ccgs-position\t(45m)\tas agreed\n")
    dialog = page.get_by_role("dialog", name="Paste into February 2019")
    dialog.get_by_role("button", name="Store 2 changes").click()
    expect(status(page)).to_have_text(SAVED)
    expect(field(page, "comment", FIRST)).to_have_value("as agreed")
    page.get_by_role("button", name="Undo what was stored").click()
    expect(field(page, "forecast", FIRST)).to_have_value("")


def test_without_scripts_a_block_is_pasted_into_a_box(desk):
    page = desk.stranger(java_script_enabled=False)
    sign_in(page, "finance-ehs-hr-ccgs")
    page.goto(f"{YEAR}/actual")
    page.get_by_text("Paste from a spreadsheet").click()
    page.get_by_label("Cells copied from a spreadsheet").fill(
        "Line\tM10\tM11\nehs-hr-ccgs-position\t-1\t-2"
    )
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Paste actuals to date")
    page.get_by_role("button", name="Store 2 changes").click()
    expect(status(page)).to_have_text(SAVED)
    expect(cell(page, 11)).to_have_value("(2)")
    page.get_by_role("button", name="Undo what was stored").click()
    expect(status(page)).to_have_text(re.compile("^Undone at"))
    expect(cell(page, 11)).to_have_value("")
    cell(page, 10).fill("x")
    desk.allow(422)
    save(page)
    expect(page.locator("[data-summary]:visible li")).to_contain_text("'x' is not an amount")
