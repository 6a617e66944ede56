"""A pool's variance shared by each kind of rule, worked by hand; properties are in another file."""

import pytest

from esbt.kit.problems import Refused
from finance.pools.risk_share import Part, parse_rule, rule_words, share
from tests.money import pounds

POOL = {"escc": pounds("40_000"), "icb": pounds("60_000")}
NAMES = {"escc": "East Sussex County Council", "icb": "NHS Sussex"}
PROPORTIONAL = {"kind": "proportional"}
SERVICE = {"kind": "service"}
# an overspend of £1,000: the council's reablement £1,500 over, the ICB's £400 and £100 under
PARTS = [
    Part("reablement", "escc", pounds("-1_500")),
    Part("reablement", "icb", pounds("400")),
    Part("equipment", "icb", pounds("100")),
]


def kept(partner):
    return {"kind": "kept", "partner": partner}


def shared(variance, terms, pool=POOL, parts=(), names=None):
    rule = parse_rule(terms, pool)
    return share(variance_pence=variance, contributions=pool, rule=rule, parts=parts, names=names)


def in_pounds(found):
    """Shares by partner, what the risk pool bears and what is carried forward, in whole pounds."""
    amounts = (*found.shares.values(), found.risk_pool_pence, found.carried_forward_pence)
    assert not any(pence % 100 for pence in amounts)
    return [pence // 100 for pence in amounts]


@pytest.mark.parametrize(
    ("variance", "terms", "expected"),
    [
        ("-1_000", PROPORTIONAL, [-400, -600, 0, 0]),
        ("1_000", PROPORTIONAL, [400, 600, 0, 0]),
        ("0", PROPORTIONAL, [0, 0, 0, 0]),
        ("-1_000", {"kind": "fixed", "percent": {"escc": "12.5", "icb": 87.5}}, [-125, -875, 0, 0]),
        ("-1_000", {"kind": "fixed", "percent": {"icb": "100"}}, [0, -1000, 0, 0]),
        ("1_000", kept("escc"), [1000, 0, 0, 0]),
        ("1_000", {"kind": "returned"}, [400, 600, 0, 0]),
        ("-1_000", {"kind": "returned"}, [-400, -600, 0, 0]),
        ("1_000", {"kind": "carried_forward"}, [0, 0, 0, 1000]),
        ("-1_000", {"kind": "carried_forward"}, [0, 0, 0, -1000]),
    ],
)
def test_each_simple_kind(variance, terms, expected):
    assert in_pounds(shared(pounds(variance), terms)) == expected


@pytest.mark.parametrize(
    ("variance", "expected"),
    [
        ("-1_000", [-200, -300, -500, 0]),  # £500 beyond the cap, 40:60
        ("-500", [0, 0, -500, 0]),
        ("-1", [0, 0, -1, 0]),
        ("1_000", [400, 600, 0, 0]),
        ("0", [0, 0, 0, 0]),
    ],
)
def test_a_risk_pool_bears_an_overspend_first(variance, expected):
    terms = {"kind": "risk_pool", "cap_pence": pounds("500"), "then": PROPORTIONAL}
    assert in_pounds(shared(pounds(variance), terms)) == expected


@pytest.mark.parametrize(
    ("variance", "expected"),
    [
        ("-100", [-100, 0, 0, 0]),
        ("-101", [-100, -1, 0, 0]),
        ("-1_300", [-220, -580, 0, -500]),  # 100; 500 to the ICB; 500 forward; 200 of 1,300 left
        ("1_300", [220, 580, 0, 500]),
    ],
)
def test_tiers_are_bands_of_the_size(variance, expected):
    terms = {
        "kind": "tiers",
        "tiers": [
            {"up_to_pence": pounds("100"), "rule": kept("escc")},
            {"up_to_pence": pounds("500"), "rule": kept("icb")},
            {"up_to_pence": pounds("1_000"), "rule": {"kind": "carried_forward"}},
            {"rule": PROPORTIONAL},
        ],
    }
    # kept: 100 and 400; carried: 500; the last 300 in 40:60 is 120 and 180
    assert in_pounds(shared(pounds(variance), terms)) == expected


@pytest.mark.parametrize(
    ("variance", "expected"),
    [("-1_000", [-400, -600, 0, 0]), ("1_000", [0, 0, 0, 1000]), ("0", [0, 0, 0, 0])],
)
def test_over_and_underspend_may_differ(variance, expected):
    terms = {
        "kind": "by_direction",
        "overspend": PROPORTIONAL,
        "underspend": {"kind": "carried_forward"},
    }
    assert in_pounds(shared(pounds(variance), terms)) == expected


def test_each_partner_bears_its_own_services():
    assert in_pounds(shared(pounds("-1_000"), SERVICE, parts=PARTS)) == [-1500, 500, 0, 0]


def test_services_are_borne_although_the_pool_breaks_even():
    parts = [Part("a", "escc", -500), Part("a", "icb", 500)]
    assert shared(0, SERVICE, parts=parts).shares == {"escc": -500, "icb": 500}
    tiers = {"kind": "tiers", "tiers": [{"up_to_pence": 9, "rule": SERVICE}, {"rule": SERVICE}]}
    assert shared(0, tiers, parts=parts).shares == {"escc": -500, "icb": 500}


def test_after_a_risk_pool_services_are_scaled():
    terms = {"kind": "risk_pool", "cap_pence": pounds("400"), "then": SERVICE}
    found = shared(pounds("-1_000"), terms, parts=PARTS)
    assert in_pounds(found) == [-900, 300, -400, 0]  # 600 of 1,000: three fifths of -1,500 and 500


def test_within_a_tier_services_are_scaled():
    terms = {
        "kind": "tiers",
        "tiers": [{"up_to_pence": pounds("400"), "rule": kept("icb")}, {"rule": SERVICE}],
    }
    found = shared(pounds("-1_000"), terms, parts=PARTS)
    assert in_pounds(found) == [-900, -100, 0, 0]  # the ICB: -400 kept, 300 of its services


def test_each_heading_has_its_own_rule():
    terms = {
        "kind": "by_heading",
        "headings": {"reablement": SERVICE, "beds": kept("icb")},
        "otherwise": PROPORTIONAL,
    }
    found = shared(pounds("-1_000"), terms, parts=PARTS)
    # reablement -1,500 and 400; equipment's underspend of 100 in 40:60
    assert in_pounds(found) == [-1460, 460, 0, 0]


def test_headings_after_a_risk_pool_are_scaled():
    headings = {"kind": "by_heading", "headings": {"reablement": SERVICE}, "otherwise": kept("icb")}
    terms = {"kind": "risk_pool", "cap_pence": pounds("400"), "then": headings}
    found = shared(pounds("-1_000"), terms, parts=PARTS)
    # three fifths: reablement -900 and 240; equipment 60
    assert in_pounds(found) == [-900, 300, -400, 0]


def test_a_heading_that_breaks_even_is_scaled_too():
    parts = [
        Part("even", "escc", -500),
        Part("even", "icb", 500),
        Part("over", "icb", -1000),
    ]
    headings = {"kind": "by_heading", "headings": {"even": SERVICE}, "otherwise": kept("icb")}
    terms = {"kind": "risk_pool", "cap_pence": 400, "then": headings}
    found = shared(-1000, terms, parts=parts)
    assert found.shares == {"escc": -300, "icb": 300 - 600}


# the penny


def test_what_rounding_leaves_goes_to_the_largest_fraction():
    # 10 in 3:3:1 is 4.29, 4.29, 1.43
    found = shared(-10, PROPORTIONAL, {"a": 3, "b": 3, "c": 1})
    assert found.shares == {"a": -4, "b": -4, "c": -2}
    assert "The penny that rounding leaves goes to c" in found.explanation[0]


def test_equal_fractions_go_by_partner_whatever_the_order():
    expected = {"a": -34, "b": -33, "c": -33}
    assert shared(-100, PROPORTIONAL, {"a": 1, "b": 1, "c": 1}).shares == expected
    assert shared(-100, PROPORTIONAL, {"c": 1, "b": 1, "a": 1}).shares == expected


def test_a_partner_without_contribution_has_a_share_of_nothing():
    assert shared(-101, PROPORTIONAL, {"a": 1, "b": 1, "c": 0}).shares == {
        "a": -51,
        "b": -50,
        "c": 0,
    }


def test_nearly_a_trillion_pounds_to_the_penny():
    found = shared(-(10**14) + 1, PROPORTIONAL, {"a": 10**14 - 1, "b": 1})
    assert found.shares == {"a": -(10**14) + 2, "b": -1}  # exactly 99,999,999,999,998 and 1


# in words


def test_an_overspend_is_explained():
    found = shared(pounds("-1_000"), PROPORTIONAL, names=NAMES)
    assert found.explanation == (
        "Overspend of £1,000 in proportion to contributions of £100,000: "
        "East Sussex County Council is to put in £40,000 (40.0%) over the year and bears £400; "
        "NHS Sussex is to put in £60,000 (60.0%) over the year and bears £600.",
    )


def test_every_step_is_explained_and_then_the_sum():
    terms = {"kind": "risk_pool", "cap_pence": pounds("400"), "then": SERVICE}
    assert shared(pounds("-1_000"), terms, parts=PARTS, names=NAMES).explanation == (
        "Overspend of £1,000: the risk pool bears £400 first, its cap being £400, and £600 is "
        "left.",
        "After the risk pool: overspend of £600 by the partner of each service, £0.03 of every "
        "£0.05: East Sussex County Council, whose services have an overspend of £1,500, bears "
        "£900; NHS Sussex, whose services have an underspend of £500, gains £300.",
        "In all: East Sussex County Council bears £900; NHS Sussex gains £300; the risk pool "
        "bears £400.",
    )


def test_an_underspend_carried_forward_is_explained():
    terms = {"kind": "carried_forward"}
    assert shared(pounds("1_000"), terms).explanation == (
        "Underspend of £1,000 carried forward to next year: it stays in the pool and is nobody's "
        "share.",
    )


def test_nothing_to_share_is_said():
    assert shared(0, PROPORTIONAL).explanation == (
        "Neither over nor underspent: there is nothing to share.",
    )


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (PROPORTIONAL, "In proportion to contributions."),
        (SERVICE, "By the partner of each service."),
        (kept("escc"), "All by ESCC."),
        (
            {"kind": "fixed", "percent": {"icb": "60.50", "escc": 39.5}},
            "In fixed percentages, ESCC 39.5% and icb 60.5%.",
        ),
        (
            {
                "kind": "by_direction",
                "overspend": {
                    "kind": "tiers",
                    "tiers": [
                        {"up_to_pence": 50000, "rule": kept("icb")},
                        {"up_to_pence": 90000, "rule": PROPORTIONAL},
                        {"rule": kept("escc")},
                    ],
                },
                "underspend": {"kind": "returned"},
            },
            "An overspend (the first £500 all by icb; from £500 to £900 in proportion to "
            "contributions; beyond £900 all by ESCC); an underspend returned in proportion to "
            "contributions.",
        ),
        (
            {
                "kind": "risk_pool",
                "cap_pence": 50000000,
                "then": {
                    "kind": "by_heading",
                    "headings": {"beds": SERVICE},
                    "otherwise": {"kind": "carried_forward"},
                },
            },
            "An overspend first by the risk pool, up to £500,000; everything else (beds by the "
            "partner of each service; every other heading carried forward in the pool to next "
            "year).",
        ),
    ],
)
def test_a_rule_is_said_in_words(terms, words):
    assert rule_words(parse_rule(terms, POOL), {"escc": "ESCC"}) == words


