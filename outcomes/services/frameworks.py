"""Frameworks, their items and what these rest on, and what is written on a domain for a quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from outcomes.models import (
    DomainQuarter,
    DomainReport,
    Framework,
    FrameworkItem,
    ItemMetric,
    ItemScheme,
    Level,
    Metric,
)
from schemes.models import Scheme, System, User
from schemes.people.permissions import Permission, require, roles_in
from schemes.services.signing import signing_faults
from schemes.services.upsert import Codes, Wanted, allow_in_with, upsert


@dataclass(frozen=True, kw_only=True)
class FrameworkSpec:
    """A version of a system's framework; counts are those that its source gives."""

    system: str
    code: str
    name: str
    dated: str = ""
    status: str = ""
    position: int = 0
    baseline: str = ""
    expected_domains: int | None = None
    expected_objectives: int | None = None
    expected_outcomes: int | None = None
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ItemSpec:
    """A domain, objective or outcome; ``parent`` is the code of another item of the version."""

    system: str
    framework: str
    code: str
    level: str
    name: str
    parent: str = ""
    position: int = 0
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ItemLinkSpec:
    """What an item rests on: a metric or a scheme of the same system, by its code."""

    system: str
    framework: str
    item: str
    to: str
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class QuarterSpec:
    """The quarter for which a domain is reported in depth."""

    system: str
    framework: str
    item: str
    year: str
    quarter: int
    row: int | str | None = None


# what each level hangs under
_ABOVE = {Level.OBJECTIVE: Level.DOMAIN, Level.OUTCOME: Level.OBJECTIVE}


@transaction.atomic
def save_frameworks(*, by: User | None, specs: Sequence[FrameworkSpec]) -> Count:
    """Create or change versions by system and code. Raises Refused, and Http404 for another's."""
    _allow(by, specs)
    systems = Codes(System, "system")
    plain = (
        "name", "dated", "status", "position", "baseline", "expected_domains",
        "expected_objectives", "expected_outcomes", "note", "evidence_id",
    )  # fmt: skip
    wanted = [
        Wanted(
            {"system_id": systems.find(spec.system, "system", spec.row), "code": spec.code},
            {name: getattr(spec, name) for name in plain},
            spec.row,
        )
        for spec in specs
    ]
    systems.refuse()
    done = upsert(Framework, wanted, by=by)
    return done.count


@transaction.atomic
def save_items(*, by: User | None, specs: Sequence[ItemSpec]) -> Count:
    """Create or change items by version and code, parents first. Raises Refused with a fault a row.

    An objective may hang under a domain and an outcome under an objective or, where the source
    names none, under a domain; an item whose source does not say where it belongs has no parent.
    """
    _allow(by, specs)
    count = Count()
    for level in Level.values:
        own = [spec for spec in specs if spec.level == level]
        if own:
            count += _save_level(own, by)
    strange = [spec for spec in specs if spec.level not in Level.values]
    if strange:
        said = f"Write one of {', '.join(Level.values)}."
        raise Refused([Fault(said, "level", spec.level, spec.row) for spec in strange])
    return count


def _save_level(specs: Sequence[ItemSpec], by: User | None) -> Count:
    frameworks = _Frameworks(specs)
    items = _items(specs)
    faults, wanted = [], []
    for spec in specs:
        framework = frameworks.of(spec)
        parent = items.get((framework, spec.parent)) if spec.parent else None
        if spec.parent and parent is None:
            said = f"The version has no item '{spec.parent}'. Add it, or mend this."
            faults.append(Fault(said, "parent", spec.parent, spec.row))
        elif parent and parent.level not in (_ABOVE.get(Level(spec.level)), Level.DOMAIN):
            said = f"A {spec.level} cannot hang under a {parent.level}."
            faults.append(Fault(said, "parent", spec.parent, spec.row))
        plain = ("level", "name", "position", "note", "evidence_id")
        wanted.append(
            Wanted(
                {"framework_id": framework, "code": spec.code},
                {name: getattr(spec, name) for name in plain}
                | {"parent_id": parent.pk if parent else None},
                spec.row,
            )
        )
    frameworks.refuse()
    if faults:
        raise Refused(faults)
    return upsert(FrameworkItem, wanted, by=by).count


@transaction.atomic
def save_item_metrics(*, by: User | None, specs: Sequence[ItemLinkSpec]) -> Count:
    """Say by which metrics items are judged. Raises Refused with a fault a row."""
    return _link(by, specs, ItemMetric, Metric, "metric")


