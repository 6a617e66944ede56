"""Entering a month: what is saved, what is refused in which words, and what others then see.

Each story has a month of its own in 2018/19, which is open; the demo holds no actuals there.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OFFLINE, PASSWORD, sign_in
from tests.browser.test_pages import overflow

YEAR = "/systems/east-sussex/years/2018-19"
POSITION, REDUCTION = "esht-position", "esht-reduction"
SAVED = re.compile(r"^Saved at \d\d:\d\d$")


def entry(month: int, partner: str = "esht") -> str:
    return f"{YEAR}/partners/{partner}/months/{month}/enter"


@pytest.fixture
def entering(desk):
    """Open ESHT's entry page of a month as its finance lead."""

    def open_month(month: int, **options) -> Page:
        page = desk.person("finance-esht", **options)
        page.goto(entry(month))
        return page

    return open_month


def field(page: Page, name: str, line: str = POSITION):
    return page.locator(f"#{name}-{line}")


def status(page: Page):
    return page.locator("[data-status]")


def problems(page: Page):
    return page.locator("[data-summary]:visible li")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def mark(page: Page) -> None:
    """Leave something on the page that no reload would keep."""
    page.evaluate("window.sameDocument = true")


def same_document(page: Page) -> bool:
    return bool(page.evaluate("window.sameDocument === true"))


def totals(page: Page):
    return page.locator("#table-position tr.total")


def test_total_follows_on_an_open_page_and_the_board_waits_for_approval(desk, entering):
    """Only ESHT reports month 12, so the total's actual is its own; the forecast of (76.9) moves
    by ESHT's (44.9) becoming (46.9): to 32.0 + 46.9 = (78.9)."""
    watching = desk.person("commissioner")
    watching.goto(f"{YEAR}/finances?state=provisional")
    expect(totals(watching)).to_contain_text("(76.9)")
    expect(watching.get_by_text("Provisional figures.")).to_be_visible()
    board = desk.person("board")
    board.goto(f"{YEAR}/board")
    published = board.locator("#table-position").inner_text()
    assert "(76.9)" in published
    for page in (watching, board):
        mark(page)

    page = entering(12)
    mark(page)
    address = page.url
    field(page, "actual").fill("(51,230,000)")
    field(page, "forecast").fill("-46.9m")
    expect(page.get_by_text("changed, not saved").first).to_be_visible()
    expect(status(page)).to_have_text("2 changes not saved yet")
    save(page)
    expect(status(page)).to_have_text(SAVED)
    assert same_document(page)
    assert page.url == address
    expect(field(page, "forecast")).to_have_value("(46,900,000)")

    expect(totals(watching)).to_contain_text("(51.2)")
    expect(totals(watching)).to_contain_text("(78.9)")
    expect(watching.locator("[data-renewed]")).to_contain_text("Figures renewed at")
    expect(watching.locator("#live")).to_contain_text("Figures renewed at")

    # the board's page has heard of the same change, and shows the published figures still
    expect(board.locator("[data-renewed]")).to_contain_text("Figures renewed at")
    assert board.locator("#table-position").inner_text() == published
    board.get_by_role("link", name=re.compile("^Show provisional figures")).click()
    expect(totals(board)).to_contain_text("(78.9)")
    expect(board.get_by_text("Provisional figures.")).to_be_visible()

    assert same_document(watching)
    watching.reload()
    assert not same_document(watching)  # so that the mark proves something


def test_a_month_can_be_submitted_once_its_last_line_is_saved_and_is_sent_back(desk, entering):
    """It is not approved: what is published would move under the other stories."""
    page = entering(1)
    main = page.get_by_role("main")
    expect(main).to_contain_text("2 lines have no actual yet")
    field(page, "actual").fill("-1m")
    field(page, "comment").fill("Agency staff")
    mark(page)
    save(page)
    expect(main).to_contain_text("1 line has no actual yet")
    assert same_document(page)
    page.get_by_role("link", name="Check and submit April 2018").click()
    desk.allow(422)
    submit = page.get_by_role("button", name="Submit April 2018 for approval")
    submit.click()
    expect(main).to_contain_text("The month has not been submitted")
    page.get_by_label(re.compile("why it has no actual")).fill("It comes in May")
    submit.click()
    expect(main).to_contain_text("April 2018 was submitted by")
    expect(field(page, "actual")).to_have_count(0)
    approver = desk.person("approver-esht")
    approver.goto("/")
    approver.get_by_role("link", name="Approve April 2018 for East Sussex Healthcare").click()
    expect(approver.get_by_role("main")).to_contain_text("(1,000,000)")
    expect(approver.get_by_role("main")).to_contain_text("It comes in May")
    approver.get_by_label("Why it is sent back").fill("Row 3 looks doubled.")
    approver.get_by_role("button", name="Send back").click()
    expect(approver.get_by_role("main")).to_contain_text("April 2018 is a draft: it was sent back")
    page.reload()
    expect(field(page, "actual")).to_be_editable()

    # what was said is a tick away in the month after it, and marked until it is edited
    page.goto(entry(2))
    offer = page.get_by_label("Use last month's comment")
    offer.check()
    expect(field(page, "comment")).to_have_value("Agency staff")
    marked = page.get_by_text("Last month's comment until you edit it.")
    expect(marked).to_be_visible()
    field(page, "comment").fill("Agency staff, ended in May")
    expect(offer).to_be_hidden()
    page.get_by_role("button", name="Undo changes").click()
    expect(offer).not_to_be_checked()
    expect(marked).to_be_hidden()


