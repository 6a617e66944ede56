"""A partner's year as a grid: typed, pasted with a preview, refused, undone."""

import html
import re

import pytest
from django.test import Client

from finance.models import Outturn, PlanFigure
from finance.services import LineSpec, save_lines, set_year_status
from schemes.models import Change
from schemes.people.roles import Role
from tests.factories import a_person, evenly, move, report
from tests.money import pounds

ACTUAL = "/systems/valley/years/2018-19/partners/moor/year/actual"
PLAN = "/systems/valley/years/2018-19/partners/moor/year/plan"
MONTH = "/systems/valley/years/2018-19/partners/moor/months/4/enter"
SCRIPT = {"Accept": "application/json"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(valley):
    """Pay and drugs, ten pounds a month each."""
    found = [valley.line(valley.moor, "spend", code) for code in ("drugs", "pay")]
    valley.plan(dict.fromkeys(found, evenly("120")))
    return found


@pytest.fixture
def finn(valley, lines) -> Client:
    return signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:500]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def shown(answer) -> dict[str, str]:
    """The fields of a page and what they hold."""
    found = {}
    for field in re.findall(r"<input[^>]*>", answer.content.decode()):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', field))
        if "name" in attributes and attributes.get("type") != "checkbox":
            found[attributes["name"]] = html.unescape(attributes.get("value", ""))
    return found


def actual(code: str, month: int) -> int | None:
    head = Outturn.objects.filter(line__code=code, month=month).first()
    return head.actual_pence if head else None


def preview(browser: Client, block: str, page: str = ACTUAL, **more: str):
    return browser.post(page, {"do": "preview", "text": block, **more})


def store(browser: Client, block: str, page: str = ACTUAL, **more: str):
    seen = shown(preview(browser, block, page, **more)).get("seen", "0")
    return browser.post(page, {"do": "store", "text": block, "seen": seen, **more})


# typing


def test_cells_are_typed_over_what_stands_and_the_rest_stays(valley, lines, finn):
    report(lines[0], 1, "11")
    report(lines[1], 1, "9", "130", comment="kept")
    page = shown(finn.get(ACTUAL))
    assert (page["month_1-drugs"], page["month_2-drugs"]) == ("11", "")
    answer = finn.post(ACTUAL, page | {"month_2-drugs": "21", "month_1-pay": "8"})
    assert "Saved at" in text(answer)
    assert (actual("drugs", 2), actual("pay", 1)) == (pounds("21"), pounds("8"))
    assert Outturn.objects.get(line__code="pay").comment == "kept"
    assert Outturn.objects.count() == 3
    assert "1 adverse" in text(answer)


def test_two_people_in_two_cells_of_a_line_do_not_meet(lines, finn):
    page = shown(finn.get(ACTUAL))
    report(lines[0], 1, "11")
    assert "Saved at" in text(finn.post(ACTUAL, page | {"month_2-drugs": "21"}))
    assert actual("drugs", 1) == pounds("11")


def test_over_a_newer_value_both_are_shown_and_asked_about(valley, lines, finn):
    page = shown(finn.get(ACTUAL))
    fay = a_person("fay", Role.FINANCE_LEAD, partner=valley.moor)
    report(lines[0], 2, "22", by=fay)
    report(lines[0], 3, "33", by=fay)
    refused = finn.post(ACTUAL, page | {"month_2-drugs": "21"})
    assert re.search(
        r"Saved by fay at \d\d:\d\d since you opened this page\. "
        r"May 2018: yours 21, theirs 22\.",
        text(refused, 409),
    )
    again = shown(refused)
    assert (again["month_2-drugs"], again["month_3-drugs"]) == ("21", "33")
    assert actual("drugs", 2) == pounds("22")
    finn.post(ACTUAL, again)
    assert (actual("drugs", 2), actual("drugs", 3)) == (pounds("21"), pounds("33"))


def test_a_script_is_told_of_the_newer_cell(lines, finn):
    page = shown(finn.get(ACTUAL))
    report(lines[0], 2, "22")
    sent = {"month_2-drugs": "21", "revision-drugs": page["revision-drugs"]}
    told = finn.post(ACTUAL, sent, headers=SCRIPT)
    (newer,) = told.json()["newer"]
    assert (told.status_code, newer["field"], newer["month_2"]) == (409, "month_2", "22")
    told = finn.post(ACTUAL, sent | {"revision-drugs": newer["revision"]}, headers=SCRIPT).json()
    assert told["saved"] == [{"line": "drugs", "revision": "month_2:2:2100", "month_2": "21"}]


