"""The first plan of a year that was made by hand: its version, then its figures, by page."""

import html
import re

import pytest
from django.test import Client

from finance.models import PlanFigure
from finance.rollups import headline
from schemes.people.roles import Role
from tests.factories import a_person, move
from tests.money import pounds

pytestmark = pytest.mark.django_db

YEAR = "/systems/valley/years/2018-19"
GRID = f"{YEAR}/partners/moor/year/plan"
MONTHS = [f"month_{n}" for n in range(1, 13)]


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def said(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:2000].decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.fixture
def ada(valley) -> Client:
    valley.line(valley.moor, "spend", "pay")
    valley.line(valley.moor, "spend", "rent")
    return signed_in(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


@pytest.fixture
def original(ada):
    form = {"act": "version", "name": "Original plan", "code": "original", "reason": "Approved"}
    page = said(ada.post(f"{YEAR}/plans", form | {"compare": "1"}, follow=True))
    assert "Original plan is there, without figures yet" in page
    return ada


def figures() -> dict[str, tuple[int, list[int] | None]]:
    return {
        figure.line.code: (figure.full_year_pence // 100, figure.to_date_pence)
        for figure in PlanFigure.objects.select_related("line")
    }


def test_a_year_without_a_plan_says_how_to_go_on(valley, ada):
    assert "Make its first version" in said(ada.get(GRID))
    assert "Make the first version" in said(ada.get(f"{YEAR}/plans"))
    finn = signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    assert "The system's administrator makes its first version" in said(finn.get(GRID))
    assert "The system's administrator makes its first version" in said(finn.get(f"{YEAR}/plans"))


def test_the_first_version_is_what_the_year_is_compared_with(valley, original):
    assert headline(valley.slice.pk).code == "original"
    assert f'href="{GRID}?plan=original"' in original.get(f"{YEAR}/plans").content.decode()


def test_first_figures_are_typed_by_month_or_for_the_year(original):
    typed = {f"{key}-pay": "10" for key in MONTHS} | {"year-rent": "600", "reason": "Budget book"}
    assert "Saved at" in said(original.post(GRID, typed))
    assert figures() == {
        "pay": (120, [pounds("10") * n for n in range(1, 13)]),
        "rent": (600, None),
    }


def test_months_that_do_not_add_to_the_year_are_refused(original):
    typed = {f"{key}-pay": "10" for key in MONTHS} | {"year-pay": "121"}
    page = said(original.post(GRID, typed), 422)
    assert "The twelve months add to £120, the year is £121. Correct one of them." in page
    half = {"month_1-pay": "10", "reason": "x"}
    assert "Fill in every month of the line" in said(original.post(GRID, half), 422)
    assert figures() == {}


def test_first_figures_are_pasted_with_their_year(original):
    block = "Line\tYear\t" + "\t".join(f"M{n}" for n in range(1, 13))
    block += "\npay\t120" + "\t10" * 12
    assert "13 cells would change" in said(original.post(GRID, {"do": "preview", "text": block}))
    assert "Saved at" in said(original.post(GRID, {"do": "store", "text": block, "seen": "99"}))
    assert figures()["pay"][0] == 120


def test_the_year_is_mended_until_a_month_is_handed_on(valley, original):
    original.post(GRID, {"year-rent": "600", "reason": "Budget book"})

    def again(pounds_typed: str):
        page = original.get(GRID).content.decode()
        seen = re.search(r'name="revision-rent" value="([^"]*)"', page)[1]
        sent = {"year-rent": pounds_typed, "revision-rent": seen, "reason": "A slip"}
        return original.post(GRID, sent)

    assert "Saved at" in said(again("660"))
    assert figures()["rent"] == (660, None)
    move(valley.slice, "submitted", 1, valley.moor)
    assert 'name="year-rent"' not in original.get(GRID).content.decode()
    assert "The plan of the year stays" in said(again("720"), 422)
    assert figures()["rent"] == (660, None)


def test_a_line_that_came_late_has_its_first_months_too(valley, original):
    """Nothing of it was told to anybody in the months that were handed on."""
    move(valley.slice, "submitted", 1, valley.moor)
    typed = {f"{key}-pay": "10" for key in MONTHS} | {"reason": "A new ward"}
    assert "Saved at" in said(original.post(GRID, typed))
    assert figures()["pay"][0] == 120


def test_a_finance_lead_states_no_year(valley, original):
    finn = signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    assert 'name="year-pay"' not in finn.get(GRID).content.decode()
    finn.post(GRID, {f"{key}-pay": "10" for key in MONTHS} | {"year-pay": "120", "reason": "x"})
    assert figures() == {}
