"""What the tables of the ground floor refuse by themselves."""

from datetime import date

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from psycopg2 import sql

from finance.models import LedgerMapping, Line
from finance.services import (
    CauseSpec,
    ClaimSpec,
    RatingSpec,
    RiskMoneySpec,
    VirementSpec,
    explain_variance,
    propose_virement,
    rate_schemes,
    save_risk_money,
    settle_claim,
    settle_virement,
)
from schemes.models import (
    ApiToken,
    Change,
    Evidence,
    FinancialYear,
    GroupMember,
    Membership,
    Partner,
    PartnerCode,
    PartnerName,
    Pool,
    RoleGrant,
    Scheme,
    Slice,
    Source,
    Succession,
    System,
    Theme,
)
from schemes.models.base import AppendOnly
from schemes.people.roles import Role
from schemes.services.grants import RoleSpec, give_role
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import (
    a_delivery_with_everything,
    a_month_with_everything,
    a_person,
    a_pool_with_everything,
    a_system,
    an_outcome_with_everything,
    approve,
    report,
)

pytestmark = pytest.mark.django_db

LATER_THAN_ENDS = {"starts": date(2018, 4, 1), "ends": date(2018, 3, 31)}


def refused(constraint: str, model, **values: object) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.create(**values)


def refused_twice(constraint: str, model, **values: object) -> None:
    model.objects.create(**values)
    refused(constraint, model, **values)


# dates


def test_nothing_ends_before_it_starts(valley):
    moor, system, late = valley.moor, valley.system, LATER_THAN_ENDS
    far = Partner.objects.create(code="far", name="Far", short_name="Far", kind="other")
    person = a_person("cora")
    refused("partner_dates", Partner, code="x", name="X", short_name="X", kind="other", **late)
    refused("partner_name_dates", PartnerName, partner=moor, name="Moor", **late)
    refused("partner_code_dates", PartnerCode, partner=moor, register="ODS", code="X", **late)
    refused("group_member_dates", GroupMember, group=valley.ccgs, member=moor, **late)
    refused("membership_dates", Membership, system=system, partner=far, **late)
    refused("grant_dates", RoleGrant, user=person, role=Role.AUDITOR, system=system, **late)


# once


def test_what_is_there_once(valley):
    moor, system = valley.moor, valley.system
    refused_twice("partner_name_once", PartnerName, partner=moor, name="The Moor")
    refused_twice("partner_code_once", PartnerCode, partner=moor, register="ODS", code="X")
    refused_twice("succession_once", Succession, predecessor=moor, successor=valley.hill)
    refused_twice("group_member_once", GroupMember, group=valley.ccgs, member=moor)
    refused("membership_once", Membership, system=system, partner=moor)
    refused("slice_once", Slice, system=system, year_id="2018-19")
    for model in (Theme, Scheme, Pool):
        refused_twice(f"{model.__name__.lower()}_once", model, system=system, code="x", name="X")
    refused("system_code", System, code="valley", name="Another")
    refused("partner_code", Partner, code="moor", name="M", short_name="M", kind="other")
    person = a_person("cora")
    refused_twice("grant_once", RoleGrant, user=person, role=Role.AUDITOR, system=system)
    refused_twice("digest", ApiToken, user=person, digest="a")
    source = Source.objects.create(code="report", title="Report")
    refused_twice("evidence_once", Evidence, source=source, place="1")


# sense


def test_nobody_succeeds_or_holds_themselves(valley):
    moor, ccgs = valley.moor, valley.ccgs
    refused("succession_by_another", Succession, predecessor=moor, successor=moor)
    refused("group_not_its_own_member", GroupMember, group=ccgs, member=ccgs)


@pytest.mark.parametrize("code", ["2018/19", "1999-00", "18-19", "2018-9"])
def test_a_year_is_written_as_2018_19(code):
    refused("year_code_form", FinancialYear, code=code)


@pytest.mark.parametrize("state", ["derived", "inferred", "suspect"])
def test_a_figure_that_is_not_printed_shows_its_working(state):
    source = Source.objects.create(code="report", title="Report")
    refused("evidence_shows_its_working", Evidence, source=source, place="1", state=state)
    assert Evidence.objects.create(source=source, place="1", state=state, working="a - b")


@pytest.mark.parametrize("role", [Role.FINANCE_LEAD, Role.APPROVER])
def test_who_acts_for_a_partner_names_it(valley, role):
    person = a_person("finn")
    refused("grant_names_its_partner", RoleGrant, user=person, role=role, system=valley.system)


def test_who_reads_a_system_acts_for_no_partner(valley):
    grant = {"user": a_person("cora"), "role": Role.COMMISSIONER, "partner": valley.moor}
    refused("grant_names_its_partner", RoleGrant, system=valley.system, **grant)


