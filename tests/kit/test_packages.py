"""Bad packages: each is refused with file, row, column, value and what would be right."""

import os
import stat
import zipfile
from pathlib import Path

import pytest

from esbt.kit import archives, packages
from esbt.kit.problems import Fault, Refused
from esbt.loading import TABLES
from tests.packages import SYSTEM, change_descriptor, write_package, zipped

NAMES = ["partner,name,starts", "moor,The Moor,2013-04-01"]


def read(path: Path) -> packages.Package:
    return packages.read_package(path, TABLES)


def faults(path: Path) -> list[Fault]:
    with pytest.raises(Refused) as refused:
        read(path)
    return refused.value.faults


def fault(path: Path) -> Fault:
    found = faults(path)
    assert len(found) == 1, found
    return found[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_package(tmp_path / "valley", SYSTEM)


def with_rows(tmp_path: Path, table: str, *rows: str) -> Path:
    return write_package(tmp_path / "valley", {table: list(rows)})


def test_rows_know_their_place_as_a_spreadsheet_shows_it(tmp_path):
    path = with_rows(tmp_path, "systems", "code,name", "", 'a,"two\nlines"', "b,B")
    rows = read(path).rows["systems"]
    assert [(row.row, row.code, row.name) for row in rows] == [
        (3, "a", "two\nlines"),
        (4, "b", "B"),
    ]


@pytest.mark.parametrize("inside", ["", "valley/"])
def test_a_zip_is_read_like_its_folder(folder, inside):
    assert read(zipped(folder, inside)).rows == read(folder).rows


def test_a_byte_order_mark_is_tolerated(folder):
    path = folder / "systems.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(folder).rows["systems"][0].code == "valley"


def test_a_missing_column(tmp_path):
    path = write_package(tmp_path / "valley", {"partner_names": NAMES})
    (path / "partner_names.csv").write_text("partner,starts\nmoor,2013-04-01\n")
    found = fault(path)
    assert (found.file, found.row, found.field) == ("valley/partner_names.csv", 1, "name")
    assert found.message == "This column is missing. Add it."


def test_a_column_too_many(tmp_path):
    path = write_package(tmp_path / "valley", {"partner_names": NAMES})
    (path / "partner_names.csv").write_text("partner,name,starts,colour\nmoor,M,,red\n")
    found = fault(path)
    assert (found.row, found.field) == (1, "colour")


def test_a_schema_with_another_column_or_type(folder):
    change_descriptor(
        folder,
        schema={"fields": [{"name": "code", "type": "integer"}, {"name": "name"}, {"name": "x"}]},
    )
    assert {(f.file, f.field, f.value) for f in faults(folder)} >= {
        ("valley/datapackage.json", "systems.code", "integer"),
        ("valley/datapackage.json", "systems.x", "x"),
    }


def test_a_constraint_that_nobody_would_check(folder):
    field = {"name": "code", "constraints": {"pattern": "v.*"}}
    change_descriptor(folder, schema={"fields": [field, {"name": "name"}]})
    assert fault(folder).field == "systems.code.pattern"


@pytest.mark.parametrize("value", ["2013-4-1", "01/04/2013", "2013-02-30", "2013", "٢٠١٣-04-01"])
def test_a_wrong_date(tmp_path, value):
    found = fault(with_rows(tmp_path, "partner_names", NAMES[0], f"moor,M,{value}"))
    assert (found.row, found.field, found.value) == (2, "starts", value)
    assert found.message == "Write a date as 2018-03-31."


def test_wrong_types_are_all_told_at_once(tmp_path):
    path = with_rows(
        tmp_path,
        "lines",
        "system,year,line,name,partner,kind,first_month,recurrent",
        "valley,2017-18,a,A,moor,postion,1.5,yes",
        "valley,2017-18,b,,moor,saving,13,true",
    )
    assert [(f.row, f.field, f.value, f.message) for f in faults(path)] == [
        (2, "kind", "postion", faults(path)[0].message),
        (2, "recurrent", "yes", "Write true or false."),
        (2, "first_month", "1.5", "Write a whole number, such as 12."),
        (3, "name", "", "Fill this in; it may not be blank."),
        (3, "first_month", "13", "Write a number of at most 12."),
    ]
    assert faults(path)[0].message.startswith("Write one of 'position', 'income'")


def test_a_duplicate_key_names_the_first_row(tmp_path):
    path = with_rows(tmp_path, "partner_names", *NAMES, NAMES[1])
    found = fault(path)
    assert (found.row, found.field, found.value) == (
        3,
        "partner, name, starts",
        "moor, The Moor, 2013-04-01",
    )
    assert found.message == "Row 2 has this key already. Keep one of them."


@pytest.mark.parametrize(("row", "cells"), [("valley", 1), ("valley,The Valley,x", 3)])
def test_a_row_too_short_or_too_long(tmp_path, row, cells):
    found = fault(with_rows(tmp_path, "systems", "code,name", row))
    assert found.row == 2
    assert f"{cells} cells, the heading 2" in found.message


def test_an_open_quotation_mark(tmp_path):
    found = fault(with_rows(tmp_path, "systems", "code,name", "a,A", 'b,"B'))
    assert found.row == 3


def test_another_encoding(tmp_path):
    path = with_rows(tmp_path, "systems", "code,name", "a,A", "b,B")
    (path / "systems.csv").write_bytes("code,name\na,A\nb,Café\n".encode("latin-1"))
    found = fault(path)
    assert (found.row, found.value) == (3, "byte e9")
    assert "UTF-8" in found.message


def test_a_control_character(tmp_path):
    found = fault(with_rows(tmp_path, "systems", "code,name", "a,A\0"))
    assert (found.row, found.field) == (2, "name")


@pytest.mark.parametrize("name", ["../x.csv", "/etc/passwd", "https://x/y.csv", "a\\b.csv", "C:x"])
def test_paths_stay_inside(folder, name):
    found = fault(change_descriptor(folder, path=name))
    assert found.value == name


def test_a_link_that_leads_out(folder, tmp_path):
    (tmp_path / "secret.csv").write_text("code,name\nx,X\n")
    (folder / "systems.csv").unlink()
    (folder / "systems.csv").symlink_to(tmp_path / "secret.csv")
    assert "leads out" in fault(folder).message


def test_a_pipe_is_not_a_file(folder):
    (folder / "systems.csv").unlink()
    os.mkfifo(folder / "systems.csv")
    assert "no file 'systems.csv'" in fault(folder).message


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"name": "x"}', "[" * 100_000, '{"name": "x", "resources": []}']
)
def test_a_broken_descriptor(folder, text):
    (folder / "datapackage.json").write_text(text)
    assert faults(folder)[0].file == "valley/datapackage.json"


