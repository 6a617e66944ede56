"""What a board reads of reduction plans: its next meeting as a paper, and the other years."""

import re
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client

from finance.models import UrgentAction
from finance.services import (
    RiskMoneySpec,
    UrgentActionSpec,
    save_risk_money,
    save_urgent_actions,
)
from schemes.people.roles import Role
from schemes.services.bodies import BodySpec, MeetingSpec, save_bodies, save_meetings
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import Figures, a_person, a_year, evenly, report
from tests.money import pounds

pytestmark = pytest.mark.django_db

YEAR = "/systems/valley/years/2018-19"
MEETING = "/systems/valley/governance/board/next-meeting"
NOW = "state=provisional&as_of=2018-09-12"


@pytest.fixture
def cuts(valley) -> None:
    """The council is to take out 12, the trust 24; to month 2 they achieved 2 of 2 and 3 of 4.

    A board that looks after it meets in October; the system's risk of 19.9 is of this year.
    """
    moor = valley.line(valley.moor, "reduction-plan", "moor-cuts")
    hill = valley.line(valley.hill, "reduction-plan", "hill-cuts")
    valley.plan({moor: evenly("12_000_000"), hill: evenly("24_000_000")})
    report(moor, 2, "2_000_000", "12_000_000")
    report(hill, 2, "3_000_000", "20_000_000")
    board = BodySpec(system="valley", code="board", name="Recovery Board", remit="Finance")
    save_bodies(by=None, specs=[board])
    meeting = MeetingSpec(system="valley", body="board", code="october", on="2018-10-01")
    save_meetings(by=None, specs=[meeting])
    risks = [
        RiskSpec(system="valley", code="whole", name="In-year risk"),
        RiskSpec(system="valley", code="own", name="Own risk", partner="hill"),
    ]
    save_risks(by=None, specs=risks)
    money = RiskMoneySpec(risk="whole", pence=pounds("19_900_000"), stands_as="not-stated")
    save_risk_money(by=None, slice_id=valley.slice.pk, specs=[money])


@pytest.fixture
def bert(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    return browser


def text(answer) -> str:
    plain = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(plain).split())


def test_a_year_without_a_plan_is_switched_to_its_list(bert, valley, cuts):
    a_year(valley.system, "2019-20")
    plan = f"{YEAR}/reduction-plans/moor-cuts"
    years = bert.get(plan).context["switcher"]["years"]
    assert {year["label"]: year["href"] for year in years} == {
        "2019/20": "/systems/valley/years/2019-20/reduction-plans",
        "2018/19": plan,
    }


def test_the_next_meeting_shows_the_plans_the_questions_and_the_risk(bert, valley, cuts):
    """Of the newest year that holds plans: 5 of 36 achieved, 6 planned to date, 32 forecast."""
    a_year(valley.system, "2019-20")
    page = bert.get(f"{MEETING}?{NOW}")
    said = text(page)
    assert "£5.00m of £6.00m planned to May 2018 is achieved, £1.00m behind plan." in said
    paper = page.context["paper"]
    hill, moor = paper["rows"]
    assert (hill["target"].text, hill["achieved"].text, hill["forecast"].text) == (
        "24,000", "3,000", "20,000",
    )  # fmt: skip
    assert [row["judged"].status for row in (hill, moor)] == ["red", "green"]
    assert hill["href"].startswith(f"{YEAR}/reduction-plans/hill-cuts?month=2")
    assert paper["total"]["target"].text == "36,000"
    assert [str(item["evidence"].verdict) for item in paper["questions"]] == [
        "no", "unknown", "no", "no",
    ]  # fmt: skip
    ways = [item["href"].rpartition("#") for item in paper["questions"]]
    assert [anchor for _, _, anchor in ways] == ["improvement", "understood", "risks", "urgent"]
    for way, _, anchor in ways:
        assert f'id="{anchor}"' in bert.get(way).content.decode()
    assert (
        "In-year risk : £19.90m at stake, whether gross or net is not stated; not rated; "
        "no review is stated" in said
    )
    assert f'href="{YEAR}/risks/whole"' in page.content.decode()
    assert "with 1 risk of partners" in said


