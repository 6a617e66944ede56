"""From a save to the new total in the API, through a real worker."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from django.db import connections
from django.test import Client, override_settings

from esbt.celery import app
from finance.models import Line
from schemes.models import RoleGrant, Slice, User
from schemes.people.roles import Role
from tests.bench.measure import Result

ROUNDS = 12
PATIENCE_SECONDS = 20


def measure() -> list[Result]:
    """Start a worker as the product does, save over the API and poll the position."""
    connections.close_all()
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "esbt", "worker", "-P", "threads", "-c", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for_worker()
        times = _saves()
    finally:
        worker.terminate()
        worker.wait(30)
    return [
        Result(
            "save to new total in the API, median",
            statistics.median(times),
            0.5,
            "s",
            {"fastest (s)": min(times), "slowest (s)": max(times)},
        )
    ]


def _wait_for_worker() -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not app.control.ping(timeout=0.5):
        if time.monotonic() > end:
            raise SystemExit("the worker did not start")


def _saves() -> list[float]:
    slice_ = Slice.objects.filter(system__code="illustrative-1").latest("year")
    # spend, so that the position moves by as much the other way
    line = Line.objects.filter(slice=slice_, kind="spend").earliest("code")
    user, _ = User.objects.get_or_create(username="bench-lead")
    RoleGrant.objects.get_or_create(user=user, role=Role.FINANCE_LEAD, partner=line.partner)
    times = []
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        address = f"/api/v1/systems/illustrative-1/years/{slice_.year_id}"
        position = f"{address}/position?state=provisional&month=12"
        for number in range(ROUNDS):
            before = client.get(position).json()["total"]["ytd_actual_pence"]
            row = {"line": line.code, "month": 12, "actual_pence": 1_000_000 + number}
            start = time.perf_counter()
            answer = client.post(
                f"{address}/outturns", {"rows": [row]}, content_type="application/json"
            )
            if answer.status_code != 200:
                raise SystemExit(f"the save answered {answer.status_code}: {answer.content!r}")
            while client.get(position).json()["total"]["ytd_actual_pence"] == before:
                if time.perf_counter() - start > PATIENCE_SECONDS:
                    raise SystemExit("the new total never came")
                time.sleep(0.005)
            times.append(time.perf_counter() - start)
    return times[1:]
