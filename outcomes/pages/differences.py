"""What changed from one version of a framework to another; the same code is the same item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

from esbt.kit.words import in_a_list
from outcomes.models import Framework, FrameworkItem, Level
from outcomes.pages.overview import PLURALS
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
    """Items that were added, removed, named otherwise or moved, and counts that changed.

    Where a version does not name all of a level, an item that it lacks may be there all the same:
    such are unnamed, not added or removed.
    """

    added: Sequence[Difference]
    removed: Sequence[Difference]
    unnamed: Sequence[Difference]
    renamed: Sequence[Difference]
    moved: Sequence[Difference]
    counts: Sequence[Difference]

    @property
    def sentence(self) -> str:
        """How much changed."""
        if not any(getattr(self, item.name) for item in fields(self)):
            return "Nothing that is entered differs between the two versions."
        names = ("added", "removed", "renamed", "moved")
        said = in_a_list([f"{len(getattr(self, name))} {name}" for name in names])
        few = len(self.unnamed)
        if few:
            are = "is" if few == 1 else "are"
            said += f"; {few} {are} named in one version only, where the other does not name all"
        return f"Of the items {said}."


def differences(
    earlier: Framework, before: Content, later: Framework, after: Content
) -> Differences:
    """Compare two versions by what stands in them."""
    old = {item.code: item for item in before.items}
    new = {item.code: item for item in after.items}
    both = [(old[code], new[code]) for code in new if code in old]
    whole_before, whole_after = _complete(earlier, before), _complete(later, after)
    gone = [item for code, item in old.items() if code not in new]
    come = [item for code, item in new.items() if code not in old]
    return Differences(
        added=[_one(item, "", _place(item)) for item in come if item.level in whole_before],
        removed=[_one(item, _place(item), "") for item in gone if item.level in whole_after],
        unnamed=[
            *(_one(item, _place(item), "") for item in gone if item.level not in whole_after),
            *(_one(item, "", _place(item)) for item in come if item.level not in whole_before),
        ],
        renamed=[_one(b, a.name, b.name) for a, b in both if a.name != b.name],
        moved=[
            _one(b, _place(a), _place(b))
            for a, b in both
            if (a.level, _above(a)) != (b.level, _above(b))
        ],
        counts=[
            Difference("", PLURALS[level].capitalize(), *said)
            for level in Level
            if (said := (_count(earlier, level), _count(later, level)))[0] != said[1]
        ],
    )


def _complete(framework: Framework, content: Content) -> set[str]:
    """The levels of which a version names all that its source counts, or some where it does not."""
    entered = Counter(item.level for item in content.items)
    return {
        level
        for level in Level.values
        if entered[level] and entered[level] >= (_expected(framework, Level(level)) or 0)
    }


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


def _expected(framework: Framework, level: Level) -> int | None:
    count: int | None = getattr(framework, f"expected_{PLURALS[level]}")
    return count


def _count(framework: Framework, level: Level) -> str:
    count = _expected(framework, level)
    return "not stated" if count is None else str(count)
