"""Causes: what a variance is due to, who may say so, and what is left unexplained."""

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from finance.models import VarianceCause
from finance.queries.causes import bearing_lines, cause_sums, statements
from finance.rollups import recompute
from finance.services import CauseSpec, explain_variance, set_year_status
from schemes.people.roles import Role
from tests.factories import a_person, approve, close, evenly, report
from tests.money import pounds

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/years/2018-19/causes"


@pytest.fixture
def month(valley):
    """Month 1: the council's pay is £30,000 adverse, its fees £5,000 favourable."""
    valley.pay = valley.line(valley.moor, "spend", "pay")
    valley.fees = valley.line(valley.moor, "income", "fees")
    valley.plan({valley.pay: evenly("1_200_000"), valley.fees: evenly("600_000")})
    report(valley.pay, 1, "130_000")
    report(valley.fees, 1, "55_000")
    valley.lead = a_person("lead", Role.FINANCE_LEAD, partner=valley.moor)
    return valley


def say(valley, *, by=None, **more) -> Count:
    spec = {"line": "pay", "month": 1, "cause": "pay", "words": "Agency staff", **more}
    return explain_variance(by=by, slice_id=valley.slice.pk, specs=[CauseSpec(**spec)])


def refusal(call) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return str(refused.value)


def page_of(valley, who, query: str = "") -> str:
    recompute(valley.slice.pk)
    browser = Client()
    browser.force_login(who)
    answer = browser.get(f"{PAGE}{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_lead_says_what_a_variance_is_due_to(month):
    assert say(month, by=month.lead, pence=pounds("-20_000")) == Count(created=1)
    said = statements(month.slice, 1, published=False, own={month.moor.pk})
    assert [(item.line, item.pence, item.words, item.actor) for item in said] == [
        (month.pay, pounds("-20_000"), "Agency staff", month.lead)
    ]


def test_a_code_keeps_every_state_and_the_latest_stands(month):
    say(month, code="agency", pence=-1)
    assert say(month, code="agency", pence=-1) == Count(unchanged=1)
    assert say(month, code="agency", pence=-2) == Count(updated=1)
    assert VarianceCause.objects.count() == 2
    assert [
        item.pence for item in statements(month.slice, 1, published=False, own={month.moor.pk})
    ] == [-2]
    say(month, code="agency", pence=-2, withdrawn=True)
    assert statements(month.slice, 1, published=False, own={month.moor.pk}) == []


def test_two_statements_of_one_cause_stand_side_by_side(month):
    say(month, words="Agency staff")
    say(month, words="A pay award")
    assert VarianceCause.objects.values("code").distinct().count() == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"line": "nothing"}, "not a line of the year"),
        ({"month": 13}, "Months run from 1 to 12"),
        ({"cause": "weather"}, "Causes are activity"),
        ({"words": " "}, "Say in words"),
        ({"pence": 10**16}, "larger than any amount"),
        ({"code": "Not A Code"}, "small letters"),
    ],
)
def test_what_is_no_statement_is_refused_in_words(month, more, said):
    assert said in refusal(lambda: say(month, **more))


def test_a_statement_keeps_its_line_and_month(month):
    say(month, code="agency")
    assert "keeps its line and month" in refusal(lambda: say(month, code="agency", line="fees"))
    assert "keeps its line and month" in refusal(lambda: say(month, code="agency", month=2))


def test_people_speak_while_the_month_is_open(month):
    close(month.slice, 1, month.moor)
    assert "is closed" in refusal(lambda: say(month, by=month.lead))
    say(month)  # what documents say of a closed month is loaded
    set_year_status(by=None, slice_id=month.slice.pk, status="closed")
    assert "is closed" in refusal(lambda: say(month, by=month.lead, month=2))


def test_nobody_speaks_for_another_partner_and_only_the_administrator_for_all(month):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=month.system)
    for who, line in (
        (a_person("tess", Role.FINANCE_LEAD, partner=month.hill), "pay"),
        (a_person("anna", Role.APPROVER, partner=month.moor), "pay"),
        (ada, "pay"),
        (month.lead, ""),
    ):
        with pytest.raises(Http404):
            say(month, by=who, line=line)
    assert say(month, by=ada, line="") == Count(created=1)


