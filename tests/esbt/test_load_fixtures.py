"""Loading packages: East Sussex to the penny, again without change, and all or nothing."""

import json
import subprocess
import sys
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from esbt import loading
from esbt.kit.problems import Refused
from esbt.kit.rows import schema_of
from esbt.loading.demo import PACKAGES
from finance.models import Line, Outturn, PlanFigure, PositionCover, PrintedFigure, Rollup
from finance.models.rollups import State
from finance.proof import Outcome
from finance.queries.reduction import reduction_book
from finance.rollups import verify
from schemes.models import Change, Evidence, Partner, Slice, System
from tests.money import millions, pounds
from tests.packages import MONEY, SYSTEM, write_package, zipped

EAST_SUSSEX = Path(__file__).parents[2] / "fixtures" / "east-sussex"

pytestmark = pytest.mark.django_db


def load(*paths: Path) -> loading.Report:
    return loading.load(paths, progress=lambda line: None)


def command(*paths: Path) -> tuple[int, list[str], str]:
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command("load_fixtures", *map(str, paths), stdout=out, stderr=err)
    except SystemExit as error:
        status = int(error.code or 0)
    return status, out.getvalue().splitlines(), err.getvalue()


def rollup(year: str, partner: str, month: int, kind: str = "position") -> Rollup:
    key = Partner.objects.get(code=partner).pk if partner else 0
    return Rollup.objects.get(
        slice__year=year,
        slice__system__code="east-sussex",
        partner_key=key,
        kind=kind,
        level="all",
        month=month,
        state="published",
    )


@pytest.fixture
def east_sussex() -> loading.Report:
    return load(EAST_SUSSEX)


@pytest.mark.parametrize(
    ("partner", "plan", "actual", "variance"),
    [
        ("escc", "0.0", "-0.4", "-0.4"),
        ("ehs-hr-ccgs", "0.0", "-37.1", "-37.1"),
        ("esht", "-26.5", "-57.4", "-30.9"),
        ("", "-26.5", "-94.9", "-68.4"),
    ],
)
def test_the_deficit_table_of_2017_18(east_sussex, partner, plan, actual, variance):
    row = rollup("2017-18", partner, 12)
    assert row.plan_pence == millions(plan)
    assert row.actual_pence == millions(actual)
    assert row.variance_pence == millions(variance)
    assert row.bases_differ == (partner in ("esht", ""))


def test_the_forecasts_of_2018_19(east_sussex):
    partners = ("escc", "ehs-hr-ccgs", "esht", "")
    forecasts = [rollup("2018-19", partner, 0).forecast_pence for partner in partners]
    assert forecasts == [millions(amount) for amount in ("0.0", "-32.0", "-44.9", "-76.9")]
    derived = Outturn.objects.get(line__code="esht-position", month=0).forecast_evidence
    assert (derived.state, derived.printed) == ("derived", "")
    assert rollup("2018-19", "", 12, "reduction-plan").plan_pence == millions("43.3")
    year = Slice.objects.get(system__code="east-sussex", year="2018-19")
    plans = reduction_book(year, state=State.PUBLISHED)
    assert plans.total.plan_pence == 4_330_000_000
    assert (plans.month, plans.judged.status) == (None, "")


def test_years_and_what_is_open(east_sussex):
    years = Slice.objects.filter(system__code="east-sussex").order_by("year")
    assert [(item.year_id, item.status) for item in years] == [
        ("2016-17", "closed"),
        ("2017-18", "closed"),
        ("2018-19", "open"),
    ]
    assert not Line.objects.filter(slice__year="2016-17").exists()
    assert {line.calendar for line in Line.objects.filter(slice__year="2018-19")} == {"monthly"}
    assert all(verify(item.pk) == [] for item in years)


def test_partners_go_by_their_names_codes_and_successors(east_sussex):
    trust = Partner.objects.get(names__name="the Trust")
    assert trust.code == "esht"
    assert trust.codes.get(register="ODS").code == "RXC"
    council = Partner.objects.get(code="escc")
    assert {code.code for code in council.codes.all()} == {"E10000011", "815", "E1421", "ESX"}
    ccg = Partner.objects.get(codes__code="09F")
    after = ccg.successions.get()
    assert (after.successor.codes.get().code, after.on) == ("97R", None)
    assert after.successor.successions.get().successor.code == "nhs-sussex"


