"""The untouched workbooks and whole compiled tables of public bodies, where they are at hand.

They are not part of the project. Name their folder in ESBT_PUBLISHED, or keep it beside the
project as ../shared/data; where they are not, each of these tests says so.
"""

import os
from datetime import date
from pathlib import Path

import pytest

from esbt.kit.counts import Count
from outcomes.models import Area, Observation
from outcomes.services import import_files
from tests.outcomes.importing import shipped_mapping

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("ESBT_PUBLISHED") or PROJECT.parent / "shared" / "data")


def bring(valley, mapping: str, *names: str):
    missing = [name for name in names if not (FOLDER / name).is_file()]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not in {FOLDER}: set ESBT_PUBLISHED to its folder")
    return import_files(
        by=None,
        system_id=valley.system.pk,
        mapping=shipped_mapping(mapping),
        files=[(name, (FOLDER / name).read_bytes()) for name in names],
    )


def value(metric: str, area: str, starts: date) -> int | None:
    return Observation.objects.get(metric__code=metric, area__code=area, starts=starts).value


def test_the_workbooks_of_delays_are_read_untouched(valley):
    both = ("raw_dtoc_Aug_17.xls", "raw_dtoc_Dec_19.xls")
    # 151 councils and England, then one council fewer
    assert bring(valley, "dtoc-workbook-by-reason", *both).count == Count(created=12 * (152 + 151))
    again = bring(valley, "dtoc-workbook-by-body", *both).count
    assert again == Count(created=3 * (152 + 151), unchanged=152 + 151)  # both sheets have totals
    august = date(2017, 8, 1)
    assert value("delayed-days", "e92000001", august) == 180285
    assert value("delayed-days-housing", "e92000001", august) == 5557
    assert value("delayed-days-nhs", "e92000001", august) == 100455
    assert value("delayed-days", "e92000001", date(2019, 12, 1)) == 148101


def test_the_workbook_of_activity_is_read_untouched(valley):
    imported = bring(valley, "mar-workbook", "raw_mar_Jan_18.xls")
    assert imported.count == Count(created=4 * 209)
    (warning,) = imported.warnings
    assert warning.value == "2017-18 Janaury"
    january = date(2018, 1, 1)
    assert value("non-elective-admissions", "99k", january) == 1409
    assert value("first-outpatients", "e92000001", january) == 1627231


def test_the_delays_of_all_councils_and_months_load_whole(valley):
    name = "dtoc_days_by_reason_la_2011-2019.csv"
    imported = bring(valley, "dtoc-by-reason", name)
    assert imported.count == Count(created=12 * 15847)
    changed = [fault.message for fault in imported.warnings]
    assert (
        "'East Sussex' stands here under '815' and elsewhere under 'e10000011': one area."
        in changed
    )
    assert Observation.objects.filter(area__code="e10000011").count() == 12 * 105
    assert Area.objects.filter(name="East Sussex").count() == 1
