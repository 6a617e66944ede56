"""A pool's description, partners, host and amounts, as whoever keeps pools changes them by page."""

from datetime import date

import pytest

from finance.models import PoolAmount
from finance.queries.pools import pool_book
from schemes.models import Pool, PoolMember, Slice
from schemes.people.roles import Role
from schemes.services.pools import PoolMemberSpec, save_pool_members
from tests.esbt.test_agreements import form
from tests.factories import a_person, a_pool
from tests.finance.pooling import state
from tests.money import pounds
from tests.outcomes.test_outcomes_page import browser, text

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/years/2018-19/pools/fund"


@pytest.fixture
def pool(valley) -> Pool:
    """A fund that Moor and Dale are in; that Moor hosts it is proposed."""
    made = a_pool(valley.slice, valley.moor, valley.dale)
    PoolMember.objects.filter(host=True).update(proposed=True)
    return made


@pytest.fixture
def ada(valley):
    return browser(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


def test_the_page_leads_to_each_form(pool, valley, ada):
    page = ada.get(PAGE).content.decode()
    member = pool.members.get(partner=valley.moor)
    for way in ("change", "add-partner", f"partners/{member.pk}", "amounts/opening"):
        assert f'href="{PAGE}/{way}"' in page
    board = browser(a_person("bo", Role.BOARD_MEMBER, system=valley.system))
    assert f'href="{PAGE}/change"' not in board.get(PAGE).content.decode()


def test_kind_manager_and_scope_are_filled_in(pool, ada):
    address = f"{PAGE}/change"
    shown = form(ada, address, kind="aligned", manager_role="Head of joint care", scope="Beds")
    page = text(ada.post(address, shown, follow=True))
    assert "Kind Aligned" in page
    assert "Pool manager Head of joint care" in page
    assert "Somebody saved a newer state of this budget" in text(
        ada.post(address, shown | {"scope": "Home care"}), 409
    )
    assert Pool.objects.get().scope == "Beds"


def test_a_proposed_host_becomes_agreed_and_gets_its_days(pool, valley, ada):
    member = pool.members.get(partner=valley.moor)
    address = f"{PAGE}/partners/{member.pk}"
    shown = form(ada, address, starts="2018-04-01") | {"host": "on"}
    shown.pop("proposed", None)
    page = text(ada.post(address, shown, follow=True))
    assert "Host Moor Partners" in page
    moor = pool.members.get(partner=valley.moor)  # its first day changed: one row, no second
    assert (moor.host, moor.proposed, moor.starts) == (True, False, date(2018, 4, 1))
    assert ada.post(address, shown).status_code == 404  # the row of before


def test_a_partner_is_added_once_and_is_no_second_host(pool, valley, ada):
    address = f"{PAGE}/add-partner"
    again = form(ada, address, partner="dale")
    assert "in the pool from that day already" in text(ada.post(address, again), 422)
    host = again | {"partner": "hill", "host": "on"}
    assert "one host at a time" in text(ada.post(address, host), 422)
    ada.post(address, again | {"partner": "hill"})
    assert pool.members.filter(partner=valley.hill, host=False).exists()


def test_a_member_that_somebody_else_changed_is_not_overwritten(pool, valley, ada):
    member = pool.members.get(partner=valley.dale)
    address = f"{PAGE}/partners/{member.pk}"
    shown = form(ada, address, note="Mine")
    spec = PoolMemberSpec(system="valley", pool="fund", partner="dale", note="Theirs")
    save_pool_members(by=None, specs=[spec])
    assert "newer state of this partner's part" in text(ada.post(address, shown), 409).replace(
        "&#x27;", "'"
    )
    assert PoolMember.objects.get(pk=member.pk).note == "Theirs"


def test_an_opening_balance_is_stated_with_its_reason(pool, valley, ada):
    address = f"{PAGE}/amounts/opening"
    shown = form(ada, address, pence="-20,000", status="provisional")
    assert "Type the reason." in text(ada.post(address, shown), 422)
    shown["reason"] = "Minute 4"
    page = text(ada.post(address, shown, follow=True))
    assert "Stated by ada on" in page
    assert "Minute 4" in page
    amount = PoolAmount.objects.get()
    assert (amount.code, amount.measure, amount.pence) == ("opening", "opening", -pounds("20_000"))
    late = ada.post(address, shown | {"pence": "5"})
    assert "Somebody saved a newer state of this amount" in text(late, 409)
    assert PoolAmount.objects.count() == 1


def test_an_agreed_amount_changes_under_its_own_code(pool, valley, ada):
    state(valley.slice, "total", "agreed", pounds("100"), status="provisional")
    address = f"{PAGE}/amounts/total"
    assert f'href="{address}"' in ada.get(PAGE).content.decode()
    ada.post(address, form(ada, address, pence="120", status="agreed", reason="Minute 5"))
    book = pool_book(valley.slice, "fund", state="provisional", month=None)
    assert (book.agreed_pence, book.state) == (pounds("120"), "agreed")
    assert [old.pence for old in book.amounts[0].before] == [pounds("100")]


def test_a_doubted_amount_is_settled_and_not_stated(pool, valley, ada):
    state(valley.slice, "total", "agreed", None, status="suspect")
    address = f"{PAGE}/amounts/total"
    shown = form(ada, address, pence="1", reason="So")
    assert "This amount is doubted" in text(ada.post(address, shown), 422)


def test_only_the_four_kinds_are_stated_and_in_an_open_year(pool, valley, ada):
    assert ada.get(f"{PAGE}/amounts/spend").status_code == 404
    Slice.objects.update(status="closed")
    assert ada.get(f"{PAGE}/amounts/opening").status_code == 404
    page = ada.get(PAGE).content.decode()
    assert f'href="{PAGE}/change"' in page
    assert f'href="{PAGE}/amounts/opening"' not in page
