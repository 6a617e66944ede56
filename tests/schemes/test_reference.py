"""Reference data: created, changed and left alone by its keys; refused with the row."""

from datetime import date

import pytest
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from schemes.models import Evidence, GroupMember, Partner, PartnerCode, Scheme, Slice, User
from schemes.services import partners, plan, reference
from schemes.services.people import GrantSpec, PersonSpec, add_people, grant_roles

pytestmark = pytest.mark.django_db


def trust(**more: object) -> partners.PartnerSpec:
    values = {"code": "hill", "name": "Hill Trust", "short_name": "Hill", "kind": "nhs-trust"}
    return partners.PartnerSpec(**{**values, **more})


@pytest.fixture
def valley() -> None:
    reference.save_systems(by=None, specs=[reference.SystemSpec(code="valley", name="Valley")])
    reference.save_sources(by=None, specs=[reference.SourceSpec(code="report", title="Report")])


def test_a_row_is_created_changed_and_left_alone():
    assert partners.save_partners(by=None, specs=[trust()]) == Count(created=1)
    assert partners.save_partners(by=None, specs=[trust()]) == Count(unchanged=1)
    assert partners.save_partners(by=None, specs=[trust(name="Hills")]) == Count(updated=1)
    assert Partner.objects.get().name == "Hills"


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (trust(code="Hill Trust", row=7), "code"),
        (trust(kind="hospital", row=7), "kind"),
        (trust(starts=date(2018, 4, 1), ends=date(2018, 3, 31), row=7), ""),
    ],
)
def test_what_the_table_does_not_take_is_refused_with_its_row(spec, field):
    with pytest.raises(Refused) as refused:
        partners.save_partners(by=None, specs=[trust(code="fine"), spec])
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [(7, field)]
    assert not Partner.objects.exists()


def test_the_same_key_twice_is_refused():
    with pytest.raises(Refused):
        partners.save_partners(by=None, specs=[trust(), trust(name="Other")])


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    specs = [trust(code=f"hill-{number}") for number in range(500)]
    partners.save_partners(by=None, specs=specs)
    with django_assert_max_num_queries(4):
        assert partners.save_partners(by=None, specs=specs) == Count(unchanged=500)


def test_a_code_can_pass_to_another_partner_from_a_day_on():
    partners.save_partners(by=None, specs=[trust(), trust(code="dale")])
    code = {"registry": "ODS", "code": "RXX"}
    specs = [
        partners.CodeSpec(partner="hill", ends=date(2018, 3, 31), **code),
        partners.CodeSpec(partner="dale", starts=date(2018, 4, 1), **code),
    ]
    assert partners.save_partner_codes(by=None, specs=specs) == Count(created=2)
    assert PartnerCode.objects.get(starts=None).partner.code == "hill"


def test_only_a_group_has_members():
    partners.save_partners(by=None, specs=[trust(), trust(code="dale")])
    spec = partners.GroupMemberSpec(group="hill", member="dale", row=2)
    with pytest.raises(Refused) as refused:
        partners.save_group_members(by=None, specs=[spec])
    assert refused.value.faults[0].message.startswith("There is no reporting group 'hill'")
    assert not GroupMember.objects.exists()


@pytest.mark.parametrize(
    "year", ["2017", "2017-19", "17-18", "2017/18", "1999-00x", "201\N{FULLWIDTH DIGIT SEVEN}-18"]
)
def test_a_year_is_written_as_2017_18(valley, year):
    with pytest.raises(Refused):
        reference.save_years(by=None, specs=[reference.YearSpec(system="valley", year=year)])


def test_years_are_made_open_and_keep_their_status(valley):
    specs = [reference.YearSpec(system="valley", year="2017-18")]
    assert reference.save_years(by=None, specs=specs) == Count(created=1)
    Slice.objects.update(status="closed")
    assert reference.save_years(by=None, specs=specs) == Count(unchanged=1)
    assert Slice.objects.get().status == "closed"


def test_evidence_that_says_the_same_is_one_row(valley):
    said = {"source": "report", "place": "2.11"}
    one, two = (
        reference.EvidenceSpec(printed="(26.5)", **said),
        reference.EvidenceSpec(printed="(57.4)", **said),
    )
    ids = reference.save_evidence(by=None, specs=[one, two, one])
    assert ids[0] == ids[2] != ids[1]
    assert reference.save_evidence(by=None, specs=[two]) == ids[1:2]
    assert Evidence.objects.count() == 2


def test_derived_evidence_shows_its_working(valley):
    spec = reference.EvidenceSpec(source="report", place="2.16", state="derived")
    with pytest.raises(Refused):
        reference.save_evidence(by=None, specs=[spec])


def test_schemes_come_before_their_parts_whatever_the_order(valley):
    part = plan.SchemeSpec(system="valley", code="falls", name="Falls", parent="care")
    whole = plan.SchemeSpec(system="valley", code="care", name="Care")
    assert plan.save_schemes(by=None, specs=[part, whole]) == Count(created=2)
    below = plan.SchemeSpec(system="valley", code="rails", name="Rails", parent="falls", row=3)
    with pytest.raises(Refused) as refused:
        plan.save_schemes(by=None, specs=[below])
    assert refused.value.faults[0].field == "parent"
    assert Scheme.objects.get(code="falls").parent.code == "care"


def test_a_scheme_that_moves_has_its_systems_years_recomputed(valley):
    reference.save_years(by=None, specs=[reference.YearSpec(system="valley", year="2017-18")])
    care = plan.SchemeSpec(system="valley", code="care", name="Care")
    falls = plan.SchemeSpec(system="valley", code="falls", name="Falls")
    plan.save_schemes(by=None, specs=[care, falls])
    before = Slice.objects.get().change
    moved = plan.SchemeSpec(system="valley", code="falls", name="Falls", parent="care")
    plan.save_schemes(by=None, specs=[moved])
    assert Slice.objects.get().change == before + 1


def test_a_commissioner_loads_nothing(valley):
    add_people(by=None, people=[PersonSpec(username="cora", name="Cora")], password="long enough")
    grant_roles(by=None, grants=[GrantSpec(username="cora", role="site-administrator")])
    stranger = User.objects.create(username="stranger")
    with pytest.raises(Http404):
        partners.save_partners(by=stranger, specs=[trust()])
    administrator = User.objects.get(username="cora")
    assert partners.save_partners(by=administrator, specs=[trust()]) == Count(created=1)
