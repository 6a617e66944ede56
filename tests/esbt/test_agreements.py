"""Agreements: who has still to sign, when they run out, and their forms."""

import csv
from datetime import date
from io import StringIO

import pytest

from schemes.governance.agreements import agreement_of, signed, standing
from schemes.models import Agreement, AgreementParty, RowVersion, SignOff
from schemes.people.roles import Role
from tests.esbt.funded import a_sign_off, an_agreement
from tests.factories import a_person, a_pool
from tests.outcomes.test_outcomes_page import browser, text

pytestmark = pytest.mark.django_db

LIST = "/systems/valley/agreements"
PAGE = f"{LIST}/s75"


@pytest.fixture(autouse=True)
def agreed(valley):
    a_pool(valley.slice, valley.moor, valley.dale)
    an_agreement()


@pytest.fixture
def ada(valley):
    return browser(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


@pytest.fixture
def cora(valley):
    return browser(a_person("cora", Role.COMMISSIONER, system=valley.system))


def form(reader, address: str, **typed: str) -> dict[str, str]:
    """What a form holds when it is opened, with something typed over it."""
    found = reader.get(address).context
    held = {item.html_name: item.value() for item in found["form"]}
    ticked = {name: "on" if value is True else value for name, value in held.items()}
    said = {name: value for name, value in ticked.items() if value not in (None, False)}
    return said | {"seen": found["seen"]} | typed


def test_who_has_still_to_approve(valley):
    said = signed(agreement_of(valley.system, "s75"))
    assert (said.words, said.final) == ("Who signs is not stated.", False)  # though it is agreed
    an_agreement(state="proposed")
    said = signed(agreement_of(valley.system, "s75"))
    assert not said.final
    assert said.words == (
        "Nobody has signed. Still to sign: Dale (nothing recorded) and Moor (nothing recorded)."
    )
    a_sign_off(agreement="s75", state="signed", on="2018-03-28")
    a_sign_off("board", agreement="s75", partner="dale", state="delegated", on="2018-04")
    said = signed(agreement_of(valley.system, "s75"))
    assert said.words == (
        "Signed by The council. Still to sign: The board (signed under delegation)."
    )
    a_sign_off(
        "board", agreement="s75", partner="dale", state="ratified", on="2018-04", minute="Minute 4"
    )
    assert signed(agreement_of(valley.system, "s75")).final


@pytest.mark.parametrize(
    ("more", "on", "words"),
    [
        ({}, date(2018, 3, 31), "Agreed, from 1 April 2018."),
        ({}, date(2018, 5, 1), "Agreed, until 31 March 2019."),
        ({}, date(2019, 3, 21), "Runs out in ten days, on 31 March 2019."),
        ({}, date(2019, 3, 31), "Runs out today, on 31 March 2019."),
        ({}, date(2019, 4, 1), "Ran out on 31 March 2019."),
        ({"ends": None}, date(2019, 4, 1), "Agreed. When it ends is not stated."),
        ({"state": "proposed"}, date(2018, 5, 1), "Proposed, and not agreed."),
    ],
)
def test_how_it_stands_on_a_day(valley, more, on, words):
    an_agreement(**more)
    assert standing(agreement_of(valley.system, "s75"), on) == words


def test_a_newer_version_takes_its_place(valley, cora):
    an_agreement(
        code="s75-2", name="Second agreement", starts=date(2019, 4, 1), ends=None, supersedes="s75"
    )
    older = agreement_of(valley.system, "s75")
    assert standing(older, date(2018, 5, 1)) == "Its place was taken by Second agreement."
    assert "Its place is taken by" in text(cora.get(PAGE))
    assert "Takes the place of" in text(cora.get(f"{PAGE}-2"))


def test_what_is_blank_reads_not_stated(cora):
    page = text(cora.get(PAGE))
    assert "Fewer people in hospital" in page
    assert page.count("Not stated") == 6  # of the seven contents
    assert "None. Without a rule nobody but the host bears a variance." in page
    assert "Change this agreement" not in page
    assert "Section 75 agreement" in text(cora.get(LIST))


def test_as_csv(cora):
    rows = list(csv.DictReader(StringIO(cora.get(f"{LIST}.csv").content.decode())))
    assert [(row["agreement"], row["parties"], row["ends"]) for row in rows] == [
        ("s75", "dale; moor", "2019-03-31")
    ]
    a_sign_off(agreement="s75")
    answer = cora.get("/systems/valley/sign-offs.csv").content.decode()
    rows = list(csv.DictReader(StringIO(answer)))
    assert [(row["state"], row["final"], row["on"]) for row in rows] == [
        ("outstanding", "False", "")
    ]


def test_an_agreement_is_added_with_its_parties(ada):
    address = "/systems/valley/add-agreement"
    typed = form(ada, address, name="Alliance agreement", kind="alliance", party_moor="on")
    answer = ada.post(address, typed, follow=True)
    assert answer.redirect_chain == [(f"{LIST}/alliance-agreement", 302)]
    assert AgreementParty.objects.get(agreement__code="alliance-agreement").partner.code == "moor"
    ada.post(address, typed)
    assert Agreement.objects.filter(code="alliance-agreement-2").exists()


def test_parties_change_and_their_history_stays(ada):
    typed = form(ada, f"{PAGE}/change", party_hill="on")
    del typed["party_dale"]
    assert ada.post(f"{PAGE}/change", typed).status_code == 302
    kept = AgreementParty.objects.values_list("partner__code", flat=True)
    assert set(kept) == {"moor", "hill"}
    page = text(ada.get(PAGE))
    assert "Agreement party: Dale: taken away." in page
    assert "Agreement party: Hill: added." in page


def test_what_is_typed_stays_where_a_fault_is(ada):
    typed = form(ada, f"{PAGE}/change", name="Renamed", ends="2017-01-01")
    answer = ada.post(f"{PAGE}/change", typed)
    page = text(answer, 422)
    assert "It ends before it starts." in page
    assert b"Renamed" in answer.content
    assert Agreement.objects.get().name == "Section 75 agreement"


def test_a_newer_state_is_not_overwritten_unseen(ada):
    mine = form(ada, f"{PAGE}/change", version="Third draft")
    ada.post(f"{PAGE}/change", form(ada, f"{PAGE}/change", version="Fourth draft"))
    answer = ada.post(f"{PAGE}/change", mine)
    page = text(answer, 409)
    assert "Somebody saved a newer state of this agreement" in page
    assert "Version : “Fourth draft”" in page
    assert Agreement.objects.get().version == "Fourth draft"
    again = mine | {"seen": answer.context["seen"]}
    assert ada.post(f"{PAGE}/change", again).status_code == 302
    assert Agreement.objects.get().version == "Third draft"


def test_parties_that_changed_meanwhile_are_a_newer_state(ada):
    mine = form(ada, f"{PAGE}/change", version="Third draft")
    ada.post(f"{PAGE}/change", form(ada, f"{PAGE}/change", party_hill="on"))
    assert ada.post(f"{PAGE}/change", mine).status_code == 409


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"state": "signed"}, "Say when the body signed"),
        ({"state": "ratified", "on": "2018-05"}, "Name the minute that ratified it."),
        ({"state": "outstanding", "on": "2018-05"}, "has no date and no minute"),
        ({"state": "signed", "on": "soon"}, "Write as much as is known"),
    ],
)
def test_nothing_is_signed_until_it_is(ada, typed, words):
    address = f"{PAGE}/add-sign-off"
    answer = ada.post(address, form(ada, address, body="Moor Council", **typed))
    page = text(answer, 422)
    assert words in page
    assert b"Moor Council" in answer.content
    assert not SignOff.objects.exists()


