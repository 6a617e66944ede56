"""The tables of money in a package: units, evidence, silence, and proofs that fail."""

from decimal import Decimal

import pytest

from esbt import loading
from esbt.kit.rows import read_row
from finance.models import Outturn, PlanFigure, PrintedFigure
from finance.package.rows import OutturnRow, PlanFigureRow, PrintedRow, pence
from finance.proof import Outcome, prove
from finance.services import Entry, record_outturns
from schemes.models import Slice
from tests.money import pounds
from tests.packages import MONEY, SYSTEM, write_package

PLACE = {"system": "valley", "year": "2017-18"}
FIGURE = {**PLACE, "line": "moor-position", "month": "12", "measure": "actual", "unit": "million"}
SAID = {"source": "report", "place": "2.11"}


def faults(shape, **cells: str) -> list[tuple[str, str]]:
    row = read_row(shape, cells, 2, "x.csv")
    return [(fault.field, fault.message) for fault in row] if isinstance(row, list) else []


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("-26.5", "million", pounds("-26_500_000")),
        ("134.996", "million", pounds("134_996_000")),
        ("0.00000001", "million", 1),
        ("864554", "thousand", pounds("864_554_000")),
        ("0.1", "thousand", pounds("100")),
        ("-0.07", "gbp", -7),
    ],
)
def test_amounts_become_pence_without_floats(amount, unit, expected):
    assert pence(Decimal(amount), unit) == expected


@pytest.mark.parametrize(
    "amount", ["0.001", "1e5", "1,000", "£5", "(26.5)", "nan", "\N{FULLWIDTH DIGIT FIVE}"]
)
def test_amounts_are_plain_numbers_down_to_a_penny(amount):
    found = faults(OutturnRow, **{**FIGURE, "unit": "gbp"}, amount=amount, **SAID)
    assert [field for field, _ in found] == ["amount"]


def test_an_amount_of_a_trillion_is_a_wrong_unit():
    found = faults(OutturnRow, **FIGURE, amount="1000000", **SAID)
    assert "Check the unit" in found[0][1]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"amount": ""}, "amount"),
        ({"amount": "1", "state": "missing", **SAID}, "amount"),
        ({"amount": "1", "state": "derived", **SAID}, "working"),
        ({"amount": "1", "source": "report"}, "place"),
        ({"amount": "1", "printed": "(1)"}, "source"),
        ({"amount": "1", "state": "guessed", **SAID}, "state"),
        ({"amount": "1", "month": "14", **SAID}, "month"),
        ({"amount": "1", "basis": "net", **SAID}, "basis"),
    ],
)
def test_a_fault_names_the_column_to_mend(cells, field):
    assert [name for name, _ in faults(OutturnRow, **{**FIGURE, **cells})] == [field]


def test_a_profile_has_all_months_or_none():
    figure = {**PLACE, "plan": "original", "line": "a", "unit": "gbp", "full_year": "1"}
    assert faults(PlanFigureRow, **figure, month_1="1") == [
        ("month_2", "Fill in all twelve months, or none.")
    ]


@pytest.mark.parametrize(
    ("amount", "unit", "digit"),
    [("-68.4", "million", 10_000_000), ("864554", "thousand", 100_000), ("383", "million", 10**8)],
)
def test_the_last_printed_digit_is_what_rounding_may_explain(amount, unit, digit):
    cells = {**PLACE, "code": "x", "name": "X", "measure": "envelope", **SAID}
    row = read_row(PrintedRow, {**cells, "amount": amount, "unit": unit}, 2, "x.csv")
    assert row.unit_pence == digit


@pytest.fixture
def slice_id(db, tmp_path) -> int:
    load(tmp_path / "valley", {**SYSTEM, **MONEY})
    return Slice.objects.get().pk


def load(folder, tables):
    return loading.load([write_package(folder, tables)], progress=lambda line: None)


