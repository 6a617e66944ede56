"""Loading a data package by page: a report of everything, or nothing at all."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from esbt.loading import TABLES
from finance.models import Outturn
from schemes.models import Body, System
from schemes.people.roles import Role
from schemes.services.bodies import BodySpec, save_bodies
from tests.factories import a_person
from tests.packages import MONEY, SYSTEM, write_package

PAGE = "/administration/packages"
EAST_SUSSEX = Path(__file__).parents[2] / "fixtures" / "east-sussex"

pytestmark = pytest.mark.django_db


@pytest.fixture
def sue() -> Client:
    browser = Client()
    browser.force_login(a_person("sue", Role.SITE_ADMINISTRATOR))
    return browser


def test_the_page_leads_to_a_description_of_every_column(sue):
    address = f"{PAGE}/datapackage.json"
    assert f'href="{address}"' in sue.get(PAGE).content.decode()
    found = sue.get(address).json()["resources"]
    tables = {item["name"]: item["schema"]["fields"] for item in found}
    assert tables.keys() == TABLES.keys()
    assert {"system", "year", "partner", "line"} <= {item["name"] for item in tables["lines"]}


def zipped(folder: Path, name: str = "valley.zip") -> SimpleUploadedFile:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for path in folder.iterdir():
            file.write(path, path.name)
    return SimpleUploadedFile(name, held.getvalue(), "application/zip")


def said(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:3000].decode()
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_a_package_is_loaded_with_its_report_and_again_changes_nothing(sue, settings):
    settings.DEMO = False
    page = said(sue.post(PAGE, {"package": zipped(EAST_SUSSEX, "east-sussex.zip")}))
    assert "The package is loaded" in page
    assert re.search(r"outturns \d+ 0 0", page)
    assert "Printed totals and variances, computed again" in page
    assert "Facts that are not simply printed" in page
    again = said(sue.post(PAGE, {"package": zipped(EAST_SUSSEX, "east-sussex.zip")}))
    assert "The package said nothing new: 0 rows created, 0 updated" in again
    audit = said(sue.get("/systems/east-sussex/audit?action=package+loaded"))
    assert audit.count("Data package loaded sue") == 1
    assert re.search(r"east-sussex\.zip: created \d+, updated \d+", audit)
    # facts come from the documents, whoever loaded them
    assert not Outturn.objects.filter(line__slice__changes__actor__isnull=False).exists()


def test_what_people_said_meanwhile_stays_and_is_told(sue, tmp_path):
    def load(name: str, remit: str):
        bodies = ["system,code,name,remit", f"valley,board,{name},{remit}"]
        return sue.post(
            PAGE,
            {"package": zipped(write_package(tmp_path / "valley", SYSTEM | {"bodies": bodies}))},
        )

    load("Board", "Finance")
    spec = BodySpec(system="valley", code="board", name="Recovery Board", remit="Finance")
    save_bodies(by=a_person("ada", Role.SITE_ADMINISTRATOR), specs=[spec])
    page = said(load("The Board", "Finance and quality"))
    assert "Not taken, since people said otherwise meanwhile" in page
    assert "valley/bodies.csv, row 2, name: Left as somebody put it on" in page
    assert "The package has &#x27;The Board&#x27;." in page
    found = Body.objects.get()
    assert (found.name, found.remit) == ("Recovery Board", "Finance and quality")


def test_one_bad_cell_stores_nothing_and_is_named(sue, tmp_path):
    bad = [*MONEY["outturns"]]
    bad[1] = bad[1].replace("-2.25", "2.2.5")
    folder = write_package(tmp_path / "valley", SYSTEM | MONEY | {"outturns": bad})
    page = said(sue.post(PAGE, {"package": zipped(folder)}), 422)
    assert "Nothing was stored" in page
    assert "1 fault. Mend" in page
    assert "valley/outturns.csv, row 2, amount" in page
    assert "2.2.5" in page
    assert not System.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "Choose a zip file."),
        (b"no zip at all", "This is not a whole zip file"),
        (b"", "This is not a whole zip file"),
    ],
)
def test_what_is_no_package_is_refused_in_words(sue, content, words):
    sent = {} if content is None else {"package": SimpleUploadedFile("a.zip", content)}
    assert words in said(sue.post(PAGE, sent), 422)


def test_a_file_beyond_the_limit_is_not_kept(sue, settings):
    settings.UPLOAD_LIMIT = 1024 * 1024
    sent = SimpleUploadedFile("large.zip", b"x" * (1024 * 1024 + 1))
    page = said(sue.post(PAGE, {"package": sent}), 422)
    assert "large.zip: A zip has at most 1 MB here." in page
