"""What is said about a month: totals of a partner's own paper, and words to the board."""

import pytest
from django.http import Http404

from esbt.kit.problems import Refused
from finance.models import Commentary, PaperTotal
from finance.queries.commentary import commentaries
from finance.queries.entry import entry_lines
from finance.queries.papers import kinds_of, paper_proofs
from finance.services import (
    PaperSpec,
    close_month,
    reopen_month,
    save_paper_total,
    write_commentary,
)
from schemes.people.permissions import roles_in
from schemes.people.roles import Role
from tests.factories import a_person, a_valley, approve, evenly, report
from tests.money import pounds

pytestmark = pytest.mark.django_db

PAPER = {"source": "Report to the board, 24 May 2018", "place": "page 4"}


@pytest.fixture
def line(valley):
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-12_000_000")})
    report(line, 1, "-1_040_000", "-12_500_000")
    return line


def paper(valley, amount: str | None, by=None, **more: object) -> bool:
    pence = None if amount is None else pounds(amount)
    values = {"kind": "position", "measure": "actual"} | PAPER | more
    here = {"slice_id": valley.slice.pk, "partner": valley.moor, "month": 1}
    return save_paper_total(by=by, spec=PaperSpec(pence=pence, **values), **here)


def proofs(valley):
    return paper_proofs(valley.slice, valley.moor, 1, entry_lines(valley.slice, valley.moor, 1))


@pytest.mark.parametrize(
    ("amount", "unit", "outcome"),
    [
        ("-1_040_000", 100, "Agrees"),
        ("-1_000_000", 10_000_000, "Agrees, but for rounding"),
        ("-1_000_000", 100, "The return is £40,000 more adverse than the paper"),
        ("-1_100_000", 10_000_000, "The return is £60,000 more favourable than the paper"),
    ],
)
def test_the_difference_is_said_in_words(valley, line, amount, unit, outcome):
    assert paper(valley, amount, unit_pence=unit)
    (proof,) = proofs(valley)
    assert proof.outcome == outcome
    assert proof.found_pence == pounds("-1_040_000")


def test_plan_and_forecast_are_held_against_theirs(valley, line):
    paper(valley, "-1_000_000", measure="plan")
    paper(valley, "-12_500_000", measure="forecast")
    assert {proof.measure: proof.outcome for proof in proofs(valley)} == {
        "plan": "Agrees",
        "forecast": "Agrees",
    }


def test_the_last_word_on_a_total_counts_and_every_one_is_kept(valley, line):
    assert paper(valley, "-1")
    assert not paper(valley, "-1")
    assert paper(valley, "-2", explanation="A slip")
    assert [(p.printed_pence, p.explanation) for p in proofs(valley)] == [(-200, "A slip")]
    assert paper(valley, None)
    assert proofs(valley) == []
    assert not paper(valley, None, kind="saving")
    assert PaperTotal.objects.count() == 3


def test_a_position_that_nobody_enters_is_income_less_spend(valley):
    income, spend = valley.line(valley.moor, "income"), valley.line(valley.moor, "spend")
    report(income, 1, "100")
    paper(valley, "40")
    assert kinds_of(entry_lines(valley.slice, valley.moor, 1)) == ["position", "income", "spend"]
    assert proofs(valley)[0].outcome == "The return states no such total"
    report(spend, 1, "60")
    assert proofs(valley)[0].outcome == "Agrees"


def test_a_lead_enters_it_and_it_names_its_source(valley, line):
    with pytest.raises(Http404):
        paper(valley, "-1", by=a_person("anna", Role.APPROVER, partner=valley.moor))
    assert paper(valley, "-1", by=a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    for wrong in ({"source": ""}, {"kind": "x"}, {"measure": "x"}, {"place": "a\0"}):
        with pytest.raises(Refused):
            paper(valley, "-2", **wrong)
    with pytest.raises(Refused):
        paper(valley, "99_999_999_999_999")
    assert PaperTotal.objects.count() == 1


# commentary


def say(valley, text: str, by=None, signed_as: str = "System administrator") -> bool:
    here = {"slice_id": valley.slice.pk, "month": 1}
    return write_commentary(by=by, text=text, signed_as=signed_as, **here)


def shut(valley) -> None:
    close_month(by=None, slice_id=valley.slice.pk, month=1, reason="No approver")


def test_words_stand_beside_closed_figures_only(valley, line):
    approve(valley.slice, 1, valley.moor)
    with pytest.raises(Refused, match="Close the month first"):
        say(valley, "All is well.")
    shut(valley)
    assert say(valley, "All is well.")


def test_a_reopened_month_asks_for_new_words(valley, line):
    shut(valley)
    say(valley, "All is well.")
    before = valley.fresh().change
    here = {"slice_id": valley.slice.pk, "partner": valley.moor, "month": 1}
    reopen_month(by=None, reason="A ledger was late", **here)
    assert [words.before_reopening for words in commentaries(valley.slice, 1)] == [True]
    assert [words.before_reopening for words in commentaries(valley.slice, 1, before)] == [False]
    with pytest.raises(Refused, match="Close the month first"):
        say(valley, "It is not.")
    shut(valley)
    assert say(valley, "All is well.")  # the same words, signed again
    assert not say(valley, "All is well.")
    flags = [words.before_reopening for words in commentaries(valley.slice, 1)]
    assert flags == [False, True]


def test_one_signs_as_a_role_that_one_holds_here(valley, line):
    shut(valley)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    other = a_valley("-two")
    a_person("ada", Role.APPROVER, partner=valley.moor)
    a_person("ada", Role.AUDITOR, system=other.system)
    a_person("ada", Role.APPROVER, partner=other.hill)
    assert set(roles_in(ada, valley.system)) == {"System administrator", "Approver, Moor"}
    for role in ("Chief Finance Officer", "Auditor", "Approver, Hill-Two"):
        with pytest.raises(Refused, match="roles that you hold"):
            say(valley, "All is well.", by=ada, signed_as=role)
    assert say(valley, "All is well.", by=ada, signed_as="Approver, Moor")


def test_the_last_words_are_shown_as_they_were_known_and_all_are_kept(valley, line):
    shut(valley)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    assert not say(valley, "")
    assert say(valley, "All is well.", by=ada)
    then = valley.fresh().change
    assert not say(valley, "All is well.", by=ada)
    assert say(valley, "Nearly all is well.", by=ada)
    assert [words.text for words in commentaries(valley.slice, 1)] == [
        "Nearly all is well.",
        "All is well.",
    ]
    (words,) = commentaries(valley.slice, 1, then)
    assert (words.text, words.who, words.signed_as) == (
        "All is well.",
        "ada",
        "System administrator",
    )
    assert say(valley, "", by=ada)
    assert commentaries(valley.slice, 1)[0].text == ""
    assert commentaries(valley.slice, None) == []


@pytest.mark.parametrize("role", [Role.FINANCE_LEAD, Role.APPROVER, Role.COMMISSIONER])
def test_others_write_nothing(valley, line, role):
    shut(valley)
    own = {"system": valley.system} if role == Role.COMMISSIONER else {"partner": valley.moor}
    with pytest.raises(Http404):
        say(valley, "All is well.", by=a_person("pat", role, **own))
    assert not Commentary.objects.exists()


@pytest.mark.parametrize(
    ("text", "signed_as"), [("x" * 10_001, "Director"), ("a\0", "Director"), ("Well.", "")]
)
def test_what_cannot_be_signed_is_refused(valley, line, text, signed_as):
    shut(valley)
    with pytest.raises(Refused):
        say(valley, text, signed_as=signed_as)
