"""Reduction plans, the four questions and the register of risks: pages, API, downloads, forms."""

import re
from datetime import date

import pytest
from django.test import Client

from esbt.generating.system import generate
from finance.models import AssuranceAnswer, PlanEffect, UrgentAction
from finance.services import (
    PlanEffectSpec,
    PlanRiskSpec,
    UrgentActionSpec,
    save_plan_effects,
    save_plan_risks,
    save_urgent_actions,
)
from schemes.models import Risk
from schemes.people.roles import Role
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import Figures, a_person, a_year, evenly, report
from tests.money import pounds
from tests.web import browser_of, table, text

pytestmark = pytest.mark.django_db

HERE = "/systems/valley/years/2018-19"
PLANS = f"{HERE}/reduction-plans"
NOW = "state=provisional&as_of=2018-09-12"
API = "/api/v1/systems/valley/years/2018-19"


def seen(answer) -> str:
    return re.search(r'name="seen" value="(\d+)"', answer.content.decode()).group(1)


def evidence_seen(answer, question: str) -> str:
    """What the form of a question holds of the evidence that it stands under."""
    after = answer.content.decode().split(f'name="question" value="{question}"')[1]
    return re.search(r'name="seen" value="(\w+)"', after).group(1)


@pytest.fixture
def cuts(valley):
    """The council is to take out 12, the trust 24; to month 2 they achieved 2 of 2 and 3 of 4."""
    moor = valley.line(valley.moor, "reduction-plan", "moor-cuts")
    hill = valley.line(valley.hill, "reduction-plan", "hill-cuts")
    valley.plan({moor: evenly("12_000_000"), hill: evenly("24_000_000")})
    report(moor, 1, "1_000_000", "12_000_000")
    report(moor, 2, "2_000_000", "12_000_000")
    report(hill, 2, "3_000_000", "20_000_000")
    return moor, hill


@pytest.fixture
def bert(valley) -> Client:
    return browser_of(a_person("bert", Role.BOARD_MEMBER, system=valley.system))


