"""The savings of a year, worked out by hand on a small valley."""

import pytest

from finance.models.rollups import State
from finance.queries.savings import savings_book
from finance.rollups import recompute
from finance.services import ClaimSpec, RatingSpec, rate_schemes, settle_claim
from schemes.services.plan import SchemeSpec, ThemeSpec, save_schemes, save_themes
from schemes.services.registers import WeightSpec, save_stage_weights
from tests.factories import Valley, approve, evenly, report
from tests.money import pounds

pytestmark = pytest.mark.django_db

SCHEMES = [
    {"code": "falls", "name": "Falls", "theme": "home", "stage": "in-delivery", "position": 1},
    {"code": "falls-class", "name": "Classes", "parent": "falls", "position": 2},
    {"code": "beds", "name": "Beds", "theme": "ward", "stage": "plan-in-progress", "position": 3},
    {"code": "idle", "name": "Idle", "position": 4},
    {"code": "visits", "name": "Visits", "kind": "investment", "position": 9},
]


@pytest.fixture
def place(valley: Valley) -> Valley:
    """Two schemes that save, one with a part; a scheme without money; savings on no scheme."""
    themes = [ThemeSpec(system="valley", code=code, name=code.title()) for code in ("home", "ward")]
    save_themes(by=None, specs=themes)
    save_schemes(by=None, specs=[SchemeSpec(system="valley", **item) for item in SCHEMES])
    valley.moor_falls = valley.line(
        valley.moor, "saving", "moor-falls", scheme="falls", recurrent=True
    )
    valley.classes = valley.line(
        valley.dale, "saving", "classes", scheme="falls-class", recurrent=False
    )
    valley.hill_beds = valley.line(valley.hill, "saving", "hill-beds", scheme="beds")
    valley.loose = valley.line(valley.moor, "saving", "loose")
    valley.plan(
        {
            valley.moor_falls: evenly("1_200_000"),
            valley.classes: evenly("240_000"),
            valley.hill_beds: evenly("600_000"),
            valley.loose: evenly("120_000"),
        }
    )
    report(valley.moor_falls, 1, "90_000", "1_200_000")
    report(valley.classes, 1, "20_000", "240_000")
    report(valley.hill_beds, 1, "50_000", "600_000")
    report(valley.loose, 1, "0", "120_000")
    report(valley.moor_falls, 2, "150_000", "1_000_000")
    report(valley.classes, 2, "45_000", "260_000")
    report(valley.hill_beds, 2, "100_000", "600_000")
    report(valley.loose, 2, "0", "0")
    return valley


def book(place: Valley, month: int | None = None, state: State = State.PROVISIONAL):
    change = recompute(place.slice.pk)
    return savings_book(place.fresh(), state=state, month=month, change=change)


def row(found, code: str):
    return next(item for item in found.rows if item.code == code)


def test_a_whole_scheme_sums_its_parts_and_a_part_its_own(place):
    found = book(place)
    falls = row(found, "falls").figures
    assert found.month == 2
    assert falls.plan_pence == pounds("1_440_000")
    assert falls.plan_to_date_pence == pounds("240_000")
    assert falls.actual_pence == pounds("195_000")
    assert falls.variance_pence == pounds("-45_000")
    assert falls.forecast_pence == pounds("1_260_000")
    assert falls.forecast_variance_pence == pounds("-180_000")
    assert falls.before_pence == pounds("1_440_000")
    assert row(found, "falls-class").figures.actual_pence == pounds("45_000")


def test_rows_stand_as_printed_with_parts_behind_their_whole(place):
    found = book(place)
    assert [item.code for item in found.rows] == ["falls", "falls-class", "beds", "idle"]
    assert [item.code for item in found.tops] == ["falls", "beds", "idle"]
    assert [item.code for item in found.investments] == ["visits"]


def test_a_scheme_without_money_states_nothing(place):
    idle = row(book(place), "idle")
    assert idle.figures.plan_pence is None
    assert idle.figures.actual_pence is None
    assert idle.evidence == "missing"
    assert idle.judged.status == ""


def test_the_total_holds_what_no_scheme_carries(place):
    found = book(place)
    assert found.total.plan_pence == pounds("2_160_000")
    assert found.total.actual_pence == pounds("295_000")
    assert found.unidentified.plan_pence == pounds("120_000")
    assert found.unidentified.actual_pence == 0
    assert found.unidentified.forecast_variance_pence == pounds("-120_000")


def test_the_splits_add_to_the_total(place):
    found = book(place)
    assert {name: item.plan_pence for name, item in found.recurrent.items()} == {
        "yes": pounds("1_200_000"),
        "no": pounds("240_000"),
        "not stated": pounds("720_000"),
    }
    assert {stage: item.actual_pence for stage, item in found.stages.items()} == {
        "in-delivery": pounds("195_000"),
        "plan-in-progress": pounds("100_000"),
    }
    assert {code: (name, item.plan_pence) for code, (name, item) in found.themes.items()} == {
        "home": ("Home", pounds("1_440_000")),
        "ward": ("Ward", pounds("600_000")),
    }