@transaction.atomic
def save_item_schemes(*, by: User | None, specs: Sequence[ItemLinkSpec]) -> Count:
    """Say which schemes contribute to items. Raises Refused with a fault a row."""
    return _link(by, specs, ItemScheme, Scheme, "scheme")


@transaction.atomic
def save_quarters(*, by: User | None, specs: Sequence[QuarterSpec]) -> Count:
    """Say for which quarters domains are due. Raises Refused with a fault a row."""
    _allow(by, specs)
    frameworks, items = _Frameworks(specs), _items(specs)
    faults, wanted = [], []
    for spec in specs:
        item = items.get((frameworks.of(spec), spec.item))
        if item is None or item.level != Level.DOMAIN:
            said = f"The version has no domain '{spec.item}'."
            faults.append(Fault(said, "item", spec.item, spec.row))
            continue
        key = {"item_id": item.pk, "year": spec.year, "quarter": spec.quarter}
        wanted.append(Wanted(key, {}, spec.row))
    frameworks.refuse()
    if faults:
        raise Refused(faults)
    return upsert(DomainQuarter, wanted, by=by).count


@transaction.atomic
def write_report(*, by: User, due: DomainQuarter, text: str, signed_as: str) -> bool:
    """Sign words on a domain for a quarter, or take them back; False when they stand already.

    Every version is kept, signed as a role that the writer holds today. Raises Refused, and
    Http404 for those who keep no outcomes.
    """
    system = due.item.framework.system
    require(by, Permission.KEEP_OUTCOMES, system=system)
    text = text.replace("\r\n", "\n").strip()
    faults = signing_faults(text, signed_as, roles_in(by, system))
    if faults:
        raise Refused(faults)
    DomainQuarter.objects.select_for_update().get(pk=due.pk)  # one writer after the other
    last = due.reports.first()
    if not text and not (last and last.text):
        raise Refused([Fault("There are no words yet. Type them, then sign.", "text")])
    if last and (last.text, last.signed_as) == (text, signed_as):
        return False
    DomainReport.objects.create(
        due=due, text=text, signed_as=signed_as, actor=by, at=datetime.now(UTC)
    )
    return True


def _link(
    by: User | None, specs: Sequence[ItemLinkSpec], model: Any, other: Any, name: str
) -> Count:
    _allow(by, specs)
    frameworks, items = _Frameworks(specs), _items(specs)
    others = {
        (system, code): pk
        for system, code, pk in other.objects.filter(
            system__code__in={spec.system for spec in specs}
        ).values_list("system__code", "code", "pk")
    }
    faults, wanted = [], []
    for spec in specs:
        item = items.get((frameworks.of(spec), spec.item))
        pk = others.get((spec.system, spec.to))
        if item is None:
            said = f"The version has no item '{spec.item}'."
            faults.append(Fault(said, "item", spec.item, spec.row))
        elif pk is None:
            faults.append(Fault(f"The system has no {name} '{spec.to}'.", name, spec.to, spec.row))
        else:
            wanted.append(Wanted({"item_id": item.pk, f"{name}_id": pk}, {}, spec.row))
    frameworks.refuse()
    if faults:
        raise Refused(faults)
    return upsert(model, wanted, by=by).count


def _allow(by: User | None, specs: Sequence[Any]) -> None:
    allow_in_with(by, Permission.KEEP_OUTCOMES, {spec.system for spec in specs})


def _items(specs: Sequence[Any]) -> dict[tuple[int | None, str], FrameworkItem]:
    """Every item of the systems that rows name, by version and code."""
    return {
        (item.framework_id, item.code): item
        for item in FrameworkItem.objects.filter(
            framework__system__code__in={spec.system for spec in specs}
        )
    }


class _Frameworks:
    """Versions by system and code; a fault for each that is not known."""

    def __init__(self, specs: Sequence[Any]) -> None:
        self.ids = {
            (system, code): pk
            for system, code, pk in Framework.objects.filter(
                system__code__in={spec.system for spec in specs}
            ).values_list("system__code", "code", "pk")
        }
        self.faults: list[Fault] = []

    def of(self, spec: Any) -> int | None:
        """The id of the version that a row names."""
        found = self.ids.get((spec.system, spec.framework))
        if found is None:
            said = f"The system has no framework '{spec.framework}'. Add it to the frameworks."
            self.faults.append(Fault(said, "framework", spec.framework, spec.row))
        return found

    def refuse(self) -> None:
        """Raise Refused when some version was not known."""
        if self.faults:
            raise Refused(self.faults)
