"""What tests of every room share."""

from uuid import uuid4

import pytest
from django.core.cache import caches

from tests.factories import Valley, a_valley


@pytest.fixture(autouse=True)
def own_cache(monkeypatch):
    """Pages kept by another test, or by another worker's database, are never met."""
    monkeypatch.setattr(caches["default"], "key_prefix", uuid4().hex)


@pytest.fixture
def valley(db) -> Valley:
    return a_valley()