def test_the_database_wants_words(month):
    with pytest.raises(IntegrityError), transaction.atomic():
        VarianceCause.objects.create(
            slice=month.slice, code="a", month=1, cause="pay", words="", change=9
        )


def test_lines_bear_a_position_once(month):
    position = month.line(month.ccgs)
    month.line(month.dale, "spend", "beds")  # inside the group's position
    later = month.line(month.hill, "spend", "wards", first_month=4)
    assert bearing_lines(month.slice, 1) == {month.pay.pk, month.fees.pk, position.pk}
    assert later.pk in bearing_lines(month.slice, 4)


def test_sums_by_cause_leave_amounts_that_nobody_states(month):
    say(month, words="Agency", pence=pounds("-20_000"))
    say(month, words="Award", pence=pounds("-4_000"))
    say(month, words="Rota")
    say(month, line="fees", cause="funding", words="A grant")
    sums = cause_sums(statements(month.slice, 1, published=False, own={month.moor.pk}))
    assert [(s.cause, s.pence, s.said, s.without_amount) for s in sums] == [
        ("pay", pounds("-24_000"), 3, 1),
        ("funding", None, 1, 1),
    ]


def test_the_page_shows_what_is_not_explained(month):
    say(month, pence=pounds("-20_000"))
    say(month, line="fees", cause="funding", words="A grant", pence=pounds("3_000"))
    page = page_of(month, month.lead)
    assert (  # £25,000 adverse, of which 20,000 less 3,000 are explained
        "The system is £25k adverse to plan; £20k adverse is put down to pay and staffing, "
        "and £8k adverse is not explained." in page
    )
    assert "Agency staff" in page


def test_what_is_said_of_a_draft_stays_with_the_partner(month):
    say(month, pence=pounds("-20_000"))
    board = a_person("bert", Role.BOARD_MEMBER, system=month.system)
    assert "Agency staff" not in page_of(month, board, "?state=provisional&month=1")
    assert "Agency staff" in page_of(month, month.lead, "?state=provisional&month=1")
    assert "Agency staff" not in page_of(month, month.lead, "?state=published")
    approve(month.slice, 1, month.moor)
    assert "Agency staff" in page_of(month, board, "?state=published&month=1")


def test_a_lead_adds_and_withdraws_on_the_page(month):
    browser = Client()
    browser.force_login(month.lead)
    recompute(month.slice.pk)
    form = {"line": "pay", "month": "1", "cause": "pay", "words": "Agency", "amount": "20k"}
    assert browser.post(f"{PAGE}?month=1", form).status_code == 302
    made = VarianceCause.objects.get()
    assert made.pence == pounds("-20_000")
    wrong = browser.post(f"{PAGE}?month=1", form | {"amount": "x", "words": "Kept as typed"})
    assert wrong.status_code == 422
    assert "Kept as typed" in wrong.content.decode()
    signed = browser.post(f"{PAGE}?month=1", form | {"amount": "-5"})
    assert "without a sign" in signed.content.decode()
    browser.post(f"{PAGE}?month=1", {"month": "1", "withdraw": made.code})
    assert VarianceCause.objects.latest("change").withdrawn


def test_what_is_refused_is_not_offered(month):
    say(month, by=month.lead, pence=pounds("-20_000"))
    query = "?state=provisional&month=1"
    assert 'name="withdraw"' in page_of(month, month.lead, query)
    approve(month.slice, 1, month.moor)
    assert 'name="withdraw"' not in page_of(month, month.lead, query)


def test_a_lead_comes_upon_causes_while_entering_submitting_and_at_work(month):
    browser = Client()
    browser.force_login(month.lead)
    way = f'href="{PAGE}?month=1&amp;state=provisional"'
    here = "/systems/valley/years/2018-19/partners/moor/months/1"
    for address in (f"{here}/enter", f"{here}/submit", "/my-work"):
        assert way in browser.get(address).content.decode(), address


