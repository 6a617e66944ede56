"""Published files by page: previewed by a worker, stored whole as they were shown, or not."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from outcomes.models import Area, Metric, Observation, ObservationFile
from outcomes.services import (
    AreaSpec,
    MetricSpec,
    ObservationEntry,
    record_observations,
    save_areas,
    save_metrics,
    store_file,
    work_on_file,
)
from outcomes.tasks import sweep_files
from schemes.models.uploads import UploadState
from schemes.people.roles import Role
from tests.factories import a_person
from tests.sheets import csv

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/outcomes/import"
HEADING = "Name,NHS,Social Care,Both,Period_year"
APRIL = "Vale,7,1200,-,April 2019"
BY_BODY = ("nhs", "social-care", "both")


@pytest.fixture
def cora(valley):
    """A commissioner of the valley, which has its council and the metrics by body."""
    save_areas(by=None, specs=[AreaSpec(code="e10000011", name="Vale", kind="council")])
    specs = [
        MetricSpec(system="valley", code=f"delayed-days-{body}", name=f"Delayed days: {body}")
        for body in BY_BODY
    ]
    save_metrics(by=None, specs=specs)
    return a_person("cora", Role.COMMISSIONER, system=valley.system)


@pytest.fixture
def browser(cora):
    client = Client()
    client.force_login(cora)
    return client


def send(browser, content: bytes, mapping: str = "dtoc-by-body"):
    file = SimpleUploadedFile("days.csv", content)
    return browser.post(PAGE, {"mapping": mapping, "file": file})


def work() -> UploadState | None:
    return work_on_file(file_id=ObservationFile.objects.latest("pk").pk)


def shown(browser, address: str) -> str:
    return browser.get(address).content.decode()


def test_from_the_file_to_the_stored_figures(browser, cora):
    address = send(browser, csv(HEADING, APRIL))["Location"]
    assert "The file is being read. Nothing has been stored." in shown(browser, address)
    assert browser.get(f"{address}/progress").json()["reading"] is True
    assert work() == UploadState.READY
    page = shown(browser, address)
    assert "Figures: 3 new. Nothing has been stored yet." in page
    assert "Store 3 changes" in page
    assert "1,200" in page
    assert "April 2019" in page
    assert not Observation.objects.exists()

    assert browser.post(address, {"do": "store"}).status_code == 303
    assert "The figures are being stored, all of them or none." in shown(browser, address)
    assert work() == UploadState.STORED
    page = shown(browser, address)
    assert "The file is stored: 3 new." in page
    assert "What was stored" in page
    assert Observation.objects.count() == 3
    assert ObservationFile.objects.get().content is None

    again = send(browser, csv(HEADING, APRIL))["Location"]
    work()
    assert "There is nothing to store." in shown(browser, again)
    assert browser.post(again, {"do": "store"}).status_code == 422
    assert "Stored" in shown(browser, PAGE)


def test_faults_stand_by_kind_with_row_and_column(browser):
    rows = ["Vale,x,1,1,April 2019", "Vale,y,1,1,May 2019", "Dale,1,1,1,May 2019"]
    address = send(browser, csv(HEADING, *rows))["Location"]
    assert work() == UploadState.REFUSED
    page = shown(browser, address)
    assert "The file cannot be stored: it has 2 faults." in page
    assert "This is not a number. Write it in digits" in page
    assert "Store" not in page.split("</h1>")[1].split("Nothing of it was stored")[1]
    assert ObservationFile.objects.get().content is None


def test_of_a_national_table_the_known_areas_can_be_taken_alone(browser):
    others = [f"Dale {n},1,1,1,April 2019" for n in range(7)]
    address = send(browser, csv(HEADING, APRIL, *others))["Location"]
    assert work() == UploadState.REFUSED
    page = shown(browser, address)
    assert "The file cannot be stored whole: it has 7 faults." in page
    left = "7 areas are not known here and left out: Dale 0, Dale 1, Dale 2, Dale 3, Dale 4 and "
    assert left in page

    browser.post(address, {"do": "known-only"})
    assert work() == UploadState.READY
    page = shown(browser, address)
    assert left in page
    assert "Figures: 3 new." in page
    browser.post(address, {"do": "store"})
    assert work() == UploadState.STORED
    assert Observation.objects.count() == 3
    assert Area.objects.count() == 1


def test_what_is_taken_alone_is_still_all_or_nothing(browser):
    wrong = ["Dale,1,1,1,April 2019", APRIL]  # the vale twice
    address = send(browser, csv(HEADING, APRIL, *wrong))["Location"]
    assert work() == UploadState.REFUSED
    assert "Take the rest alone" not in shown(browser, address)
    browser.post(address, {"do": "known-only"})
    assert work() is None
    assert not Observation.objects.exists()


def test_a_preview_makes_no_area_and_no_metric(valley):
    ada = a_person("sue", Role.SITE_ADMINISTRATOR)
    browser = Client()
    browser.force_login(ada)
    content = csv("period,org_code,type,attendances,breaches", "2019-04-01,RXC,1,10,2")
    address = send(browser, content, "ae-attendances")["Location"]
    assert work() == UploadState.READY
    page = shown(browser, address)
    assert "A&amp;E within four hours, type 1" in page
    assert (Area.objects.count(), Metric.objects.count()) == (0, 0)
    browser.post(address, {"do": "store"})
    assert work() == UploadState.STORED
    within = Observation.objects.get(metric__code="ae-within-four-hours")
    assert (within.numerator, within.denominator, within.value) == (8, 10, 80)


def test_what_somebody_saved_since_the_preview_is_not_written_over(browser, cora, valley):
    address = send(browser, csv(HEADING, APRIL))["Location"]
    work()
    entry = ObservationEntry(
        metric="delayed-days-nhs",
        area="e10000011",
        starts=date(2019, 4, 1),
        ends=date(2019, 4, 30),
        value=Decimal(5),
    )
    record_observations(by=None, system_id=valley.system.pk, entries=[entry])
    browser.post(address, {"do": "store"})
    assert work() == UploadState.READY
    page = shown(browser, address)
    assert "Somebody saved figures of these metrics since the preview" in page
    assert "Figures: 2 new, 1 changed." in page
    assert Observation.objects.get().value == 5
    browser.post(address, {"do": "store"})
    assert work() == UploadState.STORED
    assert Observation.objects.get(metric__code="delayed-days-nhs").value == 7


@pytest.mark.parametrize(
    ("mapping", "content", "said"),
    [
        ("", b"x", "Choose what the file is."),
        ("../own", b"x", "Choose what the file is."),
        ("dtoc-by-body", b"", "Choose a file that holds something."),
    ],
)
def test_what_is_not_taken(browser, mapping, content, said):
    answer = send(browser, content, mapping)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ObservationFile.objects.exists()


def test_a_file_beyond_the_limit_is_not_held(browser, settings):
    settings.UPLOAD_LIMIT = 1024
    answer = send(browser, b"x" * 5000)
    assert answer.status_code == 422
    assert b"larger than" in answer.content


def test_a_bell_that_was_lost_is_rung_again(browser, cora, monkeypatch):
    rung = []
    monkeypatch.setattr("outcomes.tasks.ring_file", rung.append)
    send(browser, csv(HEADING, APRIL))
    file = ObservationFile.objects.get()
    ObservationFile.objects.update(moved_at=timezone.now() - timedelta(minutes=1))
    assert sweep_files() == 1
    assert rung == [file.pk]
    work()
    store_file(by=cora, file_id=file.pk)
    assert work() == UploadState.STORED
    assert work() is None


def test_a_slip_of_ours_is_told_and_the_file_can_be_read_again(browser, monkeypatch):
    address = send(browser, csv(HEADING, APRIL))["Location"]
    with monkeypatch.context() as broken:
        broken.setattr("outcomes.services.files.preview_files", lambda **_: 1 / 0)
        assert work() == UploadState.FAILED
    assert "which is our fault" in shown(browser, address)
    browser.post(address, {"do": "read-again"})
    assert work() == UploadState.READY


def test_the_pages_ask_the_same_number_of_questions(browser, query_count):
    send(browser, csv(HEADING, APRIL))
    work()
    browser.get(PAGE)  # what the frame of every page keeps is made now
    few = query_count(lambda: browser.get(PAGE))
    for _ in range(3):
        send(browser, csv(HEADING, APRIL))
    assert query_count(lambda: browser.get(PAGE)) == few
