"""The entry workbook: locked but for what is typed, and known by what stands inside it."""

import pytest

from finance.models import Outturn, OutturnRevision, Upload
from finance.queries.workbook import entry_sheet
from finance.services import LineSpec, choose_headline, save_lines
from finance.workbook.layout import Identity
from finance.workbook.writing import entry_workbook
from schemes.people.roles import Role
from tests.factories import a_person, a_year, evenly, move, report
from tests.finance.uploading import a_lead, faults, messages, nothing_stored
from tests.money import pounds
from tests.sheets import opened, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(valley):
    return a_lead(valley)


def sheet_of(lead, month=4):
    return opened(lead.workbook(month)).worksheets[1]


def row(sheet, number=5):
    return [cell.value for cell in sheet[number]]


# what is downloaded


def test_a_months_sheet_holds_the_lines_with_what_stands(lead):
    lead.valley.plan({lead.pay: evenly("1200")})
    report(lead.pay, 3, "290")
    report(lead.pay, 4, "410.50", "1250", comment="=SUM(A1)")
    sheet = sheet_of(lead)
    assert row(sheet, 4)[:6] == [
        "Line",
        "Name",
        "Kind",
        "Unit",
        "Plan to date",
        "Last actual to date",
    ]
    assert [row(sheet, n)[0] for n in (5, 6)] == ["fees", "pay"]
    assert row(sheet, 6)[4:] == [400, 290, 410.5, 1250, "=SUM(A1)", 1]
    assert sheet["I6"].data_type == "s"  # text, which never runs
    assert sheet["B2"].value is None
    assert sheet["A2"].value == "Moor body: month 4, July 2018"


def test_a_years_sheet_holds_the_actuals_by_month(lead):
    lead.valley.plan({lead.pay: evenly("1200")})
    report(lead.pay, 2, "200")
    sheet = sheet_of(lead, None)
    assert row(sheet, 4)[4:8] == ["Plan for the year", "April 2018", "May 2018", "June 2018"]
    assert row(sheet, 6)[4:8] == [1200, None, 200, None]
    assert [cell.value for cell in sheet[6]][17:19] == [None, 1]


def test_only_what_is_typed_is_unlocked_and_the_rest_is_hidden_or_protected(lead):
    move(lead.valley.slice, "submitted", 5, lead.valley.moor)
    book = opened(lead.workbook(None))
    sheet = book.worksheets[1]
    assert book.sheetnames[0] == "Instructions"
    assert all(one.protection.sheet for one in book)
    locked = {cell.coordinate: cell.protection.locked for cell in sheet[5]}
    assert [place for place, is_locked in locked.items() if not is_locked] == [
        f"{letter}5"
        for letter in "FGHIKLMNOPQ"  # J is month 5
    ]
    assert sheet.row_dimensions[1].hidden
    assert sheet.column_dimensions["R"].hidden
    (amounts,) = sheet.data_validations.dataValidation
    assert (amounts.type, str(amounts.sqref).split()[0]) == ("decimal", "F5:F6")


def test_a_lead_of_several_has_a_sheet_each_with_names_that_a_spreadsheet_takes(lead):
    sheets = [entry_sheet(lead.valley.slice, p, 4) for p in (lead.valley.moor, lead.valley.hill)]
    object.__setattr__(sheets[0], "name", "Health/Care: [a partner with a very long name]")
    object.__setattr__(sheets[1], "name", "Health Care   a partner with a very different name")
    names = opened(entry_workbook(sheets)).sheetnames
    assert names[1] == "Health Care   a partner with a "
    assert names[2] == "Health Care   a partner wit 2"


# what comes back