def test_a_line_without_a_direction_is_above_or_below_plan(month):
    cash = month.line(month.moor, "cash", "cash")
    month.plan({cash: evenly("120_000")})
    report(cash, 1, "4_000")
    recompute(month.slice.pk)
    browser = Client()
    browser.force_login(month.lead)
    form = {"line": "cash", "month": "1", "cause": "timing", "words": "Late grant", "amount": "5k"}
    wrong = browser.post(f"{PAGE}?month=1", form | {"direction": "adverse"})
    assert "say more or less than planned" in wrong.content.decode()
    assert browser.post(f"{PAGE}?month=1", form | {"direction": "less"}).status_code == 302
    assert VarianceCause.objects.get().pence == pounds("-5_000")
    page = page_of(month, month.lead)
    assert "cash: £6k below plan" in page
    assert '<span class="none">£5,000 less</span>' in page
    line = page[page.index('id="by-line"') : page.index('id="say"')]
    assert "below plan" in line
    assert "adverse" not in line


def test_capital_over_its_plan_is_neither_adverse_nor_favourable(month):
    works = month.line(month.moor, "capital", "works")
    month.plan({works: evenly("120_000")})
    report(works, 1, "14_000")
    recompute(month.slice.pk)
    browser = Client()
    browser.force_login(month.lead)
    form = {"line": "works", "month": "1", "cause": "timing", "words": "Early", "amount": "3k"}
    wrong = browser.post(f"{PAGE}?month=1", form | {"direction": "adverse"})
    assert "say more or less than planned" in wrong.content.decode()
    assert browser.post(f"{PAGE}?month=1", form | {"direction": "more"}).status_code == 302
    assert VarianceCause.objects.get().pence == pounds("-3_000")
    page = page_of(month, month.lead)
    assert "works: £4k above plan" in page
    assert '<span class="none">£3,000 more</span>' in page
    line = page[page.index('id="by-line"') : page.index('id="say"')]
    assert "above plan" in line
    assert "adverse" not in line


def test_more_than_there_is_to_explain_is_asked_about(month):
    """Pay is £30,000 adverse."""
    browser = Client()
    browser.force_login(month.lead)
    recompute(month.slice.pk)
    form = {"line": "pay", "month": "1", "cause": "pay", "words": "Agency", "amount": "20k"}

    def asked(**more: str) -> str:
        answer = browser.post(f"{PAGE}?month=1", form | more)
        return answer.content.decode() if answer.status_code == 422 else ""

    against = asked(direction="favourable")
    assert "would explain £20,000 favourable, and its variance is £30,000 adverse" in against
    assert not asked(direction="adverse")
    beyond = asked(direction="adverse")  # 40,000 with what stands
    assert "would explain £40,000 adverse, and its variance is £30,000 adverse" in beyond
    assert 'name="confirm"' in beyond
    assert 'value="20k"' in beyond
    assert VarianceCause.objects.count() == 1
    assert not asked(direction="adverse", confirm="on")
    assert VarianceCause.objects.count() == 2


def test_the_variance_of_some_partners_is_not_called_the_systems(month):
    month.line(month.hill)
    say(month, pence=pounds("-20_000"))
    assert (
        "The 1 of 2 partners that reported is £25k adverse to plan (without Hill body); "
        "£20k adverse is put down to pay"
        in page_of(month, month.lead, "?state=provisional&month=1")
    )


def test_causes_of_a_variance_that_is_not_stated(month):
    """The council's group reports a position without a plan, so that the system has no variance."""
    report(month.line(month.ccgs), 1, "-5_000")
    say(month, pence=pounds("-20_000"))
    assert (
        "The system states no variance for this month; £20k adverse is put down to pay and "
        "staffing, and what is not explained cannot be said." in page_of(month, month.lead)
    )


def test_more_spend_is_adverse(month):
    browser = Client()
    browser.force_login(month.lead)
    form = {"line": "pay", "month": "1", "cause": "pay", "words": "Agency", "amount": "20k"}
    browser.post(f"{PAGE}?month=1", form | {"direction": "more"})
    assert VarianceCause.objects.get().pence == pounds("-20_000")


def test_the_page_asks_as_often_for_three_lines_as_for_many(month, query_count):
    say(month, words="First")
    browser = Client()
    browser.force_login(month.lead)
    recompute(month.slice.pk)
    browser.get(PAGE)
    few = query_count(lambda: browser.get(PAGE))
    lines = [month.line(month.moor, "spend", f"more-{n}") for n in range(12)]
    for line in lines:
        report(line, 1, "5")
        say(month, line=line.code, words="More")
    recompute(month.slice.pk)
    browser.get(PAGE)
    assert query_count(lambda: browser.get(PAGE)) == few
