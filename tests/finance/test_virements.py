"""Virements: two lines, one amount, two people; no total of the partner moves."""

import html
import re

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esbt.kit.problems import Refused
from finance.models import PlanFigure, Virement, VirementOutcome
from finance.models.lines import Kind
from finance.rollups import compute, recompute, verify
from finance.services import (
    VirementSpec,
    propose_virement,
    reverse_virement,
    set_year_status,
    settle_virement,
)
from schemes.models import Change, Pool
from schemes.people.roles import Role
from tests.factories import a_person, a_valley, close, evenly
from tests.finance.test_rollups_properties import EXAMPLES
from tests.money import pounds

pytestmark = pytest.mark.django_db


class Budget:
    """The council's pay and estates, planned at £120 and £240 in twelve equal months."""

    def __init__(self, valley, *, by_month: bool = True) -> None:
        self.valley = valley
        self.pay = valley.line(valley.moor, "spend", "pay")
        self.estates = valley.line(valley.moor, "spend", "estates")
        year = {self.pay: "120", self.estates: "240"}
        self.plan = valley.plan(
            {line: evenly(amount) if by_month else amount for line, amount in year.items()},
            code="revised",
        )
        self.lead = a_person("lead", Role.FINANCE_LEAD, partner=valley.moor)
        self.approver = a_person("approver", Role.APPROVER, partner=valley.moor)
        self.slice_id = valley.slice.pk

    def propose(self, amount: str = "60", *, by="lead", **more) -> Virement:
        spec = {"plan": "revised", "giving": "pay", "receiving": "estates", "reason": "Agency"}
        return propose_virement(
            by=getattr(self, by) if isinstance(by, str) else by,
            slice_id=self.slice_id,
            spec=VirementSpec(**{**spec, "pence": pounds(amount), **more}),
        )

    def settle(self, virement, decision="approved", *, by="approver", reason="") -> VirementOutcome:
        who = getattr(self, by) if isinstance(by, str) else by
        return settle_virement(
            by=who,
            slice_id=self.slice_id,
            virement_id=virement.pk,
            decision=decision,
            reason=reason,
        )

    def year(self, line) -> int:
        return PlanFigure.objects.get(plan=self.plan, line=line).full_year_pence

    def in_month(self, line, month: int) -> int:
        to_date = [0, *PlanFigure.objects.get(plan=self.plan, line=line).to_date_pence]
        return to_date[month] - to_date[month - 1]


@pytest.fixture
def budget(valley):
    return Budget(valley)


PAGE = "/systems/valley/years/2018-19/virements"


def read(person, query: str = "") -> str:
    browser = Client()
    browser.force_login(person)
    page = browser.get(f"{PAGE}{query.replace('&amp;', '&')}").content.decode()
    return " ".join(html.unescape(page).split())


def refusal(call) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return str(refused.value)


def test_nothing_moves_until_another_person_approves(budget):
    virement = budget.propose()
    assert budget.year(budget.pay) == pounds("120")
    budget.settle(virement)
    assert (budget.year(budget.pay), budget.year(budget.estates)) == (pounds("60"), pounds("300"))
    change = Change.objects.get(number=VirementOutcome.objects.get().change)
    assert (change.action, change.reason, change.actor) == (
        "virement approved",
        "Agency",
        budget.approver,
    )


def test_it_is_spread_as_the_giving_line_has_it_over_the_open_months(budget):
    close(budget.valley.slice, 1, budget.valley.moor)
    close(budget.valley.slice, 2, budget.valley.moor)
    budget.settle(budget.propose("50"))  # of the £100 that months 3 to 12 hold, £5 each
    assert [budget.in_month(budget.pay, month) for month in (2, 3, 12)] == [
        pounds("10"),
        pounds("5"),
        pounds("5"),
    ]
    assert budget.in_month(budget.estates, 3) == pounds("25")


def test_a_named_month_takes_all_of_it(budget):
    budget.settle(budget.propose("10", month=7))
    assert budget.in_month(budget.pay, 7) == 0
    assert budget.in_month(budget.estates, 7) == pounds("30")
    assert budget.in_month(budget.estates, 8) == pounds("20")


def test_a_year_that_is_planned_without_months_moves_as_a_year(valley):
    budget = Budget(valley, by_month=False)
    outcome = budget.settle(budget.propose())
    assert outcome.moved_to_date_pence is None
    assert (budget.year(budget.pay), budget.year(budget.estates)) == (pounds("60"), pounds("300"))


