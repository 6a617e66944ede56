"""Contracts, transfers and the headings under which figures are grouped."""

import pytest
from django.db import transaction

from esbt.kit.problems import Refused
from finance.models import Heading, Line
from finance.services import LineSpec, save_lines
from schemes.models import Pool, Scheme, Theme
from schemes.services.plan import SchemeSpec, save_schemes
from tests.factories import approve, evenly, report, two_legs
from tests.money import pounds

pytestmark = pytest.mark.django_db


def leg(code: str, partner: str, kind: str, other: str, other_leg: str, **more: object) -> LineSpec:
    return LineSpec(
        code=code,
        name=code,
        partner=partner,
        kind=kind,
        counterparty=other,
        counter_line=other_leg,
        **more,
    )


@pytest.fixture
def contract(valley):
    """The trust's income from the council, which is the council's spend."""
    return made(valley)


def made(valley, **more: object) -> tuple[Line, Line]:
    two_legs(
        valley.slice,
        leg("in", "hill", "income", "moor", "out", **more),
        leg("out", "moor", "spend", "hill", "in", **more),
    )
    return Line.objects.get(code="in"), Line.objects.get(code="out")


# contracts


def test_what_both_sides_agree_goes_out_of_gross_income_and_spend(valley, contract):
    income, spend = contract
    report(income, 1, "100", "1200")
    report(spend, 1, "80", "1250")
    at = valley.figures()
    for kind in ("income", "spend"):
        agreed = at(1, kind=kind, level="eliminated")
        assert (agreed.actual_pence, agreed.forecast_pence) == (pounds("80"), pounds("1200"))
    assert at(1, kind="income").actual_pence == pounds("100")


def test_what_they_do_not_agree_is_shown_with_the_way_it_flatters(valley, contract):
    income, spend = contract
    valley.plan({income: evenly("1200"), spend: evenly("1320")})
    report(income, 1, "100")
    report(spend, 1, "80")
    unagreed = valley.figures()(1, kind="income", level="unagreed")
    assert unagreed.actual_pence == pounds("20")
    assert unagreed.plan_pence == pounds("-120")
    assert unagreed.reported == 2


def test_a_contract_that_one_side_reported_is_not_agreed(valley, contract):
    report(contract[0], 1, "100")
    agreed = valley.figures()(1, kind="income", level="eliminated")
    assert (agreed.actual_pence, agreed.reported) == (None, 1)


def test_positions_add_without_elimination(valley, contract):
    income, spend = contract
    report(income, 1, "100")
    report(spend, 1, "80")
    at = valley.figures()
    assert at(1, valley.hill).actual_pence == pounds("100")
    assert at(1, valley.moor).actual_pence == pounds("-80")
    assert at(1).actual_pence == pounds("20")


def test_a_contract_that_ended_stays_agreed_as_its_figures_stay_gross(valley):
    income, spend = made(valley, last_month=6)
    report(income, 6, "100", "100")
    report(spend, 6, "80", "80")
    at = valley.figures()
    assert at(8, kind="income").actual_pence == pounds("100")
    agreed = at(8, kind="income", level="eliminated")
    assert (agreed.actual_pence, agreed.forecast_pence) == (pounds("80"), pounds("80"))


def test_agreed_forecasts_are_carried_as_gross_ones_are(valley, contract):
    for line in contract:
        report(line, 3, forecast="1200")
    assert valley.figures()(5, kind="spend", level="eliminated").forecast_pence == pounds("1200")


def test_a_contract_is_published_leg_by_leg(valley, contract):
    income, spend = contract
    report(income, 1, "100")
    report(spend, 1, "80")
    approve(valley.slice, 1, valley.hill)
    published = {"kind": "income", "state": "published"}
    assert valley.figures()(1, level="eliminated", **published).actual_pence is None
    approve(valley.slice, 1, valley.moor)
    assert valley.figures()(1, level="eliminated", **published).actual_pence == pounds("80")


def test_legs_that_are_paired_later_are_eliminated_from_then(valley):
    bare = [leg("in", "hill", "income", "moor", ""), leg("out", "moor", "spend", "hill", "")]
    save_lines(by=None, slice_id=valley.slice.pk, specs=bare)
    for line in Line.objects.all():
        report(line, 1, "50")
    assert valley.figures().find(1, kind="income", level="eliminated") is None
    two_legs(valley.slice, leg("in", "hill", "income", "moor", "out"), bare[1])
    agreed = valley.figures()(1, kind="spend", level="eliminated")
    assert agreed.actual_pence == pounds("50")


@pytest.mark.parametrize("names", ["in", "out"])
def test_one_leg_naming_the_other_is_enough(valley, names):
    specs = [
        leg("in", "hill", "income", "moor", "out" if names == "in" else ""),
        leg("out", "moor", "spend", "hill", "in" if names == "out" else ""),
    ]
    save_lines(by=None, slice_id=valley.slice.pk, specs=specs)
    for line in Line.objects.all():
        report(line, 1, "50")
    assert valley.figures()(1, kind="income", level="eliminated").actual_pence == pounds("50")


def test_a_leg_has_one_other_end(valley, contract):
    third = leg("also", "hill", "income", "moor", "out")
    with pytest.raises(Refused) as refused, transaction.atomic():
        save_lines(by=None, slice_id=valley.slice.pk, specs=[third])
    assert refused.value.faults[0].field == "counter_line"