# what is refused


def tiers(*ends):
    rows = [{"rule": PROPORTIONAL} | ({"up_to_pence": end} if end else {}) for end in ends]
    return {"kind": "tiers", "tiers": rows}


def within(levels):
    terms = PROPORTIONAL
    for _ in range(levels - 1):
        terms = {"kind": "by_direction", "overspend": terms, "underspend": PROPORTIONAL}
    return terms


@pytest.mark.parametrize(
    ("terms", "field", "words"),
    [
        (None, "rule", "none is taken by default"),
        ("proportional", "rule", "an object with its kind"),
        ({}, "rule.kind", "Say the kind"),
        ({"kind": "fair"}, "rule.kind", "no such kind"),
        ({"kind": "proportional", "to": "need"}, "rule.to", "leave it out"),
        (
            {"kind": "fixed", "percent": {"escc": "40", "icb": "59.9"}},
            "rule.percent",
            "add to 99.9",
        ),
        ({"kind": "fixed", "percent": {}}, "rule.percent", "add to 0"),
        (
            {"kind": "fixed", "percent": {"escc": "-1", "icb": 101}},
            "rule.percent.escc",
            "0 or more",
        ),
        ({"kind": "fixed", "percent": {"icb": "all"}}, "rule.percent.icb", "Give a percentage"),
        ({"kind": "fixed", "percent": {"icb": "1e-9"}}, "rule.percent.icb", "6 decimals"),
        ({"kind": "fixed", "percent": {"nhs": 100}}, "rule.percent.nhs", "Name one that does"),
        (kept("nhs"), "rule.partner", "'nhs' does not contribute to this pool"),
        ({"kind": "kept"}, "rule.partner", "missing"),
        (
            {"kind": "risk_pool", "cap_pence": -1, "then": PROPORTIONAL},
            "rule.cap_pence",
            "0 or more",
        ),
        (
            {"kind": "risk_pool", "cap_pence": 1.5, "then": PROPORTIONAL},
            "rule.cap_pence",
            "whole pence",
        ),
        ({"kind": "risk_pool", "cap_pence": 1, "then": kept("x")}, "rule.then.partner", "'x'"),
        (tiers(500, 400, None), "rule.tiers[1].up_to_pence", "end higher than the last"),
        (tiers(500, 500, None), "rule.tiers[1].up_to_pence", "end higher than the last"),
        (tiers(500, 900), "rule.tiers[1].up_to_pence", "The last tier has no limit"),
        (tiers(None, None), "rule.tiers[0].up_to_pence", "Tier 1 is not the last"),
        ({"kind": "tiers", "tiers": []}, "rule.tiers", "at least 1"),
        ({"kind": "tiers", "tiers": [5]}, "rule.tiers[0]", "A tier is an object"),
        (
            {"kind": "tiers", "tiers": [{"rule": {"kind": "fair"}}]},
            "rule.tiers[0].rule.kind",
            "no such kind",
        ),
        (
            {"kind": "by_heading", "headings": {"kept": {"kind": "kept"}}, "otherwise": SERVICE},
            "rule.headings.kept.partner",
            "missing",
        ),
        ({"kind": "by_heading", "headings": {"beds": SERVICE}}, "rule.otherwise", "missing"),
        (within(6), "rule" + ".overspend" * 5, "at most 5 deep"),
        (within(300), "rule", "at most 5 deep"),
        (tiers(*range(1, 100), None), "rule", "at most 100 rules"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_place(terms, field, words):
    with pytest.raises(Refused) as refused:
        parse_rule(terms, POOL)
    fault, *_ = (fault for fault in refused.value.faults if fault.field == field)
    assert words in fault.message


def test_rules_lie_five_deep():
    assert sum(shared(-7, within(5)).shares.values()) == -7


def test_all_faults_are_told_at_once():
    terms = {
        "kind": "by_direction",
        "overspend": {"kind": "fixed", "percent": {"escc": "40", "nhs": "50"}},
        "underspend": kept("esht"),
    }
    with pytest.raises(Refused) as refused:
        parse_rule(terms, POOL)
    assert [fault.field for fault in refused.value.faults] == [
        "rule.overspend.percent.nhs",
        "rule.overspend.percent",
        "rule.underspend.partner",
    ]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"pool": {"escc": -1, "icb": 2}}, "contributions.escc", "nought or more"),
        ({"pool": {"escc": 0, "icb": 0}}, "contributions", "Nobody put anything in"),
        ({"pool": {"escc": 10**14}}, "contributions.escc", "under £1,000,000,000,000"),
        ({"pool": {}}, "contributions", "Name each partner"),
        ({"variance": 10**14}, "variance_pence", "under £1,000,000,000,000"),
        ({"terms": SERVICE}, "parts", "Send the parts"),
        ({"terms": within(3) | {"underspend": SERVICE}}, "parts", "Send the parts"),
        ({"parts": [Part("a", "escc", -99)]}, "parts", "£0.99, and the variance is"),
        ({"parts": [Part("a", "nhs", -100)]}, "partner", "'nhs' does not contribute"),
    ],
)
def test_a_pool_that_the_rule_does_not_fit_is_refused(given, field, words):
    values = {"variance": -100, "terms": PROPORTIONAL, "pool": POOL, "parts": ()} | given
    with pytest.raises(Refused) as refused:
        shared(**values)
    assert [fault.field for fault in refused.value.faults] == [field]
    assert words in refused.value.faults[0].message


def test_what_needs_no_contributions_is_shared_without_any():
    pool = {"escc": 0, "icb": 0}
    assert shared(-100, kept("icb"), pool).shares == {"escc": 0, "icb": -100}


def test_a_rule_made_for_another_pool_is_refused():
    rule = parse_rule(kept("icb"), POOL)
    with pytest.raises(Refused, match="'icb' does not contribute"):
        share(variance_pence=-1, contributions={"escc": 1}, rule=rule)
