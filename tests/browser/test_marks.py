"""Marks of derived figures tell their working to pointer, keyboard and finger, and go by Escape."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.test_pages import overflow, violations

SHARE = "/systems/east-sussex/years/2017-18/tables/council-share"
PAGES = {
    "a printed table": SHARE,
    "equality": "/systems/east-sussex/equality",
    "evaluations": "/systems/east-sussex/evaluations",
    "evaluations, filtered": "/systems/east-sussex/evaluations?progress=not-progressed",
}
WORKING = re.compile("^derived: The cells of this row are empty in print.*= -2,220.$")

# what stands at the corners of a note, a pixel inside: the note, or what covers or clips it
AT_CORNERS = """(note) => {
  const { left, right, top, bottom } = note.getBoundingClientRect();
  return [[left, top], [right, top], [left, bottom], [right, bottom]].every(([x, y]) =>
    note.contains(document.elementFromPoint(
      x + (x === left ? 2 : -2), y + (y === top ? 2 : -2))));
}"""
RIGHT_EDGES = """(cells) => cells.map(
  (cell) => Math.round(cell.querySelector("a").getBoundingClientRect().right))"""


def open_page(desk, path: str = SHARE, **options) -> Page:
    page = desk.person("commissioner", **options)
    page.goto(path)
    return page


def mark_of(page: Page) -> Locator:
    return page.get_by_role("button", name=WORKING)


def expect_note(mark: Locator, *, shown: bool) -> None:
    """Shown is readable in full: as large as its words, uncovered, within the window."""
    note = mark.locator(".mark__note")
    if not shown:
        expect(note).to_have_css("clip-path", "inset(50%)")
        return
    expect(note).to_have_css("clip-path", "none")
    box = note.bounding_box()
    window = mark.page.viewport_size
    assert box is not None
    assert window is not None
    assert box["height"] > 40
    assert 0 <= box["x"] <= window["width"] - box["width"]
    assert 0 <= box["y"] <= window["height"] - box["height"]
    assert note.evaluate(AT_CORNERS), "something covers or clips the note"


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_pointer_shows_it_may_enter_it_and_escape_puts_it_away(desk):
    page = open_page(desk)
    mark = mark_of(page)
    expect_note(mark, shown=False)
    mark.hover()
    expect_note(mark, shown=True)
    page.mouse.move(*middle(mark.locator(".mark__note")), steps=20)
    expect_note(mark, shown=True)
    page.keyboard.press("Escape")
    expect_note(mark, shown=False)
    page.mouse.move(5, 5)
    mark.hover()
    expect_note(mark, shown=True)
    page.mouse.move(5, 5)
    expect_note(mark, shown=False)


def test_the_keyboard_shows_it_until_it_moves_on(desk):
    page = open_page(desk)
    mark = mark_of(page)
    page.get_by_role("link", name="(2,220)").focus()
    page.keyboard.press("Tab")
    expect(mark).to_be_focused()
    expect_note(mark, shown=True)
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()
    expect_note(mark, shown=False)
    page.mouse.move(5, 5)  # a pointer that passes does not bring it back
    expect_note(mark, shown=False)
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect_note(mark, shown=True)
    page.keyboard.press("Tab")
    expect_note(mark, shown=False)


def test_a_finger_shows_it_on_a_telephone(desk):
    page = open_page(desk, size=NARROW, has_touch=True)
    mark = mark_of(page)
    mark.tap()
    expect_note(mark, shown=True)
    page.get_by_role("heading", level=1).tap()
    expect_note(mark, shown=False)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_table_that_scrolls_clips_no_note(desk, size):
    page = open_page(desk, PAGES["evaluations"], size=size)
    for row in ("Technology Enabled Care Services", "Falls and Fracture Liaison"):
        heading = page.get_by_role("rowheader", name=re.compile(row))
        mark = heading.get_by_role("button")
        mark.hover()
        expect_note(mark, shown=True)


def test_it_shows_without_scripts(desk):
    page = open_page(desk, java_script_enabled=False)
    mark = mark_of(page)
    mark.hover()
    expect(mark.locator(".mark__note")).to_have_css("clip-path", "none")
    page.mouse.move(5, 5)
    expect(mark.locator(".mark__note")).to_have_css("clip-path", "inset(50%)")
    mark.focus()
    expect(mark.locator(".mark__note")).to_have_css("clip-path", "none")


def test_marks_are_not_copied_and_leave_digits_under_one_another(desk):
    page = open_page(desk)
    table = page.locator("#table-rows tbody")
    edges = table.locator("td:nth-child(2):has(a)").evaluate_all(RIGHT_EDGES)
    assert len(edges) == 5
    assert len(set(edges)) == 1
    copied = table.locator("tr:nth-child(2)").evaluate(
        """(row) => {
          getSelection().selectAllChildren(row);
          return getSelection().toString();
        }"""
    )
    assert [text.strip() for text in copied.split("\t")][1:] == ["(2,220)", "(3,797)"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_pages_of_registers_are_accessible_and_within_their_width(desk, name, size):
    page = open_page(desk, PAGES[name], size=size)
    assert overflow(page) == []
    assert violations(page) == []
    page.locator(".mark--noted").first.focus()
    assert overflow(page) == []
    assert violations(page) == []
