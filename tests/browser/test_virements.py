"""A virement from the lead's proposal to the approver's decision, as they do it."""

from playwright.sync_api import expect

from tests.browser.test_pages import illustrative


def test_a_lead_proposes_and_an_approver_approves(desk):
    lead = desk.person("finance-ill1-acute")
    lead.goto(f"{illustrative()}/virements")
    form = lead.locator("form", has=lead.get_by_role("button", name="Propose", exact=True))
    for label in ("From", "To"):
        field = form.get_by_label(label, exact=True)
        field.select_option(field.locator("option").all_inner_texts()[-1 if label == "To" else -2])
    form.get_by_label("Amount for the year, £").fill("1k")
    form.get_by_label("Why").fill("Told by a browser")
    form.get_by_role("button", name="Propose", exact=True).click()
    expect(lead.get_by_text("£1,000 waits for somebody else's approval")).to_be_visible()

    approver = desk.person("approver-ill1-acute")
    approver.goto("/my-work")
    approver.get_by_role("link", name="Approve £1,000 from").click()
    proposal = approver.locator("section", has_text="Told by a browser")
    proposal.get_by_role("button", name="Approve £1,000").click()
    expect(approver.get_by_text("both plans have moved by the same amount")).to_be_visible()
    expect(approver.locator("section", has_text="Told by a browser")).to_contain_text("before")


def test_what_is_typed_amiss_stays_typed(desk):
    desk.allow(422)
    lead = desk.person("finance-ill1-acute")
    lead.goto(f"{illustrative()}/virements")
    form = lead.locator("form", has=lead.get_by_role("button", name="Propose", exact=True))
    for label in ("From", "To"):
        form.get_by_label(label, exact=True).select_option(index=1)
    form.get_by_label("Amount for the year, £").fill("1,000")
    form.get_by_label("Why").fill("To itself")
    form.get_by_role("button", name="Propose", exact=True).click()
    expect(lead.get_by_role("alert")).to_contain_text("Choose two different lines")
    expect(lead.get_by_label("Why").last).to_have_value("To itself")
