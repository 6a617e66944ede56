"""Schemes and savings as published: the plan's two totals proved, three months of a programme."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from esbt import loading
from esbt.kit.problems import Refused
from finance.models import Outturn, PlanFigure, PrintedFigure, Rating
from finance.proof import Outcome, Proof
from finance.rollups import verify
from schemes.models import (
    ActivityCount,
    Approval,
    Assessment,
    Change,
    EqualityMark,
    Evaluation,
    RowVersion,
    Scheme,
    Slice,
)
from tests.money import pounds
from tests.packages import MONEY, SYSTEM, write_package

FIXTURES = Path(__file__).parents[2] / "fixtures"
EAST_SUSSEX, TRUST = FIXTURES / "east-sussex", FIXTURES / "community-trust"

pytestmark = pytest.mark.django_db


def load(*paths: Path) -> loading.Report:
    return loading.load(paths, progress=lambda line: None)


def proofs(report: loading.Report) -> dict[tuple[str, str], Proof]:
    return {(p.figure.slice.year_id, p.figure.code): p for p in report.proofs}


# what the schedule of the Strategic Investment Plan prints for its nine schemes, in £'000
SCHEDULE = {
    "2017-18": (53_673, (3_770, 28_944, 2_720, 5_314, 1_867, 9_862, 160, 36, 1_000)),
    "2018-19": (66_644, (2_688, 24_025, 4_080, 7_167, 4_830, 19_995, 790, 69, 3_000)),
}


@pytest.mark.parametrize("year", SCHEDULE)
def test_the_nine_schemes_of_a_year_add_to_the_printed_total(year):
    printed, amounts = SCHEDULE[year]
    assert sum(amounts) == printed  # by hand
    report = load(EAST_SUSSEX)
    proof = proofs(report)[year, "sip-savings"]
    assert proof.figure.pence == proof.found_pence == pounds(f"{printed}_000")
    assert (proof.outcome, proof.note) == (Outcome.AGREES, "")
    tops = Scheme.objects.filter(system__code="east-sussex", parent=None, kind="scheme")
    plans = PlanFigure.objects.filter(line__slice__year=year, line__kind="saving")
    figures = {figure.line.scheme: figure.full_year_pence for figure in plans}
    assert [figures[scheme] for scheme in tops] == [pounds(f"{amount}_000") for amount in amounts]
    assert set(figures) == set(tops)


def test_no_printed_figure_adds_two_years(tmp_path):
    load(EAST_SUSSEX)
    both = [
        "system,year,code,name,measure,amount,unit,parts,source,place",
        "east-sussex,2018-19,a,A,envelope,66.6,million,,annual-report-2017-18,1",
        "east-sussex,2018-19,both,Both,envelope,120.3,million,a sip-requirement,"
        "annual-report-2017-18,1",
    ]
    with pytest.raises(Refused) as refused:
        load(write_package(tmp_path / "both", {"printed_figures": both}))
    (fault,) = refused.value.faults
    assert (fault.row, fault.field, fault.value) == (3, "parts", "sip-requirement")
    assert "Savings of two years are never added" in fault.message
    assert not PrintedFigure.objects.filter(code="both").exists()
    through = PrintedFigure.parts.through.objects.select_related(
        "from_printedfigure", "to_printedfigure"
    )
    for part in through.all():
        assert part.from_printedfigure.slice_id == part.to_printedfigure.slice_id


def test_what_the_schedule_says_beside_its_amounts():
    load(EAST_SUSSEX)
    unnamed = Scheme.objects.get(working_label=True)
    assert unnamed.code == "unnamed-efficiency"
    assert Scheme.objects.get(code="urgent-care").parent.code == "proactive-care"
    assert Scheme.objects.filter(kind="investment").count() == 7
    assert not PlanFigure.objects.exclude(gross_pence=None, investment_pence=None).exists()
    assert not Scheme.objects.exclude(stage="", lead_role="").exists()  # nothing is guessed
    marks = EqualityMark.objects.filter(mark="unreadable")
    assert marks.exists()
    assert set(marks.values_list("characteristic", flat=True)) == {"all"}
    assert not Approval.objects.exists()
    assert Evaluation.objects.filter(scheme__code="care-home-plus").get().effect_on_discharge == ""


@pytest.fixture
def trust() -> loading.Report:
    return load(TRUST)


def test_the_totals_of_month_8_differ_by_rounding(trust):
    found = proofs(trust)
    for code, printed, added in (
        ("m8-total-plan-to-date", "4_823_000", "4_825_000"),
        ("m8-total-actual", "3_895_000", "3_897_000"),
    ):
        proof = found["2014-15", code]
        assert (proof.figure.pence, proof.found_pence) == (pounds(printed), pounds(added))
        assert proof.outcome == Outcome.ROUNDING
    for code in ("m8-total-plan", "m8-total-forecast", "m8-total-variance"):
        assert found["2014-15", code].outcome == Outcome.AGREES


def test_the_total_variance_of_month_7_does_not_agree(trust):
    proof = proofs(trust)["2014-15", "m7-total-variance"]
    assert proof.figure.pence == pounds("-716_000")
    assert proof.outcome == Outcome.DIFFERS
    assert proof.figure.evidence.state == "suspect"
    assert proof.found_pence == pounds("-781_000")  # 3,318 - 4,099
    assert "-781" in proof.figure.evidence.working


def test_totals_of_a_table_that_is_cut_short_are_not_held_against_its_rows(trust):
    found = proofs(trust)
    actual = found["2014-15", "m6-total-actual"]
    assert (actual.outcome, actual.note) == (
        Outcome.NOTHING,
        "only 8 of 15 lines have a report of the month",
    )
    # 3,078 - 3,244 = -166, and -167 is printed
    assert found["2014-15", "m6-total-variance"].outcome == Outcome.ROUNDING


def test_what_was_reported_and_taken_back_is_kept(trust):
    wellbeing = Outturn.objects.filter(line__code="health-and-wellbeing").order_by("month")
    said = [(item.month, item.actual_pence, item.forecast_pence) for item in wellbeing]
    assert said == [(6, pounds("101_000"), 0), (7, 0, 0), (8, 0, 0)]
    assert wellbeing[0].actual_evidence.state == "suspect"
    assert "does not say why" in wellbeing[1].comment


def test_a_plan_to_date_is_known_in_the_months_that_are_printed(trust):
    reviews = PlanFigure.objects.get(plan__code="in-year", line__code="service-reviews")
    stated = {month: pence for month, pence in enumerate(reviews.to_date_pence, 1) if pence}
    assert stated == {7: pounds("485_000"), 8: pounds("970_000"), 12: pounds("2_910_000")}
    assert verify(Slice.objects.get().pk) == []


@pytest.mark.parametrize("package", [EAST_SUSSEX, TRUST])
def test_loading_again_changes_nothing(package):
    first = load(package)
    kept = (RowVersion.objects.count(), Change.objects.count())
    again = load(package)
    assert (again.total.created, again.total.updated) == (0, 0)
    assert again.total.unchanged == first.total.created + first.total.unchanged + (
        first.total.updated  # the states of years that it closed
    )
    assert (RowVersion.objects.count(), Change.objects.count()) == kept


# a package with bad input, one fault each

SCHEMES = ["system,code,name,parent", "valley,care,Care,", "valley,falls,Falls,care"]
SAVINGS = [
    "system,year,line,name,partner,kind,scheme",
    "valley,2017-18,saved,Saved,moor,saving,falls",
]
FIGURE = "system,year,plan,line,full_year,unit"
PLACE = "valley,2017-18,original,saved,12,thousand"
SIGNED = "system,scheme,kind,assessment_state,signed_by,signed_on"
MONTHS = ",".join(f"month_{month}" for month in range(1, 13))


def schemes(*rows: str, columns: str = "code,name,parent") -> dict[str, list[str]]:
    return {"schemes": [f"system,{columns}", *[f"valley,{row}" for row in rows]]}


def figure(columns: str, cells: str) -> dict[str, list[str]]:
    return {
        "schemes": SCHEMES,
        "lines": SAVINGS,
        "plan_figures": [f"{FIGURE},{columns}", f"{PLACE},{cells}"],
    }


BAD: dict[str, tuple[dict[str, Sequence[str]], str, str]] = {
    "its own parent": (schemes("a,A,a"), "parent", "a circle"),
    "two in a circle": (schemes("a,A,b", "b,B,a"), "parent", "a circle"),
    "three in a circle": (schemes("a,A,b", "b,B,c", "c,C,a"), "parent", "a circle"),
    "a part of a part": (schemes("a,A,", "b,B,a", "c,C,b"), "parent", "no parts of its own"),
    "one code twice": (schemes("a,A,", "a,B,"), "system, code", ""),
    "month 13": (schemes("a,A,2018-13", columns="code,name,starts"), "starts", "as is known"),
    "two years": (schemes("a,A,2017-19", columns="code,name,starts"), "starts", "as is known"),
    "two financial years": (
        schemes("a,A,FY2017-19", columns="code,name,ends"), "ends", "as is known",
    ),
    "months beside the year": (figure(MONTHS, ",".join(["2"] * 12)), "full_year", "add to"),
    "not net": (figure("gross,investment", "15,2"), "full_year", "less an investment"),
    "months and to date": (
        figure(f"{MONTHS},to_date_6", ",".join([*["1"] * 12, "6"])), "to_date_6", "not both",
    ),
    "to date is not the year": (figure("to_date_12", "11"), "to_date_12", "is the year's"),
    "approved unsigned": (
        {
            "schemes": SCHEMES,
            "approvals": ["system,scheme,approved_by,approved_on", "valley,care,Board,2018-04"],
        },
        "scheme", "not signed by the clinical leads",
    ),
    "signed by nobody": (
        {"schemes": SCHEMES, "assessments": [SIGNED, "valley,care,quality,signed,,"]},
        "", "by which role and when",
    ),
    "unknown characteristic": (
        {
            "schemes": SCHEMES,
            "equality_marks": ["system,scheme,characteristic,mark", "valley,care,wealth,none"],
        },
        "characteristic", "age",
    ),
    "unreadable without its text": (
        {
            "schemes": SCHEMES,
            "equality_marks": ["system,scheme,characteristic,mark", "valley,care,all,unreadable"],
        },
        "", "Keep the text",
    ),
    "a negative base": (
        {"activity_counts": ["system,code,name,base", "valley,visits,Visits,-5"]}, "", "base",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_words_and_nothing_is_stored(tmp_path, name):
    tables, field, words = BAD[name]
    told = write_package(tmp_path / "bad", {**SYSTEM, **MONEY, **tables})
    with pytest.raises(Refused) as refused:
        load(told)
    faults = refused.value.faults
    assert {fault.field for fault in faults} == {field}
    assert any(words in fault.message for fault in faults), [str(fault) for fault in faults]
    assert all(fault.file.startswith("bad/") and fault.row for fault in faults)
    for model in (Slice, Scheme, EqualityMark, Assessment, ActivityCount, PlanFigure, RowVersion):
        assert not model.objects.exists()


def test_an_assessment_behind_an_approval_stays_signed(tmp_path):
    tables = {
        **SYSTEM,
        "schemes": SCHEMES,
        "assessments": [SIGNED, "valley,care,quality,signed,Chief nurse,2018-03"],
        "approvals": ["system,scheme,approved_by,approved_on", "valley,care,Board,2018-04"],
    }
    load(write_package(tmp_path / "one", tables))
    tables["assessments"] = [SIGNED, "valley,care,quality,in-progress,,"]
    with pytest.raises(Refused) as refused:
        load(write_package(tmp_path / "two", tables))
    assert "stays signed" in refused.value.faults[0].message
    assert Assessment.objects.get().state == "signed"


def test_ratings_come_with_a_package(tmp_path):
    ratings = [
        "system,year,scheme,month,rating,reason",
        "valley,2017-18,care,6,amber,Recruitment is late",
    ]
    told = write_package(tmp_path / "one", {**SYSTEM, "schemes": SCHEMES, "ratings": ratings})
    assert load(told).counts["ratings"].created == 1
    assert load(told).counts["ratings"].unchanged == 1
    assert Rating.objects.get().reason == "Recruitment is late"
