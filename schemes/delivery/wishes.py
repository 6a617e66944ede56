"""What an address asks for of a list of delivery: one way of reading and filtering for all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Model

from esbt.kit.words import in_a_list
from schemes.models import Partner

NONE = "none"  # the filter value for what is not stated


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; an empty filter takes everything, an unknown one nothing."""

    q: str = ""

    @property
    def query(self) -> str:
        """The address's query, without what is as it would be anyway."""
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        return urlencode({name: value for name, value in said.items() if value})

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """What a query string asks for."""
        said = {item.name: query.get(item.name, "") for item in fields(cls)}
        return cls(**said | {"q": said["q"].strip()[:100]})

    def matches(self, text: str, **has: str | Collection[str]) -> bool:
        """Whether a text holds what is searched, and each filter is empty or its value, or one of
        its values where it has several.
        """
        return self.q.casefold() in text.casefold() and all(
            getattr(self, name) in ("", *([value] if isinstance(value, str) else value))
            for name, value in has.items()
        )


def code_of(found: Any) -> str:
    """The code of a row that something refers to, or what stands for none."""
    return str(found.code) if found else NONE


def named(found: Iterable[Model | None]) -> list[tuple[str, str]]:
    """What a filter by such rows offers: code and name, by name, what is not stated last."""
    pairs = {code_of(item): str(item) if item else "Not stated" for item in found}
    return sorted(pairs.items(), key=lambda pair: (pair[0] == NONE, pair[1]))


def owned_by(role: str, partners: Iterable[Partner]) -> str:
    """Who sees to something, in words: its roles, and the partners that they do not name."""
    unnamed = [
        partner.short_name
        for partner in partners
        if not any(
            re.search(rf"\b{re.escape(name)}\b", role, re.IGNORECASE)
            for name in (partner.short_name, partner.name)
        )
    ]
    between = "; " if ";" in role else ", "
    return between.join(filter(None, (role, in_a_list(unnamed))))