def test_rows_stand_in_the_published_order(east_sussex):
    system = System.objects.get(code="east-sussex")
    order = [item.partner.code for item in system.memberships.select_related("partner")]
    assert order == ["escc", "ehs-hr-ccgs", "esht", "ehs-ccg", "hr-ccg", "spft", "esbt-members"]
    assert not Line.objects.filter(partner__code="spft").exists()


def test_every_figure_names_its_source(east_sussex):
    assert not PlanFigure.objects.filter(evidence=None).exists()
    for outturn in Outturn.objects.all():
        for fact in ("actual", "forecast"):
            stated = getattr(outturn, f"{fact}_pence") is not None
            evidence = getattr(outturn, f"{fact}_evidence")
            assert stated == (evidence is not None and evidence.state != "missing")
    assert Evidence.objects.get(printed="(37.1)", place="Paragraph 2.11, table", working="")


def test_the_envelope_of_the_strategic_investment_plan(east_sussex):
    printed = {
        (figure.slice.year_id, figure.code): figure.pence
        for figure in PrintedFigure.objects.select_related("slice")
    }
    assert printed["2017-18", "sip-gross-budget"] == pounds("864_554_000")
    assert printed["2017-18", "sip-savings"] == pounds("53_673_000")
    assert printed["2018-19", "sip-savings"] == pounds("66_644_000")
    assert printed["2017-18", "sip-council-investment"] == pounds("134_996_000")
    assert printed["2017-18", "sip-savings-childrens-services"] == pounds("36_000")
    assert printed["2017-18", "esht-turnover"] == millions("383.0")
    assert printed["2017-18", "spft-position"] is None


def test_printed_totals_prove(east_sussex):
    outcomes = {(p.figure.slice.year_id, p.figure.code): p for p in east_sussex.proofs}
    assert {p.outcome for p in east_sussex.proofs} == {Outcome.AGREES, Outcome.NOTHING}
    assert "bases" in outcomes["2017-18", "esht-position-variance"].note
    assert outcomes["2017-18", "position-total-variance"].found_pence == millions("-68.4")
    assert "East Sussex Healthcare" in outcomes["2018-19", "position-total-forecast"].note
    assert outcomes["2017-18", "sip-gross-budget"].outcome == Outcome.NOTHING
    assert outcomes["2017-18", "sip-expenditure-unrounded"].found_pence == pounds("918_227_000")


def test_what_is_not_simply_printed_is_listed(east_sussex):
    states = Counter(doubt.state for doubt in east_sussex.doubts)
    assert states == {"derived": 46, "inferred": 120, "missing": 42, "suspect": 2}


def test_loading_again_changes_nothing(east_sussex):
    changes = Change.objects.count()
    status, out, _ = command(EAST_SUSSEX)
    rows = east_sussex.total
    assert (rows.updated, rows.unchanged) == (2, 1)  # the status of two years of three
    assert status == 0
    assert out[-1] == f"created 0, updated 0, unchanged {rows.created + 3}, refused 0"
    assert Change.objects.count() == changes


def test_progress_and_report_by_the_command():
    status, out, err = command(EAST_SUSSEX)
    assert status == 0
    assert "outturns: created 7, updated 0, unchanged 0" in err
    assert any(line.startswith("derived: east-sussex 2018-19 esht-position") for line in out)
    assert any(
        line.startswith("agrees:") and "printed \N{MINUS SIGN}£68.4m" in line for line in out
    )
    assert out[-1].endswith("refused 0")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda folder: folder.name)
def test_the_package_says_what_its_tables_are(package):
    said = json.loads((package / "datapackage.json").read_text())
    for resource in said["resources"]:
        table = loading.TABLES[resource["name"]]
        known = {item["name"]: item for item in schema_of(table)["fields"]}
        assert all(item == known[item["name"]] for item in resource["schema"]["fields"])


