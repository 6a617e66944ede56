"""Files from arrival to end: previewed, stored whole or not at all, never shown to strangers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from esbt.kit.problems import Conflict, Refused
from finance import tasks
from finance.models import Outturn, OutturnRevision, Upload
from finance.queries.uploads import recent_uploads, stored_before, visible_upload
from finance.services import uploads
from finance.services.uploads import (
    read_again,
    read_upload,
    receive_upload,
    store_upload,
    tidy_uploads,
    unheard_uploads,
)
from schemes.people.roles import Role
from tests.factories import a_person, move, report
from tests.finance.uploading import a_lead, faults, messages, nothing_stored
from tests.money import pounds
from tests.sheets import csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(valley):
    return a_lead(valley)


TABLE = csv("line,actual,comment", "pay,1200.50,Agency staff", "fees,-30,")


def test_a_file_is_previewed_and_then_stored(lead):
    report(lead.pay, 4, "1000", comment="Agency staff")
    upload = lead.send(TABLE)
    assert (upload.state, upload.report["flaws"]) == ("ready", [])
    assert upload.report["counts"] == {"created": 1, "changed": 1, "unchanged": 1}
    assert [(c["line"], c["old"], c["new"], c["cell"]) for c in upload.report["changes"]] == [
        ("pay", pounds("1_000"), pounds("1_200.50"), "B2"),
        ("fees", None, pounds("-30"), "B3"),
    ]
    assert lead.actual(lead.pay) == pounds("1_000")

    lead.store(upload)
    assert (lead.actual(lead.pay), lead.actual(lead.fees)) == (pounds("1_200.50"), pounds("-30"))
    assert (upload.state, upload.content) == ("stored", None)
    assert upload.change == lead.valley.fresh().change
    assert OutturnRevision.objects.filter(change=upload.change, actor=lead.user).count() == 2
    assert Outturn.objects.get(line=lead.pay).comment == "Agency staff"


def test_the_same_file_twice_changes_nothing_and_says_so(lead):
    first = lead.store(lead.send(TABLE))
    second = lead.send(TABLE, name="another name.csv")
    assert (second.state, second.report["changes"]) == ("ready", [])
    assert second.report["counts"]["unchanged"] == 3
    assert stored_before(second) == first
    with pytest.raises(Refused, match="nothing that can be stored"):
        lead.store(second)


def test_storing_twice_stores_once(lead):
    upload = lead.store(lead.send(TABLE))
    assert store_upload(by=lead.user, upload_id=upload.pk) is None
    assert OutturnRevision.objects.count() == 2


def test_one_fault_stores_nothing_and_the_file_is_forgotten(lead):
    upload = lead.send(csv("line,actual", "pay,12", "fees,12.3.4"))
    assert (upload.state, upload.content) == ("refused", None)
    assert faults(upload) == [("amount", "B3")]
    assert len(upload.sha256) == 64
    with pytest.raises(Refused):
        lead.store(upload)
    assert nothing_stored()


def test_a_newer_value_since_the_preview_is_shown_beside_the_files_and_nothing_is_stored(lead):
    upload = lead.send(TABLE)
    report(lead.pay, 4, "900")
    with pytest.raises(Conflict) as refused:
        lead.store(upload)
    assert [value["actual_pence"] for value in refused.value.newer] == [pounds("900")]
    assert (lead.actual(lead.pay), lead.actual(lead.fees)) == (pounds("900"), None)
    assert read_again(by=lead.user, upload_id=upload.pk)
    read_upload(upload_id=upload.pk)
    lead.store(Upload.objects.get(pk=upload.pk))
    assert lead.actual(lead.pay) == pounds("1_200.50")


def test_amounts_beyond_reason_are_stored_once_they_are_confirmed(lead):
    lead.valley.plan({lead.pay: "1_000_000"})
    upload = lead.send(csv("line,actual", "pay,90000000"))
    assert upload.report["doubts"] == 1
    assert "beyond what this line" in upload.report["changes"][0]["doubt"]
    with pytest.raises(Refused) as refused:
        lead.store(upload)
    assert refused.value.code == "confirm"
    lead.store(upload, confirmed=True)
    assert lead.actual(lead.pay) == pounds("90_000_000")


@pytest.mark.parametrize("state", ["submitted", "approved", "closed"])
def test_a_month_that_was_handed_on_takes_no_file(lead, state):
    move(lead.valley.slice, state, 4, lead.valley.moor)
    upload = lead.send(TABLE)
    assert [kind for kind, _ in faults(upload)] == ["closed"] * 3
    assert state in messages(upload)


def test_what_stands_already_may_stand_in_a_closed_month(lead):
    report(lead.pay, 3, "5")
    move(lead.valley.slice, "closed", 3, lead.valley.moor)
    upload = lead.send(csv("line,month,actual", "pay,3,5", "pay,4,6"), None)
    assert (upload.state, len(upload.report["changes"])) == ("ready", 1)


# who


def test_only_who_may_enter_sends_sees_and_stores(lead):
    tess = a_person("tess", Role.FINANCE_LEAD, partner=lead.valley.hill)
    upload = lead.send(TABLE)
    there = {"slice_id": lead.valley.slice.pk, "partner": lead.valley.moor}
    with pytest.raises(Http404):
        receive_upload(by=tess, month=4, name="a.csv", content=TABLE, **there)
    with pytest.raises(Http404):
        store_upload(by=tess, upload_id=upload.pk)
    with pytest.raises(Http404):
        read_again(by=tess, upload_id=upload.pk)
    with pytest.raises(Http404):
        visible_upload(tess, lead.valley.slice, lead.valley.moor, upload.pk)
    assert recent_uploads(lead.valley.slice, lead.valley.moor, tess) == []
    assert recent_uploads(lead.valley.slice, lead.valley.moor, lead.user) == [upload]


def test_a_file_of_two_partners_is_seen_by_who_enters_for_both(lead):
    """Dale's lead enters for the group as well; fell's lead for the group, and not for dale."""
    valley = lead.valley
    lead.user = a_person("dora", Role.FINANCE_LEAD, partner=valley.dale)
    flo = a_person("flo", Role.FINANCE_LEAD, partner=valley.fell)
    valley.line(valley.ccgs, "spend", "theirs")
    own = valley.line(valley.dale, "spend", "own")
    content = lead.workbook(4, valley.dale, valley.ccgs, cells={"G5": 7})
    upload = lead.send(content, partner=valley.ccgs)
    assert (upload.state, upload.partners) == ("ready", ["dale", "ccgs"])
    with pytest.raises(Http404):
        visible_upload(flo, valley.slice, valley.ccgs, upload.pk)
    with pytest.raises(Http404):
        store_upload(by=flo, upload_id=upload.pk)
    lead.store(upload)
    assert lead.actual(own) == pounds("7")


# what may go wrong on the way


def test_a_file_beyond_the_limit_is_refused_in_words(lead, settings):
    settings.UPLOAD_LIMIT = 1024**2
    with pytest.raises(Refused, match="larger than 1 MB"):
        lead.send(b"x" * (1024**2 + 1))
    assert not Upload.objects.exists()


def test_an_empty_file_is_refused(lead):
    with pytest.raises(Refused, match="holds something"):
        lead.send(b"")


def later(upload: Upload, **ago: int) -> None:
    """Have an upload stand as if nothing had happened to it for a while."""
    then = timezone.now() - timedelta(**ago)
    Upload.objects.filter(pk=upload.pk).update(moved_at=then, at=then)


def test_a_file_whose_bell_was_lost_is_rung_for_by_the_sweep(lead, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "ring_upload", rung.append)
    upload = receive_upload(
        by=lead.user,
        slice_id=lead.valley.slice.pk,
        partner=lead.valley.moor,
        month=4,
        name="a.csv",
        content=TABLE,
    )
    tasks.sweep_stale_slices()
    assert rung == []
    later(upload, seconds=6)
    tasks.sweep_stale_slices()
    assert rung == [upload.pk]


def test_a_reader_that_died_is_followed_by_another_and_two_do_not_read_at_once(lead):
    upload = lead.send(TABLE)
    Upload.objects.filter(pk=upload.pk).update(state="reading")
    assert read_upload(upload_id=upload.pk) is None
    later(upload, minutes=3)
    assert unheard_uploads() == [upload.pk]
    assert read_upload(upload_id=upload.pk) == "ready"
    assert read_upload(upload_id=upload.pk) is None


def test_a_file_that_kills_every_reader_is_given_up(lead):
    upload = lead.send(TABLE)
    Upload.objects.filter(pk=upload.pk).update(state="reading")
    later(upload, minutes=11)
    tidy_uploads()
    upload.refresh_from_db()
    assert upload.state == "failed"
    assert "our fault" in upload.report["error"]


def test_a_reader_that_fails_says_so_and_can_be_asked_again(lead, monkeypatch, caplog):
    with monkeypatch.context() as broken:
        broken.setattr(uploads, "read_figures", lambda *_: 1 / 0)
        upload = lead.send(TABLE)
    assert upload.state == "failed"
    assert "ZeroDivisionError" in caplog.text
    assert read_again(by=lead.user, upload_id=upload.pk)
    assert read_upload(upload_id=upload.pk) == "ready"


def test_a_file_is_forgotten_after_a_week_and_its_report_stays(lead):
    upload = lead.send(TABLE)
    later(upload, days=6)
    assert tidy_uploads() == 0
    later(upload, days=8)
    assert tidy_uploads() == 1
    upload.refresh_from_db()
    assert (upload.content, len(upload.report["changes"])) == (None, 3)
    assert not read_again(by=lead.user, upload_id=upload.pk)


def test_a_later_file_for_the_same_month_takes_the_place_of_one_that_waits(lead):
    first, other = lead.send(TABLE), lead.send(csv("line,actual", "pay,1"), 5)
    second = lead.send(csv("line,actual", "pay,2"))
    states = [Upload.objects.get(pk=item.pk).state for item in (first, other, second)]
    assert states == ["superseded", "ready", "ready"]


def test_the_database_keeps_the_content_of_what_is_unread(lead):
    upload = lead.send(TABLE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(state="received", content=None)


@pytest.mark.parametrize("month", ["4", "July 2018", "jul-18", "2018-07", "M4", "July"])
@pytest.mark.parametrize("year", ["2018-19", "2018/19", "2018/2019", ""])
def test_a_table_says_its_month_and_year_as_people_write_them(lead, month, year):
    upload = lead.send(csv("line,year,month,actual", f"pay,{year},{month},100"), name="x.csv")
    assert [change["month"] for change in upload.report["changes"]] == [4]


@pytest.mark.parametrize(
    ("year", "month", "words"),
    [("2018-19", "July 2019", "is not a month"), ("2019/20", "4", "is not 2018/19, the year")],
)
def test_a_table_of_another_year_is_refused(lead, year, month, words):
    upload = lead.send(csv("line,year,month,actual", f"pay,{year},{month},100"), name="x.csv")
    assert words in messages(upload)