def test_typed_figures_are_changes_and_the_others_unchanged(lead):
    report(lead.pay, 4, "400", "1200", comment="As planned")
    upload = lead.send(lead.workbook(cells={"G6": 410.5, "I6": None, "H5": "1.2k"}))
    assert upload.report["flaws"] == []
    assert [
        (c["line"], c["field"], c["old"], c["new"], c["cell"]) for c in upload.report["changes"]
    ] == [
        ("fees", "forecast", None, pounds("1200"), "H5"),
        ("pay", "actual", pounds("400"), pounds("410.50"), "G6"),
        ("pay", "comment", "As planned", None, "I6"),
    ]
    lead.store(upload)
    head = Outturn.objects.get(line=lead.pay, month=4)
    assert (head.actual_pence, head.forecast_pence, head.comment) == (
        pounds("410.50"),
        pounds("1200"),
        "",
    )


def test_what_was_written_into_locked_cells_is_told_and_not_taken(lead):
    assert not any("locked" in note for note in lead.send(lead.workbook()).report["notes"])
    spoilt = lead.workbook(cells={"B5": "Other fees", "E6": 99, "G6": "77"})
    upload = lead.send(spoilt)
    assert upload.report["notes"] == [
        "Sheet 'Moor': 2 locked cells differ from what stands here (B5, E6), and are not taken. "
        "Plans and names are changed on their own pages."
    ]
    assert [item["cell"] for item in upload.report["changes"]] == ["G6"]
    year = lead.send(lead.workbook(None, cells={"E5": "none"}), None)
    assert "1 locked cell differs from what stands here (E5), and is not taken." in str(
        year.report["notes"]
    )


def test_the_same_workbook_twice_changes_nothing(lead):
    content = lead.workbook(None, cells={"F5": 10, "G5": 20})
    lead.store(lead.send(content, None))
    assert lead.actual(lead.fees, 2) == pounds("20")
    again = lead.send(content, None)
    assert (again.state, again.report["changes"]) == ("ready", [])
    assert OutturnRevision.objects.count() == 2


def test_what_somebody_saved_after_the_download_is_not_taken_back(lead):
    """Pay was not touched in the workbook, so the newer figure stays; fees was touched by both."""
    report(lead.pay, 4, "400")
    report(lead.fees, 4, "50")
    content = lead.workbook(cells={"G5": 55, "H6": 1300})
    untouched = lead.workbook(cells={"G5": 55})
    report(lead.pay, 4, "401")
    upload = lead.send(untouched)
    assert [c["line"] for c in upload.report["changes"]] == ["fees"]

    report(lead.fees, 4, "60")
    upload = lead.send(content)
    assert upload.state == "refused"
    assert faults(upload) == [("conflict", "G5"), ("conflict", "H6")]
    assert "somebody saved £60 for fees, month 4, and this says £55" in messages(upload)


def other_plan(lead):
    lead.valley.plan({lead.pay: "5"})
    content = lead.workbook()
    choose_headline(
        by=None,
        slice_id=lead.valley.slice.pk,
        plan=lead.valley.plan({lead.pay: "6"}, code="revised"),
    )
    return content


def other_year(lead):
    year = a_year(lead.valley.system, "2017-18")
    return entry_workbook([entry_sheet(year, lead.valley.moor, 4)])


def other_version(lead):
    book = opened(lead.workbook())
    book.worksheets[1]["A1"] = book.worksheets[1]["A1"].value.replace('"format": 1', '"format": 9')
    return saved(book)


