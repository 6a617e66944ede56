"""What risks put at stake: gross, net, neither said; who writes it; two people at once."""

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import InternalError
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Conflict, Refused
from finance.figures.forecast import sums_of
from finance.models import RiskMoney
from finance.queries.risks import risks_of
from finance.services import RiskMoneySpec, keep_risk, save_risk_money, set_year_status
from finance.services.risks import Seen, seen_of
from schemes.models import Change, Risk, Slice
from schemes.people.roles import Role
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_person, a_year
from tests.money import pounds

pytestmark = pytest.mark.django_db


def risk(code: str = "winter", **more: object) -> RiskSpec:
    return RiskSpec(**{"system": "valley", "code": code, "name": code.title(), **more})


def money(
    amount: str | None,
    stands_as: str = "gross",
    mitigation: str | None = None,
    code: str = "winter",
    **more: object,
) -> RiskMoneySpec:
    return RiskMoneySpec(
        risk=code,
        pence=None if amount is None else pounds(amount),
        stands_as=stands_as,
        mitigation_pence=None if mitigation is None else pounds(mitigation),
        **more,
    )


def say(valley, *specs: RiskMoneySpec, by=None) -> Count:
    return save_risk_money(by=by, slice_id=valley.slice.pk, specs=specs)


@pytest.fixture
def winter(valley):
    save_risks(by=None, specs=[risk(partner="moor")])
    return valley


def stake(valley, code: str = "winter"):
    return next(item.stake for item in risks_of(valley.fresh()) if item.code == code)


@pytest.mark.parametrize(
    ("amount", "stands_as", "mitigation", "gross", "net", "counted"),
    [
        ("100", "gross", "30", "100", "70", "70"),
        ("100", "gross", "100", "100", "0", "0"),
        ("100", "gross", None, "100", None, "100"),
        ("70", "net", "30", "100", "70", "70"),
        ("70", "net", None, None, "70", "70"),
        ("19.90", "not-stated", None, None, None, "19.90"),
        ("0", "net", None, None, "0", "0"),
        (None, "not-stated", None, None, None, None),
    ],
)
def test_gross_net_and_what_counts(winter, amount, stands_as, mitigation, gross, net, counted):
    say(winter, money(amount, stands_as, mitigation))
    found = stake(winter)
    wanted = [None if text is None else pounds(text) for text in (gross, net, counted)]
    assert [found.gross_pence, found.net_pence, found.counted_pence] == wanted


def test_sums_split_only_what_states_both(winter):
    save_risks(by=None, specs=[risk(code) for code in ("beds", "pay", "sale", "past", "silent")])
    save_risks(by=None, specs=[risk("sale", status="closed"), risk("past", status="landed")])
    say(
        winter,
        money("100", "gross", "30"),
        money("50", "net", "10", "beds"),
        money("20", "not-stated", None, "pay"),
        money("7", "net", None, "sale"),
        money("9", "net", None, "past"),
    )
    sums = sums_of(risks_of(winter.fresh()))
    # gross 100 + (50 + 10); mitigations 30 + 10; net 70 + 50; and the 20 that nobody splits
    assert sums.gross_pence == pounds("160")
    assert sums.mitigation_pence == pounds("40")
    assert sums.net_pence == sums.gross_pence - sums.mitigation_pence == pounds("120")
    assert sums.counted_pence == pounds("140")


def test_no_amount_is_not_nothing(winter):
    assert sums_of(risks_of(winter.fresh())).counted_pence is None


def test_the_gravest_come_first_and_those_not_rated_last(winter):
    save_risks(
        by=None,
        specs=[
            risk("low", likelihood=1, impact=2),
            risk("high", likelihood=4, impact=5),
            risk("half", likelihood=5),
        ],
    )
    say(winter, money("10", "net", None, "half"))
    assert [item.code for item in risks_of(winter.fresh())] == ["high", "low", "half", "winter"]


def test_money_is_added_changed_and_left_as_it_is(winter):
    assert say(winter, money(None)) == Count(unchanged=1)  # silence about a silent risk
    assert say(winter, money("100")) == Count(created=1)
    assert say(winter, money("100")) == Count(unchanged=1)
    assert say(winter, money("90", reason="A mild autumn")) == Count(updated=1)
    assert say(winter, money(None, "not-stated")) == Count(updated=1)
    assert list(RiskMoney.objects.order_by("change").values_list("pence", flat=True)) == [
        pounds("100"),
        pounds("90"),
        None,
    ]


def test_a_package_says_something_new_over_what_people_said_but_nothing_again(winter):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=winter.moor)
    say(winter, money("100"))
    say(winter, money("60"), by=finn)
    assert say(winter, money("100")) == Count(unchanged=1)
    assert stake(winter).pence == pounds("60")
    assert say(winter, money("90")) == Count(updated=1)
    assert say(winter, money("100")) == Count(updated=1)  # the package was put right again
    assert say(winter, money("90"), by=finn) == Count(updated=1)
    assert say(winter, money("100"), by=finn) == Count(updated=1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (money("-1"), "pence"),
        (money("5", "gross", "-1"), "mitigation_pence"),
        (money("5", "gross", "6"), "mitigation_pence"),
        (money("5", "not-stated", "1"), "stands_as"),
        (money(None, "net", "1"), "pence"),
        (money("5", "both"), "stands_as"),
        (money("5", code="summer"), "risk"),
    ],
)
def test_what_is_refused(winter, wrong, field):
    with pytest.raises(Refused) as caught:
        say(winter, wrong)
    assert [fault.field for fault in caught.value.faults] == [field]
    assert not RiskMoney.objects.exists()


