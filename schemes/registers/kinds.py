"""The typed registers: what each holds, and what is worked out from a row.

One list of kinds; the table, loader, pages, spreadsheets and API of all of them read it. Adding a
register is adding a row class and a line at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from esbt.kit.rows import Code, Figure, Whole
from schemes.package.base import EvidencedRow, Long, Name, Phrase, When, Word


class RegisterEntry(EvidencedRow):
    """What a row of every register has; the other columns are its kind's own."""

    system: Code
    code: Code
    name: Annotated[str, Field(max_length=300)]
    position: Annotated[Whole, Field(ge=0, le=99999)] = Field(0, title="Place in the order")
    note: Long = ""


class EngagementKind(StrEnum):
    """How people were heard."""

    EVENT = "event"
    GROUP = "group"
    PANEL = "panel"
    CONSULTATION = "consultation"
    MESSAGE = "message"


class Engagement(RegisterEntry):
    """When and how people were heard, what they said, and what changed because of it."""

    kind: EngagementKind
    held: When = Field("", title="When", description="When, as precisely as it is known")
    audience: Phrase = Field("", description="Who took part")
    theme: Name = Field("", description="What it was about")
    said: Long = Field("", title="What people said")
    changed: Long = Field("", title="What changed because of it")
    people: Annotated[Whole, Field(ge=0)] | None = Field(None, description="How many took part")


class LocalityKind(StrEnum):
    """What works in a locality."""

    GROUP = "planning-group"
    NETWORK = "network"
    HUB = "hub"
    AREA = "area"


class Locality(RegisterEntry):
    """A locality, its group or its network."""

    kind: LocalityKind
    area: Phrase = Field("", description="Which part of the system it covers")
    practices: Annotated[Whole, Field(ge=0)] | None = Field(None, title="General practices")
    members: Long = Field("", description="Who belongs to it: partners and roles")
    priorities: Long = Field("", description="What it works on")


class Capacity(RegisterEntry):
    """Beds, places or services of a market, with the demand for them."""

    setting: Phrase = Field(description="Such as acute, community, nursing home")
    area: Phrase = ""
    period: When = Field("", description="When this holds")
    unit: Word = Field("", description="Such as beds or places")
    capacity: Annotated[Figure, Field(ge=0)] | None = None
    demand: Annotated[Figure, Field(ge=0)] | None = None
    waiting: Annotated[Whole, Field(ge=0)] | None = Field(None, title="People waiting")
    stay_days: Annotated[Figure, Field(ge=0)] | None = Field(None, title="Length of stay, days")
    rating: Phrase = Field("", description="The regulator's rating, where there is one")


class PopulationFact(RegisterEntry):
    """A fact about the people of a place beside that of another."""

    group: Name = Field(description="Who is counted")
    area: Phrase = ""
    period: When = Field("", description="The year or date that it is of")
    unit: Word = Field("", description="Such as % or people")
    value: Figure | None = None
    hedge: Word = Field("", description="The source's own word, such as over")
    comparator: Phrase = Field("", description="Whom it is compared with")
    comparator_value: Figure | None = Field(None, title="Value of the comparator")


class DatasetKind(StrEnum):
    """What is kept track of."""

    DATASET = "dataset"
    LINK = "link"
    SYSTEM = "system"
    STANDARD = "standard"


class Dataset(RegisterEntry):
    """A data set, a link between systems or a standard, and how far it has come."""

    kind: DatasetKind
    owner: Code = Field("", description="Code of the partner that keeps it")
    joins: Long = Field("", description="What it joins")
    coverage: Phrase = Field("", description="Whom or what it covers")
    status: Phrase = Field("", description="How far it has come")
    due: When = ""


class Offer(RegisterEntry):
    """An item of a local offer, or an area of joint commissioning, and how ready it is."""

    part: Phrase = Field(description="Such as local offer or commissioning framework")
    owner_role: Phrase = Field("", description="A role, never a person")
    ready: Phrase = Field("", description="How ready it is")
    shown_by: Long = Field("", description="What shows it")
    due: When = ""


class RiskGroup(RegisterEntry):
    """A group of people at risk, in aggregate only: its share, and how many that would be."""

    horizon: Phrase = Field("", description="Over what time")
    threshold: Phrase = Field("", description="Who is in it")
    share_percent: Annotated[Figure, Field(ge=0, le=100)] | None = Field(None, title="Share, %")
    population: Annotated[Whole, Field(ge=0)] | None = Field(
        None, description="Of how many; blank: not stated"
    )


Derived = Callable[[Mapping[str, Any]], Mapping[str, Decimal | None]]


def _gap_of(one: str, other: str) -> Derived:
    """What one column has beyond another; None where either is not stated."""

    def gap(values: Mapping[str, Any]) -> Mapping[str, Decimal | None]:
        first, second = values.get(one), values.get(other)
        known = first not in (None, "") and second not in (None, "")
        return {"gap": Decimal(str(first)) - Decimal(str(second)) if known else None}

    return gap


def _expected(values: Mapping[str, Any]) -> Mapping[str, Decimal | None]:
    share, population = values.get("share_percent"), values.get("population")
    if share in (None, "") or population in (None, ""):
        return {"expected": None}
    return {"expected": Decimal(str(share)) * Decimal(str(population)) / 100}


@dataclass(frozen=True)
class RegisterKind:
    """A register: its code in addresses, its table in packages, and its columns."""

    code: str
    name: str
    about: str
    row: type[RegisterEntry]
    derived: Derived | None = None
    derived_words: Mapping[str, str] | None = None  # what each worked out figure is

    @property
    def table(self) -> str:
        """The name of its table in a data package."""
        return self.code.replace("-", "_")

    @property
    def columns(self) -> Sequence[str]:
        """Its own columns, in order."""
        common = {*RegisterEntry.model_fields}
        return [name for name in self.row.model_fields if name not in common]


KINDS: tuple[RegisterKind, ...] = (
    RegisterKind(
        "engagement",
        "Engagement log",
        "Events, groups and messages through which people were heard, and what came of it.",
        Engagement,
    ),
    RegisterKind(
        "localities",
        "Localities and networks",
        "The parts of a place, with the groups and networks that plan and deliver there.",
        Locality,
    ),
    RegisterKind(
        "capacity",
        "Care market and bed capacity",
        "Beds, places and services of each setting beside the demand for them.",
        Capacity,
        _gap_of("capacity", "demand"),
        {"gap": "capacity less demand: below 0 there are too few"},
    ),
    RegisterKind(
        "population",
        "Population facts",
        "What is known of the people who live here, beside another place.",
        PopulationFact,
        _gap_of("value", "comparator_value"),
        {"gap": "value less that of the comparator, in the row's unit"},
    ),
    RegisterKind(
        "datasets",
        "Data sets and record links",
        "Data sets, links between systems and standards, and how far each has come.",
        Dataset,
    ),
    RegisterKind(
        "offers",
        "Local offer and joint commissioning",
        "What people are to be offered and what is commissioned jointly, and how ready it is.",
        Offer,
    ),
    RegisterKind(
        "risk-groups",
        "Groups at risk",
        "Groups of people at risk, in aggregate: shares and the numbers that they would make.",
        RiskGroup,
        _expected,
        {"expected": "share of the population: people, where the population is stated"},
    ),
)
BY_CODE: Mapping[str, RegisterKind] = {kind.code: kind for kind in KINDS}