def test_the_package_is_a_valid_data_package():
    """In a process of its own, since frictionless brings warnings and is no part of the site."""
    code = (
        "import sys, frictionless as f; r = f.validate(sys.argv[1]); "
        "print(r.flatten(['type', 'message'])); sys.exit(not r.valid)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(EAST_SUSSEX / "datapackage.json")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_zip_and_a_folder_in_one_transaction(tmp_path):
    ground = zipped(write_package(tmp_path / "ground", SYSTEM))
    money = write_package(tmp_path / "money", MONEY)
    load(money, ground)
    assert Outturn.objects.get(line__code="both-position").actual_pence == pounds("-0.07")
    assert PlanFigure.objects.get(line__code="both-position").full_year_pence == pounds("200_000")


def test_one_bad_row_stores_nothing_of_any_package(tmp_path):
    ground = write_package(tmp_path / "ground", SYSTEM)
    bad = {**MONEY, "outturns": [*MONEY["outturns"]]}
    bad["outturns"][2] = bad["outturns"][2].replace("both-position", "lost-position")
    status, out, err = command(ground, write_package(tmp_path / "money", bad))
    assert status == 1
    assert out == ["created 0, updated 0, unchanged 0, refused 1"]
    assert "money/outturns.csv, row 3, column line: 'lost-position':" in err
    assert not System.objects.exists()


def test_faults_of_all_packages_are_told(tmp_path):
    one = write_package(tmp_path / "one", {"systems": ["code,name", "a"]})
    two = write_package(tmp_path / "two", {"partners": ["code,name,short_name,kind", "a,A,A,x"]})
    with pytest.raises(Refused) as refused:
        load(one, two)
    assert {fault.file for fault in refused.value.faults} == {"one/systems.csv", "two/partners.csv"}


def test_an_unknown_partner(tmp_path):
    tables = {**SYSTEM, "memberships": ["system,partner", "valley,mire"]}
    status, _, err = command(write_package(tmp_path / "valley", tables))
    assert status == 1
    assert "valley/memberships.csv, row 2, column partner: 'mire': There is no partner" in err


def test_a_closed_month_refuses_another_figure(tmp_path):
    returns = ["system,year,partner,month,state", "valley,2017-18,moor,12,closed"]
    load(write_package(tmp_path / "first", {**SYSTEM, **MONEY, "returns": returns}))
    changed = [MONEY["outturns"][0], MONEY["outturns"][1].replace("-2.25", "-2.35")]
    with pytest.raises(Refused) as refused:
        load(write_package(tmp_path / "second", {"outturns": changed}))
    assert refused.value.code == "closed"
    assert Outturn.objects.get(line__code="moor-position").actual_pence == pounds("-2_250_000")


def test_a_year_that_was_closed_is_not_opened_by_loading(tmp_path):
    path = write_package(tmp_path / "valley", SYSTEM)
    load(path)
    Slice.objects.update(status="closed")
    load(path)
    assert Slice.objects.get().status == "closed"


def test_amounts_beyond_reason_are_stored_and_told(tmp_path):
    rows = [*MONEY["outturns"][:2]]
    rows[1] = rows[1].replace("-2.25", "-2250")
    report = load(write_package(tmp_path / "valley", {**SYSTEM, **MONEY, "outturns": rows}))
    assert [(w.file, w.row, w.field) for w in report.warnings] == [
        ("valley/outturns.csv", 2, "actual")
    ]


def test_a_group_that_changes_claims_its_members_positions(tmp_path):
    load(write_package(tmp_path / "valley", {**SYSTEM, **MONEY}))
    before = Slice.objects.get().change
    more = ["group,member", "both,moor"]
    with pytest.raises(Refused) as refused:
        load(write_package(tmp_path / "more", {"group_members": more}))
    assert "already counted" in str(refused.value)
    assert PositionCover.objects.count() == 4
    assert Slice.objects.get().change == before


def test_the_command_needs_a_path():
    with pytest.raises(CommandError):
        call_command("load_fixtures")
