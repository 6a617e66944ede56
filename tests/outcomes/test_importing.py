"""Published tables into observations: forms of tables, areas of several codes, twice the same."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from esbt.kit.counts import Count
from outcomes.models import Area, AreaCode, Metric, Observation, ObservationRevision
from outcomes.services import AreaCodeSpec, AreaSpec, save_area_codes, save_areas
from schemes.models import Source
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.importing import (
    BASE,
    HEADING,
    MAY,
    bring,
    mapping,
    refused,
    shipped_mapping,
    with_metrics,
)
from tests.sheets import csv, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(valley):
    return with_metrics(valley)


def heads(*fields: str) -> list[tuple]:
    return list(Observation.objects.order_by("metric__code", "area", "starts").values_list(*fields))


def test_a_table_becomes_observations_with_their_evidence(place):
    imported = bring(
        place, csv(HEADING, MAY, "E10000012,Dale,-,May 2018", "E10000013,Fell,*,May 2018")
    )
    assert imported.count == Count(created=3)
    assert heads("area__code", "value", "standing") == [
        ("e10000011", 70, "final"),
        ("e10000012", None, "missing"),
        ("e10000013", None, "suppressed"),
    ]
    first = Observation.objects.first()
    assert (first.starts, first.ends) == (date(2018, 5, 1), date(2018, 5, 31))
    assert (first.evidence.source.code, first.evidence.place) == ("returns", "Table 1")
    assert Source.objects.get(code="returns").publisher == "The Valley Office"
    assert Area.objects.get(code="e10000012").name == "Dale"


def test_the_same_file_twice_changes_nothing(place):
    bring(place, csv(HEADING, MAY))
    assert bring(place, csv(HEADING, MAY)).count == Count(unchanged=1)
    assert ObservationRevision.objects.count() == 1


def test_figures_that_stand_keep_where_they_came_from_and_what_is_known_of_them(place):
    bring(place, csv(HEADING, MAY))
    Observation.objects.update(evidence=None, comment="As told", standing="redefined")
    assert bring(place, csv(HEADING, MAY)).count == Count(unchanged=1)
    assert Observation.objects.get().comment == "As told"
    later = csv(HEADING, MAY.replace("70", "71"))
    assert bring(place, later).count == Count(updated=1)
    assert heads("value", "standing", "comment") == [(71, "final", "")]


def test_a_council_that_changes_its_code_is_one_area(place):
    rows = ["815,Vale,60,April 2018", MAY, "E10000011,Vale,71,June 2018"]
    imported = bring(place, csv(HEADING, *rows))
    assert heads("area__code", "value") == [("e10000011", 60), ("e10000011", 70), ("e10000011", 71)]
    assert [(fault.row, fault.message) for fault in imported.warnings] == [
        (2, "'Vale' stands here under '815' and elsewhere under 'e10000011': one area.")
    ]
    assert AreaCode.objects.get(register="CASSR").code == "815"
    # by its alias, the next file needs no name for it
    assert bring(place, csv(HEADING, "815,,80,July 2018")).warnings == []
    assert Area.objects.count() == 1


TWO_CODES = {
    "code": ["ONS", "Code"],
    "name": "Name",
    "kind": "council",
    "add": True,
    "registers": {"ONS": r"E\d{8}", "CASSR": r"\d{3}"},
}
BOTH = "ONS,Code,Name,Days,Month"


def test_a_new_code_beside_a_known_one_is_told(place):
    of = mapping(areas=TWO_CODES)
    assert bring(place, csv(BOTH, "E10000009,809,Vale,60,April 2018"), of=of).warnings == []
    (warning,) = bring(place, csv(BOTH, "E06000059,809,New Vale,70,April 2019"), of=of).warnings
    assert warning.message == (
        "'New Vale' stands here under 'E06000059' and elsewhere under 'e10000009': one area."
    )
    assert Area.objects.count() == 1


def test_a_code_that_two_areas_bear_is_kept_for_neither(place):
    rows = ["E10000009,809,Vale,60,April 2018", "E06000059,809,New Vale,70,April 2019"]
    for _ in range(2):
        bring(place, csv(BOTH, *rows), of=mapping(areas=TWO_CODES))
    assert (Area.objects.count(), AreaCode.objects.count()) == (2, 0)


def test_codes_of_different_areas_in_one_row(place):
    specs = [AreaSpec(code=code, name=code, kind="council") for code in ("e10000009", "809")]
    save_areas(by=None, specs=specs)
    (fault,) = refused(
        place, csv(BOTH, "E10000009,809,Vale,1,May 2018"), of=mapping(areas=TWO_CODES)
    )
    assert fault.message == "These codes are of different areas, 809 and e10000009. Mend the codes."


def test_a_known_alias_wins_over_another_name(place):
    save_areas(by=None, specs=[AreaSpec(code="e10000011", name="The Vale", kind="council")])
    spec = AreaCodeSpec(registry="CASSR", code="815", area="e10000011")
    save_area_codes(by=None, specs=[spec])
    imported = bring(place, csv(HEADING, "815,Vale,60,April 2018", MAY))
    assert imported.warnings == []
    assert {code for (code,) in heads("area__code")} == {"e10000011"}


def test_a_name_finds_its_area_whatever_its_capitals(place):
    save_areas(by=None, specs=[AreaSpec(code="vale", name="Hill and Vale", kind="council")])
    by_name = mapping(areas={"name": "Name", "kind": "council", "find": "by name"})
    bring(place, csv(HEADING, "815,HILL & VALE,60,April 2018"), of=by_name)
    assert heads("area__code") == [("vale",)]


def test_unknown_areas_are_for_those_who_load_data(place):
    cora = a_person("cora", Role.COMMISSIONER, system=place.system)
    (fault,) = refused(place, csv(HEADING, MAY), by=cora)
    assert fault.message == (
        "'Vale' is not an area that is known. Who loads data can add it. Mend it, or leave it out."
    )
    assert (fault.row, fault.field, fault.value) == (2, "Code", "E10000011")
    save_areas(by=None, specs=[AreaSpec(code="e10000011", name="Vale", kind="council")])
    bring(place, csv(HEADING, MAY), by=cora)
    assert ObservationRevision.objects.get().actor == cora


def test_a_long_table_names_its_metrics(place):
    columns = {"column": "Measure", "metrics": {"D1": "delays", "L1": "late"}}
    of = mapping(unpivot=None, columns=columns, values=[{"value": "Value"}])
    bring(
        place,
        csv(
            "Code,Name,Measure,Value,Month",
            'E1,Vale,D1,"1,070",May 2018',
            "E1,Vale,L1,2.5,May 2018",
        ),
        of=of,
    )
    assert heads("metric__code", "value") == [("delays", 1070), ("late", Decimal("2.5"))]


def test_parts_are_added_first_and_divided_last(place):
    values = [{"metric": "late", "numerator": "All", "less": "In time", "denominator": "All"}]
    of = mapping(unpivot=None, values=values, parts="Type")
    rows = ["E1,Vale,1,30,10,May 2018", "E1,Vale,2,10,10,May 2018"]
    bring(place, csv("Code,Name,Type,All,In time,Month", *rows), of=of)
    # (30 - 10) + (10 - 10) of 40
    assert heads("numerator", "denominator", "value") == [(20, 40, 50)]
    twice = csv("Code,Name,Type,All,In time,Month", rows[0], rows[0])
    Observation.objects.all().delete()
    (fault,) = refused(place, twice, of=of)
    assert fault.message == "Row 2 has this area, period and part already. Keep one of them."


def test_single_cells_under_a_period_in_the_preamble(place):
    save_areas(by=None, specs=[AreaSpec(code="vale", name="Vale", kind="council")])
    of = mapping(
        unpivot=None,
        areas=None,
        period={"cell": "B1", "kind": "financial year", "format": "2019-20"},
        cells=[{"cell": "B3", "metric": "delays", "area": "vale"}],
    )
    bring(place, xlsx([["Year:", "2017-18"], [], ["Days", 812]]), of=of)
    assert heads("value", "starts", "ends") == [(812, date(2017, 4, 1), date(2018, 3, 31))]


def test_metrics_that_the_mapping_defines_are_made_once(place):
    parts = {"Days": "stays", "Of nurses": "stays-nurses"}
    metrics = {
        "stays": {"name": "Stays", "direction": "decrease"},
        "stays-nurses": {"name": "Of nurses", "direction": "decrease", "part_of": "stays"},
    }
    of = mapping(unpivot=parts, metrics=metrics)
    bring(place, csv("Code,Name,Days,Of nurses,Month", "E1,Vale,9,4,May 2018"), of=of)
    assert Metric.objects.get(code="stays-nurses").part_of.code == "stays"
    Metric.objects.filter(code="stays").update(name="Stays, as we call them")
    bring(place, csv("Code,Name,Days,Of nurses,Month", "E1,Vale,9,4,June 2018"), of=of)
    assert Metric.objects.get(code="stays").name == "Stays, as we call them"


def test_a_metric_that_is_made_shows_the_area_of_the_others_first(place):
    bring(place, csv(HEADING, MAY))
    Metric.objects.filter(code="late").update(area=Area.objects.get())
    of = mapping(
        unpivot={"Days": "falls"}, metrics={"falls": {"name": "Falls", "direction": "decrease"}}
    )
    bring(place, csv(HEADING, MAY, "E10000016,Dale,3,May 2018"), of=of)
    assert Metric.objects.get(code="falls").area.code == "e10000011"


def test_the_number_of_queries_does_not_grow(place, query_count):
    def rows(count: int, year: int) -> bytes:
        areas = [f"E{year}{number:04},Area {year} {number}" for number in range(count)]
        return csv(HEADING, *(f"{area},70,May {year}" for area in areas))

    bring(place, rows(1, 2016))  # makes the source
    few = query_count(lambda: bring(place, rows(3, 2017)))
    assert query_count(lambda: bring(place, rows(300, 2018))) == few


# the layouts of NHS England's workbooks, in small


def published(sheet: str, *rows: list) -> bytes:
    """A sheet with twelve rows of title, period and contact before it, from column B on."""
    before = [[], ["", "Title:", "x"], [], [], ["", "Period:", "August 2017"], *[[]] * 7]
    return xlsx([*before, *rows], lambda made: setattr(made, "title", sheet))


def test_the_workbook_of_delays_by_body_is_read_under_its_two_headings(valley):
    content = published(
        "LA - by responsible org",
        ["", "", "", "", "", "Delayed Days", "", "", "", "", "DTOC Beds"],
        ["", "", "ONS Geography", "Code", "Name", "NHS", "Social Care", "Both", "Total", "", "NHS"],
        ["", "-", "-", "-", "England", 80, 15, 5, 100, "", 3.2],
        [],
        ["", "South East", "E10000011", "815", "East Sussex", 8, "-", 0, 8, "", 0.3],
        ["", "-", "-", "9901", "Resident in Scotland", "-", "-", "-", 0, "", "-"],
        ["", "Notes:"],
    )  # fmt: skip
    imported = bring(valley, content, of=shipped_mapping("dtoc-workbook-by-body"))
    assert imported.count == Count(created=8)
    assert imported.notes == ["2 rows were left out, as the mapping says."]
    own = Observation.objects.filter(area__code="e10000011").order_by("metric__code")
    assert list(own.values_list("metric__code", "value", "standing")) == [
        ("delayed-days", 8, "final"),
        ("delayed-days-both", 0, "final"),
        ("delayed-days-nhs", 8, "final"),
        ("delayed-days-social-care", None, "missing"),
    ]
    assert Observation.objects.first().ends == date(2017, 8, 31)


def test_a_misspelt_month_is_read_and_told_once(valley):
    names = ["Org Code", "Org Name", "Elective G&A Total Admissions (FFCEs)",
             "Total Non-elective G&A Admissions (FFCEs)", "GP Referrals Made (G&A) ",
             "All 1st Outpatient Attendances (G&A) "]  # fmt: skip
    rows = [
        ["", "Year", "Period", *names],
        ["", " 2017-18", "Janaury", "", "England", 10, 20, 30, 40],
        ["", "2017-18", "Janaury", "09F", "NHS EASTBOURNE CCG", 1, 2, 3, 4],
        ["", "2017-18", "Janaury", "99K", "NHS HIGH WEALD CCG", 5, 6, 7, 8],
    ]
    content = published("Commissioner", [], *rows)
    imported = bring(valley, content, of=shipped_mapping("mar-workbook"))
    (warning,) = imported.warnings
    assert warning.message == "This month is not spelled so. It is read as January 2018."
    assert (warning.value, warning.row) == ("2017-18 Janaury", 15)
    assert set(heads("starts", "ends")) == {(date(2018, 1, 1), date(2018, 1, 31))}
    assert set(heads("area__code")) == {("09f",), ("99k",), ("e92000001",)}


# the command


def test_the_command_counts_and_says_what_is_to_be_looked_at(place, tmp_path, capsys):
    of, table = tmp_path / "own.toml", tmp_path / "delays.csv"
    of.write_text(BASE)
    table.write_bytes(csv(HEADING, "815,Vale,60,April 2018", MAY))
    call_command("import_observations", of, table, "--system", "valley")
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "created 2, updated 0, unchanged 0, refused 0"
    assert "delays.csv, row 2: '815': 'Vale' stands here under '815'" in out
    assert "delays.csv: read 2 values in 2 rows" in err


def test_the_command_refuses_all_files_for_one(place, tmp_path, capsys):
    of = tmp_path / "own.toml"
    of.write_text(BASE)
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(csv(HEADING, MAY))
    bad.write_bytes(csv(HEADING, "E10000012,Dale,seven,May 2018"))
    with pytest.raises(SystemExit) as ended:
        call_command("import_observations", of, good, bad, "--system", "valley")
    out, err = capsys.readouterr()
    assert ended.value.code == 1
    assert out.splitlines() == ["created 0, updated 0, unchanged 0, refused 1"]
    assert "bad.csv, row 2, column Days: 'seven': This is not a number." in err
    assert not Observation.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing", "x.csv", "--system", "valley"), "There is no such mapping file."),
        (("dtoc-by-reason", "nothing.csv", "--system", "valley"), "The file cannot be opened"),
        (("dtoc-by-reason", "x.csv", "--system", "nowhere"), "There is no such system."),
    ],
)
def test_the_command_says_what_is_not_there(place, capsys, arguments, said):
    with pytest.raises(SystemExit):
        call_command("import_observations", *arguments)
    assert said in capsys.readouterr().err
