"""What published tables have wrong: refused or flagged in words with row and cell; nothing half."""

import pytest

from esbt.kit.problems import Refused
from outcomes.models import Observation
from outcomes.services import AreaSpec, save_areas
from outcomes.workbook.mapping import read_mapping
from outcomes.workbook.reading import read_file
from tests.outcomes.importing import BASE, HEADING, MAY, bring, mapping, refused, with_metrics
from tests.sheets import csv, opened, repacked, saved, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(valley):
    return with_metrics(valley)


def told(faults) -> list[tuple]:
    return [(fault.file, fault.row, fault.field, fault.value, fault.message) for fault in faults]


def test_the_same_area_and_period_twice(place):
    said = "Row 2 has this area and period already. Keep one of them."
    expected = [("a.csv", 3, "Days", "E10000011 Vale", said)]
    assert told(refused(place, csv(HEADING, MAY, MAY))) == expected
    (fault,) = refused(place, csv(HEADING, MAY), csv(HEADING, MAY))
    assert fault.file == "b.csv"
    assert fault.message == "a.csv, row 2, has this area and period already. Keep one of them."


def test_two_codes_of_one_council_in_one_period(place):
    (fault,) = refused(place, csv(HEADING, MAY, "815,Vale,9,May 2018"))
    assert fault.message == (
        "Row 2 has this area and period already, under 'E10000011'. Keep one of them."
    )


def test_a_period_of_another_length_is_kept_and_flagged_with_its_row(place):
    bring(place, csv(HEADING, MAY))
    yearly = mapping(period={"column": "Month", "kind": "financial year", "format": "2019-20"})
    imported = bring(place, csv(HEADING, "E10000011,Vale,800,2018-19"), of=yearly)
    (warning,) = imported.warnings
    assert warning.message.startswith("2018-04-01 to 2019-03-31 is longer than a month, and this ")
    assert (warning.file, warning.row, warning.field) == ("a.csv", 2, "Days")
    assert Observation.objects.count() == 2


LATE = [{"metric": "late", "numerator": "Late", "denominator": "All"}]


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        ("E1,Vale,1,0,May 2018", "Late", "0", "The denominator must be above zero."),
        ("E1,Vale,5,4,May 2018", "Late", "5", "The numerator is above its denominator, 4."),
        ("E1,Vale,many,4,May 2018", "Late", "many", "This is not a number."),
        ("E1,Vale,,4,May 2018", "Late", "", "This cell is blank."),
        ("E1,Vale,1.2.3,4,May 2018", "Late", "1.2.3", "This is not a number."),
        ("E1,Vale,1,4,Jule 2018", "Month", "Jule 2018", "'Jule 2018' names no month."),
        ("E1,Vale,1,4,2018", "Month", "2018", "'2018' is not a period such as April 2019."),
        (",,1,4,May 2018", "Late", "1", "This row has figures and no area."),
    ],
)
def test_a_cell_that_cannot_be_is_named(place, row, column, value, said):
    of = mapping(unpivot=None, values=LATE)
    (fault,) = refused(place, csv("Code,Name,Late,All,Month", row), of=of)
    assert (fault.file, fault.row, fault.field, fault.value) == ("a.csv", 2, column, value)
    assert fault.message.startswith(said)


def test_a_zero_denominator_can_be_said_to_be_missing(place):
    values = [LATE[0] | {"zero_denominator": "missing"}]
    bring(place, csv("Code,Name,Late,All,Month", "E1,Vale,0,0,May 2018"),
          of=mapping(unpivot=None, values=values))  # fmt: skip
    assert Observation.objects.get().standing == "missing"


def test_every_fault_is_told_at_once(place):
    rows = ["E1,Vale,x,May 2018", "E2,Dale,1,soon", "E3,Fell,1,May 2018"]
    assert [fault.row for fault in refused(place, csv(HEADING, *rows))] == [2, 3]


def test_a_name_that_several_areas_have(place):
    specs = [AreaSpec(code=code, name="Vale", kind="council") for code in ("vale-1", "vale-2")]
    save_areas(by=None, specs=specs)
    (fault,) = refused(place, csv(HEADING, "815,Vale,1,May 2018"))
    assert fault.message == "Several areas have this name: vale-1 and vale-2. Give its code."


def test_an_area_that_is_not_known_by_name(place):
    of = mapping(areas={"name": "Name", "kind": "council", "find": "by name"})
    (fault,) = refused(place, csv(HEADING, MAY), of=of)
    assert fault.message == "'Vale' is not an area that is known. Mend it, or leave it out."


def test_a_metric_that_the_system_lacks_is_told_once(place):
    of = mapping(unpivot={"Days": "falls"})
    (fault,) = refused(place, csv(HEADING, MAY, "E2,Dale,1,May 2018"), of=of)
    assert (fault.value, fault.row) == ("falls", 2)
    assert "The system has no such metric." in fault.message


