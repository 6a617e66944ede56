"""Whether a process lives, and whether the whole can be used."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from esbt.views import health
from schemes.models import Change, Slice, User
from tests.factories import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def well(monkeypatch, settings):
    """Broker and worker answer, and the demo is there."""
    monkeypatch.setattr(health, "_broker", lambda: True)
    monkeypatch.setattr(health, "_worker", lambda: True)
    settings.DEMO = True
    User.objects.create(username="finance-escc")


def ready(client) -> tuple[int, dict]:
    answer = client.get("/readyz")
    assert answer.json()["ready"] == (answer.status_code == 200)
    return answer.status_code, answer.json()


def test_a_process_that_answers_lives(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok"
    assert client.post("/healthz").status_code == 405


def test_all_well_is_ready(client, well):
    status, told = ready(client)
    assert status == 200
    assert told == {
        "database": True,
        "demo": True,
        "broker": True,
        "worker": True,
        "oldest_stale_seconds": None,
        "ready": True,
    }


@pytest.mark.parametrize("part", ["_broker", "_worker", "_database", "_demo"])
def test_without_a_part_it_is_not_ready(client, well, monkeypatch, part):
    monkeypatch.setattr(health, part, lambda: False)
    status, told = ready(client)
    assert (status, told[part[1:]]) == (503, False)


def test_not_ready_yet_is_no_error_in_the_log(client, well, monkeypatch, caplog):
    monkeypatch.setattr(health, "_worker", lambda: False)
    assert ready(client)[0] == 503
    assert not caplog.records


def test_without_demo_data_a_demo_is_not_ready_and_another_site_is(client, well, settings):
    User.objects.all().delete()
    assert ready(client)[0] == 503
    settings.DEMO = False
    assert ready(client)[0] == 200


def test_a_dead_broker_is_no_worker_either(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    status, told = ready(client)
    assert (status, told["broker"], told["worker"]) == (503, False, False)


def test_a_database_that_does_not_answer_is_said_and_no_crash(client, well, monkeypatch):
    def broken(*args: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "MigrationExecutor", broken)
    assert ready(client)[1]["database"] is False


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (121, 503)])
def test_figures_that_wait_too_long_make_it_unready(client, well, valley, seconds, status):
    Slice.objects.filter(pk=valley.slice.pk).update(change=1)
    Change.objects.create(
        slice=valley.slice,
        number=1,
        at=timezone.now() - timedelta(seconds=seconds),
        action="test",
    )
    found, told = ready(client)
    assert found == status
    assert seconds <= told["oldest_stale_seconds"] < seconds + 10


def test_figures_that_were_computed_wait_no_more(client, well, valley):
    report(valley.line(valley.moor), 1, "-1")
    assert ready(client)[1]["oldest_stale_seconds"] is not None
    valley.figures()
    assert ready(client)[1]["oldest_stale_seconds"] is None
