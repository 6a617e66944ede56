"""A cache that only ever saves work: without it the answer is the same, and slower."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
T = TypeVar("T")


class SoftRedisCache(RedisCache):
    """Redis as a cache that may be away: then nothing is found and nothing is kept."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """What is kept, or the default."""
        try:
            return super().get(key, default, version)
        except RedisError as error:
            log.warning("the cache does not answer: %s", error)
            return default

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        """Keep a value if that is possible."""
        try:
            super().set(key, value, *args, **kwargs)
        except RedisError as error:
            log.warning("the cache does not answer: %s", error)


def remember(key: str, build: Callable[[], tuple[str, T]]) -> T:
    """What is kept under ``key``, or else what ``build`` makes, kept under the key it names.

    The built key may differ from the asked one: figures may have been recomputed in between, and
    must never be kept under an older revision.
    """
    known = cache.get(key)
    if known is not None:
        return known
    true_key, value = build()
    cache.set(true_key, value)
    return value
