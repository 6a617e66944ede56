"""What changed from one version of a framework to another; the same code is the same item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from outcomes.models import Framework, FrameworkItem, Level
from outcomes.pages import PLURALS
from outcomes.queries.frameworks import Content


@dataclass(frozen=True)
class Difference:
    """What became of an item; before or after is "" where it is not there."""

    level: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Differences:
    """Items that were added, removed, named otherwise or moved, and counts that changed."""

    added: Sequence[Difference]
    removed: Sequence[Difference]
    renamed: Sequence[Difference]
    moved: Sequence[Difference]
    counts: Sequence[Difference]

    @property
    def sentence(self) -> str:
        """How much changed."""
        said = [
            f"{len(getattr(self, item.name))} {item.name}"
            for item in fields(self)
            if item.name != "counts"
        ]
        if not any(len(getattr(self, item.name)) for item in fields(self)):
            return "Nothing that is entered differs between the two versions."
        counted = f" The source counts {len(self.counts)} of the levels otherwise."
        items = f"Of the items {', '.join(said[:-1])} and {said[-1]}."
        return items + (counted if self.counts else "")


def differences(
    earlier: Framework, before: Content, later: Framework, after: Content
) -> Differences:
    """Compare two versions by what stands in them."""
    old = {item.code: item for item in before.items}
    new = {item.code: item for item in after.items}
    both = [(old[code], new[code]) for code in new if code in old]
    return Differences(
        added=[_one(item, "", _place(item)) for code, item in new.items() if code not in old],
        removed=[_one(item, _place(item), "") for code, item in old.items() if code not in new],
        renamed=[_one(b, a.name, b.name) for a, b in both if a.name != b.name],
        moved=[
            _one(b, _place(a), _place(b))
            for a, b in both
            if (a.level, _above(a)) != (b.level, _above(b))
        ],
        counts=[
            Difference(str(level.label), PLURALS[level].capitalize(), *said)
            for level in Level
            if (said := (_count(earlier, level), _count(later, level)))[0] != said[1]
        ],
    )


def _one(item: FrameworkItem, before: str, after: str) -> Difference:
    return Difference(item.get_level_display(), item.name, before, after)


def _above(item: FrameworkItem) -> str:
    return item.parent.code if item.parent else ""


def _place(item: FrameworkItem) -> str:
    """Where an item stands, in words."""
    level = item.get_level_display()
    if item.parent:
        return f"{level} under {item.parent.name}"
    return level if item.level == Level.DOMAIN else f"{level}, under no item that is stated"


def _count(framework: Framework, level: Level) -> str:
    count = getattr(framework, f"expected_{PLURALS[level]}")
    return "not stated" if count is None else str(count)