def test_what_cannot_be_read_stores_nothing_and_keeps_what_was_typed(lines, finn):
    page = shown(finn.get(ACTUAL)) | {"month_2-drugs": "21", "month_3-pay": "x"}
    refused = finn.post(ACTUAL, page)
    assert "'x' is not an amount" in text(refused, 422)
    assert b'href="#month_3-pay"' in refused.content
    assert (shown(refused)["month_2-drugs"], shown(refused)["month_3-pay"]) == ("21", "x")
    assert not Outturn.objects.exists()


def test_an_amount_beyond_reason_is_confirmed_in_its_cell(lines, finn):
    page = shown(finn.get(ACTUAL)) | {"month_2-drugs": "200m", "month_2-pay": "300m"}
    assert "£200.0m is beyond what this line" in text(finn.post(ACTUAL, page), 422)
    one = finn.post(ACTUAL, page | {"confirm": "month_2-drugs"}, headers=SCRIPT).json()
    assert [(doubt["line"], doubt["field"]) for doubt in one["confirm"]] == [("pay", "month_2")]
    both = page | {"confirm": ["month_2-drugs", "month_2-pay"]}
    assert "Saved at" in text(finn.post(ACTUAL, both))


def test_months_that_take_nothing_say_why(valley, lines, finn):
    report(lines[0], 1, "11")
    move(valley.slice, "closed", 1, valley.moor)
    move(valley.slice, "submitted", 3, valley.moor)
    answer = finn.get(ACTUAL)
    said = text(answer)
    assert "Closed: April 2018. Put a correction into the next open month" in said
    assert "Handed on: June 2018. Ask for a return to be sent back" in said
    assert {"month_1-drugs", "month_3-pay"}.isdisjoint(shown(answer))
    sent = {"month_1-drugs": "12", "revision-drugs": "month_1:1:1100"}
    refused = finn.post(ACTUAL, sent, headers=SCRIPT)
    assert (refused.status_code, refused.json()["code"]) == (409, "closed")


def test_open_months_are_linked_before_those_that_are_closed(valley, lines, finn):
    move(valley.slice, "closed", 1, valley.moor)
    page = text(finn.get(ACTUAL))
    assert page.index("Open: May 2018 , June 2018") < page.index("Closed: April 2018.")
    assert MONTH.replace("months/4", "months/2") in finn.get(ACTUAL).content.decode()


def test_a_closed_year_is_there_to_be_read(valley, lines, finn):
    set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    for page in (ACTUAL, PLAN):
        answer = finn.get(page)
        assert "The year 2018/19 is closed" in text(answer)
        assert b"data-save" not in answer.content


def test_another_partners_line_is_not_written(valley, lines, finn):
    valley.line(valley.hill, "spend", "theirs")
    finn.post(ACTUAL, {"month_1-theirs": "5", "revision-theirs": ""})
    assert "no line of this page" in text(preview(finn, "theirs\t5"), 422)
    assert not Outturn.objects.exists()


# pasting


def test_a_paste_is_shown_before_it_is_stored(lines, finn):
    report(lines[0], 1, "11")
    block = "Line\tApr\tMay\ndrugs\t11\t£21\npay\t(3)\t"
    said = text(preview(finn, block))
    assert "2 cells would change; 2 stay as they are. Nothing is stored yet." in said
    assert "drugs May 2018 not stated 21" in said
    assert Outturn.objects.count() == 1
    assert "Saved at" in text(store(finn, block))
    assert (actual("drugs", 2), actual("pay", 1)) == (pounds("21"), pounds("-3"))


def test_one_bad_cell_stores_nothing_and_is_named(lines, finn):
    block = "drugs\t11\t21\npay\t3\tNaN"
    for answer in (preview(finn, block), store(finn, block)):
        assert "Row 2, column 3 (May 2018) NaN 'NaN' is not an amount." in text(answer, 422)
    assert not Outturn.objects.exists()


def test_a_paste_over_newer_cells_is_asked_about_again(lines, finn):
    seen = shown(preview(finn, "11\t21"))["seen"]
    report(lines[0], 2, "22")
    report(lines[1], 2, "5")
    sent = {"do": "store", "text": "11\t21", "seen": seen}
    answer = finn.post(ACTUAL, sent)
    said = text(answer, 409)
    assert "somebody saved 1 of these cells since" in said
    assert "drugs May 2018 22 21 Saved since you looked." in said
    assert actual("drugs", 1) is None
    finn.post(ACTUAL, sent | {"seen": shown(answer)["seen"]})
    assert actual("drugs", 2) == pounds("21")


