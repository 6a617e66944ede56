"""A what-if as a commissioner asks it, without scripts, sends it, and keeps it under a name."""

from playwright.sync_api import expect

from tests.browser.test_pages import EAST_SUSSEX

FUND = f"{EAST_SUSSEX}/2018-19/pools/icf/what-if"


def test_a_commissioner_asks_sends_and_keeps_a_what_if(desk):
    desk.allow(422)
    page = desk.person("commissioner", java_script_enabled=False)
    page.goto(FUND)
    page.get_by_label("An over- or underspend is borne").select_option("In fixed percentages")
    page.get_by_label("Another over- or underspend, £").fill("£1.2m")
    work_out = page.get_by_role("button", name="Work it out")
    work_out.click()
    expect(page.get_by_text("Fill in what this rule asks for")).to_be_visible()
    shares = page.get_by_label(", %")
    for place, typed in enumerate(("50", "30", "10")):
        shares.nth(place).fill(typed)
    work_out.click()
    expect(page.get_by_role("alert")).to_contain_text("These percentages add to 90")
    expect(shares.nth(1)).to_have_value("30")
    expect(page.get_by_label("Another over- or underspend, £")).to_have_value("£1.2m")
    shares.nth(2).fill("20%")
    work_out.click()
    bill = page.get_by_role("region", name="Parts of the variance")
    expect(bill).to_contain_text("(600,000)")
    expect(page.get_by_text("Nothing on this page is stored")).to_be_visible()

    board = desk.person("board")
    board.goto(page.url)
    expect(board.get_by_role("region", name="Parts of the variance")).to_contain_text("(360,000)")
    expect(board.get_by_role("button", name="Keep it")).to_have_count(0)

    page.get_by_label("Name", exact=True).fill("Half to one")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Kept under its name. No figure has moved.")).to_be_visible()
    board.reload()
    board.get_by_role("link", name="Half to one").click()
    expect(board.get_by_role("region", name="Parts of the variance")).to_contain_text("(240,000)")
