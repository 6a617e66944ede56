"""Writing to a slice: one after another, numbered, and a bell that nobody waits for."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import Q

from finance import tasks
from finance.models import Outturn
from finance.rollups import recompute, verify
from schemes.models import Change, Slice
from schemes.people.roles import Role
from schemes.services import slices
from schemes.services.slices import on_change, touch, writing
from tests.factories import a_person, a_valley, a_year, report
from tests.money import pounds


@pytest.fixture
def heard(monkeypatch):
    """The ids that a bell of ours heard; no other bell rings."""
    ids: list[int] = []
    monkeypatch.setattr(slices, "_bells", [])
    on_change(ids.append)
    on_change(ids.append)  # a bell hangs once
    return ids


# numbers


def test_a_write_draws_one_number_however_often_it_asks(valley):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    with writing(slice_id=valley.slice.pk, by=ada, action="test", reason="A slip") as write:
        assert (write.draw(), write.draw()) == (1, 1)
    change = Change.objects.get()
    assert (change.number, change.actor, change.reason) == (1, ada, "A slip")
    assert valley.fresh().change == 1


def test_a_write_that_changes_nothing_leaves_no_trace(valley):
    with writing(slice_id=valley.slice.pk, by=None, action="test"):
        pass
    assert valley.fresh().change == 0
    assert not Change.objects.exists()


def test_a_write_that_fails_gives_its_number_back(valley):
    def fail() -> None:
        with writing(slice_id=valley.slice.pk, by=None, action="test") as write:
            write.draw()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        fail()
    assert valley.fresh().change == 0
    report(valley.line(valley.moor), 1, "1")
    assert list(Change.objects.values_list("number", flat=True)) == [1, 2]


def test_years_are_numbered_apart_and_touched_together(valley):
    other = a_year(valley.system, "2019-20")
    report(valley.line(valley.moor), 1, "1")
    touch(by=None, slices=Q(system=valley.system), action="schemes")
    assert [item.change for item in Slice.objects.order_by("year")] == [3, 1]
    assert Change.objects.get(slice=other).from_month == 0


# bells


@pytest.mark.django_db(transaction=True)
def test_a_bell_rings_once_the_change_is_there(heard):
    valley = a_valley()
    with transaction.atomic():
        valley.line(valley.moor)
        assert heard == []
    assert heard == [valley.slice.pk]


@pytest.mark.django_db(transaction=True)
def test_no_bell_rings_for_what_was_taken_back(heard):
    valley = a_valley()
    with transaction.atomic():
        valley.line(valley.moor)
        transaction.set_rollback(True)
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_breaks_does_not_fail_the_save(heard, caplog):
    def broken(slice_id: int) -> None:
        raise OSError("no rope")

    on_change(broken)
    valley = a_valley()
    line = valley.line(valley.moor)
    assert report(line, 1, "-1").change == 2
    assert Outturn.objects.get().actual_pence == pounds("-1")
    assert "no rope" in caplog.text


def test_a_broker_that_breaks_is_told_to_the_log_only(monkeypatch, caplog):
    def broken(*args: object, **more: object) -> None:
        raise OSError("no wire")

    monkeypatch.setattr(tasks.recompute_slice, "apply_async", broken)
    tasks.ring(1)
    assert "could not ring finance.tasks.recompute_slice for 1" in caplog.text


_SAVE_WITHOUT_BROKER = """
import time, django
django.setup()
from finance.models import Line
from finance.services import Entry, record_outturns
line = Line.objects.get()
def save(month):
    start = time.monotonic()
    entry = Entry(line=line.code, month=month, actual_pence=-100)
    record_outturns(by=None, slice_id=line.slice_id, entries=[entry])
    return time.monotonic() - start
save(1)  # imports and connections
print(max(save(month) for month in (2, 3, 4)))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hangs", [False, True])
def test_without_a_broker_a_save_takes_no_second(hangs):
    """Nothing listens at the broker's address, or something that takes calls and never answers."""
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1] if hangs else 1
    valley = a_valley()
    valley.line(valley.moor)
    settings = connection.settings_dict
    login = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
    url = f"postgres://{login}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SAVE_WITHOUT_BROKER],
        env=os.environ | {"DATABASE_URL": url, "REDIS_URL": f"redis://127.0.0.1:{port}"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert float(done.stdout) < 1
    assert "could not ring" in done.stderr
    assert Outturn.objects.count() == 4
    silent.close()


# the sweep and the tasks


def test_the_sweep_rings_for_what_is_stale_only(valley, monkeypatch):
    fresh = a_year(valley.system, "2019-20")
    stale = a_year(valley.system, "2020-21")
    report(valley.line(valley.moor), 1, "-1")
    recompute(valley.slice.pk)
    for slice_ in (valley.slice, stale):
        touch_one(slice_)
    recompute(valley.slice.pk)
    rung: list[int] = []
    monkeypatch.setattr(tasks, "ring", rung.append)
    assert tasks.sweep_stale_slices() == 1
    assert rung == [stale.pk]
    assert fresh.pk not in rung


def touch_one(slice_: Slice) -> None:
    with writing(slice_id=slice_.pk, by=None, action="test") as write:
        write.draw()


def test_the_task_computes(valley):
    report(valley.line(valley.moor), 1, "-1")
    assert tasks.recompute_slice(valley.slice.pk) == 2
    assert verify(valley.slice.pk) == []


# two at once


@pytest.mark.django_db(transaction=True)
def test_two_writers_go_one_after_another(heard):
    valley = a_valley()
    line = valley.line(valley.moor)
    done = threading.Event()

    def second() -> None:
        try:
            report(line, 2, "-2")
        finally:
            connection.close()
            done.set()

    with writing(slice_id=valley.slice.pk, by=None, action="first") as write:
        thread = threading.Thread(target=second)
        thread.start()
        assert not done.wait(0.3)
        assert write.draw() == 2
    thread.join(10)
    assert list(Change.objects.values_list("number", "action")) == [
        (1, "lines"),
        (2, "first"),
        (3, "outturns"),
    ]


@pytest.mark.django_db(transaction=True)
def test_computing_blocks_no_writer(heard):
    valley = a_valley()
    line = valley.line(valley.moor)
    done = threading.Event()

    def compute() -> None:
        try:
            recompute(valley.slice.pk)
        finally:
            connection.close()
            done.set()

    with writing(slice_id=valley.slice.pk, by=None, action="first") as write:
        write.draw()
        thread = threading.Thread(target=compute)
        thread.start()
        assert done.wait(10), "a recompute waits for a writer"
    thread.join(10)
    report(line, 1, "-1")
    assert recompute(valley.slice.pk) == 3
    assert verify(valley.slice.pk) == []