def test_amounts_beyond_reason_are_stored_once_they_are_meant(lines, finn):
    assert "1 amount looks beyond reason" in text(store(finn, "200m\t21"))
    assert not Outturn.objects.exists()
    assert "Saved at" in text(store(finn, "200m\t21", meant="1"))


def test_the_page_s_own_total_is_left_out_of_a_paste_with_a_word(lines, finn):
    block = "Line\tApr\tVariance, latest\ndrugs\t1\t\nTotal spend\t1\t\n"
    page = text(finn.post(ACTUAL, {"do": "preview", "text": block}))
    assert "1 cell would change. Nothing is stored yet." in page
    assert "Left out: 1 total row and the column Variance, latest." in page


def test_a_paste_into_a_month(lines, finn):
    block = "Name\tActual\tComment\npay\t40\tas planned\ndrugs\t50\t"
    assert "pay Comment not stated as planned" in text(preview(finn, block, MONTH))
    answer = finn.post(MONTH, {"do": "store", "text": block, "seen": 10**9}, headers=SCRIPT).json()
    assert [line["line"] for line in answer["saved"]] == ["pay", "drugs"]
    head = Outturn.objects.get(line__code="pay", month=4)
    assert (head.actual_pence, head.comment) == (pounds("40"), "as planned")


def test_a_paste_into_a_closed_month_is_refused(valley, lines, finn):
    move(valley.slice, "closed", 4, valley.moor)
    for page, start in ((MONTH, "actual"), (ACTUAL, "month_4")):
        answer = preview(finn, "1", page, start_line="pay", start_column=start)
        assert "Month 4 is closed" in text(answer, 422)


# undoing


def test_a_save_is_undone_from_the_page(lines, finn):
    report(lines[0], 1, "11")
    saved = store(finn, "12\t22")
    (change,) = re.findall(rb'name="undo"\s+value="(\d+)"', saved.content)
    assert "Undone at" in text(finn.post(ACTUAL, {"undo": change.decode()}))
    assert (actual("drugs", 1), actual("drugs", 2)) == (pounds("11"), None)
    assert shown(finn.get(ACTUAL))["month_2-drugs"] == ""


def test_what_was_saved_again_is_not_undone(lines, finn):
    told = finn.post(ACTUAL, {"month_1-pay": "5", "revision-pay": ""}, headers=SCRIPT).json()
    report(lines[1], 1, "6")
    refused = finn.post(ACTUAL, {"undo": told["change"]}, headers=SCRIPT)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["line"], error["field"]) == (409, "pay", "month_1")
    assert "saved again since" in error["message"]


@pytest.mark.parametrize("change", ["x", "9" * 30, "999"])
def test_there_is_nothing_to_undo_of_what_is_no_save_of_mine(finn, change):
    assert finn.post(ACTUAL, {"undo": change}).status_code == 404
    assert finn.post(PLAN, {"undo": change}).status_code == 404


# plans


def test_forecasts_by_month_are_typed_and_pasted_beside_the_plan_of_the_year(lines, finn):
    """Drugs are planned at £120: a forecast of £150 is £30 adverse in whatever month."""
    address = ACTUAL.replace("actual", "forecast")
    report(lines[0], 1, "9", "120")
    page = shown(finn.get(address))
    assert page["month_1-drugs"] == "120"
    assert " 30 adverse May" in text(finn.post(address, page | {"month_2-drugs": "150"}))
    assert "1 cell would change" in text(preview(finn, "Line\tJun\ndrugs\t110", address))
    store(finn, "Line\tJun\ndrugs\t110", address)
    stands = Outturn.objects.filter(line__code="drugs").order_by("month")
    assert [(head.actual_pence, head.forecast_pence) for head in stands] == [
        (pounds("9"), pounds("120")),
        (None, pounds("150")),
        (None, pounds("110")),
    ]


def test_a_plan_is_spread_anew_and_undone(lines, finn):
    page = shown(finn.get(PLAN))
    typed = page | {"month_1-pay": "0", "month_12-pay": "20"}
    refused = finn.post(PLAN, typed)
    assert "Say why the months change" in text(refused, 422)
    told = finn.post(PLAN, typed | {"reason": "Hired late"}, headers=SCRIPT).json()
    (line,) = told["saved"]
    assert (line["line"], line["month_1"], line["month_12"]) == ("pay", "0", "20")
    assert PlanFigure.objects.get(line__code="pay").to_date_pence[0] == 0
    assert Change.objects.latest("number").reason == "Hired late"
    finn.post(PLAN, {"undo": told["change"]})
    assert PlanFigure.objects.get(line__code="pay").to_date_pence[0] == pounds("10")


