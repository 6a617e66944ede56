"""The typed registers: list, row, form, files in and out, API; and who gets through with what."""

import csv
import io
import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from schemes.models import Evidence, RegisterRow, RowVersion, Source
from schemes.package.rows import spec_of_row
from schemes.people.roles import Role
from schemes.registers.kinds import BY_CODE, KINDS
from schemes.services.rows import save_rows
from tests.factories import a_person

pytestmark = pytest.mark.django_db

SYSTEM = "/systems/valley"
BEDS = f"{SYSTEM}/registers/capacity"
IMPORT = f"{SYSTEM}/import-register/capacity"
API = "/api/v1/systems/valley/registers"


def a_row(register: str, code: str, evidence: Evidence | None = None, **cells: str) -> None:
    kind = BY_CODE[register]
    row = kind.row.model_validate(
        {"row": 1, "system": "valley", "code": code, "name": code, **cells}
    )
    save_rows(by=None, kind=kind, specs=[spec_of_row(kind, row, evidence and evidence.pk)])


@pytest.fixture
def beds(valley) -> None:
    """Two settings: of one the demand is stated, 61 beds for 66 people."""
    source = Source.objects.create(code="report", title="Report")
    place = Evidence.objects.create(source=source, place="Page 4", printed="61 beds")
    a_row("capacity", "acute", place, setting="Acute", unit="beds", capacity="61", demand="66.50")
    a_row("capacity", "homes", setting="Nursing home", unit="places", period="2018-autumn")