def test_a_month_that_somebody_has_yet_to_report_is_a_gap(place):
    report(place.hill_beds, 3, "150_000")
    points = book(place).months
    assert [point.actual_pence for point in points[:3]] == [
        pounds("160_000"),
        pounds("295_000"),
        None,
    ]
    assert (points[2].lines, points[2].reported) == (4, 1)


def test_nothing_is_published_before_it_is_approved(place):
    published = book(place, state=State.PUBLISHED)
    assert published.month is None
    assert published.total.actual_pence is None
    assert published.total.plan_pence == pounds("2_160_000")
    approve(place.slice, 1, place.moor, place.dale, place.hill)
    published = book(place, state=State.PUBLISHED)
    assert published.month == 1
    assert published.total.actual_pence == pounds("160_000")


def test_a_profile_with_a_gap_leaves_the_plan_to_date_not_stated(place):
    place.plan({place.loose: "120_000"})
    found = book(place)
    assert found.total.plan_pence == pounds("2_160_000")
    assert found.total.plan_to_date_pence is None
    assert found.total.compared_plan_pence == pounds("340_000")


def test_the_rule_and_the_lead_stand_apart(place):
    rate_schemes(
        by=None,
        slice_id=place.slice.pk,
        specs=[RatingSpec(scheme="falls", month=2, rating="green", reason="It will catch up.")],
    )
    falls = row(book(place), "falls")
    assert falls.judged.status == "red"  # 18.75% behind to date, more than 5%
    assert falls.rating == "green"
    assert falls.differs
    assert row(book(place), "beds").judged.status == "green"


def test_a_rating_of_a_later_month_is_not_shown_before_it(place):
    rate_schemes(
        by=None,
        slice_id=place.slice.pk,
        specs=[RatingSpec(scheme="falls", month=2, rating="amber")],
    )
    assert row(book(place, month=1), "falls").rating == ""


def test_the_weighted_forecast_is_off_until_each_stage_has_its_weight(place):
    assert book(place).weighted_forecast_pence is None

    def weigh(stage: str, percent: int) -> None:
        spec = WeightSpec(
            system="valley", stage=stage, percent=percent, agreed_by="Board", agreed_on="2018-05"
        )
        save_stage_weights(by=None, specs=[spec])

    weigh("in-delivery", 80)
    assert book(place).weighted_forecast_pence is None
    weigh("plan-in-progress", 50)
    # 80% of 1,260,000 and half of 600,000; what hangs on no scheme has no stage and no weight
    assert book(place).weighted_forecast_pence == pounds("1_308_000")


def test_savings_that_two_partners_claim_are_found_and_settled(place):
    tariff = place.line(place.dale, "saving", "tariff", scheme="beds", counterparty=place.hill.code)
    place.line(place.hill, "saving", "ward", scheme="beds", counterparty=place.dale.code)
    place.plan({tariff: evenly("60_000")})
    report(tariff, 2, "10_000", "60_000")
    (pair,) = book(place).claims
    assert (pair.found, pair.settlement) == ("rule", "open")
    assert {pair.one, pair.other} == {"tariff", "ward"}
    spec = ClaimSpec(one="ward", other="tariff", settlement="one", reason="The ward's cost counts.")
    assert settle_claim(by=None, slice_id=place.slice.pk, spec=spec)
    (pair,) = book(place).claims
    counting = pair.one if pair.settlement == "one" else pair.other
    assert counting == "ward"
    tariff_figures = pair.one_figures if pair.one == "tariff" else pair.other_figures
    assert tariff_figures.actual_pence == pounds("10_000")
    assert tariff_figures.forecast_pence == pounds("60_000")


def test_the_savings_as_they_were_known_before(place):
    before = place.fresh().change
    report(place.moor_falls, 2, "170_000")
    recompute(place.slice.pk)
    found = savings_book(place.fresh(), state=State.PROVISIONAL, change=0, ceiling=before)
    assert found.total.actual_pence == pounds("295_000")
    assert book(place).total.actual_pence == pounds("315_000")


def test_as_many_queries_for_many_schemes_as_for_few(place, query_count):
    recompute(place.slice.pk)

    def cold() -> None:
        savings_book(place.fresh(), state=State.PROVISIONAL, change=-1)

    few = query_count(cold)
    save_schemes(
        by=None,
        specs=[
            SchemeSpec(system="valley", code=f"more-{n}", name=f"More {n}", position=10 + n)
            for n in range(40)
        ],
    )
    for n in range(40):
        place.line(place.moor, "saving", f"more-{n}", scheme=f"more-{n}")
    recompute(place.slice.pk)
    assert query_count(cold) == few


def test_what_was_saved_may_fall_and_a_plan_may_change(place):
    report(place.hill_beds, 3, "40_000", "600_000")
    found = book(place, month=3)
    assert row(found, "beds").figures.fell_by_pence == pounds("60_000")
    assert not row(found, "beds").replanned
    place.plan({place.hill_beds: "500_000"}, code="revised", headline=False)
    found = book(place, month=3)
    assert row(found, "beds").replanned
    assert not row(found, "falls").replanned
