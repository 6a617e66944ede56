"""A block of 134 lines by twelve months: previewed, then stored, as the page does."""

from __future__ import annotations

import re
from itertools import count

from django.db import connection, transaction
from django.db.models import Count
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from psycopg2.extras import execute_values

from finance.models import Line
from schemes.models import Partner, RoleGrant, Slice, User
from schemes.people.roles import Role
from tests.bench.measure import Result, alternate
from tests.bench.rollups import reopen

LINES, MONTHS = 134, 12
ROUNDS = 9


def measure() -> list[Result]:
    """Against a bare insert of the same rows, into a table without index, trigger or check."""
    slice_ = Slice.objects.filter(system__code="illustrative-1").latest("year")
    reopen(slice_)
    lines = Line.objects.filter(slice=slice_, first_month=1, last_month=MONTHS)
    most = lines.values("partner").annotate(count=Count("pk")).order_by("-count")[0]["partner"]
    codes = list(lines.filter(partner=most).values_list("code", flat=True).order_by("code")[:LINES])
    partner = Partner.objects.get(pk=most)
    address = f"/systems/illustrative-1/years/{slice_.year_id}/partners/{partner.code}/year/actual"
    client, amounts = lead(partner), count(1)
    queries: list[int] = []

    def paste() -> None:
        amount = next(amounts)
        block = "\n".join(
            "\t".join([code, *(f"{amount + month:,}.50" for month in range(MONTHS))])
            for code in codes
        )
        with CaptureQueriesContext(connection) as captured:
            shown = client.post(address, {"do": "preview", "text": block}).content.decode()
            seen = re.search(r'name="seen" value="(\d+)"', shown)
            if seen is None:
                raise SystemExit(f"the preview says: {shown}")
            sent = {"do": "store", "text": block, "seen": seen[1], "meant": "1"}
            answer = client.post(address, sent, headers={"Accept": "application/json"})
        if answer.status_code != 200 or len(answer.json()["saved"]) != len(codes):
            raise SystemExit(f"the paste answered {answer.status_code}: {answer.content!r}")
        queries.append(len(captured))

    rows = [(n, month, 1, 1, month * 100) for n in range(len(codes)) for month in range(MONTHS)]

    def bare() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE bare (line bigint, month int, revision int, change bigint, "
                "actual bigint) ON COMMIT DROP"
            )
            execute_values(cursor.cursor, "INSERT INTO bare VALUES %s", rows, page_size=len(rows))

    with override_settings(ALLOWED_HOSTS=["testserver"]):
        times = alternate({"paste": paste, "bare": bare}, ROUNDS)
    size = f"{len(codes)} lines by {MONTHS} months"
    return [
        Result(
            f"paste of {size}, previewed and stored, bare insert = 1",
            times["paste"] / times["bare"],
            40,
            "times",
            {"paste (s)": times["paste"], "bare insert (s)": times["bare"]},
        ),
        Result(f"paste of {size}, queries", max(queries), 40, "queries"),
    ]


def lead(partner: Partner) -> Client:
    """The browser of the partner's finance lead."""
    user, _ = User.objects.get_or_create(username="bench-paste")
    RoleGrant.objects.get_or_create(user=user, role=Role.FINANCE_LEAD, partner=partner)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