def test_the_money_of_a_past_day_is_of_its_year_and_of_months_that_were_over(bert, valley, cuts):
    """In June the council says 3 of 3; the system forecasts -2 at first, -3 in May, -9 in June."""
    moor = valley.slice.lines.get(code="moor-cuts")
    report(moor, 3, "3_000_000", "12_000_000")
    position = valley.line(valley.moor, "position", "moor-position")
    valley.plan({position: evenly("1_200_000")})
    report(position, 0, None, "-2_000_000")
    report(position, 2, "-1_000_000", "-3_000_000")
    report(position, 3, "-2_000_000", "-9_000_000")
    Figures(valley.slice)
    says = "£3.00m of £3.00m planned to June 2018 is achieved"
    june = text(bert.get(f"{MEETING}?state=provisional&as_of=2018-06-30"))
    assert says in june
    assert "At month 3 the system forecasts a deficit of £9.0m for 2018/19" in (
        june.replace("On provisional figures at", "At")
    )
    may = text(bert.get(f"{MEETING}?state=provisional&as_of=2018-06-29"))
    assert "£5.00m of £6.00m planned to May 2018 is achieved" in may
    assert "the system forecasts a deficit of £3.0m for 2018/19" in may
    assert "Money is of months that had ended by 29 June 2018" in may
    first = text(bert.get(f"{MEETING}?state=provisional&as_of=2018-05-15"))
    assert "On provisional figures the system forecasts a deficit of £2.0m for 2018/19" in first
    april = text(bert.get(f"{MEETING}?state=provisional&as_of=2018-04-15"))
    assert "is achieved" not in april
    assert "£9.0m" not in april
    before = bert.get(f"{MEETING}?state=provisional&as_of=2018-03-31")
    assert "in a year that you see and that had begun by 31 March 2018" in text(before)
    assert "2018-19" not in before.content.decode().split("<main")[1].split("</main>")[0]
    assert "Money is of months" not in text(bert.get(f"{MEETING}?state=provisional"))


def test_the_headline_counts_urgent_actions(bert, valley, cuts):
    """One is overdue on 12 September and two are due by the meeting of 1 October."""
    urgent = [
        UrgentActionSpec(line="hill-cuts", code=f"u-{n}", words=f"Do {n}", due=due)
        for n, due in enumerate(["2018-08", "2018-09", "2018-10-01", "2018-10-02"])
    ]
    save_urgent_actions(by=None, slice_id=valley.slice.pk, specs=urgent)
    said = text(bert.get(f"{MEETING}?{NOW}"))
    assert (
        "As of 12 September 2018, one of what it follows is overdue, an urgent action of a "
        "reduction plan, and two more are due by then." in said
    )
    assert "No action or milestone that it follows is overdue or due by then." in said
    assert "Nothing that it follows" not in said
    tess = a_person("tess", Role.FINANCE_LEAD, partner=valley.hill)
    moved = replace(urgent[3], due="2099-01", moved_because="Nobody applied")
    save_urgent_actions(by=tess, slice_id=valley.slice.pk, specs=[moved])
    assert "January 2099 moved from 2 October 2018" in text(bert.get(MEETING))
    assert "moved from" not in text(bert.get(f"{MEETING}?{NOW}"))
    UrgentAction.objects.all().delete()
    assert "Nothing that it follows is overdue" in text(bert.get(f"{MEETING}?{NOW}"))


def test_a_body_of_money_without_plans_is_told_so(bert, valley, cuts):
    valley.slice.lines.filter(kind="reduction-plan").update(kind="position")
    assert "No expenditure reduction plan is stated" in text(bert.get(f"{MEETING}?{NOW}"))


def test_a_forecast_of_an_earlier_month_is_told(bert, valley, cuts):
    """In June the council alone reports: the trust's 20 of 24 is that of May."""
    questions = f"{YEAR}/questions?{NOW}&month="
    assert "of an earlier month" not in text(bert.get(f"{questions}2"))
    report(valley.slice.lines.get(code="moor-cuts"), 3, "3_000_000", "12_000_000")
    assert (
        "The forecast for the year is £32.00m of £36.00m, £4.00m short of it; of an earlier month "
        "is the forecast of Hill: hill-cuts (May 2018)." in text(bert.get(f"{questions}3"))
    )


def test_what_a_mitigation_is_worth_is_a_mitigation(bert, valley, cuts):
    listed = "/systems/valley/risks?flag=unmitigated"
    assert "Own risk" in text(bert.get(listed))
    known = {"risk": "own", "pence": pounds("3_000_000"), "stands_as": "gross"}
    money = RiskMoneySpec(mitigation_pence=pounds("2_000_000"), **known)
    save_risk_money(by=None, slice_id=valley.slice.pk, specs=[money])
    assert "Own risk" not in text(bert.get(listed))
    third = bert.get("/api/v1/systems/valley/years/2018-19/questions").json()["rows"][2]
    bare = next(row for row in third["evidence"] if row["heading"] == "Without mitigation")
    assert [row["name"] for row in bare["rows"]] == ["In-year risk"]
