"""Whatever the pool, the rule and the outturn: to the penny, with the right sign, in any order."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.pools.risk_share import Part, parse_rule, share
from finance.pools.risk_share.rules import rules_in

EXAMPLES = int(os.environ.get("ESBT_EXAMPLES", "60"))  # ./run prove may ask for more
LARGE = 10**12
HEADINGS = ("beds", "equipment", "reablement")
AMOUNTS = st.integers(-LARGE, LARGE) | st.integers(-200, 200)
PARTNERS = st.sampled_from(["ccg", "escc", "esht", "icb", "spft"])
POOLS = (
    st.dictionaries(PARTNERS, st.integers(0, LARGE), min_size=1)
    | st.dictionaries(PARTNERS, st.integers(0, 2), min_size=2)  # among which fractions tie
).filter(lambda pool: sum(pool.values()))

quickly = settings(max_examples=EXAMPLES, deadline=None, database=None)


@st.composite
def percentages(draw, partners):
    """Percentages in hundredths that add to 100."""
    cuts = sorted(draw(st.integers(0, 10_000)) for _ in partners[1:])
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    named = zip(partners, parts, strict=True)
    return {"kind": "fixed", "percent": {own: f"{part / 100:.2f}" for own, part in named}}


def even_rules(partners):
    """Rules that treat over- and underspend alike."""
    leaves = st.one_of(
        st.sampled_from(
            [{"kind": kind} for kind in ("proportional", "service", "returned", "carried_forward")]
        ),
        st.sampled_from([{"kind": "kept", "partner": partner} for partner in partners]),
        percentages(partners),
    )
    return st.recursive(leaves, _holding_alike, max_leaves=6).filter(_shallow)


def rules(partners):
    def holding(inner):
        return st.one_of(
            _holding_alike(inner),
            st.builds(
                lambda cap, then: {"kind": "risk_pool", "cap_pence": cap, "then": then},
                st.integers(0, LARGE) | st.integers(0, 200),
                inner,
            ),
            st.builds(
                lambda over, under: {
                    "kind": "by_direction",
                    "overspend": over,
                    "underspend": under,
                },
                inner,
                inner,
            ),
        )

    return st.recursive(even_rules(partners), holding, max_leaves=6).filter(_shallow)


def _holding_alike(inner):
    return st.one_of(
        st.builds(
            lambda ends, own, last: {
                "kind": "tiers",
                "tiers": [*({"up_to_pence": end, "rule": own} for end in sorted(ends)), last],
            },
            st.sets(st.integers(1, LARGE) | st.integers(1, 200), max_size=3),
            inner,
            st.builds(lambda rule: {"rule": rule}, inner),
        ),
        st.builds(
            lambda headings, otherwise: {
                "kind": "by_heading",
                "headings": headings,
                "otherwise": otherwise,
            },
            st.dictionaries(st.sampled_from(HEADINGS), inner, min_size=1),
            inner,
        ),
    )


def _shallow(terms):
    """Whether a rule is one that is read: at most five deep, and at most a hundred rules."""
    return _depth(terms) <= 5 and _count(terms) <= 100


def _inner(terms):
    return [
        *(
            terms[name]
            for name in ("then", "overspend", "underspend", "otherwise")
            if name in terms
        ),
        *(tier["rule"] for tier in terms.get("tiers", ())),
        *terms.get("headings", {}).values(),
    ]


def _depth(terms):
    return 1 + max(map(_depth, _inner(terms)), default=0)


def _count(terms):
    return 1 + sum(map(_count, _inner(terms)))


@st.composite
def cases(draw, kinds=rules):
    pool = draw(POOLS)
    partners = sorted(pool)
    part = st.builds(Part, st.sampled_from(HEADINGS), st.sampled_from(partners), AMOUNTS)
    return pool, draw(kinds(partners)), draw(st.lists(part, max_size=8))


def shared(pool, terms, parts):
    return share(
        variance_pence=sum(part.variance_pence for part in parts),
        contributions=pool,
        rule=parse_rule(terms, pool),
        parts=parts,
    )


@quickly
@given(cases())
def test_everything_adds_to_the_variance_to_the_penny(case):
    pool, terms, parts = case
    found = shared(pool, terms, parts)
    assert found.shares.keys() == pool.keys()
    borne = sum(found.shares.values())
    variance = sum(part.variance_pence for part in parts)
    assert borne + found.risk_pool_pence + found.carried_forward_pence == variance
    # so that the partners' sum moves by what the risk pool bears or what is carried, and only then
    kinds = {rule.kind for _, _, rule in rules_in(parse_rule(terms, pool))}
    assert found.risk_pool_pence == 0 or "risk_pool" in kinds
    assert found.carried_forward_pence == 0 or "carried_forward" in kinds
    assert found.explanation


@quickly
@given(cases())
def test_order_changes_nothing(case):
    pool, terms, parts = case
    turned = dict(reversed(pool.items()))
    assert shared(turned, terms, parts[::-1]) == shared(pool, terms, parts)


@quickly
@given(POOLS, AMOUNTS)
def test_who_has_the_odd_pennies_does_not_hang_on_the_order(pool, variance):
    rule = parse_rule({"kind": "proportional"}, pool)
    turned = dict(reversed(pool.items()))
    one, other = (
        share(variance_pence=variance, contributions=own, rule=rule) for own in (pool, turned)
    )
    assert one == other


@quickly
@given(cases(kinds=even_rules))
def test_an_underspend_is_shared_as_an_overspend_of_its_size(case):
    pool, terms, parts = case
    found = shared(pool, terms, parts)
    turned = shared(
        pool, terms, [Part(own.heading, own.partner, -own.variance_pence) for own in parts]
    )
    assert turned.shares == {partner: -pence for partner, pence in found.shares.items()}
    assert turned.carried_forward_pence == -found.carried_forward_pence


@quickly
@given(POOLS, AMOUNTS)
def test_no_share_in_proportion_has_the_wrong_sign_or_is_a_penny_off(pool, variance):
    rule = parse_rule({"kind": "proportional"}, pool)
    found = share(variance_pence=variance, contributions=pool, rule=rule)
    whole = sum(pool.values())
    for partner, pence in found.shares.items():
        assert pence * variance >= 0
        assert abs(pence * whole - variance * pool[partner]) < whole


@quickly
@given(POOLS, AMOUNTS, st.integers(0, LARGE) | st.integers(0, 200))
def test_a_risk_pool_bears_no_more_than_its_cap_and_no_underspend(pool, variance, cap):
    terms = {"kind": "risk_pool", "cap_pence": cap, "then": {"kind": "proportional"}}
    rule = parse_rule(terms, pool)
    found = share(variance_pence=variance, contributions=pool, rule=rule)
    assert -found.risk_pool_pence == min(cap, max(-variance, 0))


@quickly
@given(AMOUNTS, st.lists(st.integers(1, LARGE), min_size=1, max_size=4, unique=True))
def test_a_tier_holds_no_more_than_its_band(variance, ends):
    ends.sort()
    partners = [f"p{place}" for place in range(len(ends) + 1)]
    rows = [{"rule": {"kind": "kept", "partner": partner}} for partner in partners]
    for row, end in zip(rows, ends, strict=False):
        row["up_to_pence"] = end
    pool = dict.fromkeys(partners, 0)
    rule = parse_rule({"kind": "tiers", "tiers": rows}, pool)
    found = share(variance_pence=variance, contributions=pool, rule=rule)
    left = abs(variance)
    for partner, before, end in zip(partners, [0, *ends], [*ends, left], strict=True):
        band = min(left, max(end - before, 0))
        assert abs(found.shares[partner]) == band
        left -= band
    assert left == 0