def test_one_bad_row_stores_nothing(winter):
    save_risks(by=None, specs=[risk("beds")])
    for last in (money("-1", code="beds"), money("1")):
        with pytest.raises(Refused):
            say(winter, money("5"), last)
    assert not RiskMoney.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"pence": -1, "stands_as": "gross"},
        {"pence": 5, "stands_as": "gross", "mitigation_pence": 6},
        {"pence": 5, "stands_as": "not-stated", "mitigation_pence": 1},
        {"pence": None, "stands_as": "net", "mitigation_pence": 1},
    ],
)
def test_the_database_refuses_it_too(winter, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskMoney.objects.create(slice=winter.slice, risk=Risk.objects.get(), change=1, **values)


def test_what_was_said_is_never_altered(winter):
    say(winter, money("100"))
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        RiskMoney.objects.update(pence=1)


def test_money_of_a_closed_year_stays(winter):
    say(winter, money("100"))
    set_year_status(by=None, slice_id=winter.slice.pk, status=Slice.Status.CLOSED)
    assert say(winter, money("100")) == Count(unchanged=1)  # a package that is loaded again
    with pytest.raises(Refused) as caught:
        say(winter, money("99"))
    assert caught.value.code == "closed"


def test_who_says_what_is_at_stake(winter):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=winter.moor)
    tess = a_person("tess", Role.FINANCE_LEAD, partner=winter.hill)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=winter.system)
    for by in (tess, a_person("bert", Role.BOARD_MEMBER, system=winter.system)):
        with pytest.raises(Http404):
            say(winter, money("5"), by=by)
    assert say(winter, money("5"), by=finn) == Count(created=1)
    assert say(winter, money("6"), by=ada) == Count(updated=1)
    assert [row.actor for row in RiskMoney.objects.order_by("change")] == [finn, ada]


def test_a_risk_belongs_to_the_system_and_its_money_to_a_year(winter):
    say(winter, money("100"))
    later = a_year(winter.system, "2019-20")
    assert [item.stake.pence for item in risks_of(later)] == [None]  # open, and nobody has said
    set_year_status(by=None, slice_id=later.pk, status=Slice.Status.CLOSED)
    assert risks_of(Slice.objects.get(pk=later.pk)) == []


def test_risks_as_they_were_known(winter):
    say(winter, money("100"))
    known = winter.fresh().change
    say(winter, money("60"))
    save_risks(by=None, specs=[risk(partner="moor", name="Mild", status="closed"), risk("beds")])
    (then,) = risks_of(winter.fresh(), known)
    assert (then.name, then.status, then.stake.pence) == ("Winter", "open", pounds("100"))
    now = {
        item.code: (item.name, item.status, item.stake.pence) for item in risks_of(winter.fresh())
    }
    assert now == {"winter": ("Mild", "closed", pounds("60")), "beds": ("Beds", "open", None)}
    assert risks_of(winter.fresh(), 0) == []


def keep(valley, by, seen, **more: object) -> str:
    return keep_risk(
        by=by,
        slice_=valley.slice,
        risk=risk(partner="moor", **more),
        money=money("5"),
        seen=seen,
        confirmed=True,  # a second one of the name
    )


def test_a_new_risk_gets_a_code_after_its_name(winter):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=winter.moor)
    names = ["Winter", "Winter", "Beds & staff", "Ärger", "???"]
    codes = [keep(winter, finn, None, name=name) for name in names]
    assert codes == ["winter-2", "winter-3", "beds-staff", "arger", "risk"]


def test_saving_over_a_newer_state_is_refused_as_a_whole(winter):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=winter.moor)
    seen = seen_of(winter.slice, Risk.objects.get())
    keep(winter, finn, seen, name="First")
    with pytest.raises(Conflict):
        keep(winter, finn, seen, name="Second")
    assert Risk.objects.get().name == "First"
    keep(winter, finn, seen_of(winter.slice, Risk.objects.get()), name="Second")
    assert Risk.objects.get().name == "Second"


def test_money_that_somebody_else_saved_is_seen_too(winter):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=winter.moor)
    seen = seen_of(winter.slice, Risk.objects.get())
    say(winter, money("4"))
    with pytest.raises(Conflict):
        keep(winter, finn, seen)


def test_a_refused_amount_takes_its_words_with_it(winter):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=winter.moor)
    before = Change.objects.count()
    with pytest.raises(Refused):
        keep_risk(
            by=finn,
            slice_=winter.slice,
            risk=risk(partner="moor", name="New words"),
            money=money("-5"),
            seen=seen_of(winter.slice, Risk.objects.get()),
        )
    assert Risk.objects.get().name == "Winter"
    assert Change.objects.count() == before


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1", "1-²", "1-2-3", f"1-{'9' * 40}"])
def test_a_state_that_no_form_carried_is_none(text):
    assert Seen.read(text) == Seen()


def test_a_state_goes_through_a_form():
    assert Seen.read(str(Seen(12, 7))) == Seen(12, 7)
