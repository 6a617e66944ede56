"""A cache that only ever saves work: without it the answer is the same, and slower."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
T = TypeVar("T")
K = TypeVar("K")


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

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        """What is kept of several, or nothing."""
        try:
            return super().get_many(keys, version)
        except RedisError as error:
            log.warning("the cache does not answer: %s", error)
            return {}

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Keep several values if that is possible; the keys of those that were not kept."""
        try:
            return super().set_many(data, *args, **kwargs)
        except RedisError as error:
            log.warning("the cache does not answer: %s", error)
            return list(data)


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


def remember_many(
    keys: Mapping[K, str], build: Callable[[Sequence[K]], Mapping[K, T]]
) -> dict[K, T]:
    """What is kept for each name under its key; ``build`` makes what is not, all at once."""
    kept = cache.get_many(keys.values())
    known = {name: kept[key] for name, key in keys.items() if key in kept}
    missing = [name for name in keys if name not in known]
    if missing:
        made = build(missing)
        cache.set_many({keys[name]: value for name, value in made.items()})
        known |= made
    return known
