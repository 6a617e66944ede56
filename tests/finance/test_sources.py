"""Where figures come from: every plan and report of a line, and a partner's lines."""

import pytest
from django.http import Http404

from finance.models.rollups import State
from finance.pages.sources import line_page, partner_page
from finance.rollups import recompute
from schemes.models import Evidence, Source
from schemes.people.roles import Role
from tests.factories import a_person, approve, evenly, report

pytestmark = pytest.mark.django_db


def test_every_report_of_a_line_newest_first_with_who_and_what_was_published(valley):
    line = valley.line(valley.moor)
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    report(line, 1, "-1", by=finn, comment="First")
    approve(valley.slice, 1, valley.moor)
    report(line, 2, "-2", by=finn)
    report(line, 2, "-3.50", by=finn)
    months = line_page(valley.slice, line.code)["months"]
    assert [month["name"] for month in months] == ["Month 2, May 2018", "Month 1, April 2018"]
    latest, earlier = months[0]["revisions"]
    assert (latest["actual"].text, earlier["actual"].text) == ("(3.50)", "(2)")
    assert (latest["who"], latest["published"]) == ("finn", False)
    (first,) = months[1]["revisions"]
    assert (first["comment"], first["published"], first["when"] is not None) == (
        "First",
        True,
        True,
    )


def test_every_plan_of_a_line_with_its_profile(valley):
    line = valley.line(valley.moor, "spend", first_month=1)
    valley.plan({line: "12"}, basis="adjusted")
    valley.plan({line: evenly("24")}, code="revised")
    page = line_page(valley.slice, line.code)
    original, revised = page["plans"]
    assert (original["name"], original["headline"], revised["headline"]) == (
        "Original",
        False,
        True,
    )
    assert [figure["cell"].text for figure in original["figures"]] == ["12"]
    assert [figure["cell"].text for figure in revised["figures"]] == ["24", *["2"] * 12]
    assert page["line"]["basis"] == "adjusted"
    assert page["line"]["span"] == "April 2018 to March 2019"
    assert page["line"]["sense"] == "More is adverse"


def test_a_figure_opens_to_the_place_in_its_source(valley):
    line = valley.line(valley.moor)
    source = Source.objects.create(code="report", title="Annual report", url="https://x.example")
    place = Evidence.objects.create(source=source, place="2.11", printed="(0.4)", unit="million")
    report(line, 12, "-400_000", actual_evidence_id=place.pk)
    (month,) = line_page(valley.slice, line.code)["months"]
    evidence = month["revisions"][0]["actual_evidence"]
    assert (evidence["source"], evidence["place"]) == ("Annual report", "2.11")
    assert (evidence["printed"], evidence["href"]) == ("(0.4)", "https://x.example")


def test_a_partners_lines_by_kind_in_a_month(valley):
    pay, fees = valley.line(valley.moor, "spend"), valley.line(valley.moor, "income")
    move = valley.line(valley.moor, "transfer", counterparty="hill")
    valley.plan({pay: evenly("120"), fees: evenly("60"), move: evenly("12")})
    report(pay, 1, "12")
    report(fees, 1, "6")
    report(move, 1, "5")
    recompute(valley.slice.pk)
    page = partner_page(valley.slice, "moor", state=State.PROVISIONAL, month=1)
    groups = {group["kind"]: group for group in page["groups"]}
    kinds = ("Spend", "Income", "Transfer")
    spend, income, transfer = (groups[kind]["lines"][0] for kind in kinds)
    assert [groups[kind]["words"] for kind in kinds] == [*["Favourable or adverse"] * 2, ""]
    assert (spend["plan"].text, spend["actual"].text) == ("10", "12")
    assert (spend["variance"].text, spend["direction"]) == ("(2)", "adverse")
    assert (income["variance"].text, income["direction"]) == ("1", "favourable")
    assert (transfer["variance"].text, transfer["direction"], transfer["words"]) == (
        "4",
        "none",
        "",
    )


def test_published_figures_of_a_partner_are_the_approved_ones(valley):
    pay = valley.line(valley.moor, "spend")
    report(pay, 1, "12")
    recompute(valley.slice.pk)

    def actual(state: State) -> str:
        page = partner_page(valley.slice, "moor", state=state, month=1)
        return page["groups"][0]["lines"][0]["actual"].text

    assert (actual(State.PUBLISHED), actual(State.PROVISIONAL)) == ("not stated", "12")
    approve(valley.slice, 1, valley.moor)
    assert actual(State.PUBLISHED) == "12"


def test_what_is_not_there_is_404(valley):
    with pytest.raises(Http404):
        line_page(valley.slice, "nothing")
    with pytest.raises(Http404):
        partner_page(valley.slice, "nobody", state=State.PUBLISHED, month=None)