def test_whole_pounds_are_spread_in_whole_pounds(budget):
    """£100 over twelve months that hold £10 each: £8 or £9 a month, never £8.33."""
    outcome = budget.settle(budget.propose("100"))
    to_date = outcome.moved_to_date_pence
    assert to_date[:3] + to_date[-1:] == [pounds("8"), pounds("16"), pounds("25"), pounds("100")]
    assert all(pence % 100 == 0 for pence in to_date)


def test_pence_that_do_not_divide_add_to_the_amount(budget):
    outcome = budget.settle(budget.propose("0.07"))
    assert outcome.moved_to_date_pence[11] == 7
    assert budget.year(budget.pay) == pounds("119.93")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"amount": "121"}, "has £120 in the open months"),
        ({"amount": "10.01", "month": 4}, "has £10 in the open months"),
        ({"amount": "0"}, "more than 0"),
        ({"reason": " "}, "Say why"),
        ({"receiving": "pay"}, "two different lines"),
        ({"receiving": "nothing"}, "Choose a line"),
        ({"plan": "nothing"}, "Choose a version"),
        ({"plan": "original"}, "The original plan stays as it was approved"),
        ({"month": 13}, "Month 13 is not open"),
        ({"receiving": "fees"}, "these are spend and income"),
        ({"receiving": "roof"}, "Capital and revenue stay apart"),
        ({"receiving": "pooled"}, "ring-fenced"),
        ({"receiving": "beds"}, "variation of contributions"),
        ({"receiving": "contract"}, "agreed with another partner"),
        ({"receiving": "new"}, "has no amount in Revised"),
    ],
)
def test_what_a_virement_may_not_do_is_refused_in_words(budget, more, said):
    valley = budget.valley
    pool = Pool.objects.create(system=valley.system, code="bcf", name="Better Care Fund")
    valley.line(valley.moor, "income", "fees")
    valley.line(valley.moor, "capital", "roof")
    valley.line(valley.moor, "spend", "pooled", pool=pool.code)
    valley.line(valley.hill, "spend", "beds")
    valley.line(valley.hill, "income", "their-leg", counterparty="moor")
    valley.line(valley.moor, "spend", "contract", counterparty="hill", counter_line="their-leg")
    valley.line(valley.moor, "spend", "new")
    valley.plan({budget.pay: evenly("120"), budget.estates: evenly("240")}, headline=False)
    amount = more.pop("amount", "60")
    assert said in refusal(lambda: budget.propose(amount, **more))
    assert not Virement.objects.exists()


def test_the_form_offers_no_original_plan(budget):
    valley = budget.valley
    valley.plan({budget.pay: evenly("120")}, headline=False)
    browser = Client()
    browser.force_login(budget.lead)
    page = browser.get("/systems/valley/years/2018-19/virements").content.decode()
    assert '<option value="revised"' in page
    assert '<option value="original"' not in page


def test_without_another_version_the_page_says_how_to_make_one(valley):
    valley.plan({valley.line(valley.moor, "spend", "pay"): evenly("120")})
    browser = Client()
    browser.force_login(a_person("lead", Role.FINANCE_LEAD, partner=valley.moor))
    page = browser.get("/systems/valley/years/2018-19/virements").content.decode()
    assert "administrator makes a revised one" in page
    assert 'href="/systems/valley/years/2018-19/plans"' in page
    assert 'value="propose"' not in page


def test_one_that_waits_in_the_original_plan_leads_to_a_revised_one(budget):
    original = budget.valley.plan({budget.pay: evenly("120")}, headline=False)
    made = budget.propose("60")
    Virement.objects.create(
        slice_id=budget.slice_id,
        plan=original,
        giving=budget.pay,
        receiving=budget.estates,
        pence=made.pence,
        reason="Agency",
        change=made.change + 1,
    )
    page = read(budget.approver)
    assert "Moor: £60 from pay to estates" in page
    assert "fixed as it was approved, so that it can only be rejected" in page
    assert (page.count('value="approved"'), page.count('value="rejected"')) == (2, 2 + 1)
    assert "Start it there" not in page
    page = read(budget.lead)
    way = re.search('href="([^"]*)">Start it there', page)[1]
    form = read(budget.lead, way.split("#")[0])
    assert 'value="60"' in form
    assert '<option value="pay" selected' in form
    assert 'value="Agency"' in form


