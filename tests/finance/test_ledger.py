"""Extracts of a ledger: codes become lines, and the parts add to the extract's total."""

import datetime

import pytest
from django.db import Error, transaction
from django.http import Http404

from esbt.kit.problems import Refused
from finance.models import LedgerMapping
from finance.queries.uploads import mappings_of
from finance.services import read_again, save_mapping
from finance.services.uploads import can_store, read_upload
from finance.workbook.ledger import is_proved
from finance.workbook.mapping import (
    Definition,
    Pattern,
    matcher,
    pattern_text,
    read_patterns,
)
from schemes.people.roles import Role
from tests.factories import a_person, report
from tests.finance.uploading import a_lead, faults, messages, nothing_stored
from tests.money import pounds
from tests.sheets import csv, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(valley):
    return a_lead(valley)


PATTERNS = "61* = pay\n40100 = fees -\n9* = ignore: balance sheet"


def a_mapping(lead, patterns: str = PATTERNS, *, seen: int | None = None, **more) -> LedgerMapping:
    found, wrong = read_patterns(patterns)
    assert wrong == []
    columns = {"code": "Account", "amount": "Amount", "description": "Name"} | more
    definition = Definition(**columns, patterns=tuple(found))
    return save_mapping(
        by=lead.user,
        system=lead.valley.system,
        partner=lead.valley.moor,
        name="Ledger",
        definition=definition,
        seen=seen,
    )


EXTRACT = csv(
    "Account,Name,Amount",
    "61001,Nurses,1000.10",
    "61999,Doctors,2000.20",
    "40100,Fees,-500.50",
    "90001,Cash,99.99",
)


def test_codes_become_the_totals_of_their_lines_and_prove_against_the_extract(lead):
    upload = lead.send(EXTRACT, mapping=a_mapping(lead))
    assert (upload.state, upload.report["flaws"]) == ("ready", [])
    assert {c["line"]: c["new"] for c in upload.report["changes"]} == {
        "pay": pounds("3_000.30"),
        "fees": pounds("500.50"),
    }
    proof = upload.report["extract"]
    assert proof["total"] == pounds("2_599.79")  # 1000.10 + 2000.20 - 500.50 + 99.99
    assert proof["mapped"] == pounds("2_499.80")
    assert proof["left_out"] == [{"reason": "balance sheet", "pence": pounds("99.99")}]
    assert is_proved(proof)
    lead.store(upload)
    assert lead.actual(lead.pay) == pounds("3_000.30")


def test_a_workbook_of_an_extract_is_read_by_the_same_mapping(lead):
    rows = [["Account", "Name", "Amount"], [61001, "Nurses", 1000.1], [61002, "Other", 0.2]]
    upload = lead.send(xlsx(rows), mapping=a_mapping(lead))
    assert [c["new"] for c in upload.report["changes"]] == [pounds("1_000.30")]


def test_codes_without_a_pattern_block_storing_and_get_a_proposal(lead):
    """61500 is between two pay codes by its number; "Fee" is alike to the line fees."""
    mapping = a_mapping(lead, "6100* = pay\n61999 = pay")
    extract = csv("Account,Name,Amount", "61001,Nurses,5", "61500,Agency,7", "7,Fee,-3", "8,Nil,0")
    upload = lead.send(extract, mapping=mapping)
    assert (upload.state, can_store(upload)) == ("ready", False)
    proof = upload.report["extract"]
    assert [(u["code"], u["pence"], u["rows"], u["proposal"]) for u in proof["unmapped"]] == [
        ("61500", 700, 1, "pay"),
        ("7", -300, 1, "fees"),
        ("8", 0, 1, ""),
    ]
    assert (proof["unmapped_codes"], proof["unmapped_pence"]) == (2, 400)
    assert is_proved(proof)
    with pytest.raises(Refused):
        lead.store(upload)

    a_mapping(lead, "61* = pay\n7 = ignore: not ours", seen=1)
    assert read_again(by=lead.user, upload_id=upload.pk)
    read_upload(upload_id=upload.pk)
    upload.refresh_from_db()
    assert upload.mapping.version == 2
    assert can_store(upload)  # 8 has no amount
    lead.store(upload)
    assert lead.actual(lead.pay) == pounds("12")


