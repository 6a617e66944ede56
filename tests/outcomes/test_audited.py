"""What is said of metrics, steps and frameworks stands in the audit of their system."""

from datetime import date
from decimal import Decimal

import pytest

from outcomes.models import FrameworkItem
from outcomes.services import (
    AreaSpec,
    FrameworkSpec,
    ItemSpec,
    ObservationEntry,
    StepSpec,
    record_observations,
    remove_item,
    save_areas,
    save_frameworks,
    save_items,
    save_metrics,
    save_steps,
)
from outcomes.services.definitions import MetricSpec
from schemes.audit.log import Place, Wish, audit_choices, audit_entries, audit_page
from schemes.people.roles import Role
from tests.factories import a_person

pytestmark = pytest.mark.django_db


def test_a_save_of_values_is_told_once_with_who_and_how_many(valley):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    known = {"system": "valley"}
    save_metrics(by=None, specs=[MetricSpec(code="delays", name="Delays", **known)])
    save_areas(by=None, specs=[AreaSpec(code="vale", name="The vale", kind="place")])
    for by, months in ((None, (4, 5)), (cora, (6,))):
        entries = [
            ObservationEntry(
                metric="delays",
                area="vale",
                starts=date(2018, month, 1),
                ends=date(2018, month, 30),
                value=Decimal(month),
            )
            for month in months
        ]
        record_observations(by=by, system_id=valley.system.pk, entries=entries)
    wish = Wish(action="values of metrics")
    told = audit_entries(valley.system, wish)
    assert [(entry.who, entry.row) for entry in told] == [
        ("cora", "Delays: 1 value"),
        ("Loaded from a data package", "Delays: 2 values"),
    ]
    assert ("values of metrics", "Values of metrics") in audit_choices(valley.system)["action"]
    assert audit_entries(valley.system, Wish(action="values of metrics", year="2018-19")) == []
    (mine,), after = audit_page(valley.system, Wish(person="cora"), None)
    assert (mine.row, after) == ("Delays: 1 value", None)
    older, _ = audit_page(valley.system, wish, Place.read(str(mine.place)))
    assert [entry.row for entry in older] == ["Delays: 2 values"]


def test_steps_and_items_are_told_with_what_they_said_before(valley):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    known = {"system": "valley"}
    save_metrics(by=None, specs=[MetricSpec(code="delays", name="Delays", **known)])
    for reason in ("A new ward", "A new count"):
        step = StepSpec(metric="delays", on=date(2018, 4, 1), reason=reason, **known)
        save_steps(by=ada, specs=[step])
    save_frameworks(by=ada, specs=[FrameworkSpec(code="first", name="First", **known)])
    item = ItemSpec(framework="first", code="care", name="Care", level="domain", **known)
    save_items(by=ada, specs=[item])
    told = {(entry.action, entry.row): entry for entry in audit_entries(valley.system, Wish())}
    changed = told["step changed", "2018-04-01"]
    assert (changed.username, list(changed.fields)) == (
        "ada",
        [("reason", "A new ward", "A new count")],
    )
    assert told["step added", "2018-04-01"].reason == "A new ward"
    assert changed.reason == ""  # what moved says it
    assert ("framework item added", "Care") in told
    remove_item(by=ada, item=FrameworkItem.objects.get())
    assert FrameworkItem.objects.count() == 0
