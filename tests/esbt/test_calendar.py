"""One calendar of everything that is due: its page, its download, and feeds with their tokens."""

import re
from datetime import date

import icalendar
import pytest
from django.utils import timezone

from esbt.pages.calendar import CalendarWish, between, calendar_of
from finance.services import DeadlineSpec, set_deadlines
from outcomes.models import Metric
from schemes.models import Action, CalendarFeed
from schemes.package.rows import KINDS
from schemes.people.roles import Role
from schemes.services.funds import (
    ConditionSpec,
    ConditionStepSpec,
    FundPlanSpec,
    save_condition_steps,
    save_conditions,
    save_fund_plans,
)
from schemes.services.progress import report_action
from schemes.services.risks import RiskSpec, save_risks
from schemes.services.rows import RowSpec, save_rows
from tests.delivery import a_meeting, a_programme, a_review
from tests.factories import a_person
from tests.outcomes.measured import a_delay

pytestmark = pytest.mark.django_db
CALENDAR = "/systems/valley/calendar"
FEEDS = f"{CALENDAR}/feeds"
JULY = (date(2018, 7, 1), date(2018, 7, 31))


@pytest.fixture
def due(valley):
    """Something of each register in July 2018."""
    a_review(valley.system)
    a_programme(valley.system)
    a_meeting("2018-07-17")
    here = {"system": "valley"}
    save_risks(by=None, specs=[RiskSpec(code="winter", name="Winter", review="2018-07", **here)])
    a_delay(valley.system)
    Metric.objects.filter(code="delays").update(review="2018-07-09")
    years = {"first_year": "2018-19", "last_year": "2018-19"}
    save_fund_plans(by=None, specs=[FundPlanSpec(code="fund", name="Fund", **here, **years)])
    within = here | {"plan": "fund"}
    save_conditions(by=None, specs=[ConditionSpec(code="one", name="One", **within)])
    step = ConditionStepSpec(code="a", condition="one", name="Ask", due="2018-07-20", **within)
    save_condition_steps(by=None, specs=[step])
    datasets = next(kind for kind in KINDS if kind.code == "datasets")
    link = RowSpec(
        register="datasets", code="id", name="One id", values={"due": "2018-07-20"}, **here
    )
    save_rows(by=None, kind=datasets, specs=[link])
    days = DeadlineSpec(month=0, submit_days=8, approve_days=10, close_days=15)
    set_deadlines(by=None, slice_id=valley.slice.pk, specs=[days])
    return valley


@pytest.fixture
def cora(due, client):
    due.person = a_person("cora", Role.COMMISSIONER, system=due.system)
    client.force_login(due.person)
    return client


def test_every_register_stands_in_the_order_of_days(due):
    found = calendar_of(due.system, [due.slice], date(2018, 8, 1))
    july = [(item.on.day, str(item.kind), item.key) for item in between(found, *JULY)]
    assert july == [
        (9, "metric", "delays"),
        (11, "return", "2018-19-3-submitted"),  # eight working days after 30 June
        (13, "return", "2018-19-3-approved"),
        (15, "action", "review-2-2"),
        (17, "meeting", "board-july"),
        (20, "register", "datasets-id"),
        (20, "return", "2018-19-3-closed"),
        (20, "step", "fund-one-a"),
        (31, "action", "review-1-2"),
        (31, "milestone", "launch"),
        (31, "risk", "winter"),
    ]
    by_key = {item.key: item for item in found}
    assert by_key["review-1-2"].words == "due in July 2018"
    assert by_key["review-1-2"].standing == "overdue"
    assert by_key["review-2-2"].standing == "done"
    assert by_key["board-july"].words == "on 17 July 2018"
    assert by_key["board-july"].href == "/systems/valley/governance/board#meetings"
    assert by_key["fund-one-a"].href == "/systems/valley/fund-plans/fund/conditions#condition-one"
    assert by_key["datasets-id"].href == "/systems/valley/registers/datasets/id"
    assert "review-1-3" not in by_key  # ongoing
    wish = CalendarWish.read({"kind": "action", "body": "board"})
    assert [item.key for item in found if wish.takes(item)] == ["review-1-2", "review-2-1"]


