"""Schemes in a browser: filters that leave the page where it is, Back, and the keyboard."""

import csv
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NARROW
from tests.browser.test_pages import illustrative, overflow, this_month

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


def test_a_filter_chosen_before_the_script_has_come_is_answered(desk):
    page = desk.person("commissioner")
    came = []

    def hold(route: Route) -> None:
        came.append(route)

    page.route("**/filter*.js", hold)
    page.goto("/")
    page.get_by_role("link", name="Illustrative system 1").first.click()
    schemes = page.get_by_role("navigation", name="Questions").get_by_role("link", name="Schemes")
    page.goto(schemes.get_attribute("href"), wait_until="commit")
    page.get_by_label("Status").select_option("Red")
    for route in came:
        route.continue_()
    expect(page.locator("[data-said]")).to_contain_text("match")


def test_back_brings_the_list_of_before(desk):
    page = open_list(desk.person("commissioner"))
    every = names(page)
    page.get_by_label("Search", exact=True).fill("falls")
    expect(page.locator("[data-said]")).to_contain_text("match")
    assert len(names(page)) < len(every)
    page.go_back()
    expect(page.locator("[data-said]")).not_to_contain_text("match")
    assert names(page) == every
    expect(page.get_by_label("Search", exact=True)).to_have_value("")


def test_the_search_asks_once_the_typing_rests(desk):
    page = open_list(desk.person("commissioner"))
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)
    page.get_by_label("Search", exact=True).press_sequentially("falls", delay=20)
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
    page.get_by_label("Search", exact=True).fill("planned")
    page.get_by_role("button", name="Show", exact=True).click()
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
        assert overflow(page) == []


# what somebody else saves


def watch(page: Page, address: str) -> None:
    """Open a page and mark its document, which only loading it whole would wipe away."""
    page.goto(address)
    page.evaluate("window.sameDocument = true")


def renewed(page: Page) -> bool:
    """Whether newer figures have come to the page that was opened, without loading it."""
    expect(page.locator("[data-renewed]")).to_contain_text("Figures renewed at")
    return page.evaluate("window.sameDocument === true")


def forecast(desk, thousands: int) -> None:
    """A finance lead of the illustrative system forecasts a saving anew."""
    page = desk.person("finance-ill1-acute")
    month = max(this_month() - 1, 1)  # the one that the demo leaves provisional
    page.goto(f"{illustrative()}/partners/ill1-acute/months/{month}/enter")
    page.locator("input[id^=forecast-acute-saving-]").first.fill(f"{thousands}k")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-status]")).to_have_text(re.compile(r"^Saved at \d\d:\d\d$"))


def test_an_open_list_renews_itself_and_keeps_what_is_looked_for(desk):
    address = f"{illustrative()}/schemes?state=provisional"
    whole, some, typing = (desk.person("commissioner") for _ in range(3))
    for page in (whole, some, typing):
        watch(page, address)
    some.get_by_label("Stage").select_option("Delivered")
    expect(some.locator("[data-said]")).to_contain_text("match")
    found = names(some)
    typing.get_by_label("Search", exact=True).focus()
    typing.evaluate("document.activeElement.value = 'falls'")  # typed, and not asked for yet
    total = whole.locator("#table-schemes tr.total")
    before = total.inner_text()

    forecast(desk, 11)
    assert renewed(whole)
    # a figure that another test left may be told first
    expect(total).not_to_have_text(before, use_inner_text=True)
    assert renewed(some)
    expect(some.get_by_label("Stage")).to_have_value("delivered")
    assert names(some) == found

    expect(typing.get_by_label("Search", exact=True)).to_have_value("falls")
    expect(typing.locator("[data-newer-note]")).to_be_hidden()
    typing.get_by_label("Search", exact=True).press("Enter")
    assert renewed(typing)
    expect(typing.get_by_label("Search", exact=True)).to_have_value("falls")
    expect(typing.get_by_label("Search", exact=True)).to_be_focused()
    expect(typing.locator("[data-said]")).to_contain_text("match")


def test_an_open_delivery_tab_shows_a_rating_that_is_given_elsewhere(desk):
    address = f"{illustrative()}/schemes/scheme-1/delivery"
    watching, rating = desk.person("admin"), desk.person("admin")
    watch(watching, address)
    rating.goto(address)
    rating.get_by_label("Rating").select_option("Amber")
    rating.get_by_label("Why").fill("Said while somebody else looks on.")
    rating.get_by_role("button", name="Save the rating").click()
    expect(watching.get_by_text("Said while somebody else looks on.").first).to_be_visible()
    assert renewed(watching)


def test_claims_renew_themselves_and_unsaved_words_stay(desk):
    address = f"{illustrative()}/claims"
    reading, writing = desk.person("admin"), desk.person("admin")
    for page in (reading, writing):
        watch(page, address)
    writing.get_by_label("Why").first.fill("Half a thought")
    forecast(desk, 12)
    assert renewed(reading)
    expect(writing.locator("[data-newer-note]")).to_be_visible()
    expect(writing.get_by_label("Why").first).to_have_value("Half a thought")


# on a telephone


def cut(page: Page, table: str) -> bool:
    """Whether a table is wider than its frame."""
    return page.locator(table).evaluate("region => region.scrollWidth > region.clientWidth")


@pytest.mark.parametrize(
    ("path", "table", "kept"),
    [
        ("schemes?state=provisional", "#table-schemes", ["Scheme", "Variance to date", "Status"]),
        ("schemes/scheme-1/delivery", "#table-counts", ["Count", "Reached"]),
    ],
)
def test_a_telephone_folds_columns_away_and_brings_them_back(desk, path, table, kept):
    page = desk.person("commissioner", size=NARROW)
    page.goto(f"{illustrative()}/{path}")
    heads = page.locator(f"{table} thead th:visible")
    assert not cut(page, table)
    assert [head.splitlines()[0].rstrip("↑↓ ") for head in heads.all_inner_texts()] == kept
    page.get_by_label("Show every column").check()
    assert heads.count() == page.locator(f"{table} thead th").count()


def test_the_register_of_evaluations_fits_a_telephone(desk):
    page = desk.person("commissioner", size=NARROW)
    page.goto("/systems/east-sussex/evaluations")
    assert not cut(page, "#table-evaluations")
    page.get_by_label("Show every column").check()
    expect(page.get_by_role("columnheader", name="Next review")).to_be_visible()


def test_every_column_stays_shown_while_one_filters(desk):
    page = desk.person("commissioner", size=NARROW)
    page.goto(f"{illustrative()}/schemes?state=provisional")
    page.get_by_label("Show every column").check()
    page.get_by_label("Stage").select_option("Delivered")
    expect(page.locator("[data-said]")).to_contain_text("match")
    expect(page.get_by_label("Show every column")).to_be_checked()
    expect(page.get_by_role("columnheader", name="Stage")).to_be_visible()
