"""A cache that only saves work: right with it, right without it."""

import logging

from django.core.cache import cache

from esbt.kit.cached import SoftRedisCache, remember


def test_what_was_built_is_kept_under_the_key_that_it_names():
    built: list[str] = []

    def build() -> tuple[str, str]:
        built.append("built")
        return "page:2", "two"

    assert remember("page:2", build) == remember("page:2", build) == "two"
    assert built == ["built"]


def test_what_was_computed_in_between_is_not_kept_under_the_older_revision():
    assert remember("page:1", lambda: ("page:2", "two")) == "two"
    assert cache.get("page:1") is None
    assert remember("page:2", lambda: ("page:2", "other")) == "two"


def test_a_cache_that_does_not_answer_finds_and_keeps_nothing(caplog):
    away = SoftRedisCache("redis://127.0.0.1:1/1", {"OPTIONS": {"socket_connect_timeout": 0.2}})
    with caplog.at_level(logging.WARNING):
        away.set("key", "value")
        assert away.get("key", "default") == "default"
    assert caplog.text.count("the cache does not answer") == 2
