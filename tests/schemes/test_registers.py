"""What is kept about schemes: counts, marks, assessments, approvals; history of each row."""

from decimal import Decimal

import pytest
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from schemes.models import (
    ActivityCount,
    Approval,
    Assessment,
    Dependency,
    EqualityMark,
    Evaluation,
    IntendedOutcome,
    RowVersion,
    StageWeight,
)
from schemes.people.roles import Role
from schemes.services import registers
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.slices import NO_FIGURE
from tests.factories import a_person

pytestmark = pytest.mark.django_db

CARE = {"system": "valley", "scheme": "care", "row": 2}
SIGNED = {"kind": "quality", "state": "signed", "signed_by": "Chief nurse", "signed_on": "2018-03"}


@pytest.fixture
def care(valley):
    names = ("care", "falls")
    specs = [SchemeSpec(system="valley", code=name, name=name) for name in names]
    save_schemes(by=None, specs=specs)
    return valley


def mark(**more: object) -> registers.MarkSpec:
    return registers.MarkSpec(**{**CARE, "characteristic": "age", "mark": "positive", **more})


def count(**more: object) -> registers.CountSpec:
    values = {"system": "valley", "code": "visits", "name": "Visits", "row": 2}
    return registers.CountSpec(**{**values, **more})


def assessment(**more: object) -> registers.AssessmentSpec:
    return registers.AssessmentSpec(**{**CARE, **SIGNED, **more})


def approval(**more: object) -> registers.ApprovalSpec:
    values = {"approved_by": "Board", "approved_on": "2018-04-16"}
    return registers.ApprovalSpec(**{**CARE, **values, **more})


def needs(**more: object) -> registers.DependencySpec:
    return registers.DependencySpec(**{**CARE, "code": "staff", "needs": "Staff", **more})


def weight(**more: object) -> registers.WeightSpec:
    values = {"stage": "in-delivery", "percent": 80, "agreed_by": "Board", "agreed_on": "2018"}
    return registers.WeightSpec(**{"system": "valley", "row": 2, **values, **more})


def evaluation(**more: object) -> registers.EvaluationSpec:
    return registers.EvaluationSpec(**{**CARE, "code": "first", "progress": "slow", **more})


def outcome(**more: object) -> registers.OutcomeSpec:
    return registers.OutcomeSpec(**{**CARE, "code": "falls", "name": "Fewer falls", **more})


# each register: how it is saved, a row, the row changed, its table
REGISTERS = [
    (registers.save_counts, count, {"promised": Decimal(3)}, ActivityCount),
    (registers.save_evaluations, evaluation, {"progress": "as-planned"}, Evaluation),
    (registers.save_equality_marks, mark, {"mark": "mixed"}, EqualityMark),
    (registers.save_assessments, assessment, {"signed_on": "2018-Q2"}, Assessment),
    (registers.save_dependencies, needs, {"met": True}, Dependency),
    (registers.save_intended_outcomes, outcome, {"name": "No falls"}, IntendedOutcome),
    (registers.save_stage_weights, weight, {"percent": 90}, StageWeight),
]


@pytest.mark.parametrize(("save", "row", "other", "model"), REGISTERS)
def test_each_state_of_a_row_is_kept_with_who_made_it(care, save, row, other, model):
    ada = a_person("ada", Role.SITE_ADMINISTRATOR)
    before = care.fresh().change
    assert save(by=None, specs=[row()]) == Count(created=1)
    assert save(by=None, specs=[row()]) == Count(unchanged=1)
    assert save(by=ada, specs=[row(**other)]) == Count(updated=1)
    (name, value), *_ = other.items()
    assert getattr(model.objects.get(), name) == value
    kept = RowVersion.objects.filter(table=model._meta.model_name).order_by("pk")
    assert [version.actor for version in kept] == [None, ada]
    assert all(version.row == model.objects.get().pk for version in kept)
    # the pages renew themselves, no figure moves
    changes = care.slice.changes.filter(number__gt=before)
    assert [change.from_month for change in changes] == [NO_FIGURE, NO_FIGURE]


@pytest.mark.parametrize(("save", "row"), [item[:2] for item in REGISTERS])
def test_only_who_loads_data_keeps_registers(care, save, row):
    finn = a_person("finn", Role.SYSTEM_ADMINISTRATOR, system=care.system)
    with pytest.raises(Http404):
        save(by=finn, specs=[row()])


