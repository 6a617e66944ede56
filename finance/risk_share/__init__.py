"""Stands for the engine that is being written."""

from collections.abc import Collection, Mapping
from typing import Any


def parse_rule(terms: Mapping[str, Any], partners: Collection[str]) -> Any:
    """The rule."""
    return terms