def test_the_page_shows_a_month_and_leads_to_others(cora):
    page = cora.get(f"{CALENDAR}?month=2018-07").content.decode()
    assert "11 entries in July 2018" in page
    assert "Due in July 2018" in page
    assert "?month=2018-06" in page
    assert "?month=2018-08" in page
    part = cora.get(f"{CALENDAR}?month=2018-07&kind=meeting", headers={"X-Part": "1"})
    assert "July meeting" in part.content.decode()
    assert "Agree one vision" not in part.content.decode()
    assert "One id (Data sets and record links)" in page
    assert 'href="/systems/valley/registers/datasets/id"' in page
    table = cora.get(f"{CALENDAR}.csv?kind=risk").content.decode().splitlines()
    assert table[1].startswith("risk,winter,Winter,2018-07,2018-07-31,due in July 2018,overdue")


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "0001-02", "2018-13", "2018-Q3", "20"])
def test_a_month_in_which_nothing_can_be_due_is_this_one(cora, month):
    page = cora.get(f"{CALENDAR}?month={month}")
    assert page.status_code == 200
    assert page.context["month"] == f"{timezone.localdate():%Y-%m}"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_there_is_are_days(cora, due, day):
    report = {"text": "Begun.", "changed": {"status": "in-progress"}}
    report_action(by=due.person, action=Action.objects.get(code="1-1"), **report)
    here = "/systems/valley"
    for way in (
        "delivery", "action-plans", "action-plans/review", "action-plans/review/actions/1-1",
        "milestones", "milestones/offer", "workstreams", "workstreams/home", "governance",
        "governance/board", "governance/board/next-meeting", "partners/moor", "risks",
        "years/2018-19/reduction-plans", "years/2018-19/questions", "actions.csv",
        "milestones.csv", "registers/datasets",
    ):  # fmt: skip
        assert cora.get(f"{here}/{way}?as_of={day}").status_code == 200, way
    for way in ("actions", "milestones", "workstreams", "calendar", "risks"):
        assert cora.get(f"/api/v1{here}/{way}?as_of={day}").status_code == 200, way


def test_it_opens_on_today_and_says_where_something_is_due(cora, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2020, 3, 2))
    page = text_of(cora.get(f"{CALENDAR}?kind=action"))
    assert "Nothing that is looked for is due in March 2020." in page
    assert (
        "The last month before it with something due is "
        '<a href="?month=2018-09&amp;kind=action">September 2018</a>.' in page
    )
    assert "Nothing comes after it." in page
    first = text_of(cora.get(f"{CALENDAR}?kind=action&month=2010-01"))
    assert "Nothing was due before it. The next is <a" in first


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def made(browser) -> str:
    """The address of a new feed, as its page shows it once."""
    page = browser.post(FEEDS, {"act": "open"})
    assert page["Cache-Control"] == "no-store"
    return re.search(r"http://testserver(/calendar/[\w-]+\.ics)", page.content.decode()).group(1)


def test_a_feed_is_a_calendar_that_says_how_exact_a_date_is(cora, client):
    address = made(cora)
    client.logout()
    answer = client.get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    events = {
        str(event["uid"]): event
        for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    }
    vision = events["action-review-1-2@testserver"]
    assert vision["dtstart"].dt == date(2018, 7, 31)
    assert str(vision["summary"]) == "Action: 1.2 Agree one vision (due in July 2018)"
    assert str(vision["url"]).endswith("/systems/valley/action-plans/review/actions/1-2")
    assert "Health Board" in str(vision["description"])
    meeting = events["meeting-board-july@testserver"]
    assert str(meeting["summary"]) == "Health Board: July meeting"
    assert "action-review-2-2@testserver" not in events  # it is done


def test_nothing_else_opens_with_a_feeds_token(cora, client):
    address = made(cora)
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    assert not CalendarFeed.objects.filter(digest=token).exists()
    client.logout()
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/systems/valley/calendar", headers=bearer).status_code == 401
    assert client.get(CALENDAR, headers=bearer).status_code == 302
    assert client.post(address).status_code == 405


def test_a_feed_ends_when_it_is_revoked_or_its_person_may_not_read_on(cora, due, client):
    first, second, third = made(cora), made(cora), made(cora)
    feeds = list(CalendarFeed.objects.order_by("pk"))
    stranger = client.__class__()
    stranger.force_login(a_person("bo", Role.BOARD_MEMBER, system=due.system))
    sent = {"act": "revoke", "feed": feeds[0].pk}
    assert stranger.post(FEEDS, sent).status_code == 404
    assert client.get(first).status_code == 200
    assert cora.post(FEEDS, sent).status_code == 302
    assert client.get(first).status_code == 404
    assert cora.post(FEEDS, sent).status_code == 404  # it is ended already
    user = feeds[1].user
    user.grants.update(ends=date(2018, 1, 1))
    assert client.get(second).status_code == 404
    user.grants.update(ends=None)
    assert client.get(third).status_code == 200
    user.is_active = False
    user.save()
    assert client.get(third).status_code == 404
    assert client.get("/calendar/nothing.ics").status_code == 404