def test_monthly_profiles_and_both_figures_of_an_outturn(slice_id, tmp_path):
    months = ",".join(f"month_{month}" for month in range(1, 13))
    load(
        tmp_path / "more",
        {
            "plan_figures": [
                f"system,year,plan,line,full_year,unit,{months}",
                "valley,2017-18,original,moor-position,-12,thousand" + ",-1" * 12,
            ],
            "outturns": [
                "system,year,line,month,measure,amount,unit,comment",
                "valley,2017-18,moor-position,3,actual,-4,thousand,Winter",
                "valley,2017-18,moor-position,3,forecast,-15,thousand,",
            ],
        },
    )
    figure = PlanFigure.objects.get(line__code="moor-position")
    assert figure.to_date_pence[2] == pounds("-3_000")
    outturn = Outturn.objects.get(month=3)
    assert (outturn.actual_pence, outturn.forecast_pence) == (pounds("-4_000"), pounds("-15_000"))
    assert outturn.comment == "Winter"


def test_a_source_that_is_silent_is_kept_as_a_fact(slice_id, tmp_path):
    rows = [
        "system,year,line,month,measure,amount,unit,source,place,state",
        "valley,2017-18,moor-position,6,actual,,million,report,3,missing",
    ]
    report = load(tmp_path / "more", {"outturns": rows})
    silent = Outturn.objects.get(month=6)
    assert (silent.actual_pence, silent.actual_evidence.state) == (None, "missing")
    assert [doubt.state for doubt in report.doubts] == ["missing"]


def test_evidence_goes_when_somebody_types_another_amount(slice_id):
    def save(**values):
        entry = Entry(line="moor-position", month=12, **values)
        record_outturns(by=None, slice_id=slice_id, entries=[entry])
        return Outturn.objects.get(line__code="moor-position").actual_evidence

    assert save(comment="as printed") is not None
    assert save(actual_pence=pounds("-2_300_000")) is None


def test_what_a_source_adds_wrongly_is_told_and_kept(slice_id, tmp_path):
    report = load(
        tmp_path / "more",
        {
            "printed_figures": [
                "system,year,code,name,measure,kind,line,month,amount,unit,parts,source,place",
                "valley,2017-18,a,A,envelope,,,,1.4,million,,report,1",
                "valley,2017-18,b,B,envelope,,,,1.4,million,,report,1",
                "valley,2017-18,near,Near,envelope,,,,2.9,million,a b,report,1",
                "valley,2017-18,far,Far,envelope,,,,3.1,million,a b,report,1",
                "valley,2017-18,whole,Whole,plan,position,,12,-1.3,million,,report,1",
                "valley,2017-18,off,Off,variance,,moor-position,12,-1.0,million,,report,1",
            ]
        },
    )
    outcomes = {proof.figure.code: proof.outcome for proof in report.proofs}
    assert outcomes == {
        "a": Outcome.NOTHING,
        "b": Outcome.NOTHING,
        "near": Outcome.ROUNDING,
        "far": Outcome.DIFFERS,
        "whole": Outcome.AGREES,
        "off": Outcome.DIFFERS,
    }
    assert PrintedFigure.objects.get(code="far").pence == pounds("3_100_000")
    text = "\n".join(loading.lines_of(report))
    assert "does not agree: valley 2017-18 off, printed \N{MINUS SIGN}£1.0m" in text
    assert "computed \N{MINUS SIGN}£750,000" in text


def test_parts_that_change_are_an_update(slice_id, tmp_path):
    heading = "system,year,code,name,measure,amount,unit,parts,source,place"
    rows = [
        heading,
        "valley,2017-18,a,A,envelope,1,million,,report,1",
        "valley,2017-18,b,B,envelope,1,million,a,report,1",
    ]
    load(tmp_path / "one", {"printed_figures": rows})
    rows[2] = rows[2].replace(",a,report", ",,report")
    report = load(tmp_path / "two", {"printed_figures": rows})
    assert (report.total.updated, report.total.unchanged) == (1, 1)
    assert all(proof.outcome == Outcome.NOTHING for proof in prove(slice_id))


def test_a_measure_of_a_line_is_held_once(slice_id, tmp_path):
    rows = [
        "system,year,code,name,measure,line,month,amount,unit,source,place",
        "valley,2017-18,a,A,variance,moor-position,12,1,million,report,1",
        "valley,2017-18,b,B,variance,moor-position,12,1,million,report,1",
    ]
    with pytest.raises(loading.Refused) as refused:
        load(tmp_path / "more", {"printed_figures": rows})
    assert [(fault.row, fault.value) for fault in refused.value.faults] == [(3, "b")]
