"""Equality marks and evaluations of a system: matrix, counts, sentences, filters, downloads."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.test import Client

from esbt import loading
from schemes.models import Assessment, EqualityMark, Evaluation, Evidence, Scheme, Source, System
from schemes.pages.equality import equality_page
from schemes.pages.evaluations import Chosen, evaluations_page
from schemes.people.roles import Role
from tests.factories import a_person, a_system

pytestmark = pytest.mark.django_db

EAST_SUSSEX = Path(__file__).parents[2] / "fixtures" / "east-sussex"


@pytest.fixture
def east_sussex() -> System:
    loading.load([EAST_SUSSEX], progress=lambda line: None)
    return System.objects.get(code="east-sussex")


@pytest.fixture
def valley_system() -> System:
    return a_system(code="valley")


def reader(system: System) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=system))
    return browser


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer.content.decode())))


def a_scheme(system: System, code: str, **more) -> Scheme:
    position = Scheme.objects.filter(system=system).count()
    return Scheme.objects.create(
        system=system, code=code, name=code.title(), position=position, **more
    )


def a_mark(scheme: Scheme, characteristic: str, mark: str, raw: str = "", **more) -> EqualityMark:
    return EqualityMark.objects.create(
        scheme=scheme, characteristic=characteristic, mark=mark, raw=raw, **more
    )


def an_evaluation(scheme: Scheme, **more) -> Evaluation:
    return Evaluation.objects.create(scheme=scheme, code="report", **more)


def counts(page) -> list[int | None]:
    return [item["value"] for item in page["counts"]]


def names(page, part: str = "rows") -> list[str]:
    return [item["name"] for item in page[part]]


# Equality marks


def test_the_marks_of_east_sussex_are_kept_unreadable_and_counted(east_sussex):
    page = equality_page(east_sussex)
    assert page["sentence"] == (
        "Marks are printed for 12 of 19 schemes and parts of schemes, and none but one can be read "
        "by column; for none of 7 investments outside the schemes' total."
    )
    # +, -, +/- stand in rows that nobody can read; none, not readable, without
    assert counts(page) == [None, None, None, 1, 11, 7]
    text = reader(east_sussex).get("/systems/east-sussex/equality").content.decode()
    assert text.count("not countable") == 3
    assert text.count("11 rows cannot be read by column") == 3
    raw = {row.scheme.code: row.raw for row in page["rows"]}
    assert raw["proactive-care"] == "+ + +"
    assert raw["planned-care"] == "+ - | | | +"
    assert all(not any(row.marks) for row in page["rows"])  # nothing guessed into a column
    (unnamed,) = [row for row in page["rows"] if row.none]
    assert unnamed.scheme.code == "unnamed-efficiency"
    assert "read as a tick" in unnamed.none["note"].note
    assert {scheme.code for scheme in page["without"]} == {
        "making-every-contact-count",
        "technology-enabled-care",
        "healthy-homes",
        "social-prescribing",
        "building-community-capacity",
        "care-home-plus",
        "community-bed-management",
    }


def test_a_row_of_marks_without_columns_spans_the_table_with_its_source(east_sussex):
    text = reader(east_sussex).get("/systems/east-sussex/equality").content.decode()
    spanning = text.split("Not readable by column, for the whole row: ")
    assert len(spanning) == 12
    assert spanning[0].rstrip().endswith('colspan="9"><small>')
    assert 'href="#source-healthy-living-all"' in spanning[1]
    assert text.count('id="source-healthy-living-all"') == 1
    assert "There are more dots than columns." in text


def test_readable_marks_stand_under_their_characteristic(valley_system):
    page_of = a_scheme(valley_system, "falls")
    a_mark(page_of, "age", "positive", "+")
    a_mark(page_of, "gender", "mixed", "+/-")
    a_mark(page_of, "religion", "negative", "-")
    a_mark(page_of, "disability", "unreadable", "?")
    page = equality_page(valley_system)
    (row,) = page["rows"]
    kinds = [mark and mark["kind"] for mark in row.marks]
    assert page["characteristics"][:3] == ["Age", "Disability", "Gender or transgender"]
    assert kinds == ["positive", "unreadable", "mixed", None, None, None, "negative", None]
    assert counts(page) == [1, 1, 1, None, 1, 0]
    assert page["counts"][3]["why"] == "1 row cannot be read by column"
    text = reader(valley_system).get("/systems/valley/equality").content.decode()
    assert '<span aria-hidden="true">±</span> Positive and negative' in text
    assert "Not readable: “?”" in text
    assert text.count("no mark</span>") == 5  # four characteristics and no significant relevance


def test_marks_that_can_all_be_read_are_counted_also_where_there_are_none(valley_system):
    a_mark(a_scheme(valley_system, "falls"), "age", "positive", "+")
    page = equality_page(valley_system)
    assert counts(page) == [1, 0, 0, 0, 0, 0]
    assert not any(item["why"] for item in page["counts"])


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ([], "No marks are printed for any of 3 schemes."),
        (["positive"], "for 1 of 3 schemes and parts of schemes, and all of them"),
        (["unreadable"], "for 1 of 3 schemes and parts of schemes, and none can"),
        (["positive", "unreadable"], "for 2 of 3 schemes and parts of schemes, and none but one"),
        (["positive", "mixed", "unreadable"], "3 of 3 schemes and parts of schemes, and only 2 of"),
    ],
)
def test_the_sentence_counts_what_can_be_read(valley_system, marks, said):
    for index in range(3):
        scheme = a_scheme(valley_system, f"s{index}")
        if index < len(marks):
            whole = marks[index] == "unreadable"
            a_mark(scheme, "all" if whole else "age", marks[index], "+ -")
    assert said in equality_page(valley_system)["sentence"]


def test_assessments_say_who_signed_and_when_and_what_is_not_stated(valley_system):
    falls, frailty = a_scheme(valley_system, "falls"), a_scheme(valley_system, "frailty")
    Assessment.objects.create(
        scheme=falls,
        kind="quality",
        state="signed",
        signed_by="Chief Nurse",
        signed_on="2018-04",
    )
    Assessment.objects.create(scheme=frailty, kind="equality", state="in-progress")
    found = equality_page(valley_system)["assessments"]
    assert found["sentence"] == (
        "Quality impact assessment: stated for 1 of 2, signed for 1. "
        "Equality impact assessment: stated for 1 of 2, signed for 0."
    )
    text = reader(valley_system).get("/systems/valley/equality").content.decode()
    assert "Signed by Chief Nurse, April 2018" in text
    assert "In progress" in text
    assert text.count('<span class="not-stated">not stated</span>') == 2


def test_no_assessment_of_east_sussex_is_stated(east_sussex):
    said = equality_page(east_sussex)["assessments"]["sentence"]
    assert said == "No assessment on quality or equality is stated for any of the 26 schemes."


def test_marks_are_taken_away_without_a_formula(east_sussex):
    rows = rows_of(reader(east_sussex).get("/systems/east-sussex/equality.csv"))
    assert len(rows) == 26
    by_scheme = {row["scheme"]: row for row in rows}
    assert by_scheme["prescribing"]["raw"] == "'+ +"
    assert by_scheme["unnamed-efficiency"]["mark"] == "none"
    assert by_scheme["healthy-homes"]["mark"] == ""
    assert by_scheme["crisis-response"]["kind"] == "investment"


# Evaluations


def test_the_register_of_east_sussex(east_sussex):
    page = evaluations_page(east_sussex, Chosen())
    assert page["sentence"] == (
        "Of 9 evaluations 2 did not progress and 7 went slower than planned; "
        "no decision is stated for any of them."
    )
    assert [item["count"] for item in page["by_progress"]] == [0, 7, 2, 0]
    assert [item["count"] for item in page["by_decision"]] == [0, 0, 0, 9]
    assert [(item["name"], item["count"]) for item in page["factors"]] == [
        ("In some cases existing services were left short of staff", 6),
        ("Recruitment to new teams was slower than planned", 6),
        ("Referrals came mostly after admission", 6),
        ("Operational reasons", 2),
    ]
    assert sum(row["investment"] for row in page["rows"]) == 7
    crisis = next(row for row in page["rows"] if row["name"] == "Crisis Response")
    assert (crisis["discharge"], crisis["avoidance"], crisis["decision"]) == (
        "Positive",
        "Little",
        "",
    )


def test_what_the_next_plan_has_to_look_at(east_sussex):
    review = evaluations_page(east_sussex, Chosen())["review"]
    assert len(review) == 9
    assert review[0] == {
        "name": "Technology Enabled Care Services",
        "why": "did not progress, no decision stated",
        "when": "2018/19",
    }
    assert review[2] == {"name": "Crisis Response", "why": "no decision stated", "when": ""}


def test_what_goes_on_as_it_does_needs_no_review(valley_system):
    for code, progress, decision in (
        ("goes-on", "slow", "continue"),
        ("stalled", "not-progressed", "continue"),
        ("ends", "as-planned", "stop"),
        ("again", "slow", "re-plan"),
        ("open", "as-planned", ""),
    ):
        an_evaluation(a_scheme(valley_system, code), progress=progress, decision=decision)
    page = evaluations_page(valley_system, Chosen())
    assert [(item["name"], item["why"]) for item in page["review"]] == [
        ("Stalled", "did not progress"),
        ("Ends", "to stop"),
        ("Again", "to be planned again"),
        ("Open", "no decision stated"),
    ]
    assert page["sentence"] == (
        "Of 5 evaluations 1 did not progress, 2 went slower than planned and 2 went as planned; "
        "a decision is stated for 4."
    )


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["One", "Two", "Three"]),
        ("progress=slow", ["One", "Two"]),
        ("progress=not-stated", ["Three"]),
        ("decision=not-stated", ["One", "Three"]),
        ("factor=Staff", ["One", "Two"]),
        ("factor=Staff&decision=stop", ["Two"]),
        ("factor=Weather", []),
    ],
)
def test_the_address_chooses_for_page_and_download(valley_system, query, shown):
    an_evaluation(a_scheme(valley_system, "one"), progress="slow", factors=["Staff", "Beds"])
    an_evaluation(
        a_scheme(valley_system, "two"), progress="slow", factors=["Staff"], decision="stop"
    )
    an_evaluation(a_scheme(valley_system, "three"))
    browser = reader(valley_system)
    answer = browser.get(f"/systems/valley/evaluations?{query}")
    assert names(answer.context) == shown
    assert [item["count"] for item in answer.context["by_progress"]] == [0, 2, 0, 1]  # of all
    rows = rows_of(browser.get(f"/systems/valley/evaluations.csv?{query}"))
    assert [row["name"] for row in rows] == shown


def test_findings_of_several_together_stand_once(east_sussex):
    findings = evaluations_page(east_sussex, Chosen())["findings"]
    assert [len(item["of"]) for item in findings] == [1, 1, 6, 1]
    text = reader(east_sussex).get("/systems/east-sussex/evaluations").content.decode()
    assert text.count("Teams were recruited more slowly") == 1
    assert text.count('id="evaluation-crisis-response-annual-report"') == 1
    assert text.count("investment outside the schemes") == 7


def test_a_row_that_is_not_simply_printed_shows_its_working(valley_system):
    place = Evidence.objects.create(
        source=Source.objects.create(code="report", title="Report"),
        place="2.13",
        state="inferred",
        working="Read from its words",
    )
    an_evaluation(a_scheme(valley_system, "falls"), progress="slow", evidence=place)
    text = reader(valley_system).get("/systems/valley/evaluations").content.decode()
    assert text.count("Read from its words") == 2  # beside its mark and with its source
    assert '<span class="nhsuk-u-visually-hidden">derived: </span>Read from its words' in text


def test_pages_of_an_empty_system_say_what_will_be_there(valley_system):
    browser = reader(valley_system)
    assert b"No schemes are known yet" in browser.get("/systems/valley/equality").content
    assert b"Nothing has been evaluated yet" in browser.get("/systems/valley/evaluations").content


@pytest.mark.parametrize("page", ["equality", "evaluations"])
def test_more_schemes_take_no_more_queries(valley_system, query_count, page):
    source = Source.objects.create(code="report", title="Report")

    def fill(start: int, end: int) -> None:
        for index in range(start, end):
            scheme = a_scheme(valley_system, f"s{index}")
            place = Evidence.objects.create(source=source, place=f"row {index}")
            a_mark(scheme, "age", "positive", evidence=place)
            an_evaluation(scheme, evidence=place)
            Assessment.objects.create(scheme=scheme, kind="quality", state="in-progress")

    fill(0, 3)
    browser = reader(valley_system)
    few = query_count(lambda: browser.get(f"/systems/valley/{page}"))
    fill(3, 30)
    assert query_count(lambda: browser.get(f"/systems/valley/{page}")) == few
