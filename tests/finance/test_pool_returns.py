"""Contributions and spend of a pool come in as other lines do: typed, pasted, uploaded."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from finance.models import Outturn, Upload
from finance.services import submit_return
from finance.services.uploads import read_upload
from schemes.people.roles import Role
from tests.factories import a_person
from tests.finance.pooling import a_fund
from tests.money import pounds
from tests.sheets import csv

pytestmark = pytest.mark.django_db

MOOR = "/systems/valley/years/2018-19/partners/moor"


@pytest.fixture
def fund(valley):
    return a_fund(valley)


@pytest.fixture
def finn(valley, fund):
    return a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)


@pytest.fixture
def browser(finn) -> Client:
    client = Client()
    client.force_login(finn)
    return client


def actuals() -> dict[str, int | None]:
    heads = Outturn.objects.filter(month=3, line__partner__code="moor")
    return {head.line.code: head.actual_pence for head in heads.select_related("line")}


BOTH = {"moor-contribution": pounds("150_000"), "moor-pool-spend": pounds("155_000")}


def test_they_are_typed_in_the_month_of_their_quarter(browser):
    page = browser.get(f"{MOOR}/months/3/enter").content.decode()
    assert "Contribution to a pool" in page
    assert "Spend of a pool" in page
    sent = {"actual-moor-contribution": "150,000", "actual-moor-pool-spend": "155k"}
    assert browser.post(f"{MOOR}/months/3/enter", sent).status_code == 200
    assert actuals() == BOTH


def test_they_are_pasted_into_the_year(browser):
    block = "Line\tJun\nmoor-contribution\t150,000\nmoor-pool-spend\t155,000"
    sent = {"do": "store", "text": block, "seen": ""}
    assert browser.post(f"{MOOR}/year/actual", sent).status_code == 200
    assert actuals() == BOTH


def test_they_are_uploaded(browser):
    table = csv("line,actual", "moor-contribution,150000", "moor-pool-spend,155000")
    file = SimpleUploadedFile("june.csv", table)
    address = browser.post(f"{MOOR}/uploads", {"month": "3", "file": file})["Location"]
    read_upload(upload_id=Upload.objects.get().pk)
    assert browser.post(address, {"do": "store"}).status_code == 303
    assert actuals() == BOTH


def test_a_quarterly_line_is_waited_for_at_its_quarter(valley, finn, browser):
    here = {"by": finn, "slice_id": valley.slice.pk, "partner": valley.moor}
    submit_return(month=1, gaps={}, **here)  # nothing is due, so no gap wants a reason
    page = browser.get(f"{MOOR}/months/3/submit").content.decode()
    assert "moor-contribution" in page
    answer = browser.post(f"{MOOR}/months/3/submit")
    assert answer.status_code == 422
