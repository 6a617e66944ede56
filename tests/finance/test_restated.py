"""What was restated: published before and now, by how much, why and by whom."""

import pytest

from finance.models.lines import Kind
from finance.models.outturns import ReturnState
from finance.queries.restated import RestatedFigure, restated
from finance.services import close_month, reopen_month
from schemes.people.roles import Role
from tests.factories import a_person, approve, move, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(valley):
    return a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)


def again(valley, ada, line, actual: str, reason: str = "Restated after audit") -> None:
    here = {"by": ada, "slice_id": valley.slice.pk, "month": line.outturns.get().month}
    reopen_month(partner=line.partner, reason=reason, **here)
    report(line, here["month"], actual)
    close_month(reason="No approver", **here)


def test_both_figures_remain_with_why_and_by_whom(valley, ada):
    line = valley.line(valley.moor)
    report(line, 3, "-10_000_000", "-40_000_000")
    close_month(by=ada, slice_id=valley.slice.pk, month=3, reason="No approver")
    assert restated(valley.slice) == []
    then = valley.fresh().change
    again(valley, ada, line, "-12_000_000")
    (item,) = restated(valley.slice)
    assert (item.partner_name, item.month) == ("Moor body", 3)
    assert (item.reason, item.opened_by, item.who) == ("Restated after audit", "ada", "ada")
    (figure,) = item.figures  # the forecast stayed
    assert (figure.before_pence, figure.after_pence) == (
        pounds("-10_000_000"),
        pounds("-12_000_000"),
    )
    assert figure.words == (
        "Position to date: deficit of £10.0m before, deficit of £12.0m now (£2.0m adverse)"
    )
    assert restated(valley.slice, ceiling=then) == []
    assert restated(valley.slice, partner=valley.hill) == []


def test_each_restatement_is_told_the_latest_first(valley, ada):
    line = valley.line(valley.moor)
    report(line, 3, "-10")
    close_month(by=ada, slice_id=valley.slice.pk, month=3, reason="No approver")
    again(valley, ada, line, "-12", "First")
    again(valley, ada, line, "-11", "Second")
    assert [item.reason for item in restated(valley.slice)] == ["Second", "First"]
    assert [item.figures[0].difference_pence for item in restated(valley.slice)] == [100, -200]


def test_opened_and_closed_again_without_another_figure_restates_nothing(valley, ada):
    line = valley.line(valley.moor)
    report(line, 3, "-10")
    close_month(by=ada, slice_id=valley.slice.pk, month=3, reason="No approver")
    again(valley, ada, line, "-10")
    assert restated(valley.slice) == []


def test_kinds_are_summed_apart_and_a_position_is_worked_out(valley):
    income, spend = valley.line(valley.moor, "income"), valley.line(valley.moor, "spend")
    more = valley.line(valley.moor, "spend", "more")
    for line, amount in ((income, "100"), (spend, "60"), (more, "50")):
        report(line, 1, amount)
    approve(valley.slice, 1, valley.moor)
    move(valley.slice, ReturnState.DRAFT, 1, valley.moor)
    report(spend, 1, "55")
    approve(valley.slice, 1, valley.moor)
    (item,) = restated(valley.slice)
    found = {figure.kind: (figure.before_pence, figure.after_pence) for figure in item.figures}
    assert found == {Kind.POSITION: (-1000, -500), Kind.SPEND: (11000, 10500)}


@pytest.mark.parametrize(
    ("kind", "before", "after", "said"),
    [
        (Kind.SPEND, 100_000_000, 120_000_000, "£1.0m before, £1.2m now (£0.2m adverse)"),
        (Kind.SAVING, None, 120_000_000, "not stated before, £1.2m now"),
        (Kind.CASH, 100_000_000, 100_000_100, "£1,000,000 before, £1,000,001 now (£1 more)"),
        (Kind.POSITION, -100_000_000, -100_000_100, "deficit of £1,000,001 now (£1 adverse)"),
        (Kind.SAVING, 1_000_000, 2_000_000, "£10k before, £20k now (£10k favourable)"),
        (Kind.POSITION, 0, 100_000_000, "break-even before, surplus of £1.0m now"),
    ],
)
def test_words(kind, before, after, said):
    assert said in RestatedFigure(kind, "to date", before, after).words


def test_queries_do_not_depend_on_lines(valley, ada, query_count):
    line = valley.line(valley.moor)
    report(line, 3, "-10")
    close_month(by=ada, slice_id=valley.slice.pk, month=3, reason="No approver")
    again(valley, ada, line, "-12")
    few = query_count(lambda: restated(valley.slice))
    for number in range(30):
        other = valley.line(valley.hill, "spend", f"spend-{number}")
        report(other, 3, "1")
    close_month(by=ada, slice_id=valley.slice.pk, month=3, reason="No approver")
    move(valley.slice, ReturnState.DRAFT, 3, valley.hill)
    report(other, 3, "2")
    approve(valley.slice, 3, valley.hill)
    assert len(restated(valley.slice)) == 2
    assert query_count(lambda: restated(valley.slice)) == few == 3