def test_a_page_of_virements_asks_the_same_of_3_and_of_120(budget, query_count):
    ccgs = [budget.valley.line(budget.valley.ccgs, "spend", f"ccgs-{n}") for n in (1, 2)]
    lines = {line: evenly("120") for line in (budget.pay, budget.estates, *ccgs)}
    budget.plan = budget.valley.plan(lines, code="revised")
    for partner in (budget.valley.dale, budget.valley.fell):
        a_person("approver", Role.APPROVER, partner=partner)
    asked = []
    for many in (3, 117):
        for n in range(many):
            group = {"by": None, "giving": "ccgs-1", "receiving": "ccgs-2"} if n % 2 else {}
            budget.propose("0.01", **group)
        browser = Client()
        browser.force_login(budget.approver)
        asked.append(query_count(lambda: browser.get(PAGE)))  # noqa: B023
    assert asked[0] == asked[1] <= 20
    page = read(budget.approver, "?page=3")
    assert "120 virements, of which 120 wait for approval." in page
    assert page.count('<section class="claim"') == 20
    assert "Previous 50" in page
    assert "Next 50" not in page


def test_plans_on_different_bases_are_not_mixed(budget):
    PlanFigure.objects.filter(line=budget.pay).update(basis="adjusted")
    assert "different bases" in refusal(budget.propose)


def test_it_is_looked_at_again_when_it_is_approved(budget):
    one, other = budget.propose("70"), budget.propose("70")
    budget.settle(one)
    assert "has £50 in the open months" in refusal(lambda: budget.settle(other))
    named = budget.propose("1", month=1)
    close(budget.valley.slice, 1, budget.valley.moor)
    assert "Month 1 is not open" in refusal(lambda: budget.settle(named))
    set_year_status(by=None, slice_id=budget.slice_id, status="closed")
    assert "is closed" in refusal(lambda: budget.settle(other))
    assert budget.year(budget.pay) == pounds("50")


def test_nobody_approves_what_they_proposed(budget):
    both = a_person("both", Role.FINANCE_LEAD, partner=budget.valley.moor)
    a_person("both", Role.APPROVER, partner=budget.valley.moor)
    virement = budget.propose(by=both)
    assert "Somebody else" in refusal(lambda: budget.settle(virement, by=both))
    budget.settle(virement)


