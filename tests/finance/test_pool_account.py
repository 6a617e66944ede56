"""The account of a pool at a quarter's and a year's end, followed by hand.

Moor pays £600,000, Hill £300,000 and Dale £100,000 into a fund of £1,000,000 that Moor hosts; Moor
runs home care (planned £600,000) and Hill nursing (planned £400,000). Home care spends £155,000 in
each quarter and £175,000 in the last, £640,000; nursing £105,000 in each, £420,000. So the pool
spends £1,060,000, £60,000 over its plan: £20,000 by the end of quarter 2 (2 x 5,000 + 2 x 5,000)
and £60,000 at the year's end (3 x 5,000 + 25,000 + 4 x 5,000).
"""

from dataclasses import replace

import pytest

from finance.pools.account import AccountLine, PoolAccount, pool_account
from finance.pools.shares import PoolShares
from tests.money import pounds

PARTNERS = {"dale": "Dale", "hill": "Hill", "moor": "Moor"}

# by quarter: plan and actual to its end of every line
CONTRIBUTIONS = {"moor": "600_000", "hill": "300_000", "dale": "100_000"}
HOME_CARE = ("155_000", "310_000", "465_000", "640_000")
NURSING = ("105_000", "210_000", "315_000", "420_000")


def rows(quarter: int) -> list[AccountLine]:
    def part(year: str) -> int:
        return pounds(year) * quarter // 4

    return [
        *(
            AccountLine("contribution", partner, part(year), part(year))
            for partner, year in CONTRIBUTIONS.items()
        ),
        AccountLine("pool-spend", "moor", part("600_000"), pounds(HOME_CARE[quarter - 1])),
        AccountLine("pool-spend", "hill", part("400_000"), pounds(NURSING[quarter - 1])),
    ]


def an_account(quarter: int, shares: PoolShares | None, **more: object) -> PoolAccount:
    given = {"opening_pence": pounds("25_000"), "host": "moor", "partners": PARTNERS} | more
    return pool_account(rows(quarter), shares=shares, **given)


def shared(shares: dict[str, int], risk_pool: int = 0, carried: int = 0) -> PoolShares:
    """What rules made of a variance."""
    return PoolShares(12, None, None, (), shares, risk_pool, carried, 0, ())


# in proportion to contributions: 60, 30 and 10 per cent of £60,000 overspent
SHARES = shared({"moor": pounds("-36_000"), "hill": pounds("-18_000"), "dale": pounds("-6_000")})


def by_code(account: PoolAccount, name: str) -> dict[str, int | None]:
    return {own.code: getattr(own, name) for own in account.partners}


def test_the_year_end_of_an_overspent_pool():
    account = an_account(4, SHARES)
    assert account.contributions_pence == pounds("1_000_000")
    assert account.spend_pence == pounds("1_060_000")  # 640,000 + 420,000
    assert account.movement_pence == pounds("-60_000")
    assert account.closing_pence == pounds("-35_000")  # 25,000 + 1,000,000 - 1,060,000
    assert account.variance_pence == pounds("-60_000")
    assert account.unshared_pence == 0
    assert by_code(account, "to_pay_pence") == {
        "moor": pounds("36_000"),
        "hill": pounds("18_000"),
        "dale": pounds("6_000"),
    }
    # everybody paid: the pool holds what it opened with, since nothing else was planned
    assert account.settled_pence == pounds("25_000")


def test_a_partner_s_own_account():
    hill = an_account(4, SHARES).partners[1]
    assert (hill.due_pence, hill.paid_pence) == (pounds("300_000"), pounds("300_000"))
    assert (hill.spend_plan_pence, hill.spend_pence) == (pounds("400_000"), pounds("420_000"))
    assert hill.variance_pence == pounds("-20_000")  # of its services; its share is less
    assert hill.share_pence == pounds("-18_000")


