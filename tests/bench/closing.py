"""Closing a month of a whole system against the bare update that it rests on."""

from __future__ import annotations

from django.db import connection

from finance.models import Outturn
from finance.models.outturns import ReturnState
from finance.services import close_month, move_returns
from schemes.models import Slice
from tests.bench.measure import Result, alternate
from tests.bench.rollups import reopen

MONTH = 11
BY_HAND = """
UPDATE finance_outturn
SET published_revision = revision, published_actual_pence = actual_pence,
    published_forecast_pence = forecast_pence,
    published_earlier_months_pence = earlier_months_pence,
    published_actual_basis = actual_basis, published_forecast_basis = forecast_basis
WHERE slice_id = %s AND month = %s
"""


def measure() -> list[Result]:
    """A month is opened again, closed, and published by hand, in turn."""
    slice_ = Slice.objects.filter(system__code="illustrative-1").latest("year")
    reopen(slice_)
    partners = list(slice_.system.partners.all())
    lines = Outturn.objects.filter(slice=slice_, month=MONTH).count()

    def close() -> None:
        close_month(by=None, slice_id=slice_.pk, month=MONTH, reason="The bench closes it")

    def open_again() -> None:
        move_returns(
            by=None,
            slice_id=slice_.pk,
            months=[MONTH],
            state=ReturnState.DRAFT,
            partners=partners,
        )

    def by_hand() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND, [slice_.pk, MONTH])

    times = alternate({"open again": open_again, "close": close, "by hand": by_hand}, rounds=15)
    detail = {f"{name} (s)": value for name, value in times.items()}
    return [
        Result(
            f"closing a month over {lines:,} lines, the bare update = 1",
            times["close"] / times["by hand"],
            6,
            "times",
            detail,
        ),
        Result(f"closing a month over {lines:,} lines", times["close"], 1, "s", detail),
    ]