def test_a_body_signs(ada):
    address = f"{PAGE}/add-sign-off"
    ada.post(address, form(ada, address, body="Moor Council", partner="moor"))
    item = SignOff.objects.get()
    assert (item.code, item.state) == ("s75-moor-council", "outstanding")
    assert item.agreement.code == "s75"
    change = f"/systems/valley/sign-offs/{item.code}"
    typed = form(ada, change, state="signed", role="Leader", on="2018-04-16")
    page = text(ada.post(change, typed, follow=True))
    assert "Signed by Moor Council. Still to sign: Dale (nothing recorded)." in page
    assert "16 April 2018" in page
    assert "State: from “outstanding” to “signed”" in page
    assert RowVersion.objects.filter(table="signoff").count() == 2


def test_the_same_queries_for_3_and_for_300(valley, cora, query_count):
    a_sign_off("b", agreement="s75")
    cora.get(LIST)  # what the frame of every page keeps
    few = query_count(lambda: cora.get(LIST)), query_count(lambda: cora.get(f"{LIST}.csv"))
    known = {"state": "proposed", "starts": None, "ends": None}
    for number in range(40):
        an_agreement(code=f"a{number}", **known)
        a_sign_off(f"b{number}", agreement=f"a{number}")
    more = query_count(lambda: cora.get(LIST)), query_count(lambda: cora.get(f"{LIST}.csv"))
    assert more == few