def test_a_plan_that_does_not_keep_its_year_says_by_how_much(lines, finn):
    page = shown(finn.get(PLAN)) | {"month_1-pay": "0", "reason": "Why not"}
    assert "£10 is still to be placed. Re-profiling keeps the year." in text(
        finn.post(PLAN, page), 422
    )
    answer = preview(finn, "pay\t0", PLAN)
    assert "£10 is still to be placed" in text(answer, 422)


def test_a_plan_is_pasted(lines, finn):
    block = "pay\t0\t20\ndrugs\t20\t0"
    assert "4 cells would change" in text(preview(finn, block, PLAN))
    assert "Saved at" in text(store(finn, block, PLAN, reason="By season"))
    assert PlanFigure.objects.get(line__code="drugs").to_date_pence[:2] == [pounds("20")] * 2


def test_a_newer_profile_is_not_overwritten(valley, lines, finn):
    page = shown(finn.get(PLAN))
    ada = signed_in(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    theirs = {"month_1-pay": "0", "month_2-pay": "20", "reason": "Theirs"}
    theirs |= {"month_5-pay": "0", "month_6-pay": "20"}  # which I leave alone
    ada.post(PLAN, page | theirs)
    mine = {"month_1-pay": "20", "month_2-pay": "0", "reason": "Mine"}
    refused = finn.post(PLAN, page | mine)
    said = text(refused, 409)
    assert re.search(r"pay April 2018 20 0 by ada at \d\d:\d\d pay May 2018 0 20 by ada", said)
    assert "August 2018: yours" not in said
    assert PlanFigure.objects.get(line__code="pay").to_date_pence[0] == 0
    finn.post(PLAN, shown(refused) | {"reason": "Mine"})
    assert PlanFigure.objects.get(line__code="pay").to_date_pence[0] == pounds("20")


def test_another_version_of_the_plan_is_named_in_the_address(valley, lines, finn):
    valley.plan({lines[0]: evenly("240")}, code="revised", headline=False)
    assert shown(finn.get(PLAN))["month_1-drugs"] == "10"
    page = finn.get(f"{PLAN}?plan=revised")
    assert shown(page)["month_1-drugs"] == "20"
    assert "month_1-pay" not in shown(page)


# how much it asks


def many(valley, count: int) -> None:
    specs = [
        LineSpec(code=f"line-{n}", name=f"Line {n}", partner="moor", kind="spend")
        for n in range(count)
    ]
    save_lines(by=None, slice_id=valley.slice.pk, specs=specs)


def whole_year(count: int) -> str:
    heads = "Line\t" + "\t".join(f"M{month}" for month in range(1, 13))
    rows = (
        f"line-{n}\t" + "\t".join(f"{n * month:,}.50" for month in range(1, 13))
        for n in range(count)
    )
    return "\n".join([heads, *rows])


def test_134_lines_by_12_months_are_previewed_and_stored_in_40_queries(valley, finn, query_count):
    many(valley, 134)
    block = whole_year(134)
    seen = []
    first = query_count(lambda: seen.append(shown(preview(finn, block))["seen"]))
    sent = {"do": "store", "text": block, "seen": seen[0]}
    second = query_count(lambda: finn.post(ACTUAL, sent, headers=SCRIPT))
    assert Outturn.objects.count() == 134 * 12
    assert first + second <= 40


@pytest.mark.parametrize("page", [ACTUAL, PLAN])
def test_the_grid_asks_the_same_of_many_lines(valley, lines, finn, page, query_count):
    finn.get(page)
    few = query_count(lambda: finn.get(page))
    many(valley, 300)
    assert query_count(lambda: finn.get(page)) == few


def test_what_was_pasted_is_mended_where_its_fault_is_told(lines, finn):
    page = preview(finn, "Spend\t\t\npay\t40\tfifty", MONTH)
    assert "Mend what you pasted here" in text(page, 422)
    assert "pay\t40\tfifty</textarea>" in page.content.decode()
    block = "Name\tActual\tNote\npay\t40\tas planned"
    assert "pay Comment not stated as planned" in text(preview(finn, block, MONTH))


def test_the_totals_of_a_year_are_left_out(lines, finn):
    page = text(preview(finn, "Line\tApril\tTotal\nSpend\t\t\npay\t40\t40", ACTUAL))
    assert "Left out: 1 group row and the column Total." in page