@pytest.fixture
def ada(valley) -> Client:
    return browser_of(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


@pytest.fixture
def bert(valley) -> Client:
    return browser_of(a_person("bert", Role.BOARD_MEMBER, system=valley.system))


def browser_of(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def csv_of(*rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def upload(browser: Client, content: bytes, name: str = "beds.csv"):
    return browser.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def store(browser: Client, previewed):
    context = previewed.context
    sent = {"do": "store", "rows": context["packed"], "seen": context["preview"].version}
    return browser.post(IMPORT, sent)


def seen_of(answer) -> int:
    return int(answer.context["seen"])


# reading


def test_all_registers_are_listed_and_empty_ones_say_so(bert, beds):
    page = text_of(bert.get(f"{SYSTEM}/registers"))
    assert all(kind.name in page for kind in KINDS)
    assert page.count("nothing is stated yet") == len(KINDS) - 1
    empty = text_of(bert.get(f"{SYSTEM}/registers/engagement"))
    assert "Events, groups and messages" in empty
    assert "Nothing is stated for" in empty
    assert "Add a row" not in empty


def test_a_list_shows_what_is_derived_with_its_working(bert, beds):
    page = text_of(bert.get(BEDS))
    assert "2 rows." in page
    # 61 less 66.5
    assert "\N{MINUS SIGN}5.5" in page
    assert "Worked out: capacity less demand: below 0 there are too few." in page
    assert "autumn 2018" in page
    assert page.count("not stated") > 3


def test_one_filters_searches_and_sorts(bert, beds):
    def found(query: str) -> list[str]:
        return [row["name"] for row in bert.get(f"{BEDS}?{query}").context["rows"]]

    assert found("setting=Acute") == ["acute"]
    assert found("q=NURSING") == ["homes"]
    assert found("sort=-name") == ["homes", "acute"]
    assert found("sort=-capacity") == ["acute", "homes"]  # what is not stated comes last
    assert found("setting=none") == []
    part = bert.get(f"{BEDS}?setting=Acute", headers={"X-Part": "1"})
    assert "<h1" not in text_of(part)
    assert "1 of 2 rows." in text_of(part)


def test_a_row_tells_its_evidence_and_history(ada, bert, beds):
    change = f"{BEDS}/acute/change"
    form = ada.get(change)
    typed = {**form.context["form"].initial, "demand": "60", "seen": seen_of(form)}
    assert ada.post(change, typed).status_code == 302
    page = text_of(bert.get(f"{BEDS}/acute"))
    assert "“61 beds”" in page
    assert "Demand: from “66.5” to “60”" in page
    assert "ada" in page


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_register_has_its_form_made_from_its_class(ada, valley, kind):
    page = text_of(ada.get(f"{SYSTEM}/add-to-register/{kind.code}"))
    for name in kind.columns:
        assert f'name="{name}"' in page
    assert ada.get(f"/schemas/registers/{kind.code}.json").json()["fields"][0]["name"] == "system"


# entering


def test_a_row_is_added_and_has_a_code_of_its_name(ada, valley):
    add = f"{SYSTEM}/add-to-register/capacity"
    sent = {"name": "Bed-based care", "setting": "Community", "capacity": "12"}
    answer = ada.post(add, sent | {"period": "by June 2018"})
    assert answer["Location"] == f"{BEDS}/bed-based-care"
    stored = RegisterRow.objects.get().values
    assert (stored["capacity"], stored["period"]) == ("12", "2018-06")
    ada.post(add, {"name": "Bed-based care", "setting": "Community"})
    assert RegisterRow.objects.filter(code="bed-based-care-2").exists()


def test_faults_stand_beside_their_fields_and_what_was_typed_stays(ada, valley):
    sent = {"name": "Beds", "capacity": "twelve", "period": "Sept 18"}
    answer = ada.post(f"{SYSTEM}/add-to-register/capacity", sent)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors["setting"] == ["Fill this in; it may not be blank."]
    assert errors["capacity"] == ["Write a plain number, such as -26.5."]
    assert "Write as much as is known" in errors["period"][0]
    assert "twelve" in text_of(answer)
    assert not RegisterRow.objects.exists()


def test_a_persons_name_owns_nothing(ada, valley):
    sent = {"name": "Offer", "part": "Local offer", "owner_role": "Ada Lovelace"}
    answer = ada.post(f"{SYSTEM}/add-to-register/offers", sent)
    assert "Personal names are not kept" in answer.context["form"].errors["owner_role"][0]


def test_a_newer_state_is_shown_beside_what_was_typed(ada, beds):
    change = f"{BEDS}/acute/change"
    first, second = ada.get(change), ada.get(change)
    initial = first.context["form"].initial
    ada.post(change, {**initial, "demand": "70", "seen": seen_of(first)})
    late = ada.post(change, {**initial, "demand": "65", "seen": seen_of(second)})
    assert late.status_code == 409
    assert "Somebody saved a newer state" in text_of(late)
    assert late.context["differs"] == [{"label": "Demand", "stands": "70", "href": "#id_demand"}]
    again = ada.post(change, {**initial, "demand": "65", "seen": seen_of(late)})
    assert again.status_code == 302
    assert RegisterRow.objects.get(code="acute").values["demand"] == "65"


def test_a_row_is_taken_out_with_a_reason_that_is_kept(ada, beds):
    remove = f"{BEDS}/homes/remove"
    seen = ada.get(remove).context["form"]["seen"].value()
    assert ada.post(remove, {"seen": seen}).status_code == 422
    assert ada.post(remove, {"seen": seen, "reason": "Counted twice"}).status_code == 302
    assert not RegisterRow.objects.filter(code="homes").exists()
    last = RowVersion.objects.order_by("pk").last()
    assert last.values["removed"]
    assert last.values["reason"] == "Counted twice"


# files


def test_a_file_is_previewed_then_stored_and_twice_changes_nothing(ada, beds):
    sent = csv_of(
        {
            "code": "acute",
            "name": "acute",
            "setting": "Acute",
            "demand": "70",
            "period": "Sept 2018",
        },
        {"code": "hospice", "name": "Hospice", "setting": "Hospice", "demand": ""},
    )
    previewed = upload(ada, sent)
    page = text_of(previewed)
    assert "adds 1 row, changes 1 and leaves 0" in page
    assert "Demand: from “66.5” to “70”" in page
    assert RegisterRow.objects.count() == 2
    assert store(ada, previewed).status_code == 302
    acute = RegisterRow.objects.get(code="acute")
    assert (acute.values["demand"], acute.values["period"]) == ("70", "2018-09")
    assert acute.values["capacity"] == "61"  # a column that is not there stays
    assert acute.evidence is None  # the document does not say 70
    versions = RowVersion.objects.count()
    again = upload(ada, sent)
    assert "so that there is nothing to store" in text_of(again)
    store(ada, again)
    assert RowVersion.objects.count() == versions


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_downloaded_can_be_brought_back(ada, beds, ending):
    a_row("capacity", "odd", setting="=1+1", rating="-good\nor so", period="2018-04", note="+")
    answer = ada.get(f"{BEDS}.{ending}")
    previewed = upload(ada, answer.content, f"beds.{ending}")
    assert previewed.status_code == 200
    count = previewed.context["count"]
    assert (count.created, count.updated, count.unchanged) == (0, 0, 3)
    assert "Gap is worked out here, and was not read." in text_of(previewed)


def test_figures_of_a_workbook_are_numbers(ada, beds):
    book = load_workbook(io.BytesIO(ada.get(f"{BEDS}.xlsx").content))
    heading, *rows = book["Figures"].values
    acute = dict(zip(heading, rows[0], strict=True))
    assert (acute["capacity"], acute["demand"], acute["gap"]) == (61, 66.5, -5.5)


def test_faults_name_row_column_value_and_remedy_and_nothing_is_stored(ada, beds):
    sent = csv_of(
        {"code": "acute", "name": "acute", "setting": "Acute", "capacity": "-5"},
        {"code": "Not a code", "name": "", "setting": "X", "capacity": "many"},
        {"code": "acute", "name": "acute", "setting": "Acute", "capacity": "5"},
    )
    answer = upload(ada, sent)
    assert answer.status_code == 422
    found = {(f["row"], f["column"], f["value"]): f["message"] for f in answer.context["faults"]}
    assert found == {
        (2, "Capacity", "-5"): "Write a number of at least 0.",
        (3, "Name", ""): "Fill this in; it may not be blank.",
        (3, "Capacity", "many"): "Write a plain number, such as -26.5.",
        (4, "Code", "acute"): "Row 2 has this code already. Keep one of them.",
    }
    assert not RegisterRow.objects.filter(name="").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.4", "This is a PDF"),
        (b"name,setting\nA,B\n", "There is no column code"),
        (b"code,name,colour\na,A,red\n", "No column of this register is called so"),
        (b"code,name,Name\na,A,A\n", "This column stands here twice"),
        (b"system,code,name,setting\nhills,a,A,B\n", "This row is of another system"),
    ],
)
def test_files_that_are_not_taken_say_why(ada, beds, content, said):
    answer = upload(ada, content)
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_a_day_that_a_spreadsheet_made_of_a_month_is_not_believed(ada, beds):
    book = Workbook()
    book.active.append(["code", "name", "setting", "period"])
    book.active.append(["a", "A", "Acute", date(2018, 4, 1)])
    out = io.BytesIO()
    book.save(out)
    answer = upload(ada, out.getvalue(), "beds.xlsx")
    assert "2018, 2018-04 or 2018-04-01" in text_of(answer)


def test_a_preview_that_is_older_than_the_register_is_not_stored(ada, beds):
    previewed = upload(ada, csv_of({"code": "acute", "name": "New name"}))
    a_row("capacity", "more", setting="More")
    answer = store(ada, previewed)
    assert answer.status_code == 409
    assert "Somebody changed this register meanwhile" in text_of(answer)
    assert RegisterRow.objects.get(code="acute").name == "acute"


def test_what_no_preview_wrote_is_refused(ada, beds):
    for rows in ("", "{", "[1]", '[["a", 1]]'):
        answer = ada.post(IMPORT, {"do": "store", "rows": rows, "seen": "0"})
        assert answer.status_code == 422


# programs


def test_a_program_reads_registers_and_rows(bert, beds):
    registers = bert.get(API).json()["rows"]
    (capacity,) = [row for row in registers if row["code"] == "capacity"]
    assert capacity["count"] == 2
    assert {"name": "gap", "derived": True}.items() <= capacity["columns"][-1].items()
    acute, homes = bert.get(f"{API}/capacity").json()["rows"]
    assert (acute["capacity"], acute["demand"], acute["gap"]) == (61, 66.5, -5.5)
    assert acute["printed"] == "61 beds"
    assert homes["gap"] is None
    assert bert.get(f"{API}/capacity/homes").json() == homes
    assert b"61 beds" in bert.get(f"{API}/capacity.csv").content


def put(browser: Client, *rows: dict, seen: int | None = None, **headers: str):
    body = {"rows": rows} | ({} if seen is None else {"seen": seen})
    return browser.put(
        f"{API}/capacity", json.dumps(body), "application/json", headers=headers or None
    )


def test_a_program_sends_rows_and_what_it_read_changes_nothing(ada, beds):
    read = ada.get(f"{API}/capacity").json()
    same = put(ada, *read["rows"]).json()
    assert (same["created"], same["updated"], same["unchanged"]) == (0, 0, 2)
    saved = put(
        ada, {"code": "acute", "demand": 70}, seen=read["version"], **{"Idempotency-Key": "1"}
    )
    assert saved.json()["updated"] == 1
    again = put(
        ada, {"code": "acute", "demand": 70}, seen=read["version"], **{"Idempotency-Key": "1"}
    )
    assert again["Idempotent-Replayed"] == "true"
    late = put(ada, {"code": "acute", "demand": 71}, seen=read["version"])
    assert late.status_code == 409


def test_a_program_is_told_by_row_what_is_wrong(ada, beds):
    answer = put(ada, {"code": "a", "name": "A", "setting": "S"}, {"code": "b", "colour": 1})
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert {(error["row"], error["field"]) for error in errors} == {
        (2, "name"), (2, "setting"), (2, "colour"),
    }  # fmt: skip
    assert RegisterRow.objects.count() == 2


@pytest.mark.parametrize("page", [BEDS, f"{BEDS}.csv", f"{API}/capacity", f"{SYSTEM}/registers"])
def test_it_asks_the_same_of_10_rows_and_of_1000(bert, valley, query_count, page):
    def fill(numbers) -> None:
        kind = BY_CODE["capacity"]
        row = kind.row(row=1, system="valley", code="x", name="X", setting="Acute", unit="beds")
        specs = [
            spec_of_row(kind, row.model_copy(update={"code": f"x-{n}"}), None) for n in numbers
        ]
        save_rows(by=None, kind=kind, specs=specs)

    fill(range(10))
    bert.get(page)  # the frame keeps which year has figures
    few = query_count(lambda: bert.get(page))
    fill(range(10, 1000))
    assert query_count(lambda: bert.get(page)) == few <= 12