@pytest.mark.parametrize(
    "values",
    [
        {"name": "budgets"},
        {"path": ["a.csv", "b.csv"]},
        {"schema": "https://example.org/schema.json"},
        {"encoding": "latin-1"},
        {"dialect": {"delimiter": ";"}},
    ],
)
def test_a_resource_that_is_not_taken(folder, values):
    assert {f.file for f in faults(change_descriptor(folder, **values))} == {
        "valley/datapackage.json"
    }


def test_a_resource_that_stands_there_twice(folder):
    found = fault(change_descriptor(folder, 1, name="systems"))
    assert (found.field, found.value) == ("resources.name", "systems")


def test_no_package_at_all(tmp_path):
    assert "no such folder" in fault(tmp_path / "nowhere").message
    (tmp_path / "empty").mkdir()
    assert "no file 'datapackage.json'" in fault(tmp_path / "empty").message


def test_a_broken_zip(folder):
    path = zipped(folder)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "not a whole zip" in fault(path).message


def test_a_zip_with_a_damaged_file(folder):
    path = zipped(folder)
    with zipfile.ZipFile(path) as file:
        start = file.getinfo("systems.csv").header_offset
    data = bytearray(path.read_bytes())
    data[start + 45 : start + 55] = b"\xff" * 10
    path.write_bytes(data)
    assert "'systems.csv' cannot be read" in fault(path).message


def test_a_zip_that_unpacks_to_more_than_allowed(folder, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1_000_000)
    (folder / "systems.csv").write_bytes(b"code,name\n" + b"\n" * 20_000_000)
    path = zipped(folder)
    assert path.stat().st_size < 100_000
    assert "unpacks to more than" in fault(path).message


def test_a_zip_that_lies_about_its_size(folder, monkeypatch):
    """The size in the headers is not believed: what comes out is counted."""
    monkeypatch.setattr(archives, "MAX_BYTES", 1_000_000)
    (folder / "systems.csv").write_bytes(b"code,name\n" + b"\n" * 20_000_000)
    path = zipped(folder)
    size = (20_000_010).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    assert fault(path).file in ("valley.zip", "valley/systems.csv")


def test_a_zip_with_too_many_files(folder):
    path = zipped(folder)
    with zipfile.ZipFile(path, "a") as file:
        for number in range(archives.MAX_MEMBERS):
            file.writestr(f"{number}.txt", "")
    assert "at most 200 files" in fault(path).message


def test_a_zip_with_a_link_or_a_way_out(folder):
    path = zipped(folder)
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    assert "is a link" in fault(path).message
    path = zipped(folder)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../../out.csv", "")
    assert "leads out" in fault(path).message


def test_faults_do_not_pile_up_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "MAX_FAULTS", 10)
    path = with_rows(tmp_path, "systems", "code,name", *["short"] * 50)
    found = faults(path)
    assert len(found) == 11
    assert found[-1].message == "More faults follow; mend these first."


def test_too_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "MAX_ROWS", 2)
    assert (
        "at most 2 rows"
        in fault(with_rows(tmp_path, "systems", "code,name", "a,A", "b,B", "c,C")).message
    )
