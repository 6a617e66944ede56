"""Lines: whose they are, what they count, and that no position is counted twice."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from finance.models import Heading, Line, LineVersion, PositionCover
from finance.services import LineSpec, renew_covers, save_lines
from schemes.models import GroupMember, Pool, Scheme
from schemes.people.roles import Role
from tests.factories import a_partner, a_person

pytestmark = pytest.mark.django_db


def spec(code: str = "pay", **more: object) -> LineSpec:
    return LineSpec(**{"code": code, "name": "Pay", "partner": "moor", "kind": "spend", **more})


def save(valley, *specs: LineSpec, by=None) -> Count:
    return save_lines(by=by, slice_id=valley.slice.pk, specs=specs)


def faults(valley, *specs: LineSpec) -> list[tuple[object, str]]:
    with pytest.raises(Refused) as refused:
        save(valley, *specs)
    return [(fault.row, fault.field) for fault in refused.value.faults]


def test_a_line_is_created_changed_and_left_alone(valley):
    assert save(valley, spec()) == Count(created=1)
    assert save(valley, spec()) == Count(unchanged=1)
    assert save(valley, spec(name="All pay", recurrent=True)) == Count(updated=1)
    line = Line.objects.get()
    assert (line.name, line.recurrent, line.sense) == ("All pay", True, -1)
    assert LineVersion.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "money"}, "kind"),
        ({"calendar": "daily"}, "calendar"),
        ({"code": "Pay & more"}, "line"),
        ({"first_month": 7, "last_month": 6}, "first_month"),
        ({"last_month": 13}, "first_month"),
        ({"partner": "nobody"}, "partner"),
        ({"heading": "nothing"}, "heading"),
        ({"kind": "transfer"}, "counterparty"),
        ({"counterparty": "moor"}, "counterparty"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row(valley, more, field):
    assert faults(valley, spec("fine"), spec(**more, row=2)) == [(2, field)]
    assert not Line.objects.exists()


def test_a_partner_outside_the_system_has_no_line_in_it(valley):
    a_partner("far")
    assert faults(valley, spec(partner="far")) == [(None, "partner")]


@pytest.mark.parametrize("more", [{"partner": "hill"}, {"kind": "income"}])
def test_a_line_keeps_what_it_is(valley, more):
    save(valley, spec())
    assert faults(valley, spec(**more)) == [(None, "line")]


def test_a_line_stands_once_in_what_is_saved(valley):
    assert faults(valley, spec(), spec(name="Other", row=2)) == [(2, "line")]


def test_only_administrators_of_the_system_change_lines(valley):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    with pytest.raises(Http404):
        save(valley, spec(), by=finn)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    assert save(valley, spec(), by=ada) == Count(created=1)


def test_the_number_of_queries_does_not_grow_with_the_lines(valley, django_assert_max_num_queries):
    Heading.objects.create(code="pay", name="Pay")
    specs = [spec(f"pay-{number}", heading="pay") for number in range(300)]
    with django_assert_max_num_queries(20):
        save(valley, *specs)


# positions


def position(partner: str, **more: object) -> LineSpec:
    return LineSpec(
        code=f"{partner}-position", name="Position", partner=partner, kind="position", **more
    )


@pytest.mark.parametrize("order", [("ccgs", "dale"), ("dale", "ccgs")])
def test_a_group_and_its_member_never_both_hold_a_position(valley, order):
    save(valley, position(order[0]))
    assert faults(valley, position(order[1])) == [(None, "line")]
    assert Line.objects.get().partner.code == order[0]


def test_not_even_when_they_are_saved_together(valley):
    assert faults(valley, position("ccgs"), position("dale"))
    assert not Line.objects.exists()


def test_a_member_may_go_on_alone_when_the_group_has_ended(valley):
    save(valley, position("ccgs", last_month=6), position("dale", first_month=7))
    assert faults(valley, position("dale", first_month=6)) == [(None, "line")]
    covers = PositionCover.objects.filter(partner=valley.dale).order_by("months")
    assert [(c.months.lower, c.months.upper) for c in covers] == [(1, 7), (7, 13)]


def test_other_kinds_may_be_held_by_both(valley):
    specs = [spec("one", partner="ccgs"), spec("two", partner="dale")]
    assert save(valley, *specs) == Count(created=2)


def test_a_member_that_joins_a_group_must_not_be_counted_twice(valley):
    save(valley, position("ccgs"), position("hill"))
    GroupMember.objects.create(group=valley.ccgs, member=valley.hill)
    with pytest.raises(Refused):
        renew_covers(by=None)


def test_the_database_itself_counts_a_position_once(valley):
    line = valley.line(valley.ccgs)
    again = {"line": line, "slice": valley.slice, "partner": valley.dale}
    with pytest.raises(IntegrityError, match="position_counted_once"), transaction.atomic():
        PositionCover.objects.create(**again, months=NumericRange(12, 12, "[]"))


# what the table itself refuses


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("line_months", {"first_month": 0}),
        ("line_months", {"last_month": 13}),
        ("line_months", {"first_month": 8, "last_month": 7}),
        ("line_sense_of_kind", {"sense": 1}),
        ("line_sense_of_kind", {"kind": "income"}),
        ("transfer_names_its_counterparty", {"kind": "transfer", "sense": 0}),
        ("line_other_end_is_another", {"counterparty": "its own"}),
        ("line_once", {"code": "other"}),
    ],
)
def test_a_line_that_makes_no_sense_is_not_stored(valley, constraint, values):
    save(valley, spec("other"), spec())
    if "counterparty" in values:
        values = {"counterparty": valley.moor}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Line.objects.filter(code="pay").update(**values)


def test_a_line_hangs_on_one_thing(valley):
    save(valley, spec())
    with pytest.raises(IntegrityError, match="line_hangs_on_one_thing"), transaction.atomic():
        Line.objects.update(**_scheme_and_pool(valley))


def _scheme_and_pool(valley) -> dict[str, object]:
    place = {"system": valley.system, "code": "x", "name": "X"}
    return {"scheme": Scheme.objects.create(**place), "pool": Pool.objects.create(**place)}


def test_a_version_of_a_line_is_once_at_a_change(valley):
    save(valley, spec())
    version = LineVersion.objects.get()
    version.pk = None
    with pytest.raises(IntegrityError, match="line_version_once"), transaction.atomic():
        version.save(force_insert=True)


def test_a_leg_is_the_other_end_of_one_line(valley):
    save(valley, spec("a"), spec("b"), spec("c"))
    with pytest.raises(IntegrityError, match="counter_line"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE finance_line SET counter_line_id = (SELECT id FROM finance_line"
            " WHERE code = 'c') WHERE code IN ('a', 'b')"
        )