def test_the_accounts_of_partners_add_to_the_pool_s():
    shares = shared({"moor": -3, "hill": -1, "dale": 0}, pounds("-10_000"), pounds("-5_000"))
    account = an_account(4, shares)
    assert sum(by_code(account, "paid_pence").values()) == account.contributions_pence
    assert sum(by_code(account, "spend_pence").values()) == account.spend_pence
    # -60,000 less 10,000 of the risk pool, 5,000 carried forward and four pence
    assert account.unshared_pence == pounds("-44_999.96")
    borne = sum(by_code(account, "share_pence").values()) + pounds("-15_000")
    assert borne + account.unshared_pence == account.variance_pence


def test_sharing_moves_the_positions_by_what_no_partner_bears():
    account = an_account(4, SHARES)
    # the whole overspend lies with the host before; after it only its own 36,000
    assert by_code(account, "effect_pence") == {
        "moor": pounds("24_000"),  # -36,000 + 60,000
        "hill": pounds("-18_000"),
        "dale": pounds("-6_000"),
    }
    first = shared({"moor": pounds("-50_000"), "hill": 0, "dale": 0}, pounds("-10_000"))
    borne = by_code(an_account(4, first), "effect_pence")
    assert sum(borne.values()) == pounds("10_000")  # the risk pool relieves the system


def test_a_quarter_stands_to_its_own_end():
    half = shared({"moor": pounds("-12_000"), "hill": pounds("-6_000"), "dale": pounds("-2_000")})
    account = an_account(2, half)
    assert account.contributions_pence == pounds("500_000")
    assert account.spend_pence == pounds("520_000")  # 310,000 + 210,000
    assert account.closing_pence == pounds("5_000")
    assert by_code(account, "to_pay_pence")["moor"] == pounds("12_000")


def test_contributions_paid_late_or_beyond_the_plan_are_settled():
    late = [replace(row, actual_pence=0) if row.partner == "dale" else row for row in rows(4)]
    account = pool_account(late, shares=SHARES, opening_pence=0, host="moor", partners=PARTNERS)
    assert by_code(account, "to_pay_pence")["dale"] == pounds("106_000")
    assert account.settled_pence == 0
    under = shared({"moor": pounds("600"), "hill": pounds("300"), "dale": pounds("100")})
    found = by_code(an_account(1, under), "to_pay_pence")
    assert found["moor"] == pounds("-600")  # to receive


def test_without_a_rule_the_variance_stays_with_the_host():
    account = an_account(4, None)
    assert by_code(account, "share_pence") == dict.fromkeys(PARTNERS)
    assert account.unshared_pence == pounds("-60_000")
    assert by_code(account, "to_pay_pence") == dict.fromkeys(PARTNERS, 0)


def test_without_a_host_nothing_is_said_of_positions():
    account = an_account(4, SHARES, host="")
    assert by_code(account, "effect_pence") == dict.fromkeys(PARTNERS)


def test_lines_outside_the_share_are_told_apart():
    capital = AccountLine("pool-spend", "dale", pounds("10_000"), pounds("12_500"), outside=True)
    account = pool_account(
        [*rows(4), capital], shares=SHARES, opening_pence=None, host="moor", partners=PARTNERS
    )
    assert account.variance_pence == pounds("-62_500")
    assert account.outside_pence == pounds("-2_500")
    assert account.unshared_pence == 0


@pytest.mark.parametrize("missing", ["plan_pence", "actual_pence"])
def test_what_is_not_known_makes_no_sum(missing):
    gap = [replace(row, **{missing: None}) if row.kind == "pool-spend" else row for row in rows(4)]
    account = pool_account(gap, shares=None, opening_pence=0, host="moor", partners=PARTNERS)
    assert account.variance_pence is None
    assert account.unshared_pence is None
    assert (account.closing_pence is None) == (missing == "actual_pence")


def test_an_opening_balance_that_nobody_states():
    account = an_account(4, SHARES, opening_pence=None)
    assert account.closing_pence is None
    assert account.settled_pence is None
    assert account.movement_pence == pounds("-60_000")