@pytest.mark.parametrize(
    ("save", "fine", "bad", "field", "words"),
    [
        (registers.save_equality_marks, mark(), mark(characteristic="wealth"),
         "characteristic", "not a valid choice"),
        (registers.save_equality_marks, mark(), mark(characteristic="all", mark="unreadable"),
         "", "Keep the text of a mark that cannot be read."),
        (registers.save_equality_marks, mark(), mark(characteristic="all", mark="positive"),
         "", "Name the characteristic"),
        (registers.save_equality_marks, mark(), mark(scheme="lost"), "scheme", "no scheme 'lost'"),
        (registers.save_equality_marks, mark(), mark(), "scheme_id, characteristic", "twice"),
        (registers.save_counts, count(), count(code="a", base=Decimal(-5)), "", "base"),
        (registers.save_counts, count(), count(code="a", base=Decimal(0)), "", "base"),
        (registers.save_counts, count(), count(code="a", promised_by="2018-13"),
         "promised_by", "Write as much as is known"),
        (registers.save_assessments, assessment(scheme="falls"), assessment(signed_by=""),
         "", "says by which role and when"),
        (registers.save_assessments, assessment(scheme="falls"), assessment(state="in-progress"),
         "", "says by which role and when"),
        (registers.save_dependencies, needs(code="a"), needs(on_scheme="lost"),
         "on_scheme", "no scheme 'lost'"),
        (registers.save_dependencies, needs(code="a"), needs(partner="lost"),
         "partner", "no partner 'lost'"),
        (registers.save_stage_weights, weight(stage="stopped"), weight(percent=101),
         "", "from 0 to 100"),
        (registers.save_stage_weights, weight(), weight(stage="begun"), "stage", "valid choice"),
        (registers.save_evaluations, evaluation(), evaluation(code="a", decision="wait"),
         "decision", "valid choice"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_stored(care, save, fine, bad, field, words):
    kept = RowVersion.objects.count()
    with pytest.raises(Refused) as refused:
        save(by=None, specs=[fine, bad])
    (fault,) = refused.value.faults
    assert (fault.row, fault.field) == (2, field)
    assert words in fault.message
    assert RowVersion.objects.count() == kept


def test_no_scheme_is_approved_without_a_signed_quality_assessment(care):
    registers.save_assessments(by=None, specs=[assessment(kind="equality")])
    with pytest.raises(Refused) as refused:
        registers.save_approvals(by=None, specs=[approval()])
    assert "not signed by the clinical leads" in refused.value.faults[0].message
    registers.save_assessments(by=None, specs=[assessment()])
    assert registers.save_approvals(by=None, specs=[approval()]) == Count(created=1)
    with pytest.raises(Refused):
        registers.save_approvals(by=None, specs=[approval(scheme="falls")])
    assert Approval.objects.get().scheme.code == "care"


def test_what_an_approval_rests_on_stays_signed(care):
    registers.save_assessments(by=None, specs=[assessment(), assessment(kind="equality")])
    registers.save_approvals(by=None, specs=[approval()])
    open_again = assessment(state="in-progress", signed_by="", signed_on="")
    with pytest.raises(Refused) as refused:
        registers.save_assessments(by=None, specs=[open_again])
    assert "stays signed" in refused.value.faults[0].message
    assert Assessment.objects.get(kind="quality").state == "signed"
    equality = assessment(kind="equality", state="in-progress", signed_by="", signed_on="")
    assert registers.save_assessments(by=None, specs=[equality]) == Count(updated=1)
    later = assessment(signed_on="2018-05")
    assert registers.save_assessments(by=None, specs=[later]) == Count(updated=1)


def test_an_approval_says_which_body_and_when(care):
    registers.save_assessments(by=None, specs=[assessment()])
    for bad, words in (
        (approval(approved_by=""), "cannot be blank"),
        (approval(approved_on=""), "Say which body approved the scheme, and when."),
    ):
        with pytest.raises(Refused) as refused:
            registers.save_approvals(by=None, specs=[bad])
        assert words in refused.value.faults[0].message


def test_a_mark_that_cannot_be_read_keeps_its_text(care):
    unreadable = mark(characteristic="all", mark="unreadable", raw="+ - + |")
    assert registers.save_equality_marks(by=None, specs=[unreadable]) == Count(created=1)
    assert EqualityMark.objects.get().raw == "+ - + |"