def test_a_measure_of_which_the_mapping_says_nothing(place):
    columns = {"column": "Measure", "metrics": {"D1": "delays"}}
    of = mapping(unpivot=None, columns=columns, values=[{"value": "Days"}])
    (fault,) = refused(place, csv("Code,Name,Measure,Days,Month", "E1,Vale,D9,1,May 2018"), of=of)
    assert (fault.value, fault.field) == ("D9", "Measure")
    assert fault.message.startswith("The mapping has no metric for this.")


# a mapping that matches nothing, or twice


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (csv("Code,Name,Nights,Month", MAY), "No column of row 1 is headed 'Days'. It has 'Code',"),
        (csv("Code,Name,Days,Days,Month", "E1,Vale,1,2,May 2018"), "The columns C and D can all"),
        (csv(HEADING), "The mapping finds no row with figures here."),
        (csv(HEADING, "Source: returns,,,"), "This cell is blank."),
        (b"", "The file is empty."),
        (b"%PDF-1.7 ...", "This is a PDF."),
    ],
)  # fmt: skip
def test_a_table_that_is_another(place, content, said):
    assert refused(place, content)[0].message.startswith(said)


def test_the_headings_of_another_table_are_told_once(place):
    first, second, *_ = refused(place, csv("Area,Nights", "Vale,1"))
    assert "It has 'Area', 'Nights'." in first.message
    assert second.message.startswith("No column of row 1 is headed ")
    assert second.message.endswith("'.")


def test_sheets_that_are_none_or_several(place):
    book = opened(xlsx([["Code"]]))
    book.active.title = "Councils 1"
    book.create_sheet("Councils 2")
    file = {"kind": "xlsx", "sheet": "LA*"}
    (fault,) = refused(place, saved(book), of=mapping(file=file))
    assert fault.message == (
        "The workbook has no sheet 'LA*'. It has 'Councils 1', 'Councils 2'. Choose another."
    )
    (fault,) = refused(place, saved(book), of=mapping(file=file | {"sheet": "councils*"}))
    assert fault.message.startswith("The mapping's sheet 'councils*' can be several of")


def test_a_file_of_another_kind(place):
    (fault,) = refused(place, xlsx([["Code"]]), of=mapping(file={"kind": "csv"}))
    assert fault.message == "The mapping reads .csv files; this is .xlsx. Choose another."
    (fault,) = refused(place, csv(HEADING, MAY), of=mapping(file={"kind": "xlsx"}))
    assert fault.message == "The mapping reads .xlsx files; this is .csv. Choose another."


@pytest.mark.parametrize("name", ["month.xls", "MONTH.XLSX"])
def test_a_damaged_workbook_is_told_to_be_damaged(name):
    of = mapping(file={"kind": ["xls", "xlsx"]})
    (fault,) = read_file(of, name, b"\x00\x01garbage" * 9).faults
    assert fault.message.startswith("The file is named as a workbook and does not begin as one: it")
    (fault,) = read_file(of, "month.csv", csv(HEADING, MAY)).faults
    assert fault.message == "The mapping reads .xls or .xlsx files; this is .csv. Choose another."


def test_text_of_another_encoding_names_its_row(place):
    content = csv(HEADING, "E1,Vall\u00e9e,1,May 2018", encoding="latin-1")
    (fault,) = refused(place, content)
    assert (fault.row, fault.value) == (2, "byte e9")
    assert fault.message == "This is not UTF-8. Save the file as CSV UTF-8."
    bring(place, content, of=mapping(file={"kind": "csv", "encoding": "latin-1"}))
    assert Observation.objects.get().area.name == "Vall\u00e9e"


def test_a_workbook_that_would_fill_the_memory(place):
    far = repacked(
        xlsx([["Code", 1]]),
        {"xl/worksheets/sheet1.xml": lambda xml: xml.replace(b'r="B1"', b'r="XFD1048576"')},
    )
    (fault,) = refused(place, far)
    assert "rows are read" in fault.message


# mapping files


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ("title =", "", "This is not TOML"),
        ("sheets = 1\n" + BASE, "sheets", "Extra inputs are not permitted."),
        (BASE.replace('"Days" = "delays"', ""), "", "Say what the values are"),
        (BASE.replace('column = "Month"', ""), "period", "Name either the column of the period"),
        (BASE.replace('"missing"', '"none"'), "missing.-", "Input should be"),
    ],
)
def test_a_mapping_file_says_what_is_wrong_in_it(tmp_path, change, field, said):
    path = tmp_path / "own.toml"
    path.write_text(change)
    with pytest.raises(Refused) as found:
        read_mapping(path)
    fault = found.value.faults[0]
    assert (fault.file, fault.field) == ("own.toml", field)
    assert fault.message.startswith(said)
