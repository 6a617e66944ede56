"""An administrator settles the amount that a plan misprints, on a telephone."""

from playwright.sync_api import expect

from tests.browser.conftest import NARROW

FUND = "/systems/mid-essex/years/2015-16/pools/better-care-fund"


def test_a_misprinted_amount_is_settled_with_its_reason(desk):
    desk.allow(422)
    reader = desk.person("commissioner", size=NARROW)
    reader.goto(FUND)
    expect(reader.get_by_role("button", name="Settle")).to_have_count(0)

    keeper = desk.person("admin", size=NARROW)
    keeper.goto("/systems/mid-essex/years/2015-16/pools")
    keeper.get_by_role("link", name="Better Care Fund, Mid Essex").first.click()
    expect(keeper.get_by_text("“£21,651,00”").first).to_be_visible()
    keeper.get_by_role("link", name="Suspect amounts").click()
    suspect = keeper.locator("section", has=keeper.get_by_role("heading", name="Suspect amounts"))
    suspect.get_by_label("What it is, £").fill("21.651m")
    suspect.get_by_label("How it stands").select_option(label="Agreed")
    suspect.get_by_role("button", name="Settle").click()

    expect(keeper.get_by_role("alert")).to_contain_text("Say on what this rests")
    assert keeper.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    expect(keeper.get_by_label("What it is, £")).to_have_value("21.651m")
    keeper.get_by_label("On what this rests").fill("The plan as it was submitted")
    keeper.get_by_role("button", name="Settle").click()

    expect(keeper.get_by_text("Settled. What it was said to be before")).to_be_visible()
    expect(keeper.get_by_role("heading", name="Suspect amounts")).to_have_count(0)
    keeper.get_by_label("Show every column of the stated amounts").check()
    stated = keeper.get_by_role("table").filter(has_text="Where it comes from")
    expect(stated).to_contain_text("The plan as it was submitted")
    expect(stated).to_contain_text("Before: not stated, suspect")