def test_the_other_end_names_this_partner(valley):
    other = valley.line(valley.moor, "spend", "out", counterparty="dale")
    with pytest.raises(Refused) as refused:
        save_lines(
            by=None,
            slice_id=valley.slice.pk,
            specs=[leg("in", "hill", "income", "moor", other.code)],
        )
    assert refused.value.faults[0].field == "counter_line"


# transfers


def test_transfers_net_to_nothing_and_what_does_not_shows(valley):
    two_legs(
        valley.slice,
        leg("to-hill", "moor", "transfer", "hill", "from-moor"),
        leg("from-moor", "hill", "transfer", "moor", "to-hill"),
    )
    out, into = Line.objects.get(code="to-hill"), Line.objects.get(code="from-moor")
    report(out, 1, "-30")
    report(into, 1, "30")
    report(out, 2, "-50")
    report(into, 2, "45")
    at = valley.figures()
    assert at(1, kind="transfer").actual_pence == 0
    assert at(1, kind="transfer", level="unagreed").actual_pence == 0
    assert at(2, kind="transfer", level="unagreed").actual_pence == pounds("-5")
    assert at.find(1, kind="transfer", level="eliminated") is None


# levels


def test_headings_within_a_partner_and_the_system(valley):
    pay = Heading.objects.create(code="pay", name="Pay")
    for partner, amount in ((valley.moor, "10"), (valley.hill, "30")):
        report(valley.line(partner, "spend", heading="pay"), 1, amount)
        report(valley.line(partner, "spend", f"{partner.code}-other"), 1, "1")
    at = valley.figures()
    at_pay = {"kind": "spend", "level": "heading", "key": pay.pk}
    assert at(1, **at_pay).actual_pence == pounds("40")
    assert at(1, valley.hill, **at_pay).actual_pence == pounds("30")
    assert at(1, valley.hill, kind="spend").actual_pence == pounds("31")
    assert at.find(1, kind="spend", level="heading", key=0) is None


@pytest.fixture
def care(valley):
    """A scheme with a part, each with a saving; the part has the theme of its whole."""
    theme = Theme.objects.create(system=valley.system, code="elderly", name="Elderly")
    whole = Scheme.objects.create(system=valley.system, code="care", name="Care", theme=theme)
    part = Scheme.objects.create(system=valley.system, code="falls", name="Falls", parent=whole)
    report(valley.line(valley.moor, "saving", "own", scheme="care"), 1, "5")
    report(valley.line(valley.hill, "saving", "part", scheme="falls"), 1, "3")
    return theme, whole, part


def test_a_scheme_by_itself_with_its_parts_and_in_its_theme(valley, care):
    theme, whole, part = care
    at = valley.figures()

    def saved(level: str, key: int) -> int | None:
        row = at.find(1, kind="saving", level=level, key=key)
        return row.actual_pence if row else None

    assert saved("scheme", whole.pk) == pounds("5")
    assert saved("scheme", part.pk) == pounds("3")
    assert saved("scheme-tree", whole.pk) == pounds("8")
    assert saved("scheme-tree", part.pk) is None
    assert saved("theme", theme.pk) == pounds("8")


def test_a_part_that_becomes_a_scheme_of_its_own_leaves_its_whole(valley, care):
    _, whole, _ = care
    valley.figures()
    alone = SchemeSpec(system="valley", code="falls", name="Falls")
    save_schemes(by=None, specs=[alone])
    tree = valley.figures()(1, kind="saving", level="scheme-tree", key=whole.pk)
    assert tree.actual_pence == pounds("5")


def test_pools_stand_apart(valley):
    pool = Pool.objects.create(system=valley.system, code="better", name="Better Care Fund")
    report(valley.line(valley.moor, "contribution", pool="better"), 1, "12")
    report(valley.line(valley.moor, "pool-spend", pool="better"), 1, "9")
    at = valley.figures()
    in_pool = {"level": "pool", "key": pool.pk}
    assert at(1, kind="contribution", **in_pool).actual_pence == pounds("12")
    assert at(1, kind="pool-spend", **in_pool).actual_pence == pounds("9")
    assert at.find(1) is None


def test_recurrent_not_and_not_stated_are_three(valley):
    for code, recurrent, amount in (("a", True, "1"), ("b", False, "2"), ("c", None, "4")):
        report(valley.line(valley.moor, "saving", code, recurrent=recurrent), 1, amount)
    at = valley.figures()
    found = [at(1, kind="saving", level="recurrent", key=key).actual_pence for key in (1, 0, -1)]
    assert found == [pounds("1"), pounds("2"), pounds("4")]


def test_savings_are_summed_by_their_type_where_it_is_stated(valley):
    types = (("a", "cash-releasing", "1"), ("b", "cost-avoidance", "2"), ("c", "", "4"))
    for code, saving_type, amount in types:
        report(valley.line(valley.moor, "saving", code, saving_type=saving_type), 1, amount)
    at = valley.figures()
    found = [at(1, kind="saving", level="saving-type", key=key).actual_pence for key in (1, 3)]
    assert found == [pounds("1"), pounds("2")]
    assert at.find(1, kind="saving", level="saving-type", key=0) is None


def test_kinds_are_never_summed_together(valley):
    report(valley.line(valley.moor), 1, "-10")
    report(valley.line(valley.moor, "saving"), 1, "3")
    report(valley.line(valley.moor, "reserve"), 1, "7")
    at = valley.figures()
    assert at(1).actual_pence == pounds("-10")
    assert at(1, kind="saving").actual_pence == pounds("3")
    assert at(1, kind="reserve").actual_pence == pounds("7")
