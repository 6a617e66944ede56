"""A cache that only ever saves work: without it the answer is the same, and slower."""

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

T = TypeVar("T")


def remember(key: str, build: Callable[[], tuple[str, T]]) -> T:
    """What is kept under ``key``, or else what ``build`` makes, kept under the key it names.

    The built key may differ from the asked one: figures may have been recomputed in between, and
    must never be kept under an older revision.
    """
    try:
        known = cache.get(key)
    except RedisError:
        known = None
    if known is not None:
        return known
    true_key, value = build()
    try:
        cache.set(true_key, value)
    except RedisError:
        pass
    return value