def test_only_the_site_administrator_spans_systems(valley):
    person, name = a_person("sue"), "only_site_administrators_span_systems"
    refused(name, RoleGrant, user=person, role=Role.BOARD_MEMBER)
    refused(name, RoleGrant, user=person, role=Role.SITE_ADMINISTRATOR, system=valley.system)
    assert RoleGrant.objects.create(user=person, role=Role.SITE_ADMINISTRATOR)


def test_changes_count_from_one_and_once(valley):
    change = {"slice": valley.slice, "at": timezone.now(), "action": "test"}
    refused("change_counts_from_one", Change, number=0, **change)
    refused_twice("change_once", Change, number=1, **change)


# history

HISTORY = [model for model in apps.get_models() if issubclass(model, AppendOnly)]


@pytest.fixture
def history(valley):
    """A row in every table of history."""
    line = valley.line(valley.moor)
    valley.plan({line: "-1"})
    report(line, 1, "-1")
    approve(valley.slice, 1, valley.moor)
    save_schemes(by=None, specs=[SchemeSpec(system="valley", code="falls", name="Falls")])
    ratings = [RatingSpec(scheme="falls", month=1, rating="amber")]
    rate_schemes(by=None, slice_id=valley.slice.pk, specs=ratings)
    for partner in (valley.moor, valley.hill):
        valley.line(partner, "saving", f"{partner.code}-saving", scheme="falls")
    valley.line(valley.moor, "saving", "moor-more")
    claim = ClaimSpec(one="moor-saving", other="hill-saving", settlement="open")
    here = {"by": None, "slice_id": valley.slice.pk}
    settle_claim(**here, spec=claim)
    savings = [Line.objects.get(code=code) for code in ("moor-saving", "moor-more")]
    valley.plan(dict.fromkeys(savings, "2"), code="revised", headline=False)
    spec = VirementSpec(
        plan="revised", giving="moor-saving", receiving="moor-more", pence=1, reason="So"
    )
    made = propose_virement(**here, spec=spec)
    settle_virement(**here, virement_id=made.pk, decision="approved")
    cause = CauseSpec(line="moor-position", month=1, cause="pay", words="Agency staff")
    explain_variance(**here, specs=[cause])
    a_month_with_everything(valley.slice, line)
    an_outcome_with_everything(valley.system)
    lead = a_person("luke", Role.FINANCE_LEAD, partner=valley.moor)
    ledger = {"partner": valley.moor, "name": "Ledger", "version": 1, "actor": lead}
    LedgerMapping.objects.create(definition={}, **ledger)
    save_risks(by=None, specs=[RiskSpec(system="valley", code="winter", name="Winter")])
    money = RiskMoneySpec(risk="winter", pence=1, stands_as="net")
    save_risk_money(by=None, slice_id=valley.slice.pk, specs=[money])
    a_pool_with_everything(valley.slice)
    a_delivery_with_everything(valley.slice)
    auditor = RoleSpec(role=Role.AUDITOR, system="valley")
    give_role(by=None, person_id=a_person("otto").pk, spec=auditor)


def test_all_of_history_is_here():
    assert {model.__name__ for model in HISTORY} == {
        "ActionNote",
        "AdminEvent",
        "AssuranceAnswer",
        "Change",
        "Claim",
        "Commentary",
        "Deadline",
        "DomainReport",
        "GapReason",
        "HeadlineChoice",
        "LedgerMapping",
        "LineVersion",
        "MonthClose",
        "ObservationRevision",
        "OutturnRevision",
        "PaperTotal",
        "PlanRevision",
        "PoolAmount",
        "Rating",
        "Reminder",
        "ReturnEvent",
        "RiskMoney",
        "RowVersion",
        "Scenario",
        "VarianceCause",
        "Virement",
        "VirementOutcome",
    }


@pytest.mark.parametrize("model", HISTORY)
def test_history_is_only_added_to_whoever_tries(history, model):
    assert model.objects.exists()
    for statement in ("UPDATE {} SET id = id", "DELETE FROM {}"):
        with (
            pytest.raises(DatabaseError, match="Cannot update or delete"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql.SQL(statement).format(sql.Identifier(model._meta.db_table)))


def test_what_history_hangs_on_stays(history, valley):
    for model in (Slice, Partner, System):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            model.objects.all().delete()
    assert Slice.objects.exists()


def test_systems_stand_by_name_and_illustrative_ones_last(valley):
    a_system(code="alp", illustrative=True)
    a_system(code="zone")
    assert [system.code for system in System.objects.all()] == ["valley", "zone", "alp"]


def test_a_year_reads_with_a_stroke_and_begins_in_april(valley):
    assert str(valley.slice.year) == "2018/19"
    assert valley.slice.year.first_day == date(2018, 4, 1)
