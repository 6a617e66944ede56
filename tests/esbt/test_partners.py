"""The register of partners: who stands in it, and what is kept of each."""

import pytest

from schemes.models import PartnerCode, PartnerName, Succession
from schemes.people.roles import Role
from schemes.services.actions import save_actions
from schemes.services.bodies import SeatSpec, save_seats
from schemes.services.workstreams import WorkstreamSpec, save_workstreams
from tests.delivery import a_review, an_action
from tests.factories import a_partner, a_person, a_system

pytestmark = pytest.mark.django_db

HERE = "/systems/valley/partners"


@pytest.fixture
def tor(valley):
    """A trust that is no member: it sits in the board, owns an action, and came after a body."""
    a_review(valley.system)
    tor = a_partner("tor", "nhs-trust")
    PartnerName.objects.create(partner=tor, name="TT", note="In the plan", starts="2014-04-01")
    PartnerCode.objects.create(partner=tor, register="ODS", code="RTT", ends="2020-03-31")
    Succession.objects.create(predecessor=a_partner("old"), successor=tor, on="2014-04-01")
    seat = {"body": "board", "code": "a", "role": "Chief Nurse", "starts": "2018-04"}
    save_seats(by=None, specs=[SeatSpec(system="valley", partner="tor", **seat)])
    save_actions(by=None, specs=[an_action("2.5", "Ask patients", owner="tor", due="2018-07")])
    streams = [WorkstreamSpec(system="valley", code="home", name="Going home", lead="tor")]
    save_workstreams(by=None, specs=streams)
    a_system(a_partner("far"), code="elsewhere")
    return tor


@pytest.fixture
def bert(valley, client):
    client.force_login(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    return client


def test_members_stand_first_then_whoever_sits_or_acts_with_their_kin(bert, tor):
    page = bert.get(HERE)
    rows = page.context["rows"]
    assert [(row["entry"].partner.code, row["entry"].place) for row in rows] == [
        ("moor", "Member"),
        ("ccgs", "Reporting group"),
        ("hill", "Member"),
        ("dale", "Member"),
        ("fell", "Member"),
        ("old", "Wider partner"),
        ("tor", "Wider partner"),
    ]
    assert [(row["entry"].seats, row["entry"].actions) for row in rows][-1] == (1, 1)
    assert f'href="{HERE}/tor"' in page.content.decode()


def test_a_partner_without_lines_has_its_names_codes_seats_and_actions(bert, tor):
    page = " ".join(bert.get(f"{HERE}/tor?as_of=2018-08-01").content.decode().split())
    for said in (
        "TT from 1 April 2014", "In the plan", "ODS RTT to 31 March 2020",
        "Old body</a> on 1 April 2014", "Health Board</a>: Chief Nurse, from April 2018",
        "2.5 Ask patients", "Overdue", "Going home",
        "it has no lines in any year",
    ):  # fmt: skip
        assert said in page, said
    assert bert.get(f"{HERE}/far").status_code == 404
    group = bert.get(f"{HERE}/ccgs").content.decode()
    assert f'href="{HERE}/dale"' in group
    assert "Stands for" in group


def test_a_partner_with_lines_leads_to_them_and_they_to_it(bert, valley):
    valley.line(valley.moor, "position", "moor")
    year = "/systems/valley/years/2018-19/partners"
    assert f'<a href="{year}/moor">2018/19</a>' in bert.get(f"{HERE}/moor").content.decode()
    assert f'href="{HERE}/moor"' in bert.get(f"{year}/moor").content.decode()
    assert f'href="{HERE}/hill"' in bert.get(f"{year}/hill").content.decode()  # without lines
    assert f'href="{HERE}"' in bert.get("/systems/valley/delivery").content.decode()


@pytest.mark.parametrize("address", [HERE, f"{HERE}/tor"])
def test_as_many_queries_for_300_partners(bert, tor, query_count, address):
    bert.get(address)
    few = query_count(lambda: bert.get(address))
    seats = [
        SeatSpec(system="valley", body="board", code=f"s{n}", partner=a_partner(f"p{n}").code)
        for n in range(300)
    ]
    save_seats(by=None, specs=seats)
    assert query_count(lambda: bert.get(address)) == few
