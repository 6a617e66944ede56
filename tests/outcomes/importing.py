"""A small system into which tests import files, and mappings that they write."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from esbt.kit.problems import Fault, Refused
from outcomes.models import Observation
from outcomes.services import Imported, MetricSpec, import_files, save_metrics
from outcomes.workbook.mapping import Mapping, read_mapping, shipped
from tests.factories import Valley

BASE = """
title = "Delays by council"
missing = { "-" = "missing", "*" = "suppressed", "NA" = "missing" }

[file]
kind = ["csv", "xlsx"]

[period]
column = "Month"
kind = "month"
format = "April 2019"

[areas]
code = "Code"
name = "Name"
kind = "council"
find = "by code, else by name"
add = true

[areas.registers]
ONS = 'E\\d{8}'
CASSR = '\\d{3}'

[unpivot]
"Days" = "delays"

[evidence]
source = "returns"
place = "Table 1"

[source]
title = "Monthly returns"
publisher = "The Valley Office"
licence = "Open Government Licence v3.0"
"""
HEADING = "Code,Name,Days,Month"
MAY = "E10000011,Vale,70,May 2018"


def mapping(**changes: Any) -> Mapping:
    """The mapping of most tests with some of its tables replaced; None takes one out."""
    held = tomllib.loads(BASE) | changes
    return Mapping.model_validate({name: part for name, part in held.items() if part is not None})


def shipped_mapping(name: str) -> Mapping:
    return read_mapping(shipped()[name])


def with_metrics(valley: Valley) -> Valley:
    """The valley with a count and a percentage."""
    common = {"system": "valley", "direction": "decrease"}
    save_metrics(
        by=None,
        specs=[
            MetricSpec(code="delays", name="Delayed days", **common),
            MetricSpec(
                code="late", name="Late", unit="percent", per=100, decimals=1,
                numerator="late", denominator="all", **common,
            ),
        ],
    )  # fmt: skip
    return valley


def bring(valley: Valley, *contents: bytes, by: Any = None, of: Mapping | None = None) -> Imported:
    """Import files called a.csv, b.csv and so on."""
    files = [(f"{letter}.csv", content) for letter, content in zip("abc", contents, strict=False)]
    return import_files(by=by, system_id=valley.system.pk, mapping=of or mapping(), files=files)


def refused(
    valley: Valley, *contents: bytes, by: Any = None, of: Mapping | None = None
) -> list[Fault]:
    """The faults of an import, of which nothing is stored."""
    with pytest.raises(Refused) as found:
        bring(valley, *contents, by=by, of=of)
    assert not Observation.objects.exists()
    return found.value.faults
