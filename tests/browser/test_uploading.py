"""A file from the lead's desk to the stored figure, read by a real worker.

Only a comment is stored, in a month of its own: figures of other stories stay where they are.
"""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW
from tests.browser.test_pages import overflow, violations
from tests.sheets import opened, saved

UPLOADS = "/systems/east-sussex/years/2018-19/partners/escc/uploads?month=10"


def send(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("File", exact=True).set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Upload and preview").click()


def test_a_workbook_is_downloaded_filled_refused_mended_previewed_and_stored(desk):
    page = desk.person("finance-escc")
    page.goto(UPLOADS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    book = opened(download.value.path().read_bytes())
    sheet = book.worksheets[1]
    assert sheet["A5"].value == "escc-position"
    sheet["I5"] = "Winter pressures"
    sheet["G5"] = "about 5"

    send(page, "january.xlsx", saved(book))
    sentence = page.locator(".sentence")
    expect(sentence).to_have_text(re.compile("^The file cannot be stored: it has 1 fault."))
    expect(page.get_by_role("row", name=re.compile("G5"))).to_contain_text("Type pounds")
    assert violations(page) == []

    page.get_by_role("link", name="Upload another file").click()
    sheet["G5"] = None
    send(page, "january.xlsx", saved(book))
    expect(sentence).to_have_text("Figures in the file: 1 new. Nothing has been stored yet.")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert overflow(page) == []
    assert violations(page) == []
    page.get_by_role("button", name="Store 1 change").click()
    expect(sentence).to_have_text("The file is stored: 1 new.")
    page.get_by_role("link", name="The month's figures").click()
    expect(page.locator("#comment-escc-position")).to_have_value("Winter pressures")


def test_without_scripts_the_page_is_looked_at_again_until_the_file_is_read(desk):
    page = desk.person("finance-escc", java_script_enabled=False)
    page.goto(UPLOADS)
    send(page, "nothing.csv", b"line,comment\nescc-position,\n")
    again = page.get_by_role("link", name="Look again")
    while again.is_visible():
        again.click()
    expect(page.locator(".sentence")).to_contain_text("There is nothing to store")
