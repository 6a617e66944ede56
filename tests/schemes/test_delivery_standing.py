"""Where actions and milestones stand as of a date, what waits for what, and how dates slipped."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from esbt.kit.problems import Conflict, Refused
from esbt.kit.when import due_words, last_day
from schemes.delivery.actions import (
    ActionWish,
    after_support,
    counts_of,
    sentence,
    tally,
)
from schemes.delivery.milestones import MilestoneWish, milestone_rows, stream_rows
from schemes.delivery.milestones import sentence as milestones_said
from schemes.delivery.standing import Slip, Standing, over_words, standing_of
from schemes.models import Action, ActionPlan, Milestone, System
from schemes.people.roles import Role
from schemes.services.actions import (
    ActionLinkSpec,
    keep_actions,
    save_action_links,
    save_actions,
)
from schemes.services.progress import report_action
from schemes.services.seen import state_of
from schemes.services.workstreams import report_milestone, save_milestones
from tests.delivery import a_milestone, a_programme, a_review, an_action, rows_on
from tests.factories import a_person

pytestmark = pytest.mark.django_db
AUGUST = date(2018, 8, 1)


@pytest.mark.parametrize(
    ("when", "last", "words"),
    [
        ("2018", "2018-12-31", "due in 2018"),
        ("FY2017-18", "2018-03-31", "due in 2017/18"),
        ("2018-Q3", "2018-09-30", "due in July to September 2018 (quarter 2 of 2018/19)"),
        ("2018-autumn", "2018-11-30", "due in autumn 2018"),
        ("2018-winter", "2019-02-28", "due in winter 2018"),
        ("2018-07", "2018-07-31", "due in July 2018"),
        ("2018-12", "2018-12-31", "due in December 2018"),
        ("2018-07-16", "2018-07-16", "due on 16 July 2018"),
    ],
)
def test_a_due_date_ends_with_the_last_day_that_it_can_mean(when, last, words):
    assert last_day(when).isoformat() == last
    assert due_words(when) == words


def test_july_is_overdue_from_the_first_of_august():
    assert standing_of("2018-07", date(2018, 7, 31)) == Standing.DUE
    assert standing_of("2018-07", AUGUST) == Standing.OVERDUE


def test_done_counts_from_its_day_on():
    done = {"status": "done", "done": "2018-08-02"}
    assert standing_of("2018-07", AUGUST, **done) == Standing.OVERDUE
    assert standing_of("2018-07", date(2018, 8, 2), **done) == Standing.DONE
    assert standing_of("2018-07", AUGUST, status="in-progress", done="2018-07") == Standing.OVERDUE


@pytest.mark.parametrize(
    ("day", "overdue"),
    [
        ("2018-06-30", set()),
        ("2018-07-01", {"1.1"}),
        ("2018-07-16", {"1.1", "2.2"}),
        ("2018-07-20", {"1.1"}),
        ("2018-08-01", {"1.1", "1.2"}),
        ("2018-10-01", {"1.1", "1.2", "2.1"}),
    ],
)
def test_what_is_overdue_as_of_a_day(valley, day, overdue):
    a_review(valley.system)
    rows = rows_on(valley.system, day)
    assert {number for number, row in rows.items() if row.standing == "overdue"} == overdue


def test_how_many_stand_where(valley):
    a_review(valley.system)
    rows = rows_on(valley.system, "2018-08-01")
    found = counts_of(rows.values())
    assert (found.count, found.live, found.overdue, found.due) == (8, 6, 2, 1)
    assert (found.ongoing, found.done, found.undated, found.stopped) == (1, 1, 1, 1)
    assert rows["1.1"].days_over == 32  # since 30 June
    assert sentence(found, AUGUST) == (
        "2 of 6 live actions are overdue as of 1 August 2018; one due later, one done, one ongoing "
        "and one without a date; one stopped."
    )


def test_an_action_waits_for_one_that_is_due_later_or_was_stopped(valley):
    a_review(valley.system)
    assert [o.number for o in rows_on(valley.system, "2018-08-01")["1.2"].blocked_by] == ["2.1"]
    save_actions(by=None, specs=[an_action("2.1", due="2018-06")])
    assert not rows_on(valley.system, "2018-08-01")["1.2"].blocked_by
    link = ActionLinkSpec(system="valley", plan="review", action="1-2", other="2-3", kind="needs")
    save_action_links(by=None, specs=[link])
    assert [o.number for o in rows_on(valley.system, "2018-08-01")["1.2"].blocked_by] == ["2.3"]


def test_actions_without_assurance_are_live_and_in_no_assured_area(valley):
    a_review(valley.system)
    rows = rows_on(valley.system, "2018-08-01")
    assert {number for number, row in rows.items() if row.unassured} == {"2.2", "2.4"}
    assert rows["1.3"].assured  # by its area


def test_filters_and_counts_by_owner(valley):
    a_review(valley.system)
    rows = list(rows_on(valley.system, "2018-08-01").values())

    def found(**asked: str) -> list[str]:
        wish = ActionWish.read(asked)
        return [row.action.number for row in rows if wish.takes(row)]

    assert found(owner="moor") == ["1.2"]
    assert found(body="board", status="due") == ["2.1"]
    assert found(owner="none", area="1") == ["1.1", "1.3", "1.4"]
    assert found(flag="blocked") == ["1.2"]
    assert found(q="moor body") == ["1.2"]  # its owner
    assert found(q="getting home") == ["2.1", "2.2", "2.3", "2.4"]  # their area
    assert found(flag="unassured") == ["2.2", "2.4"]
    assert found(q="chief exec") == ["1.1"]
    assert found(flag="nothing") == found(area="9") == []
    lines = tally(rows, "owner")
    assert [(line.code, line.counts.overdue) for line in lines] == [
        ("moor", 1),
        ("hill", 0),
        ("none", 1),
    ]


def test_what_is_due_after_support_ends(valley):
    a_review(valley.system)
    rows = rows_on(valley.system, "2018-08-01").values()
    plan = ActionPlan.objects.get()
    assert after_support(plan, rows) == 1  # 2.1 in September
    plan.support_ends = ""
    assert after_support(plan, rows) is None


def test_a_report_is_not_saved_over_a_newer_state_and_a_note_always_is(valley):
    a_review(valley.system)
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    action = Action.objects.get(code="1-1")
    seen = state_of(action)
    save_actions(by=None, specs=[an_action("1.1", due="2018-08")])
    changed = {"status": "in-progress"}
    with pytest.raises(Conflict):
        report_action(by=cora, action=action, text="Begun", changed=changed, seen=seen)
    assert not action.notes.exists()
    report_action(by=cora, action=action, text="Begun", changed={}, seen=seen)
    report_action(by=cora, action=action, text="", changed=changed, seen=state_of(action))
    stands = Action.objects.get(code="1-1")
    assert (stands.due, stands.status, stands.notes.get().text) == (
        "2018-08",
        "in-progress",
        "Begun",
    )


@pytest.mark.parametrize(
    ("before", "after", "by"),
    [
        ("2018-07-01", "2018-08-05", "35 days later"),
        ("2018-11", "2018-10-30", "one month earlier"),
        ("2018-11", "2019", "one year later"),
        ("2018-11", "2018", ""),  # the year may mean the same month
        ("2018-11", "FY2019-20", "one year later"),  # November 2018 lies in 2018/19
        ("2018-Q2", "2018-winter", "two quarters later"),
        ("", "2018", ""),
    ],
)
def test_a_move_is_no_more_exact_than_its_dates(before, after, by):
    assert Slip(datetime.now(UTC), "Ada", before, after).by == by


def test_what_is_reached_later_says_so_on_an_earlier_day(valley):
    reached = {"done": "2018-03-09", "status": "done"}
    specs = [a_milestone("framework", **reached), a_milestone("plan", due="2018-04", **reached)]
    save_milestones(by=None, specs=specs)
    early, due = milestone_rows(valley.system, date(2018, 3, 1))
    assert (early.milestone.code, early.reached_later) == ("framework", "on 9 March 2018")
    assert (due.standing, due.reached_later) == (Standing.DUE, "on 9 March 2018")
    after = milestone_rows(valley.system, date(2018, 3, 9))
    assert [(row.standing, row.reached_later) for row in after] == [(Standing.DONE, "")] * 2


def stands(system: System, day: date) -> tuple[str, list[tuple[str, str]]]:
    """When the one milestone is due as of a day, and its moves by then, each with why."""
    (row,) = milestone_rows(system, day)
    return row.milestone.due, [(slip.after, slip.why) for slip in row.slips]


def test_a_move_by_people_keeps_the_past(valley):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    save_milestones(by=None, specs=[a_milestone("offer", due="2018-04")])
    moves = []
    for due, why in (("2099-01", "Law came later"), ("2099-03", "Rain"), ("2018-09", "Dry")):
        moved = {"due": due, "moved_because": why}
        report_milestone(by=cora, milestone=Milestone.objects.get(), changed=moved)
        moves.append((due, why))
        assert stands(valley.system, AUGUST) == ("2018-04", [])
        assert stands(valley.system, timezone.localdate()) == (due, moves)


def test_a_package_puts_a_date_right_and_moves_it_only_with_a_reason_of_its_own(valley):
    """April was loaded wrongly, then May moved to 2099 with why; then 2098 is put right."""
    save_milestones(by=None, specs=[a_milestone("offer", due="2018-04")])
    save_milestones(by=None, specs=[a_milestone("offer", due="2018-05")])
    right = ("2018-05", [("2018-05", "")])
    assert stands(valley.system, AUGUST) == right
    for due in ("2099-12", "2098-12"):
        told = a_milestone("offer", due=due, moved_because="Builders")
        save_milestones(by=None, specs=[told])
        assert save_milestones(by=None, specs=[told]).unchanged == 1
        assert stands(valley.system, AUGUST) == right
    assert stands(valley.system, timezone.localdate()) == (
        "2098-12",
        [("2018-05", ""), ("2099-12", "Builders"), ("2098-12", "")],
    )


def test_what_goes_on_since_today_was_due_before(valley):
    a_review(valley.system)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    said = {"ongoing": True, "owner_role": "Chief Executive"}
    with pytest.raises(Refused, match="Say why the date moves"):
        keep_actions(by=ada, specs=[an_action("1.1", **said)])
    keep_actions(by=ada, specs=[an_action("1.1", moved_because="It has no end", **said)])
    row = rows_on(valley.system, "2018-08-01")["1.1"]
    assert (row.standing, row.due) == (Standing.OVERDUE, "June 2018")
    today = rows_on(valley.system, timezone.localdate().isoformat())["1.1"]
    assert (today.standing, today.due) == (Standing.ONGOING, "ongoing")


def test_milestones_with_every_slip_and_what_waits(valley):
    a_programme(valley.system)
    rows = {row.milestone.code: row for row in milestone_rows(valley.system, AUGUST)}
    assert list(rows) == ["survey", "launch", "offer"]
    offer = rows["offer"]
    assert [slip.words for slip in offer.slips] == [
        "from April 2018 to June 2018",
        "from June 2018 to 30 September 2018",
    ]
    assert [slip.by for slip in offer.slips] == ["two months later", "three months later"]
    assert offer.first_due == "April 2018"
    assert rows["launch"].days_over == 1
    assert [other.code for other in rows["launch"].blocked_by] == ["offer"]
    assert milestones_said(list(rows.values()), AUGUST) == (
        "1 of 3 milestones is overdue as of 1 August 2018, one reached. The date of one has moved. "
        "Next: Offer, due on 30 September 2018."
    )
    wish = MilestoneWish.read({"moved": "yes"})
    assert [code for code, row in rows.items() if wish.takes(row)] == ["offer"]
    (stream,) = stream_rows(valley.system, AUGUST)
    assert (len(stream.projects), len(stream.milestones), stream.overdue) == (1, 2, 1)
    assert stream.next.milestone.code == "offer"


def test_rows_are_read_with_as_many_queries_for_many_as_for_few(valley, query_count):
    a_review(valley.system)
    a_programme(valley.system)

    def read():
        return rows_on(valley.system, "2018-08-01"), stream_rows(valley.system, AUGUST)

    few = query_count(read)
    more = [an_action(f"1.{number}", due="2018-08") for number in range(10, 1010)]
    save_actions(by=None, specs=more)
    first = a_milestone("m-1", workstream="home", due="2018-08")
    save_milestones(by=None, specs=[replace(first, code=f"m-{number}") for number in range(1000)])
    assert len(read()[0]) == 1008
    assert query_count(read) == few <= 9


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "1 day"),
        (99, "99 days"),
        (100, "3 months"),
        (730, "23 months"),
        (731, "2 years"),
        (3040, "8 years"),
        (None, ""),
    ],
)
def test_for_how_long_something_is_overdue(days, words):
    assert over_words(days) == words
