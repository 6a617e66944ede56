"""Pages: their time as data grows, their queries, and their weight."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from finance.pages.prepared import prepare
from schemes.models import RoleGrant, Slice, System, User
from schemes.people.roles import Role
from tests.bench import urls
from tests.bench.measure import Result, alternate

HERE = "/systems/illustrative-1/years/2025-26"
PAGES = {"position": f"{HERE}/finances", "board": f"{HERE}/board"}
ROUNDS = 60


@dataclass
class Measured:
    """Seconds, seconds of the bare view with the same bytes, and queries, by page."""

    seconds: dict[str, float]
    bare: dict[str, float]
    queries: dict[str, int]
    first_queries: dict[str, int]  # by the first reader of figures that were computed just now
    cold_queries: dict[str, int]  # by a reader after the cache lost everything


def reader() -> Client:
    """A signed-in board member of the measured system."""
    user, _ = User.objects.get_or_create(username="bench-board")
    RoleGrant.objects.get_or_create(
        user=user, role=Role.BOARD_MEMBER, system=System.objects.get(code="illustrative-1")
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def measure() -> Measured:
    """Measure each page against the bare view, in turn."""
    found = Measured({}, {}, {}, {}, {})
    with override_settings(ROOT_URLCONF="tests.bench.urls", ALLOWED_HOSTS=["testserver"]):
        client = reader()
        for name, address in PAGES.items():
            cache.clear()
            found.cold_queries[name] = _queries(client, address)
            cache.clear()
            prepare(_slice().pk)  # as the worker does once it has computed
            found.first_queries[name] = _queries(client, address)
            found.queries[name] = _queries(client, address)
            urls.body["bytes"] = client.get(address).content
            times = alternate(
                {
                    "page": lambda address=address: client.get(address),
                    "bare": lambda: client.get("/bench/bare"),
                },
                ROUNDS,
            )
            found.seconds[name], found.bare[name] = times["page"], times["bare"]
    return found


def _slice() -> Slice:
    return Slice.objects.get(system__code="illustrative-1", year="2025-26")


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return len(captured)


def compare(small: Measured, large: Measured) -> list[Result]:
    """What the pages have to keep."""
    results = []
    for name in PAGES:
        results += [
            Result(
                f"{name} page, 12 thousand facts = 1",
                large.seconds[name] / small.seconds[name],
                1.5,
                "times",
                {"small (ms)": small.seconds[name] * 1e3, "large (ms)": large.seconds[name] * 1e3},
            ),
            Result(
                f"{name} page, bare view = 1",
                large.seconds[name] / large.bare[name],
                8,
                "times",
                {"bare (ms)": large.bare[name] * 1e3},
            ),
            Result(f"{name} page, queries", large.queries[name], 12, "queries"),
            Result(
                f"{name} page, queries by the first reader of new figures",
                large.first_queries[name],
                12,
                "queries",
            ),
            Result(
                f"{name} page, queries after the cache lost everything",
                large.cold_queries[name],
                40,
                "queries",
            ),
            Result(
                f"{name} page, queries more than at 12 thousand facts",
                large.queries[name]
                - small.queries[name]
                + abs(large.cold_queries[name] - small.cold_queries[name]),
                0,
                "queries",
            ),
        ]
    results.append(Result("page weight without the chart bundle", weight(), 120, "kB"))
    return results


def weight() -> float:
    """Kilobytes of the position page and all that it links, compressed, without Plotly's bundle."""
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        html = reader().get(PAGES["position"]).content
    links = re.findall(r'(?:src|href|data-[a-z]+)="(/static/[^"]+)"', html.decode())
    total = len(gzip.compress(html))
    for link in dict.fromkeys(links):
        if "plotly" in link and link.endswith(".js"):
            continue
        file = Path(staticfiles_storage.path(link.removeprefix(settings.STATIC_URL)))
        total += len(gzip.compress(file.read_bytes()))
    return total / 1000