def test_who_may_not_finds_nothing(budget):
    valley = budget.valley
    other = a_person("tess", Role.FINANCE_LEAD, partner=valley.hill)
    for by in (other, budget.approver):
        with pytest.raises(Http404):
            budget.propose(by=by)
    virement = budget.propose()
    theirs = a_person("toby", Role.APPROVER, partner=valley.hill)
    for by in (budget.lead, other, theirs):
        with pytest.raises(Http404):
            budget.settle(virement, by=by)
    with pytest.raises(Http404):
        budget.settle(virement, "rejected", by=theirs, reason="No")
    budget.settle(virement, by=a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


def test_it_is_rejected_with_a_reason_or_taken_away_by_its_author(budget):
    virement = budget.propose()
    assert "Say why" in refusal(lambda: budget.settle(virement, "rejected"))
    budget.settle(virement, "rejected", reason="Not this year")
    said = refusal(lambda: budget.settle(virement))
    assert "was rejected already" in said
    own = budget.propose()
    budget.settle(own, "rejected", by="lead", reason="A slip")
    assert budget.year(budget.pay) == pounds("120")


def test_an_opposite_virement_gives_every_month_back(budget):
    before = PlanFigure.objects.get(line=budget.pay).to_date_pence
    done = budget.propose("33.33")
    budget.settle(done)
    here = {"slice_id": budget.slice_id, "virement_id": done.pk}
    back = reverse_virement(by=budget.lead, reason="It was not needed", **here)
    assert "already" in refusal(lambda: reverse_virement(by=budget.lead, reason="Again", **here))
    budget.settle(back)
    assert PlanFigure.objects.get(line=budget.pay).to_date_pence == before
    assert back.reverses == done


def test_only_what_was_approved_is_taken_back(budget):
    here = {"slice_id": budget.slice_id, "virement_id": budget.propose().pk}
    said = refusal(lambda: reverse_virement(by=budget.lead, reason="Oh", **here))
    assert "Only what was approved" in said


def test_the_database_refuses_what_does_not_net_to_zero(budget):
    virement = budget.propose()
    values = {
        "virement": virement,
        "decision": "approved",
        "giving_before_pence": 100,
        "giving_after_pence": 40,
        "receiving_before_pence": 10,
        "receiving_after_pence": 70,
        "moved_to_date_pence": [*[0] * 11, 60],
        "change": 9,
    }
    for wrong in (
        {"receiving_after_pence": 71},
        {"receiving_after_pence": None},
        {"moved_to_date_pence": [*[0] * 11, 61]},
        {"decision": "rejected"},  # without a reason
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            VirementOutcome.objects.create(**values | wrong)
    VirementOutcome.objects.create(**values)


PAIRS = (
    ("one", "two"),
    ("two", "one"),
    ("one", "three"),
    ("saving-two", "saving-one"),
    ("saving-one", "saving-two"),
    ("one", "other"),  # and what is refused: another partner, a pool, another kind
    ("pooled", "one"),
    ("saving-two", "one"),
)
steps = st.tuples(
    st.sampled_from(PAIRS),
    st.one_of(st.integers(1, 500), st.integers(1, 40_000)),
    st.one_of(st.none(), st.integers(1, 12)),
    st.sampled_from(["approved", "approved", "rejected", "left", "close", "reverse"]),
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(history=st.lists(steps, min_size=4, max_size=10))
def test_no_history_of_virements_moves_a_total(history):
    valley = _valley()
    here = {"by": None, "slice_id": valley.slice.pk}
    before = _totals(valley)
    approved: list[Virement] = []
    closed = 0
    for (giving, receiving), pence, month, then in history:
        try:
            if then == "close":
                closed += 1
                close(valley.slice, closed, valley.moor)
                shut = _to_date(valley, closed)
                continue
            if then == "reverse" and approved:
                made = reverse_virement(**here, virement_id=approved[-1].pk, reason="Back")
            else:
                spec = VirementSpec(
                    plan="revised",
                    giving=giving,
                    receiving=receiving,
                    pence=pence,
                    month=month,
                    reason="So",
                )
                made = propose_virement(**here, spec=spec)
            if then != "left":
                decision = "rejected" if then == "rejected" else "approved"
                settle_virement(**here, virement_id=made.pk, decision=decision, reason="Yes")
                approved += [made] if decision == "approved" else []
        except Refused:  # what is refused stores nothing
            continue
        finally:
            assert _totals(valley) == before
            if closed:
                assert _to_date(valley, closed) == shut
    recompute(valley.slice.pk)
    assert verify(valley.slice.pk) == []


_places = iter(range(10**6))


def _valley():
    """A council with a plan, a pool's line and savings, and a trust; one for each example."""
    valley = a_valley(f"-virement{next(_places)}")
    pool = Pool.objects.create(system=valley.system, code="bcf", name="Better Care Fund")
    months = [1000, 0, 2500, 700, 700, 701, 999, 0, 0, 1, 3000, 2000]
    figures = {
        valley.line(valley.moor, "spend", "one"): months,
        valley.line(valley.moor, "spend", "two"): [-50, *months[1:]],
        valley.line(valley.moor, "spend", "three", first_month=4): [0, 0, 0, *months[3:]],
        valley.line(valley.moor, "spend", "pooled", pool=pool.code): months,
        valley.line(valley.hill, "spend", "other"): months,
        valley.line(valley.moor, "saving", "saving-one"): "40",
        valley.line(valley.moor, "saving", "saving-two"): months,
    }
    valley.plan(figures, code="revised")
    return valley


def _totals(valley) -> dict:
    """What each partner and kind plans for the year and to date, and the system; by pool too."""
    return {
        (row.partner_key, row.kind, row.level, row.key, row.month): (
            row.plan_pence if row.month == 12 else None,  # before, lines to come are not in it
            row.plan_to_date_pence,
        )
        for row in compute(valley.slice.pk)
        if row.level in ("all", "pool") and row.kind in Kind.values
    }


def _to_date(valley, month: int) -> dict[str, int | None]:
    figures = PlanFigure.objects.filter(plan__slice=valley.slice).select_related("line")
    return {
        figure.line.code: figure.to_date_pence[month - 1] if figure.to_date_pence else None
        for figure in figures
    }