def test_who_is_at_home_elsewhere_finds_nothing_here(desk):
    desk.allow(404)
    for username in ("finance-escc", "approver-esht", "board"):
        page = desk.person(username)
        assert page.goto(entry(4)).status == 404, username
        expect(page.get_by_role("heading", level=1)).to_have_text("This page is not here for you")
    page = desk.stranger()
    page.goto(entry(4))
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))


def test_closed_month_says_so_and_has_nothing_to_press(desk):
    page = desk.person("finance-esht")
    page.goto("/systems/east-sussex/years/2017-18/partners/esht/months/12/enter")
    expect(page.get_by_role("main")).to_contain_text(
        re.compile(r"(Month 12|The year 2017/18) is closed\.")
    )
    expect(page.get_by_role("main")).to_contain_text("(57,400,000)")
    expect(field(page, "actual")).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)


def test_keyboard_alone_signs_in_enters_and_saves(desk):
    page = desk.stranger()
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#maincontent")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type("finance-esht")
    tab_to(page, page.locator("[name=password]"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Overview"))

    tab_to(page, page.get_by_role("link", name=re.compile("^Enter .* for East Sussex Healthcare")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Enter month")
    page.goto(entry(2))

    tab_to(page, field(page, "actual"))
    page.keyboard.type("(2,000,000)")
    page.keyboard.press("Tab")
    expect(field(page, "forecast")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(field(page, "forecast", REDUCTION)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.type("-45m")
    page.keyboard.press("Control+s")
    expect(status(page)).to_have_text(SAVED)
    expect(field(page, "forecast")).to_be_focused()
    expect(field(page, "forecast")).to_have_value("(45,000,000)")

    page.keyboard.press("Tab")
    expect(field(page, "comment")).to_be_focused()
    page.keyboard.type("from the keyboard")
    tab_to(page, page.get_by_role("button", name="Save"))
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text(SAVED)
    page.reload()
    expect(field(page, "comment")).to_have_value("from the keyboard")


def tab_to(page: Page, target) -> None:
    """Press Tab until the target has the focus, and see the focus wherever it passes."""
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_IS_VISIBLE), page.evaluate("document.activeElement.outerHTML")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached by Tab")


# an outline, a shadow or a background that the element has only while it has the focus
FOCUS_IS_VISIBLE = """() => {
  const element = document.activeElement;
  const shown = element.matches(":is([type=checkbox], [type=radio])")
    ? element.nextElementSibling ?? element : element;
  const look = (pseudo) => {
    const style = getComputedStyle(shown, pseudo);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.backgroundColor].join();
  };
  const box = element.getBoundingClientRect();
  const focused = look() + look("::before");
  element.blur();
  const plain = look() + look("::before");
  element.focus();
  return focused !== plain && box.width > 0 && box.height > 0;
}"""


def test_focus_and_open_parts_stay_through_a_renewal(desk, entering):
    watching = desk.person("commissioner")
    watching.goto(f"{YEAR}/finances?state=provisional")
    figure = watching.locator("#table-position").get_by_role("link", name="(32.0)").first
    figure.focus()
    mark(watching)
    page = entering(3)
    field(page, "forecast", REDUCTION).fill("19.2m")
    save(page)
    expect(status(page)).to_have_text(SAVED)
    expect(watching.locator("[data-renewed]")).to_contain_text("Figures renewed at")
    expect(figure).to_be_focused()
    assert same_document(watching)


# typed into a field; stored and shown so
TAKEN = {
    "£1,234.56": "1,234.56",
    "(1,234)": "(1,234)",
    "-1235": "(1,235)",
    "\N{MINUS SIGN}1,236": "(1,236)",
    "£(2,000)": "(2,000)",
    "1.2m": "1,200,000",
    "12.5k": "12,500",
    "1 234 567": "1,234,567",
    "0": "0",
    "": "",
}


def test_amounts_as_people_type_them_are_taken(entering):
    page = entering(5)
    for typed, shown in TAKEN.items():
        field(page, "actual", REDUCTION).fill(typed)
        save(page)
        expect(status(page)).to_have_text(SAVED)
        expect(field(page, "actual", REDUCTION)).to_have_value(shown)
    page.reload()
    expect(field(page, "actual", REDUCTION)).to_have_value("")


REFUSED = {
    "twelve": "'twelve' is not an amount. Type pounds, such as 12,300.",
    "12.3.4": "'12.3.4' is not an amount. Type pounds, such as 12,300.",
    "1,23": "'1,23' is not an amount. Type pounds, such as 12,300.",
    "10.123": "'10.123' is finer than a penny. Type pounds and pence, such as 12,300.50.",
    "12,300-": "'12,300-' has its minus behind. Type the minus in front: -12,300.",
    "(-5)": "'(-5)' mixes brackets and a sign. Type one of them: (12,300) or -12,300.",
    "9" * 16: f"'{'9' * 16}' is too large: an amount here is under £1,000,000,000,000. "
    "Check the unit and type pounds, such as 12,300.",
}


def test_what_cannot_be_read_is_named_and_nothing_is_lost(desk, entering):
    desk.allow(422)
    page = entering(6)
    field(page, "comment").fill("stays")
    field(page, "forecast").fill("(45m)")
    for typed, message in REFUSED.items():
        field(page, "actual", REDUCTION).fill(typed)
        save(page)
        expect(problems(page)).to_have_count(1)
        expect(page.locator("[data-summary]")).to_be_focused()
        expect(problems(page)).to_contain_text(message)
        expect(page.locator(f"#actual-{REDUCTION}-error")).to_contain_text(message)
        expect(field(page, "actual", REDUCTION)).to_have_attribute("aria-invalid", "true")
        expect(field(page, "actual", REDUCTION)).to_have_value(typed)
        expect(field(page, "forecast")).to_have_value("(45m)")
        expect(field(page, "comment")).to_have_value("stays")
        expect(status(page)).to_have_text("Not saved: 1 problem")
    problems(page).get_by_role("link").click()
    expect(field(page, "actual", REDUCTION)).to_be_focused()

    # nothing was stored: not the good fields beside the bad one either
    other = entering(6)
    for name in ("actual", "forecast", "comment"):
        expect(field(other, name)).to_have_value("")

    # mending it stores all of it
    field(page, "actual", REDUCTION).fill("1,000")
    save(page)
    expect(status(page)).to_have_text(SAVED)
    expect(page.locator("[data-summary]")).to_be_hidden()
    other.reload()
    expect(field(other, "forecast")).to_have_value("(45,000,000)")
    expect(field(other, "comment")).to_have_value("stays")


def test_amount_beyond_reason_is_stored_once_it_is_confirmed(desk, entering):
    """The plan of the reduction is £19.1m; ten times that is 191 million."""
    desk.allow(422)
    page = entering(7)
    field(page, "actual", REDUCTION).fill("191m")
    save(page)
    expect(status(page)).to_have_text(SAVED)
    field(page, "actual", REDUCTION).fill("1,910,000,000")
    save(page)
    expect(problems(page)).to_have_count(1)
    expect(problems(page)).to_contain_text("£1,910.0m is beyond what this line can be expected")
    expect(problems(page)).to_contain_text("the year's plan is £19.1m")
    problems(page).get_by_role("link").click()
    tick = page.get_by_role("checkbox", name=re.compile("Tick to say that it is meant"))
    expect(tick).to_be_focused()
    page.keyboard.press("Space")
    expect(tick).to_be_checked()
    save(page)
    expect(status(page)).to_have_text(SAVED)
    expect(tick).to_be_hidden()
    page.reload()
    expect(field(page, "actual", REDUCTION)).to_have_value("1,910,000,000")


def test_second_of_two_tabs_sees_both_values_and_is_asked(desk, entering):
    desk.allow(409)
    first, second = entering(8), entering(8)
    field(first, "actual").fill("-1,000,000")
    save(first)
    expect(status(first)).to_have_text(SAVED)
    field(second, "actual").fill("-2,000,000")
    save(second)
    compared = second.get_by_role("table").filter(has_text="Theirs").locator("tbody tr")
    expect(compared).to_have_count(1)
    expect(compared).to_contain_text("Finance lead")  # who was quicker
    expect(compared.locator("td").nth(0)).to_have_text("(2,000,000)")
    expect(compared.locator("td").nth(1)).to_contain_text("(1,000,000)")
    second.set_viewport_size({"width": 390, "height": 844})
    assert overflow(second) == []  # the header folds
    expect(field(second, "actual")).to_have_value("-2,000,000")
    field(second, "actual").focus()
    second.get_by_role("button", name="Undo changes").click()
    expect(field(second, "actual")).to_have_value("(1,000,000)")
    field(second, "actual").fill("-2,000,000")
    save(second)
    expect(status(second)).to_have_text(SAVED)
    first.reload()
    expect(field(first, "actual")).to_have_value("(2,000,000)")


def test_what_was_typed_survives_a_lost_connection_and_a_reload(desk, entering):
    desk.allow(OFFLINE)
    page = entering(10)
    page.on("dialog", lambda dialog: dialog.accept())  # "leave without saving?"
    page.context.set_offline(True)
    field(page, "comment").fill("typed on a train")
    field(page, "actual").fill("(7,000,000)")
    save(page)
    expect(problems(page)).to_contain_text("The connection was lost. What you typed is kept")
    page.context.set_offline(False)
    page.reload()
    expect(field(page, "actual")).to_have_value("(7,000,000)")
    expect(status(page)).to_contain_text("is back, and is not saved yet")
    save(page)
    expect(status(page)).to_have_text(SAVED)
    page.reload()
    expect(field(page, "actual")).to_have_value("(7,000,000)")
    expect(field(page, "comment")).to_have_value("typed on a train")


def test_who_was_signed_out_signs_in_elsewhere_and_saves_here(desk):
    """A session of its own: signing out ends it, and the others share theirs."""
    page = desk.stranger()
    sign_in(page, "finance-esht")
    page.goto(entry(2))
    mark(page)
    field(page, "comment", REDUCTION).fill("typed before the session ended")
    page.context.clear_cookies(name="sessionid")
    save(page)
    expect(problems(page)).to_contain_text("You have been signed out")
    tab = page.context.new_page()
    sign_in(tab, "finance-esht")
    save(page)
    expect(status(page)).to_have_text(SAVED)
    assert same_document(page)
    expect(page.get_by_text("There are 0 problems")).to_have_count(0)

    # somebody else in the same browser does not sign for what this person typed
    desk.allow(404)
    field(page, "comment", REDUCTION).fill("typed by the finance lead")
    page.context.clear_cookies(name="sessionid")
    sign_in(tab, "board")
    save(page)
    expect(problems(page)).to_contain_text("somebody who does not enter these figures")
    expect(field(page, "comment", REDUCTION)).to_have_value("typed by the finance lead")


def test_without_scripts_a_month_is_entered_mended_and_saved(desk):
    desk.allow(422)
    page = desk.stranger(java_script_enabled=False)
    sign_in(page, "finance-esht")
    page.goto(entry(9))
    field(page, "actual").fill("nine")
    field(page, "forecast").fill("-44m")
    save(page)
    expect(problems(page)).to_contain_text("'nine' is not an amount. Type pounds, such as 12,300.")
    expect(field(page, "actual")).to_have_value("nine")
    expect(field(page, "forecast")).to_have_value("-44m")
    field(page, "actual").fill("(33,000,000)")
    field(page, "forecast").fill("-44,000m")
    save(page)
    expect(problems(page)).to_contain_text("\N{MINUS SIGN}£44,000.0m")
    page.get_by_role("checkbox").check()
    save(page)
    expect(status(page)).to_have_text(SAVED)
    field(page, "forecast").fill("-44m")
    save(page)
    expect(status(page)).to_have_text(SAVED)
    page.goto(entry(9))
    expect(field(page, "actual")).to_have_value("(33,000,000)")
    expect(field(page, "forecast")).to_have_value("(44,000,000)")


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_save_stays_under_the_pointer_that_presses_it_from_a_comment(entering, size):
    """A form that shrinks once its comment loses the focus would swallow the click."""
    page = entering(11, size=size)
    field(page, "comment").fill(f"Typed at {size[0]} wide")
    box = page.get_by_role("button", name="Save").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(100)  # the browser lays the page out anew
    page.mouse.up()
    expect(status(page)).to_have_text(SAVED)
