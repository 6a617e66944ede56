"""Whatever was put in, spent and ruled in a year: every penny has its bearer, and totals move by
what others bear.
"""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finance.pools.risk_share import parse_rule
from finance.pools.risk_share.rules import heading_faults
from finance.pools.shares import DatedRule, SpendLine, effects, share_year
from finance.pools.what_if import standings, what_if
from tests.finance.test_risk_share_properties import HEADINGS, POOLS, quickly, rules

MONTHS = range(1, 13)
AMOUNTS = st.integers(0, 10**10) | st.integers(0, 300)
OUTSIDE = "far"  # a host that has no position in the system


@st.composite
def spend_lines(draw, partners):
    """A line of some months, planned and reported in each of them, now and then with a gap."""
    first, last = sorted(draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS))))
    plan, actual, planned, spent = {}, {}, 0, 0
    for month in MONTHS:
        if first <= month <= last:
            planned, spent = planned + draw(AMOUNTS), spent + draw(AMOUNTS)
            actual[month] = spent
        plan[month] = planned
    if draw(st.integers(0, 9)) == 0:
        del actual[draw(st.sampled_from(sorted(actual)))]
    return SpendLine(
        code="line",
        name="Line",
        partner=draw(st.sampled_from(partners)),
        heading=draw(st.sampled_from(HEADINGS)),
        outside=draw(st.integers(0, 4)) == 0,
        first_month=first,
        last_month=last,
        plan=plan,
        actual=actual,
    )


@st.composite
def dated_rules(draw, partners):
    """Rules one after another, with months between them that none covers."""
    cuts = sorted(draw(st.sets(st.sampled_from(MONTHS), max_size=4)))
    found = []
    for first, following in pairwise([*cuts, 13]):
        if draw(st.booleans()) or not found:
            terms = draw(rules(partners))
            last = following - 1
            found.append(
                DatedRule(f"from-{first}", "", parse_rule(terms, partners), first, last, False)
            )
    return found


@st.composite
def years(draw):
    pool = draw(POOLS)
    partners = sorted(pool)
    lines = draw(st.lists(spend_lines(partners), min_size=1, max_size=4))
    month = draw(st.sampled_from(MONTHS))
    found = share_year(
        month=month, lines=lines, rules=draw(dated_rules(partners)), contributions=pool, names={}
    )
    # some partners stand in their own row, some in a group's, some in none here
    rows = draw(
        st.dictionaries(st.sampled_from(partners), st.sampled_from(["one", "two", "group"]))
    )
    return pool, lines, found, rows, draw(st.sampled_from([*partners, OUTSIDE]))


@quickly
@given(years())
def test_every_penny_of_a_year_has_its_bearer(case):
    _, _, found, _, _ = case
    reached = [month for item in found.segments for month in range(item.first, item.last + 1)]
    assert reached == list(range(1, found.month + 1))
    if found.shares is None:
        assert found.why_not
        return
    borne = sum(found.shares.values()) + found.risk_pool_pence + found.carried_forward_pence
    assert borne + found.uncovered_pence == found.variance_pence


@quickly
@given(years())
def test_the_systems_total_moves_only_by_what_others_bear(case):
    _, _, found, rows, host = case
    moved, left = effects(found, host=host, rows=rows)
    total = sum(effect.pence for effect in moved.values())
    assert total == -left
    if found.shares is None:
        assert total == 0
        return
    inside = sum(pence for partner, pence in found.shares.items() if partner in rows)
    strangers = sum(found.shares.values()) - inside
    if host in rows:
        assert left == strangers + found.risk_pool_pence + found.carried_forward_pence
    else:  # whose position never was among these
        assert total == inside


@quickly
@given(years(), st.data())
def test_a_what_if_is_the_year_under_one_rule(case, data):
    pool, lines, found, rows, host = case
    rule = parse_rule(data.draw(rules(sorted(pool))), pool)
    one = share_year(
        month=found.month,
        lines=lines,
        rules=[DatedRule("one", "", rule, 1, 12, False)],
        contributions=pool,
        names={},
    )
    if one.variance_pence is None or heading_faults(rule, {x.heading for x in lines} - {""}):
        return  # a what-if refuses headings that no line has
    then = what_if(rule=rule, month=found.month, lines=lines, contributions=pool, names={})
    assert (then.shares, then.risk_pool_pence) == (one.shares, one.risk_pool_pence)
    # of whatever size: positions move by the shares, and the host's by the variance that it loses
    other = data.draw(st.integers(-(10**10), 10**10))
    if not one.variance_pence:
        other = 0
    elif (other < 0) != (one.variance_pence < 0):
        other = -other  # nothing is scaled to the other direction
    then = what_if(
        rule=rule,
        month=found.month,
        lines=lines,
        contributions=pool,
        names={},
        variance_pence=other,
    )
    reported = [(row, row, 1000) for row in ("one", "two", "group")]
    after = standings(reported, now=one, then=then, host=host, rows=rows)
    moved = sum((row.what_if_pence or 0) - 1000 for row in after)
    inside = sum(pence for partner, pence in (then.shares or {}).items() if partner in rows)
    assert moved == inside - (one.variance_pence if host in rows else 0)