def test_a_total_row_without_a_code_is_not_counted_twice_in_silence(lead):
    total = csv("Account,Name,Amount", "61001,Nurses,5", ",Total,5")
    upload = lead.send(total, mapping=a_mapping(lead))
    assert [u["code"] for u in upload.report["extract"]["unmapped"]] == ["(blank)"]
    mapping = a_mapping(lead, f"{PATTERNS}\n(blank) = ignore: total row", seen=1)
    upload = lead.send(total, mapping=mapping)
    assert can_store(upload)


# months


MONTHLY = csv(
    "Account,Amount,Period", "61001,10,1", "61001,20,2", "61001,30,3", "61001,40,4", "61001,50,5"
)


def test_amounts_in_month_add_up_to_the_chosen_month(lead):
    mapping = a_mapping(lead, description="", month="Period", amounts="in-month")
    upload = lead.send(MONTHLY, mapping=mapping)
    assert [c["new"] for c in upload.report["changes"]] == [pounds("100")]
    assert upload.report["extract"]["other_months"] == pounds("50")


def test_amounts_to_date_are_those_of_the_chosen_month(lead):
    upload = lead.send(MONTHLY, mapping=a_mapping(lead, description="", month="Period"))
    assert [c["new"] for c in upload.report["changes"]] == [pounds("40")]


def test_a_month_alone_is_added_to_the_month_before(lead):
    mapping = a_mapping(lead, amounts="in-month")
    upload = lead.send(csv("Account,Name,Amount", "61001,x,40"), mapping=mapping)
    assert faults(upload) == [("month", "")]
    assert "pay has no actual of month 3" in messages(upload)
    report(lead.pay, 3, "60")
    upload = lead.send(csv("Account,Name,Amount", "61001,x,40"), mapping=mapping)
    assert [c["new"] for c in upload.report["changes"]] == [pounds("100")]


@pytest.mark.parametrize(
    "month",
    ["4", "M04", "Period 4", "P4", "Jul", "July 2018", "2018-07", "2018/07/31", 4,
     datetime.date(2018, 7, 31)],
)  # fmt: skip
def test_months_as_ledgers_write_them(lead, month):
    mapping = a_mapping(lead, description="", month="Period")
    content = xlsx([["Account", "Amount", "Period"], ["61001", 40, month]])
    assert len(lead.send(content, mapping=mapping).report["changes"]) == 1


@pytest.mark.parametrize("month", ["13", "2019-07", "soon", 43282, ""])
def test_a_month_that_is_none_names_its_cell(lead, month):
    mapping = a_mapping(lead, description="", month="Period")
    upload = lead.send(xlsx([["Account", "Amount", "Period"], ["61", 4, month]]), mapping=mapping)
    assert faults(upload) == [("month", "C2")]


# units, and what is wrong


@pytest.mark.parametrize(
    ("unit", "amount", "pence"),
    [
        ("pounds", "12.34", 1234),
        ("pence", "1234", 1234),
        ("thousands", "12.34", 1234000),
        ("thousands", 12.34567, 1234567),
    ],
)
def test_units(lead, unit, amount, pence):
    content = xlsx([["Account", "Name", "Amount"], ["61", "x", amount]])
    upload = lead.send(content, mapping=a_mapping(lead, unit=unit))
    assert [c["new"] for c in upload.report["changes"]] == [pence]


def test_a_forecast_is_the_lines_forecast(lead):
    upload = lead.send(EXTRACT, mapping=a_mapping(lead, measure="forecast"))
    assert {c["field"] for c in upload.report["changes"]} == {"forecast"}


@pytest.mark.parametrize(
    ("content", "more", "found"),
    [
        (csv("Code,Name,Amount", "61,x,1"), {}, ("column", "")),
        (csv("Account,Amount,Name,Amount", "61,1,x,1"), {}, ("column", "")),
        (csv("Account,Name,Amount", "61,x,12 tbc"), {}, ("amount", "C2")),
        (csv("Account,Name,Amount", "61,x,12.345"), {}, ("amount", "C2")),
        (csv("Account,Name,Amount", "61,x,1.5"), {"unit": "pence"}, ("amount", "C2")),
        (xlsx([["Account", "Name", "Amount"], ["61", "x", "=1+1"]]), {}, ("formula", "C2")),
        (csv("Account,Name,Amount"), {"header_row": 9}, ("file", "")),
        (xlsx([]), {}, ("file", "")),
    ],
)
def test_a_bad_extract_is_refused_with_its_cell(lead, content, more, found):
    upload = lead.send(content, mapping=a_mapping(lead, **more))
    assert upload.state == "refused"
    assert faults(upload) == [found]
    assert nothing_stored()