OTHERS = {
    "month": (lambda lead: lead.workbook(3), "for month 3, June 2018, and you chose month 4"),
    "whole year": (lambda lead: lead.workbook(None), "for the whole year, and you chose month 4"),
    "partner": (lambda lead: lead.workbook(4, lead.valley.hill), "for Hill body, not for Moor"),
    "plan": (other_plan, "beside the plan 'original'; the year is now compared with 'revised'"),
    "year": (other_year, "for The valley 2017/18, not for The valley 2018/19"),
    "version": (other_version, "another version of this site"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_workbook_for_another_is_refused_by_what_stands_in_it(lead, what):
    make, words = OTHERS[what]
    upload = lead.send(make(lead), name="moor-month-04.xlsx")
    assert upload.state == "refused"
    assert faults(upload) == [("file", "A1")]
    assert words in messages(upload)


def test_a_workbook_without_the_partners_sheet_is_refused(lead):
    lead.user = a_person("dora", Role.FINANCE_LEAD, partner=lead.valley.dale)
    upload = lead.send(lead.workbook(4, lead.valley.ccgs), partner=lead.valley.dale)
    assert "no sheet of Dale body" in messages(upload)


def test_two_sheets_of_one_partner_are_refused(lead):
    upload = lead.send(lead.workbook(4, lead.valley.moor, lead.valley.moor, cells={"G5": 5}))
    assert faults(upload) == [("twice", "A1")]


def spoil(lead, change):
    book = opened(lead.workbook(cells={"G5": 5}))
    change(book.worksheets[1])
    return saved(book)


SPOILT = {
    "a column more": (lambda s: s.insert_cols(5), "column", "E4"),
    "a column less": (lambda s: s.delete_cols(6), "column", "F4"),
    "a value beyond": (lambda s: s.__setitem__("K5", 1), "column", "K5"),
    "a line twice": (lambda s: s.__setitem__("A6", "fees"), "twice", "A6"),
    "a line unknown": (lambda s: s.__setitem__("A6", "feez"), "unknown", "A6"),
    "a line gone": (lambda s: s.__setitem__("A6", None), "unknown", "A6"),
    "cells merged": (lambda s: s.merge_cells("G5:G6"), "merged", "G5:G6"),
    "a formula": (lambda s: s.__setitem__("G6", "=G5*2"), "formula", "G6"),
    "a tampered base": (lambda s: s.__setitem__("J6", 77), "conflict", "G6"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_workbook_is_refused_with_its_cell(lead, what):
    change, kind, place = SPOILT[what]
    upload = lead.send(spoil(lead, lambda s: (change(s), s["A6"].value == "pay" and fill(s))))
    assert upload.state == "refused"
    assert (kind, place) in faults(upload)
    assert nothing_stored()


def fill(sheet):
    if sheet["G6"].value is None and "G5:G6" not in map(str, sheet.merged_cells):
        sheet["G6"] = 9


def test_a_sheet_may_be_sorted_renamed_and_widened(lead):
    def sort(sheet):
        sheet.title = "Mine"
        sheet.column_dimensions["B"].width = 99
        for column in "ABCDGHIJ":
            five, six = f"{column}5", f"{column}6"
            sheet[five].value, sheet[six].value = sheet[six].value, sheet[five].value

    upload = lead.send(spoil(lead, sort))
    assert [(c["line"], c["cell"]) for c in upload.report["changes"]] == [("fees", "G6")]


def test_an_identity_reads_what_it_wrote():
    identity = Identity("valley", "2018-19", "moor", "original", None)
    assert Identity.read(identity.text()) == identity
    assert Identity.read("ESBT entry {") is None
    assert Identity.read('ESBT entry {"nonsense": 1}') is None


def test_a_thousand_lines_take_as_many_queries_as_three(lead, query_count):
    def queries(lines: int) -> tuple[int, int]:
        save_lines(
            by=None,
            slice_id=lead.valley.slice.pk,
            specs=[
                LineSpec(code=f"line-{n}", name=f"Line {n}", partner="moor", kind="spend")
                for n in range(lines)
            ],
        )
        made: list[bytes] = []
        written = query_count(lambda: made.append(lead.workbook(None)))
        book = opened(made[0])
        for cells in book.worksheets[1].iter_rows(min_row=5, min_col=6, max_col=17):
            for cell in cells:
                cell.value = 100 * lines
        content = saved(book)
        read = query_count(lambda: lead.send(content, None))
        return written, read

    queries(1)  # what is read once
    assert queries(3) == queries(1000)
    lead.store(Upload.objects.latest("pk"))
    assert Outturn.objects.count() == 1002 * 12
