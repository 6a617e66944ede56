"""The answer to a search: pages, then rows by their kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esbt.pages.latest import latest_with_actuals
from esbt.search.finding import LONGEST, Group, find
from esbt.search.page_names import PageHit, find_pages
from schemes.models import System, User
from schemes.models.base import storable
from schemes.queries import visible_slices


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found. ``names`` are of the systems that the person may see, by their codes."""

    asked: str
    pages: Sequence[PageHit]
    groups: Sequence[Group]
    names: Mapping[str, str]

    @property
    def first(self) -> list[Group]:
        """Kinds with a row that is called just so, which stand before the pages."""
        return [group for group in self.groups if group.exact]

    @property
    def rest(self) -> list[Group]:
        """The other kinds, which stand after the pages."""
        return [group for group in self.groups if not group.exact]

    @property
    def count(self) -> int:
        """How many pages and rows were found, those that are not shown included."""
        return len(self.pages) + sum(group.count for group in self.groups)


def answer_to(user: User, asked: str, *, only: str = "") -> Answer:
    """What a person finds, in at most nine queries however much there is; ``only`` is a kind."""
    asked = " ".join(storable(asked).split())[:LONGEST]
    systems = list(System.objects.visible_to(user))
    names = {system.code: system.name for system in systems}
    if not asked or not systems:
        return Answer(asked, [], [], names)
    slices = visible_slices(user)
    years = {slice_.system.code: slice_.year_id for slice_ in latest_with_actuals(slices)}
    pages = [] if only else find_pages(asked, systems, slices, years=years)
    return Answer(asked, pages, find(user, asked, years=years, only=only), names)