def test_a_wrong_column_does_not_give_a_fault_for_each_of_a_hundred_thousand_rows(lead):
    content = csv("Account,Name,Amount", *(f"61,x,y{n}" for n in range(3000)))
    upload = lead.send(content, mapping=a_mapping(lead))
    assert upload.report["flaw_count"] == 500
    assert "Reading stopped at row 501" in upload.report["notes"][-1]


def test_a_mapping_to_a_line_that_is_gone_can_be_mended(lead):
    upload = lead.send(EXTRACT, mapping=a_mapping(lead, f"61001 = gone\n{PATTERNS}"))
    assert (upload.state, can_store(upload)) == ("ready", False)
    assert faults(upload) == [("mapping", "")]
    a_mapping(lead, seen=1)
    read_again(by=lead.user, upload_id=upload.pk)
    read_upload(upload_id=upload.pk)
    upload.refresh_from_db()
    assert can_store(upload)


def test_an_extract_needs_a_month(lead):
    with pytest.raises(Refused, match="Choose the month"):
        lead.send(EXTRACT, None, mapping=a_mapping(lead))
    with pytest.raises(Refused, match="An extract is of months 1 to 12"):
        lead.send(EXTRACT, month=13, mapping=a_mapping(lead, seen=1))


def test_an_extract_asks_the_same_for_many_rows(lead, query_count):
    mapping = a_mapping(lead)

    def ask(rows: int) -> int:
        content = csv("Account,Name,Amount", *(f"61{n},x,1" for n in range(rows)))
        return query_count(lambda: lead.send(content, mapping=mapping))

    ask(1)
    assert ask(3) == ask(3000)


# the mapping


def test_the_first_pattern_that_fits_counts():
    patterns, _ = read_patterns("6100 = a\n61?? = b\n6* = c\nX[1] = d")
    find = matcher(Definition(code="c", amount="a", patterns=tuple(patterns)))
    found = {code: find(code) for code in ("6100", "6112", "61123", "7", "x1")}
    assert {code: pattern and pattern.line for code, pattern in found.items()} == {
        "6100": "a",
        "6112": "b",
        "61123": "c",
        "7": None,
        "x1": "d",
    }


def test_patterns_are_read_as_they_are_written():
    text = "61* = pay\n7* = income -\n99 = ignore: VAT"
    patterns, wrong = read_patterns(f"\n# our ledger\n{text}  # since April\n")
    assert wrong == []
    assert pattern_text(patterns) == text
    assert patterns[1] == Pattern(codes="7*", line="income", sign=-1)


@pytest.mark.parametrize("text", ["61*", "61* =", "= pay", "61* = ignore", "61* = ignore:"])
def test_a_pattern_that_cannot_be_read_names_its_line(text):
    _, wrong = read_patterns(f"1 = a\n{text}")
    assert [fault.row for fault in wrong] == [2]


def test_every_version_of_a_mapping_stays(lead):
    first = a_mapping(lead)
    assert a_mapping(lead, seen=1) == first  # nothing new
    second = a_mapping(lead, "1 = pay", seen=1)
    assert (second.version, mappings_of(lead.valley.moor)) == (2, [second])
    with pytest.raises(Refused, match="Somebody changed"):
        a_mapping(lead, "2 = pay", seen=1)
    with pytest.raises(Refused, match="choose another name"):
        a_mapping(lead, "2 = pay")
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        LedgerMapping.objects.filter(pk=first.pk).update(name="Other")


def test_only_who_enters_for_the_partner_maps_its_ledger(lead):
    lead.user = a_person("tess", Role.FINANCE_LEAD, partner=lead.valley.hill)
    with pytest.raises(Http404):
        a_mapping(lead)


def test_a_pattern_to_no_line_of_the_year_is_refused_by_name(lead):
    def save(patterns: str):
        found, _ = read_patterns(patterns)
        definition = Definition(code="Account", amount="Amount", patterns=tuple(found))
        who = {"system": lead.valley.system, "partner": lead.valley.moor, "name": "Ledger"}
        return save_mapping(by=lead.user, definition=definition, year=lead.valley.slice, **who)

    with pytest.raises(Refused, match="'70 = nosuch': Moor has no line 'nosuch' in 2018/19"):
        save("61* = pay\n70 = nosuch")
    assert save("61* = pay\n70 = ignore: VAT").version == 1
