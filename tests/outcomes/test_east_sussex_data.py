"""The outcomes data of East Sussex and Mid Essex, held against figures read from the sources."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from esbt import loading
from esbt.kit.packages import read_package
from outcomes.models import (
    Area,
    AreaCode,
    DomainQuarter,
    Framework,
    FrameworkItem,
    ItemMetric,
    Metric,
    Observation,
    ObservationRevision,
    SchemeMetric,
    Step,
    Target,
)
from schemes.models import ActivityCount, Evidence, Source, System

BASE = Path(__file__).parents[2]
EAST_SUSSEX, MID_ESSEX = (BASE / "fixtures" / name for name in ("east-sussex", "mid-essex"))
RAW = next(
    (folder for up in BASE.parents if (folder := up / "shared" / "data").is_dir()),
    BASE.parent / "shared" / "data",
)

pytestmark = pytest.mark.django_db


def load(*paths: Path) -> loading.Report:
    return loading.load(paths, progress=lambda line: None)


@pytest.fixture(scope="module", autouse=True)
def data(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Both packages, loaded once for all tests here and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(EAST_SUSSEX, MID_ESSEX)
        yield
        transaction.set_rollback(True)


def series(metric: str, area: str, system: str = "east-sussex") -> dict[date, Decimal | None]:
    """Values by the first day of their period."""
    found = Observation.objects.filter(
        metric__code=metric, metric__system__code=system, area__code=area
    )
    return dict(found.values_list("starts", "value"))


def one(metric: str, area: str, system: str = "east-sussex") -> Observation:
    return Observation.objects.get(
        metric__code=metric, metric__system__code=system, area__code=area
    )


# total and the parts by body and by reason that the statistics print for East Sussex, in days
DELAYED = {
    date(2011, 4, 1): (
        1374, (1117, 257, 0), (155, 49, 364, 26, 93, 41, 29, 477, 43, 97, None),
    ),
    date(2017, 8, 1): (
        2446, (1282, 1083, 81), (41, 55, 432, 243, 334, 657, 31, 512, 52, 45, 44),
    ),
    date(2019, 12, 1): (
        1299, (1056, 191, 52), (52, 1, 231, 89, 167, 197, 5, 463, 35, 59, 0),
    ),
}  # fmt: skip


def test_delayed_days_as_the_statistics_print_them():
    total = Metric.objects.get(code="delayed-days")
    parts = {
        kind: [
            series(part.code, "e10000011")
            for part in total.parts.filter(part_kind=kind).order_by("position")
        ]
        for kind in ("responsible body", "reason")
    }
    days = series("delayed-days", "e10000011")
    assert (len(days), min(days), max(days)) == (105, date(2011, 4, 1), date(2019, 12, 1))
    for month, (printed, bodies, reasons) in DELAYED.items():
        assert days[month] == printed
        assert [part[month] for part in parts["responsible body"]] == list(bodies)
        assert [part[month] for part in parts["reason"]] == list(reasons)
    for kind, found in parts.items():
        assert len(found) == {"responsible body": 3, "reason": 11}[kind]
        for month, printed in days.items():
            assert sum(part[month] or 0 for part in found) == printed, (kind, month)


def test_a_reason_that_was_not_counted_is_missing_and_not_nought():
    other = Observation.objects.filter(metric__code="delayed-days-other")
    missing = other.filter(standing="missing")
    assert Counter(other.values_list("standing", flat=True)) == {"missing": 72, "final": 33}
    assert missing.filter(starts__lt=date(2017, 4, 1), value=None).count() == 72
    assert set(missing.values_list("evidence__printed", flat=True)) == {"NA"}
    assert series("delayed-days-other", "e10000011")[date(2019, 12, 1)] == 0


@pytest.mark.parametrize(
    ("area", "first", "january_2018", "last"),
    [("09f", 1566, 1929, 2162), ("09p", 1433, 2019, 2289), ("99k", 1023, 1409, 1377)],
)
def test_unplanned_admissions_of_three_commissioners(area, first, january_2018, last):
    found = series("non-elective-admissions", area)
    assert len(found) == 81
    months = (date(2013, 4, 1), date(2018, 1, 1), date(2019, 12, 1))
    assert [found[month] for month in months] == [first, january_2018, last]


def test_the_trusts_attendances_and_waits():
    """December 2017: 9,863 came and 1,336 waited longer, so 8,527 of 9,863 did not: 86.5 %."""
    december = date(2017, 12, 1)
    assert len(series("ae-attendances", "rxc")) == 36
    assert series("ae-attendances", "rxc")[december] == 9863
    assert series("ae-four-hour-breaches", "rxc")[december] == 1336
    within = Observation.objects.get(metric__code="ae-within-four-hours", starts=december)
    assert (within.numerator, within.denominator) == (8527, 9863)
    assert round(within.value, 1) == Decimal("86.5")
    assert within.evidence.state == "derived"
    others = series("ae-attendances-other", "rxc")
    assert (len(others), min(others), others[december]) == (17, date(2017, 11, 1), 202)
    assert not Metric.objects.filter(part_of__code="ae-attendances").exists()


def test_adult_social_care_beside_the_median_of_its_peers():
    year = date(2016, 4, 1)
    assert series("asc-information-users", "e10000011")[year] == Decimal("79.4")
    assert series("asc-information-users", "asc-peer-median")[year] == Decimal("73.7")
    assert len(series("asc-carer-quality-of-life", "e10000011")) == 3
    requests = Observation.objects.filter(metric__code="asc-requests", area__code="e10000011")
    assert [(item.starts.year, int(item.value), item.standing) for item in requests[:2]] == [
        (2015, 483, "redefined"),
        (2016, 4106, "final"),
    ]
    step = Step.objects.get()
    assert (step.metric.code, step.on) == ("asc-requests", date(2016, 4, 1))
    assert "definition changed" in step.reason


def test_prescribing_measures_are_worked_out_from_two_counts():
    """December 2025: 2,035 of 28,983 antibiotics were broad-spectrum, 7.0 %."""
    last = Observation.objects.get(
        metric__code="rx-broad-spectrum", area__code="97r", starts=date(2025, 12, 1)
    )
    assert (last.numerator, last.denominator) == (2035, 28_983)
    assert round(last.value, 1) == Decimal("7.0")
    measures = Metric.objects.filter(code__startswith="rx-")
    assert measures.count() == 12
    for measure in measures:
        assert measure.numerator
        assert measure.denominator
        assert Counter(measure.observations.values_list("area__code", flat=True)) == {
            "97r": 61, "09d": 61, "70f": 61,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "area", "hedge", "value"),
    [
        ("whole-school", "e10000011", "up to", 53_302),
        ("halo", "e10000011", "over", 5_600),
        ("care-navigation", "esbt", "", 283),
        ("workplace-health-checks", "public-employers", "nearly", 2_000),
        ("workplace-health-check-uptake", "nhse-check-pilots", "", 11),
        ("one-you-referrals", "e10000011", "over", 4_000),
        ("beat-the-street-people", "e10000011", "over", 42_000),
        ("beat-the-street-miles", "e10000011", "", 231_090),
        ("practice-health-improvement", "esbt", "", 34),
        ("learning-disability-checks", "hastings-and-rother", "", 97),
        ("locality-networks", "esbt", "", 6),
        ("rtt-within-standard", "esbt", "over", 90),
        ("still-at-home", "e10000011", "", Decimal("91.3")),
        ("plan-information-users", "e10000011", "", Decimal("79.8")),
        ("plan-information-users", "e92000001", "", Decimal("75.4")),
        ("carers-consulted", "e10000011", "", Decimal("71.3")),
        ("carers-consulted", "e92000001", "", Decimal("68.6")),
        ("people-65-84", "e10000011", "", Decimal("23.3")),
        ("people-65-84", "e92000001", "", Decimal("16.8")),
        ("people-over-85", "e10000011", "", Decimal("4.3")),
        ("people-over-85", "e92000001", "", Decimal("2.7")),
    ],
)
def test_facts_keep_the_documents_own_hedges(metric, area, hedge, value):
    found = one(metric, area)
    assert (found.hedge, found.value) == (hedge, value)


def test_facts_that_need_their_working():
    contacts = Observation.objects.filter(metric__code="hscc-contacts")
    before, after = contacts.order_by("starts")
    assert (before.value, before.hedge, after.value) == (119_643, "about", 130_411)
    assert round(before.value * Decimal("1.09")) == 130_411
    assert (before.evidence.state, after.evidence.state) == ("derived", "printed")
    assert before.evidence.working.startswith("130,411 / 1.09")
    practices = one("student-nurse-practices", "esbt")
    assert (practices.numerator, practices.denominator) == (28, 47)
    uptake = one("workplace-health-check-uptake", "public-employers")
    assert (uptake.hedge, round(uptake.value)) == ("around", 33)
    share = Observation.objects.filter(metric__code="delayed-transfers-share")
    assert [(item.hedge, item.value) for item in share] == [("approximately", 8), ("lower than", 2)]
    rank = one("national-rank", "esbt")
    assert (rank.standing, rank.value) == ("missing", None)
    assert "Between 7th and 9th" in rank.comment


@pytest.mark.parametrize(
    ("metric", "values"),
    [("waiting-nursing-home", ["10.5", "3.8"]), ("waiting-care-package", ["18.8", "5.5"])],
)
def test_weekly_delays_of_the_action_plan(metric, values):
    found = Observation.objects.filter(metric__code=metric).order_by("starts")
    assert [item.value for item in found] == [Decimal(value) for value in values]
    assert all("Thursdays" in item.comment for item in found)


def test_targets_of_the_documents():
    targets = {
        (item.metric.code, item.code): item
        for item in Target.objects.filter(metric__system__code="east-sussex")
    }
    assert targets["dementia-diagnosis", "target-2017-18"].value == 68
    assert one("dementia-diagnosis", "esbt").standing == "missing"
    assert targets["still-at-home", "local"].value == 90
    worded = {code for (code, _), item in targets.items() if item.value is None}
    assert all(targets[key].words for key in targets)
    empty = {code for code in worded if not Observation.objects.filter(metric__code=code).exists()}
    assert empty == {
        "care-home-attendances",
        "emergency-admissions-65",
        "emergency-readmissions-65",
        "length-of-stay-65",
    }
    stay = targets["length-of-stay-65", "england"]
    assert "exceed" in stay.evidence.printed
    assert stay.metric.direction == "decrease"


def test_versions_hold_what_their_source_names_and_no_more():
    versions = Framework.objects.filter(system__code="east-sussex")
    assert [
        (v.code, v.dated, v.expected_domains, v.expected_objectives, v.expected_outcomes)
        for v in versions
    ] == [
        ("draft-2017", "2017-06-06", 4, 10, 18),
        ("refreshed-2018", "2018-03-09", None, None, None),
        ("shared-2021", "2021", None, None, None),
    ]
    named = Counter(FrameworkItem.objects.values_list("framework__code", "level"))
    assert named == {("draft-2017", "domain"): 4, ("shared-2021", "domain"): 3}
    assert not ItemMetric.objects.exists()
    assert not DomainQuarter.objects.exists()


def test_a_scheme_and_its_metric_are_joined_by_inference():
    links = SchemeMetric.objects.select_related("evidence", "metric", "scheme")
    assert {(link.scheme.code, link.metric.code) for link in links} >= {
        ("technology-enabled-care", "delayed-days"),
        ("proactive-care", "non-elective-admissions"),
        ("healthy-living", "ae-attendances"),
    }
    assert {(link.evidence.state, link.lag_months) for link in links} == {("inferred", None)}


def test_one_council_has_several_codes():
    council = Area.objects.get(code="e10000011")
    assert council.partner.code == "escc"
    codes = AreaCode.objects.filter(area=council)
    assert set(codes.values_list("register", "code")) == {
        ("ONS", "E10000011"), ("CASSR", "815"), ("MHCLG", "E1421"),
    }  # fmt: skip
    partners = Area.objects.exclude(partner=None).values_list("code", "partner__code")
    assert set(partners) == {
        ("e10000011", "escc"), ("09f", "ehs-ccg"), ("09p", "hr-ccg"), ("rxc", "esht"),
        ("e10000012", "ecc"),
    }  # fmt: skip


def test_every_row_names_its_source():
    for model in (Metric, Target, Observation, Framework, FrameworkItem, SchemeMetric):
        assert model.objects.exists()
        assert not model.objects.filter(evidence=None).exists(), model
    unsaid = Evidence.objects.filter(working="").exclude(state__in=("printed", "missing"))
    assert not unsaid.exists()
    for metric in Metric.objects.all():
        assert all((metric.why, metric.source, metric.area)), metric
    used = Source.objects.filter(code__regex="^(nhse|oflog|nhsbsa)-")
    assert used.count() == 5
    for source in used:
        assert source.licence.startswith("Open Government Licence v3.0")
        assert "Contains public sector information" in source.licence
        assert "public copy" in source.signs


def test_a_figure_stands_in_one_place():
    """What is hung on a scheme is an activity count; what is of the system is a metric."""
    assert not ActivityCount.objects.filter(system__code="east-sussex", scheme=None).exists()
    counts = set(ActivityCount.objects.values_list("code", flat=True))
    assert {"mecc-healthcare-staff", "locality-groups"} <= counts
    assert not counts & set(Metric.objects.values_list("code", flat=True))


def test_loading_twice_changes_nothing():
    changes = dict(Metric.objects.values_list("pk", "change"))
    again = load(EAST_SUSSEX, MID_ESSEX)
    assert (again.total.created, again.total.updated) == (0, 0)
    assert dict(Metric.objects.values_list("pk", "change")) == changes
    assert not ObservationRevision.objects.exclude(revision=1).exists()
    assert not again.warnings


def test_the_six_metrics_of_mid_essex():
    metrics = Metric.objects.filter(system__code="mid-essex")
    assert [(item.position, item.code, item.direction) for item in metrics] == [
        (1, "residential-admissions", "decrease"),
        (2, "still-at-home", "increase"),
        (3, "delayed-transfers", "decrease"),
        (4, "avoidable-admissions", "decrease"),
        (5, "patient-experience", "increase"),
        (6, "reablement-coverage", "increase"),
    ]
    targets = Target.objects.filter(metric__in=metrics).order_by("metric__position", "code")
    assert [(item.metric.position, item.baseline, item.value) for item in targets] == [
        (1, 1260, 1197),
        (2, 82, 82),
        (3, 280, 273),
        (3, 280, 266),
        (4, 1676, 1676),
        (6, None, 99),
        (6, None, 324),
    ]
    fifth = metrics.get(position=5)
    assert "by decision" in fifth.no_target
    assert not fifth.observations.exists()
    first, second = targets.filter(metric__position=6).order_by("starts")
    assert first.ends > second.starts  # October 2014 to March 2015 lies in both
    assert "overlap" in first.words
    assert "not added" in second.words
    home = "still-at-home"
    assert [one(home, area, "mid-essex").value for area in metrics.get(code=home).comparators] == [
        Decimal("81.5"),
        Decimal("80.8"),
    ]


def test_mid_essex_touches_no_other_system():
    said = read_package(MID_ESSEX, loading.TABLES)
    for name, rows in said.rows.items():
        assert {getattr(row, "system", "mid-essex") for row in rows} == {"mid-essex"}, name
    members = System.objects.get(code="mid-essex").memberships.values_list("partner__code")
    assert {code for (code,) in members} == {"ecc", "mid-essex-ccg"}
    assert not Observation.objects.filter(
        metric__system__code="east-sussex", area__code="e10000012"
    ).exists()
    assert not SchemeMetric.objects.filter(metric__system__code="mid-essex").exists()


needs_raw = pytest.mark.skipif(
    not RAW.is_dir(), reason=f"NOT HELD AGAINST THE RAW TABLES, which are not at {RAW}"
)


def raw(name: str, **where: str) -> list[dict[str, str]]:
    """Rows of a raw table in which columns have these values."""
    with (RAW / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if all(row[column] == value for column, value in where.items())
        ]


def stored(metric: str, area: str, form: str) -> dict[str, Decimal | None]:
    """Values by the first day of their period, as the raw table writes it."""
    return {day.strftime(form): value for day, value in series(metric, area).items()}


@needs_raw
@pytest.mark.parametrize(
    ("kind", "table", "month"),
    [
        ("reason", "dtoc_days_by_reason_la_2011-2019", "Period"),
        ("responsible body", "dtoc_days_by_responsible_org_la_2011-2019", "Period_year"),
        ("", "dtoc_days_by_reason_la_2011-2019", "Period"),
    ],
)
def test_delayed_days_are_those_of_the_raw_tables(kind, table, month):
    rows = raw(table, Name="East Sussex")
    metrics = Metric.objects.filter(code__startswith="delayed-days", part_kind=kind)
    assert metrics.exists()
    for metric in metrics:
        heading = metric.evidence.printed
        assert stored(metric.code, "e10000011", "%B %Y") == {
            row[month]: None if row[heading] == "NA" else Decimal(row[heading]) for row in rows
        }


@needs_raw
@pytest.mark.parametrize(
    ("metric", "area", "table", "where", "column", "form"),
    [
        *(
            (
                "non-elective-admissions", code, "mar_commissioner_monthly_2012-2019",
                {"org_code": code.upper()}, "nonelective_ga_ffces", "%Y-%m",
            )
            for code in ("09f", "09p", "99k")
        ),
        *(
            (
                metric, "rxc", "ae_attendances_2016-2019",
                {"org_code": "RXC", "type": kind}, column, "%Y-%m-%d",
            )
            for metric, kind, column in (
                ("ae-attendances", "1", "attendances"),
                ("ae-four-hour-breaches", "1", "breaches"),
                ("ae-attendances-other", "other", "attendances"),
            )
        ),
    ],
)  # fmt: skip
def test_hospital_activity_is_that_of_the_raw_tables(metric, area, table, where, column, form):
    rows = raw(table, **where)
    assert stored(metric, area, form) == {row["period"]: Decimal(row[column]) for row in rows}


@needs_raw
def test_adult_social_care_is_that_of_the_raw_table():
    rows = raw("oflog_asc_outcomes_la_2015-2023", **{"Local authority code": "E10000011"})
    for metric in Metric.objects.filter(code__startswith="asc-"):
        own = [row for row in rows if row["Measure"] == metric.evidence.printed]
        for area, column in (("e10000011", "Value"), ("asc-peer-median", "MEDIAN")):
            assert stored(metric.code, area, "%Y") == {
                row["Financial year"][:4]: round(Decimal(row[column]), 6) for row in own
            }


@needs_raw
def test_prescribing_is_that_of_the_raw_table():
    rows = raw("openprescribing_measures_sussex_sicbl_monthly")
    for metric in Metric.objects.filter(code__startswith="rx-"):
        own = {
            (row["code"].lower(), row["month"]): [
                round(Decimal(row[column]), 4) for column in ("numerator", "denominator")
            ]
            for row in rows
            if row["measure"] == metric.evidence.printed
        }
        found = metric.observations.values_list("area__code", "starts", "numerator", "denominator")
        assert {(area, f"{day}"): pair for area, day, *pair in found} == own
        for item in metric.observations.all():
            assert abs(item.value - item.numerator / item.denominator * metric.per) < 0.001
