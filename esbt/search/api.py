"""API of the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from ninja import Query, Router, Schema

from esbt.kit.problems import Fault, Refused
from esbt.search.answer import answer_to
from esbt.search.finding import Hit, Part
from esbt.search.kinds import BY_CODE
from schemes.people.requests import PersonRequest

router = Router(tags=["search"])


class HitOut(Schema):
    """``words`` are some of its words around what was found; ``href`` is its page."""

    name: str
    words: str
    system: str
    href: str


class GroupOut(Schema):
    """``count`` is of all that was found; ``rows`` are the best of them."""

    kind: str
    label: str
    count: int
    rows: list[HitOut]


class PageLinkOut(Schema):
    system: str
    label: str
    href: str


class PageOut(Schema):
    title: str
    links: list[PageLinkOut]


class SearchOut(Schema):
    q: str
    count: int
    pages: list[PageOut]
    groups: list[GroupOut]


@router.get(
    "/search", response=SearchOut, summary="Everything that is called so or says so, by its kind"
)
def search(
    request: PersonRequest,
    q: Annotated[str, Query(description='Words that all occur, "a phrase", or, -without')],
    kind: Annotated[str, Query(description="Only of this kind; left out: all")] = "",
) -> dict[str, Any]:
    """The best eight of each kind, or the best 200 of one."""
    if kind and kind not in BY_CODE:
        raise Refused([Fault(f"There is no such kind. Name one of {', '.join(BY_CODE)}.", "kind")])
    found = answer_to(request.user, q, only=kind)
    return {
        "q": found.asked,
        "count": found.count,
        "pages": [
            {"title": page.title, "links": [_fields(link, PageLinkOut) for link in page.links]}
            for page in found.pages
        ],
        "groups": [
            {
                "kind": group.kind.code,
                "label": group.kind.label,
                "count": group.count,
                "rows": [_row(hit) for hit in group.hits],
            }
            for group in found.groups
        ],
    }


def _row(hit: Hit) -> dict[str, str]:
    return {
        "name": _plain(hit.name),
        "words": _plain(hit.words),
        "system": hit.system,
        "href": hit.href,
    }


def _plain(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts)


def _fields(item: object, schema: type[Schema]) -> dict[str, Any]:
    return {name: getattr(item, name) for name in schema.model_fields}