@pytest.fixture
def ada(valley) -> Client:
    return browser_of(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


def test_plans_with_their_total_and_rating(bert, cuts):
    said = text(bert.get(f"{PLANS}?{NOW}"))
    assert (
        "The reduction plans are to take £36.00m out of the year's spend; £5.00m of £6.00m "
        "planned to May 2018 is achieved, £1.00m behind plan." in said
    )
    found = bert.get(f"{API}/reduction-plans?state=provisional").json()
    hill, moor = found["rows"]
    assert (moor["variance_pence"], moor["status"]) == (0, "green")
    assert hill["variance_pence"] == -pounds("1_000_000")
    assert hill["forecast_variance_pence"] == -pounds("4_000_000")
    assert hill["run_rate_pence"] == pounds("18_000_000")
    assert hill["status"] == "red"
    assert hill["reason"] == "£1.0m (25.0%) adverse to date; £4.0m (16.7%) adverse in the forecast"
    total = found["total"]
    assert (total["target_pence"], total["achieved_pence"]) == (
        pounds("36_000_000"),
        pounds("5_000_000"),
    )
    rows = table(bert.get(f"{PLANS}.csv?{NOW}"))
    assert [row["plan"] for row in rows] == ["hill-cuts", "moor-cuts", "total"]
    assert rows[2]["variance_gbp"] == "-1000000.00"


def test_a_plan_that_did_not_report_is_named_and_left_out_of_what_is_compared(bert, cuts):
    moor, _ = cuts
    report(moor, 3, "3_000_000")
    said = text(bert.get(f"{PLANS}?{NOW}"))
    assert "£3.00m of £3.00m planned to June 2018 is achieved, on plan" in said
    assert "of the 1 of 2 plans that reported" in said
    assert "the month is not reported: £3.00m of £4.00m to May 2018" in said
    total = bert.get(f"{API}/reduction-plans?state=provisional").json()["total"]
    assert (total["planned_pence"], total["run_rate_pence"]) == (pounds("3_000_000"), None)


def test_all_together_have_no_forecast_and_no_rating_while_a_plan_has_none(valley, bert, cuts):
    """The council's 12 is forecast whole, the trust's 24 short; of a third plan nobody says."""
    dale = valley.line(valley.dale, "reduction-plan", "dale-cuts")
    valley.plan({dale: evenly("6_000_000")})
    said = text(bert.get(f"{PLANS}?{NOW}"))
    assert "£1.00m behind plan, of the 2 of 3 plans that reported." in said
    assert (
        "2 of 3 plans have a forecast, £32.00m of £36.00m; £6.00m of the targets is not forecast."
        in said
    )
    assert "cannot be said only 2 of 3 plans have a rating" in said
    found = bert.get(f"{API}/reduction-plans?state=provisional").json()["total"]
    assert (found["forecast_pence"], found["forecast_variance_pence"]) == (None, None)
    assert (found["status"], found["plans"], found["plans_forecast"]) == ("", 3, 2)
    total = table(bert.get(f"{PLANS}.csv?{NOW}"))[-1]
    assert (total["forecast_gbp"], total["status"], total["plans_rated"]) == ("", "", "2")
    said = text(bert.get(f"{HERE}/questions?{NOW}"))
    assert "They have no forecast together: only 2 of 3 plans have a forecast" in said
    assert "The forecast for the year is" not in said


def test_a_year_that_has_ended_has_no_forecast_beside_what_was_achieved(bert, cuts):
    for line, achieved in zip(cuts, ("12_000_000", "20_000_000"), strict=True):
        report(line, 12, achieved, "23_000_000")
    found = bert.get(f"{API}/reduction-plans?state=provisional").json()
    assert found["total"]["variance_pence"] == -pounds("4_000_000")
    for row in (*found["rows"], found["total"]):
        assert (row["forecast_pence"], row["run_rate_pence"]) == (None, None)
    assert found["total"]["status"] == "red"
    assert found["rows"][0]["reason"] == "£4.0m (16.7%) adverse to date"
    said = text(bert.get(f"{PLANS}/hill-cuts?{NOW}"))
    assert "None: what is achieved is that of the whole year" in said
    assert "extrapolated" not in said
    said = text(bert.get(f"{HERE}/questions?{NOW}"))
    assert "its forecast is not stated" not in said
    assert "forecast for the year" not in said


def test_published_figures_hold_nothing_that_was_not_approved(bert, cuts):
    found = bert.get(f"{API}/reduction-plans").json()
    assert found["month"] is None
    assert {row["achieved_pence"] for row in found["rows"]} == {None}
    assert "what was achieved is not stated" in text(bert.get(f"{PLANS}?state=published"))


def test_a_year_without_plans_says_so(bert):
    assert "No expenditure reduction plan is stated for this year." in text(bert.get(PLANS))
    said = text(bert.get(f"{HERE}/questions"))
    assert said.count("It cannot be said") == 4


def test_an_empty_year_leads_to_the_year_that_holds_plans_and_forecasts(bert, valley, cuts):
    a_year(valley.system, "2019-20")
    report(valley.line(valley.moor, "position", "moor"), 1, "1", "2")
    for page in ("reduction-plans", "questions", "forecast"):
        empty = bert.get(f"/systems/valley/years/2019-20/{page}").content.decode()
        assert f'is stated for <a href="{HERE}/{page}">2018/19</a>' in empty
        assert "is stated for <a" not in bert.get(f"{HERE}/{page}?{NOW}").content.decode()
    ways = bert.get("/systems/valley/delivery").content.decode()
    assert f'href="{HERE}/questions"' in ways
    assert "/years/2019-20/reduction-plans" not in ways


def test_a_partner_says_that_it_understood_a_plan(valley, cuts, bert):
    tess = browser_of(a_person("tess", Role.FINANCE_LEAD, partner=valley.hill))
    address = f"{PLANS}/moor-cuts/effects/hill"
    page = text(tess.get(f"{PLANS}/moor-cuts?{NOW}"))
    assert "Hill body : the effect is not stated. Nobody has said whether it is" in page
    assert "Say so" not in page
    yes = {"understood": "yes", "role": "Director of Finance", "on": "2018-06"}
    refused = tess.post(address, yes)
    assert "there is nothing to understand yet" in text(refused, 422)
    assert not PlanEffect.objects.exists()
    here = {"by": None, "slice_id": valley.slice.pk}
    effect = PlanEffectSpec(line="moor-cuts", partner="hill", effect="Fewer beds")
    save_plan_effects(specs=[effect], **here)
    page = text(tess.get(f"{PLANS}/moor-cuts?{NOW}"))
    assert "Say so for Hill body" in page
    assert "Say so for Dale body" not in page
    now = {"seen": seen(tess.get(address))}
    refused = tess.post(address, {"understood": "yes", "role": "", "on": "", **now})
    assert "Say by which role and when" in text(refused, 422)
    refused = tess.post(address, yes | now | {"on": "2030-01"})
    assert "This day has not come yet" in text(refused, 422)
    sent = yes | now | {"understood": "no"}
    assert tess.post(address, sent)["Location"] == f"{PLANS}/moor-cuts"
    assert "Not understood: Director of Finance, June 2018." in text(
        bert.get(f"{PLANS}/moor-cuts?{NOW}")
    )
    effect = PlanEffectSpec(line="moor-cuts", partner="hill", effect="More beds")
    save_plan_effects(specs=[effect], **here)
    again = sent | {"understood": "yes", "seen": seen(tess.get(address))}
    assert tess.post(address, again).status_code == 302
    found = PlanEffect.objects.get()
    assert (found.understood, found.effect) == (True, "More beds")


def test_the_plans_own_partner_and_its_group_are_no_others(bert, valley, ada):
    valley.line(valley.ccgs, "reduction-plan", "ccg-cuts")
    said = text(bert.get(f"{PLANS}/ccg-cuts"))
    assert "Moor body" in said
    assert "Dale body" not in said
    assert ada.get(f"{PLANS}/ccg-cuts/effects/dale").status_code == 404
    assert "Its months are not stated" in said
    assert "No risk of the register is named" in said


def test_urgent_actions_are_added_changed_and_overdue_as_of_a_day(valley, cuts, bert):
    tess = browser_of(a_person("tess", Role.FINANCE_LEAD, partner=valley.hill))
    address = f"{PLANS}/hill-cuts/add-urgent-action"
    sent = {"words": "Approve each shift.", "due": "by August", "owner_role": "Chief nurse"}
    assert "Write as much as is known" in text(tess.post(address, sent), 422)
    assert tess.post(address, sent | {"due": "2018-08"}).status_code == 302
    assert UrgentAction.objects.get().code == "approve-each-shift"
    page = f"{PLANS}/hill-cuts?state=provisional&as_of="
    said = text(bert.get(f"{page}2018-09-01"))
    assert "Approve each shift. Due in August 2018, overdue by 1 day" in said
    assert "overdue by" not in text(bert.get(f"{page}2018-08-31"))
    own = f"{PLANS}/hill-cuts/urgent-actions/approve-each-shift"
    done = {"due": "2018-08", "done": "2018-08", "words": "Approve each shift."}
    now = {"seen": seen(tess.get(own))}
    assert "Say what shows that it is done." in text(tess.post(own, done | now), 422)
    done["shown_by"] = "Minutes of August."
    to_come = tess.post(own, done | now | {"done": "2099-01"})
    assert "This day has not come yet" in text(to_come, 422)
    stale = tess.post(own, done | {"seen": "1"})
    assert "Somebody saved a newer state" in text(stale, 409) or stale.status_code == 409
    assert tess.post(own, done | {"seen": seen(tess.get(own))}).status_code == 302
    assert "done August 2018" in text(bert.get(f"{page}2018-09-01"))


def test_a_risk_is_named_for_a_plan_and_taken_off_with_the_reason(valley, cuts, bert):
    risk = {"system": "valley", "code": "ward", "name": "A ward stays open"}
    closed = {"system": "valley", "code": "gone", "name": "Gone", "status": "closed"}
    save_risks(by=None, specs=[RiskSpec(**risk), RiskSpec(**closed)])
    tess = browser_of(a_person("tess", Role.FINANCE_LEAD, partner=valley.hill))
    page, add = f"{PLANS}/hill-cuts", f"{PLANS}/hill-cuts/add-risk"
    package = {"slice_id": valley.slice.pk, "specs": [PlanRiskSpec(line="moor-cuts", risk="ward")]}
    save_plan_risks(by=None, **package)
    assert "Choose one of the list." in text(tess.post(add, {"risk": "gone"}), 422)
    assert tess.post(f"{PLANS}/moor-cuts/add-risk", {"risk": "ward"}).status_code == 404
    assert tess.post(add, {"risk": "ward"})["Location"] == page
    assert tess.post(add, {"risk": "ward"}).status_code == 422  # it is named already
    assert "A ward stays open : not rated" in text(bert.get(page))
    assert "Take off" not in text(bert.get(page))
    own = f"{page}/risks/ward"
    assert "Say why it is taken out." in text(tess.post(own, {"reason": ""}), 422)
    assert tess.post(own, {"reason": "The ward is shut."}).status_code == 302
    said = text(bert.get(page))
    assert "No risk of the register is named" in said
    assert "named as a risk to it no more: A ward stays open. The ward is shut." in said
    assert "named as a risk to it: A ward stays open." in said
    assert Risk.objects.filter(code="ward", status="open").exists()
    # a package that is loaded again says nothing over what a person said
    finn = browser_of(a_person("finn", Role.APPROVER, partner=valley.moor))
    assert finn.post(f"{PLANS}/moor-cuts/risks/ward", {"reason": "Shut."}).status_code == 302
    assert save_plan_risks(by=None, **package).unchanged == 1
    assert "No risk of the register is named" in text(bert.get(f"{PLANS}/moor-cuts"))


def test_a_question_is_answered_in_words_and_earlier_answers_stay(valley, cuts, ada, bert):
    address = f"{HERE}/questions?month=2&state=provisional"
    assert "Nobody has answered yet." in text(bert.get(address))
    sent = {"question": "urgent", "text": "", "signed_as": "System administrator"}
    sent["seen"] = evidence_seen(ada.get(address), "urgent")
    refused = ada.post(address, sent)
    assert "Write what you answer." in text(refused, 422)
    assert "system administrators and site administrators sign, you do not" in text(
        bert.get(address)
    )
    assert "you do not" not in text(ada.get(address))
    role = re.search(r"<option>([^<]+)</option>", ada.get(address).content.decode()).group(1)
    for words in ("Not yet.", "It is, since Monday."):
        sent["seen"] = evidence_seen(ada.get(address), "urgent")
        answer = ada.post(address, sent | {"text": words, "signed_as": role})
        assert answer["Location"] == f"{address}#urgent"
    said = text(bert.get(address))
    assert said.index("It is, since Monday.") < said.index("Earlier answers (1)")
    assert said.index("Earlier answers (1)") < said.index("Not yet.")
    assert AssuranceAnswer.objects.count() == 2
    assert "Not yet." not in text(bert.get(f"{HERE}/questions?month=3&{NOW}"))
    assert bert.post(address, sent).status_code == 404
    assert bert.get(f"{HERE}/questions?month=13").status_code == 404
    rows = table(bert.get(f"{HERE}/questions.csv?month=2"))
    assert [row["words"] for row in rows if row["kind"] == "answer"] == [
        "It is, since Monday.",
        "Not yet.",
    ]


def test_each_question_has_its_evidence_as_worked_by_hand():
    """To August: 1.00 of 1.25 and 0.80 of 0.75 million; the council 0.40 of 0.40 to July."""
    years = ["2017-18", "2018-19"]
    list(generate(systems=1, lines=25, years=years, seed=1, today=date(2018, 9, 12), beside=True))
    sue = browser_of(a_person("sue", Role.SITE_ADMINISTRATOR))
    code = "illustrative-1"
    found = sue.get(
        f"/api/v1/systems/{code}/years/2018-19/questions?state=provisional&as_of=2018-09-12"
    ).json()
    assert found["month"] == 5
    one, two, three, four = found["rows"]

    # 1.80 of 2.00; the forecast is 1.2 + 2.7 + 1.86 of 1.2 + 3.0 + 1.8
    assert one["verdict"] == "no"
    assert "£1.80m of £2.00m planned to August 2018 is achieved, £0.20m behind" in one["sentence"]
    groups = {group["heading"]: group["rows"] for group in one["evidence"]}
    assert "£5.76m of £6.00m, £0.24m short of it" in groups["All plans together"][0]["words"]
    (behind,) = groups["Behind plan, the furthest first"]
    assert behind["words"].startswith("£1.00m of £1.25m")
    assert behind["href"] == f"/systems/{code}/years/2018-19/reduction-plans/acute-reduction"
    (ahead,) = groups["On plan or ahead"]
    assert ahead["words"].startswith("£0.80m of £0.75m")
    (late,) = one["missing"]
    assert late["words"].endswith("to month 4 it was £0.40m of £0.40m")

    # six effects: four understood, one not, of one nobody has said
    assert two["verdict"] == "in-part"
    assert two["sentence"] == (
        "Of 6 stated effects on other partners four are understood, one is not and of one nobody "
        "has said."
    )
    (unsaid,) = next(
        group["rows"] for group in two["evidence"] if group["heading"].startswith("Nobody")
    )
    assert "lose continuing healthcare" in unsaid["words"]
    assert len(two["missing"]) == 3

    assert three["verdict"] in ("in-part", "no")
    named = next(g["rows"] for g in three["evidence"] if g["heading"] == "Risks to reduction plans")
    assert len(named) == 3

    # the hospitals' plan fails; of its three actions one is done, one overdue, one to come
    assert four["verdict"] == "in-part"
    assert four["sentence"] == (
        "1 of 3 plans does not deliver: one has urgent action to be done. "
        "One of the urgent actions is overdue."
    )
    groups = {group["heading"]: group["rows"] for group in four["evidence"]}
    assert groups["Overdue"][0]["words"] == (
        "Offers to forty nurses who applied, due in August 2018, overdue by 12 days"
    )
    assert "December 2018" in groups["Due later"][0]["words"]
    assert "done July 2018" in groups["Done"][0]["words"]


def answered(browser, number: int, query: str) -> dict:
    """One of the four questions as the API answers it."""
    return browser.get(f"{API}/questions?state=provisional&{query}").json()["rows"][number - 1]


def act(valley, line: str, code: str, **more) -> None:
    spec = UrgentActionSpec(line=line, code=code, words=f"Act {code}.", due="2018-08", **more)
    save_urgent_actions(by=None, slice_id=valley.slice.pk, specs=[spec])


def test_a_plan_still_behind_when_all_urgent_action_is_done_is_no_yes(valley, cuts, bert):
    """The trust's plan fails; its one action is done in July, and later a second is begun."""
    act(valley, "hill-cuts", "a", done="2018-07", shown_by="Minutes")
    four = answered(bert, 4, "as_of=2018-08-12")
    assert four["verdict"] == "in-part"
    assert four["sentence"] == (
        "1 of 2 plans does not deliver: one has had all urgent action done. "
        "None of the urgent actions is overdue."
    )
    assert "though all urgent action is done" in four["evidence"][0]["heading"]
    assert answered(bert, 4, "as_of=2018-07-12")["verdict"] == "yes"  # then it was still open
    act(valley, "hill-cuts", "b")
    assert answered(bert, 4, "as_of=2018-08-12")["verdict"] == "yes"
    assert answered(bert, 4, "as_of=2018-09-01")["verdict"] == "in-part"  # overdue


def say(valley, partner: str, understood: bool, on: str) -> None:
    spec = PlanEffectSpec(
        line="moor-cuts", partner=partner, effect="More beds", understood=understood,
        role="Director of Finance", on=on,
    )  # fmt: skip
    save_plan_effects(by=None, slice_id=valley.slice.pk, specs=[spec])


def test_what_was_understood_is_that_of_the_day(valley, cuts, bert):
    """The trust said no in May and yes in July; Dale said yes in July alone."""
    say(valley, "hill", False, "2018-05")
    say(valley, "hill", True, "2018-07")
    say(valley, "dale", True, "2018-07")
    june, august = (answered(bert, 2, f"as_of=2018-{day}") for day in ("06-30", "08-01"))
    assert june["sentence"] == (
        "Of 2 stated effects on other partners none is understood, one is not and of one nobody "
        "has said."
    )
    assert august["sentence"] == "Of 2 stated effects on other partners two are understood."
    plan = bert.get(f"{API}/reduction-plans?state=provisional&as_of=2018-06-30").json()["rows"][1]
    assert (plan["effects"], plan["effects_understood"]) == (2, 0)
    rows = table(bert.get(f"{HERE}/questions.csv?state=provisional&as_of=2018-06-30"))
    assert "May 2018" in next(r["words"] for r in rows if r["heading"] == "Not understood")


def test_an_answer_says_that_its_evidence_is_another_now_and_is_not_there_before(
    valley, cuts, ada, bert
):
    say(valley, "hill", True, "2018-07")
    address = f"{HERE}/questions?month=2&state=provisional"
    role = re.search(r"<option>([^<]+)</option>", ada.get(address).content.decode()).group(1)
    sent = {"question": "understood", "text": "The trust has.", "signed_as": role}
    sent["seen"] = evidence_seen(ada.get(address), "understood")
    assert ada.post(address, sent).status_code == 302
    assert "The evidence stands as when it was signed." in text(bert.get(address))
    assert answered(bert, 2, "month=2")["answers"][0]["differs"] is False
    say(valley, "hill", False, "2018-08")
    said = text(bert.get(address))
    assert (
        "The evidence is another now. When this was signed it said: In part. Of 1 stated effect on "
        "other partners one is understood." in said
    )
    assert answered(bert, 2, "month=2")["answers"][0]["differs"] is True
    assert "over provisional figures, which are not those shown here" in text(
        bert.get(f"{HERE}/questions?month=2&state=published")
    )
    rows = table(bert.get(f"{HERE}/questions.csv?month=2&state=provisional"))
    assert [row["differs"] for row in rows if row["kind"] == "answer"] == ["true"]
    before = "month=2&as_of=2018-08-31"
    assert answered(bert, 2, before)["answers"] == []
    assert "The trust has." not in text(bert.get(f"{HERE}/questions?{before}"))
    rows = table(bert.get(f"{HERE}/questions.csv?{before}"))
    assert "answer" not in {row["kind"] for row in rows}


def test_an_answer_over_evidence_that_moved_meanwhile_is_asked_for_again(valley, cuts, ada):
    say(valley, "hill", True, "2018-07")
    address = f"{HERE}/questions?month=2&state=provisional"
    page = ada.get(address)
    role = re.search(r"<option>([^<]+)</option>", page.content.decode()).group(1)
    sent = {"question": "understood", "text": "The trust has.", "signed_as": role}
    say(valley, "hill", False, "2018-08")
    again = ada.post(address, sent | {"seen": evidence_seen(page, "understood")})
    said = text(again, 409)
    assert "The evidence is another than when you opened this page." in said
    assert "Of 1 stated effect on other partners none is understood" in said
    assert "The trust has." in said  # what was typed
    assert ada.post(address, sent).status_code == 409  # who never read it
    assert not AssuranceAnswer.objects.exists()
    sent["seen"] = evidence_seen(again, "understood")
    assert ada.post(address, sent).status_code == 302


def test_who_signs_after_another_reads_their_answer_first(valley, cuts, ada):
    address = f"{HERE}/questions?month=2&state=provisional"
    carl = browser_of(a_person("carl", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    role = re.search(r"<option>([^<]+)</option>", ada.get(address).content.decode()).group(1)
    sent = {"question": "urgent", "signed_as": role}
    sent["seen"] = evidence_seen(ada.get(address), "urgent")  # of both, before either signs
    other = evidence_seen(ada.get(address), "risks")
    assert ada.post(address, sent | {"text": "One says no."}).status_code == 302
    again = carl.post(address, sent | {"text": "Two says yes."})
    said = text(again, 409)
    assert "Somebody signed an answer to this question since you opened this page." in said
    assert "One says no." in said
    assert "Two says yes." in said  # what was typed
    assert AssuranceAnswer.objects.count() == 1
    sent["seen"] = evidence_seen(again, "urgent")
    assert carl.post(address, sent | {"text": "Two says yes."}).status_code == 302
    risks = {"question": "risks", "text": "They are.", "signed_as": role, "seen": other}
    assert carl.post(address, risks).status_code == 302  # of another question nobody answered


def test_an_urgent_action_that_moves_says_why_and_from_when(valley, cuts, bert):
    """Due in August 2018, it is moved today: until then it was overdue, and still says so."""
    act(valley, "hill-cuts", "a")
    tess = browser_of(a_person("tess", Role.FINANCE_LEAD, partner=valley.hill))
    own = f"{PLANS}/hill-cuts/urgent-actions/a"
    sent = {"seen": seen(tess.get(own)), "words": "Act a.", "due": "2099-01"}
    assert "Say why the date moves." in text(tess.post(own, sent), 422)
    assert tess.post(own, sent | {"moved_because": "Nobody applied"}).status_code == 302
    now = "as_of=2098-12-31"
    assert (
        "Act a. Due in January 2099, moved from August 2018 (Nobody applied)."
        in text(bert.get(f"{PLANS}/hill-cuts?state=provisional&{now}"))
    )  # fmt: skip
    later = next(g for g in answered(bert, 4, now)["evidence"] if g["heading"] == "Due later")
    assert later["rows"][0]["words"] == "Act a, due in January 2099, moved from August 2018"
    past = answered(bert, 4, "as_of=2018-09-02")
    overdue = next(g for g in past["evidence"] if g["heading"] == "Overdue")
    assert overdue["rows"][0]["words"] == "Act a, due in August 2018, overdue by 2 days"
    plan = bert.get(f"{API}/reduction-plans?state=provisional&as_of=2018-09-02").json()["rows"][0]
    assert (plan["urgent_open"], plan["urgent_overdue"]) == (1, 1)
    dues = bert.get("/api/v1/systems/valley/calendar?as_of=2018-09-02&kind=urgent").json()
    assert [(row["when"], row["standing"]) for row in dues["rows"]] == [("2018-08", "overdue")]
    new = tess.get(f"{PLANS}/hill-cuts/add-urgent-action").content.decode()
    assert "Why its date moves" not in new  # a first date has not moved


def test_the_first_question_names_the_position_of_the_system(valley, cuts, bert):
    one = answered(bert, 1, "month=2")
    assert {"the forecast of the system is not stated"} <= {row["words"] for row in one["missing"]}
    position = valley.line(valley.moor, "position", "moor-position")
    valley.plan({position: evenly("1_200_000")})
    report(position, 2, "-1_000_000", "-3_000_000")
    Figures(valley.slice)
    one = answered(bert, 1, "month=2")
    (said,) = one["evidence"][0]["rows"]
    assert one["evidence"][0]["heading"] == "The system's position"
    assert "forecasts a deficit of £3.0m for 2018/19" in said["words"]
    assert said["words"].endswith("Against the plan, a surplus of £1.2m, it is £4.2m adverse.")
    page = text(bert.get(said["href"]))
    assert "forecasts a deficit of £3.0m for 2018/19" in page


@pytest.mark.parametrize("address", [f"{PLANS}?{NOW}", f"{HERE}/questions?{NOW}"])
def test_pages_of_plans_have_as_many_queries_for_3_as_for_30(
    bert, valley, cuts, address, query_count
):
    risk = RiskSpec(system="valley", code="beds", name="Beds", rating="high")
    save_risks(by=None, specs=[risk])
    bert.get(address)  # keeps what every page shows
    first = query_count(lambda: bert.get(address))
    for number in range(30):
        code = f"more-{number}"
        valley.line(valley.moor, "reduction-plan", code)
        here = {"by": None, "slice_id": valley.slice.pk}
        action = UrgentActionSpec(line=code, code="a", words="Act", due="2018-08")
        save_urgent_actions(specs=[action], **here)
        save_plan_effects(specs=[PlanEffectSpec(line=code, partner="hill", effect="More")], **here)
    assert query_count(lambda: bert.get(address)) == first
