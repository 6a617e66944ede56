"""The list of schemes: a thousand against ten, kept and made anew, and what a filter sends."""

from __future__ import annotations

from datetime import date
from itertools import cycle, product

from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from finance.models.outturns import ReturnState
from finance.rollups import recompute
from finance.services import (
    LineSpec,
    PlanEntry,
    choose_headline,
    copy_outturns,
    move_returns,
    record_plan,
    save_lines,
    save_plan,
)
from schemes.models import FinancialYear, Membership, Partner, RoleGrant, Slice, System, User
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, save_schemes
from tests.bench.measure import Result, alternate

YEAR = "2025-26"
MONTHS = 6
SIZES = {"ten": 10, "thousand": 1000}
ROUNDS = 40


def load(name: str, schemes: int) -> None:
    """An illustrative system with so many schemes, each with a saving reported for six months."""
    code = f"bench-{name}"
    if System.objects.filter(code=code).exists():
        return
    system = System.objects.create(code=code, name=f"Bench {name}", illustrative=True)
    partner = Partner.objects.create(
        code=code, name=code, short_name=code, kind=Partner.Kind.COUNCIL
    )
    Membership.objects.create(system=system, partner=partner)
    FinancialYear.objects.get_or_create(code=YEAR)
    slice_ = Slice.objects.create(system=system, year_id=YEAR)
    codes = [f"s{number}" for number in range(schemes)]
    save_schemes(
        by=None,
        specs=[
            SchemeSpec(system=code, code=item, name=f"Illustrative scheme {item}", position=place)
            for place, item in enumerate(codes)
        ],
    )
    lines = [
        LineSpec(code=item, name=item, partner=code, kind="saving", scheme=item) for item in codes
    ]
    save_lines(by=None, slice_id=slice_.pk, specs=lines)
    plan = save_plan(by=None, slice_id=slice_.pk, code="original", name="Original")
    choose_headline(by=None, slice_id=slice_.pk, plan=plan)
    month = 1_000_000
    entries = [
        PlanEntry(line=item, full_year_pence=12 * month, months=[month] * 12) for item in codes
    ]
    record_plan(by=None, slice_id=slice_.pk, plan=plan, entries=entries)
    copy_outturns(
        by=None,
        slice_id=slice_.pk,
        rows=[
            (item, number, number * (month - place), 12 * month)
            for place, item in enumerate(codes)
            for number in range(1, MONTHS + 1)
        ],
        today=date(2026, 4, 30),
    )
    move_returns(
        by=None,
        slice_id=slice_.pk,
        months=range(1, MONTHS + 1),
        state=ReturnState.APPROVED,
        partners=[partner],
    )
    recompute(slice_.pk)


def measure() -> list[Result]:
    """The list with a thousand schemes against the list with ten."""
    for name, schemes in SIZES.items():
        load(name, schemes)
    user, _ = User.objects.get_or_create(username="bench-commissioner")
    for system in System.objects.filter(code__in=[f"bench-{name}" for name in SIZES]):
        RoleGrant.objects.get_or_create(user=user, role=Role.COMMISSIONER, system=system)
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return _results(client)


def _results(client: Client) -> list[Result]:
    pages = {name: f"/systems/bench-{name}/years/{YEAR}/schemes" for name in SIZES}
    searches = cycle("".join(letters) for letters in product(*zip("scheme", "SCHEME", strict=True)))

    def anew(address: str) -> None:
        cache.clear()
        client.get(address)

    def filtered(address: str) -> None:
        client.get(f"{address}?q={next(searches)}", headers={"X-Part": "1"})  # never asked before

    kept = alternate({n: lambda a=a: client.get(a) for n, a in pages.items()}, ROUNDS)
    parts = alternate({n: lambda a=a: filtered(a) for n, a in pages.items()}, ROUNDS)
    fresh = alternate({n: lambda a=a: anew(a) for n, a in pages.items()}, ROUNDS // 4)
    queries = {name: _queries(client, address) for name, address in pages.items()}
    whole = len(client.get(pages["thousand"]).content)
    part = len(client.get(pages["thousand"], headers={"X-Part": "1"}).content)
    return [
        _ratio("schemes page, 1,000 schemes, 10 = 1", kept, 1.5),
        _ratio("a filter that nobody asked for yet, 1,000 schemes, 10 = 1", parts, 3),
        _ratio("schemes page when nothing is cached, 1,000 schemes, 10 = 1", fresh, 4),
        Result(
            "schemes page, queries more than with 10",
            sum(abs(a - b) for a, b in zip(queries["thousand"], queries["ten"], strict=True)),
            0,
            "queries",
            {"kept": queries["thousand"][1], "nothing cached": queries["thousand"][0]},
        ),
        Result("what a filter sends, the whole page = 1", part / whole, 1, "times"),
    ]


def _ratio(name: str, times: dict[str, float], limit: float) -> Result:
    small, large = times["ten"], times["thousand"]
    return Result(
        name, large / small, limit, "times", {"10 (ms)": small * 1e3, "1,000 (ms)": large * 1e3}
    )


def _queries(client: Client, address: str) -> tuple[int, int]:
    """With nothing cached, and again."""
    cache.clear()
    found = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        found.append(len(captured))
    return found[0], found[1]
