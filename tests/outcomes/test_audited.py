"""What is said of metrics, steps and frameworks stands in the audit of their system."""

from datetime import date

import pytest

from outcomes.models import FrameworkItem
from outcomes.services import (
    FrameworkSpec,
    ItemSpec,
    StepSpec,
    remove_item,
    save_frameworks,
    save_items,
    save_metrics,
    save_steps,
)
from outcomes.services.definitions import MetricSpec
from schemes.audit import Wish, audit_entries
from schemes.roles import Role
from tests.factories import a_person

pytestmark = pytest.mark.django_db


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
