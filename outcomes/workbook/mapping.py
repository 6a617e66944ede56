"""Mapping files: how a published table is read into values of metrics, as text to be reviewed.

docs/mappings.md says how one is written. A name of a column, sheet or row may hold ``*``, which
stands for any text; capitals and repeated blanks do not matter.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from django.conf import settings
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from esbt.kit.problems import Fault, Refused
from outcomes.models import Area, Direction, Frequency, Standing, Unit
from outcomes.workbook.periods import FORMATS

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "mappings"


def _listed(value: object) -> object:
    return [value] if isinstance(value, (str, int)) else value


Patterns = dict[str, Annotated[list[str], BeforeValidator(_listed)]]  # by the column's name
Names = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]
Cell = Annotated[str, Field(pattern=r"^[A-Za-z]{1,3}[1-9]\d{0,6}$")]
Missing = Literal["missing", "suppressed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=True)


class FilePart(_Part):
    """What kind of file it is and where its headings stand.

    Two heading rows are read as one: "Delayed Days: NHS" under a group "Delayed Days".
    """

    kind: Annotated[list[Literal["csv", "xls", "xlsx"]], BeforeValidator(_listed)]
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str = ""
    heading: Annotated[list[int], BeforeValidator(_listed), Field(min_length=1, max_length=2)] = [1]


class PeriodPart(_Part):
    """Where the period stands: columns that are joined by a blank, or one cell such as C5."""

    column: Annotated[list[str], BeforeValidator(_listed)] = []
    cell: Cell | Literal[""] = ""
    kind: Literal["day", "month", "quarter", "financial year"]
    format: Literal[*FORMATS]  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _one_place(self) -> PeriodPart:
        if bool(self.column) == bool(self.cell):
            raise ValueError("Name either the column of the period or its cell.")
        return self


class SameArea(_Part):
    """The area that a code or name of the file means."""

    code: str
    name: str = ""
    kind: Area.Kind = Area.Kind.COUNTRY


class AreasPart(_Part):
    """Where the area stands, how it is found, and whether one that is not known is added."""

    code: Annotated[list[str], BeforeValidator(_listed)] = []
    name: str = ""
    kind: Area.Kind
    find: Literal["by code", "by code, else by name", "by name"] = "by code"
    add: bool = False
    registers: dict[str, str] = {}  # the register of codes by the pattern of a code, in order
    same: dict[str, SameArea] = {}

    @model_validator(mode="after")
    def _has_place(self) -> AreasPart:
        if self.find != "by name" and not self.code:
            raise ValueError("Name the column of the code, or write find = 'by name'.")
        if self.find != "by code" and not self.name:
            raise ValueError("Name the column of the name, or write find = 'by code'.")
        return self


class ValuePart(_Part):
    """The columns that make a metric's value; ``less`` is taken off the numerator."""

    metric: str = ""
    value: str = ""
    numerator: str = ""
    less: str = ""
    denominator: str = ""
    zero_denominator: Missing | Literal[""] = ""
    where: Patterns = {}  # only in rows in which these columns hold this

    @model_validator(mode="after")
    def _has_value(self) -> ValuePart:
        if not self.value and not (self.numerator and self.denominator):
            raise ValueError("Name the value's column, or those of numerator and denominator.")
        return self


class MetricColumns(_Part):
    """Of a long table: the column that names the metric, and the metric of each thing in it.

    With a prefix each names its own: "aa_percent" is "rx-aa-percent" with the prefix "rx-".
    """

    column: str
    metrics: dict[str, str] = {}
    prefix: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> MetricColumns:
        if bool(self.metrics) == bool(self.prefix):
            raise ValueError("Give either the metrics or a prefix.")
        return self


class CellPart(_Part):
    """A single cell that is the value of a metric for an area."""

    cell: Cell
    metric: str
    area: str


class SourcePart(_Part):
    """A source that is made where it does not stand yet."""

    title: str
    publisher: str
    url: str = ""
    licence: str = ""


class EvidencePart(_Part):
    """The source by its code, and the place in it."""

    source: str
    place: Annotated[str, Field(min_length=1, max_length=120)]


class MetricPart(_Part):
    """A metric that is made where the system has none of that code."""

    name: Annotated[str, Field(max_length=200)]
    direction: Direction
    why: str = ""
    numerator: str = ""
    denominator: str = ""
    unit: Unit = Unit.NUMBER
    unit_words: str = ""
    per: int = 1
    decimals: int = 0
    frequency: Frequency = Frequency.MONTHLY
    part_of: str = ""
    part_kind: str = ""
    quality: str = ""


class Mapping(_Part):
    """One mapping file."""

    title: str
    file: FilePart
    period: PeriodPart
    areas: AreasPart | None = None
    unpivot: dict[str, str] = {}  # the metric by the column of its value
    values: list[ValuePart] = []
    columns: MetricColumns | None = None
    cells: list[CellPart] = []
    parts: Names | None = None  # columns that tell rows apart which are then added
    leave_out: Patterns = {}
    missing: dict[str, Missing] = {}
    scale: Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,9})?$")] = "1"
    standing: Literal[Standing.FINAL, Standing.PROVISIONAL] = Standing.FINAL
    evidence: EvidencePart
    source: SourcePart | None = None
    metrics_share: dict[str, Any] = {}  # what all the metrics below have in common
    metrics: dict[str, MetricPart] = {}

    @model_validator(mode="before")
    @classmethod
    def _shared(cls, held: Any) -> Any:
        """Give each metric what all have in common."""
        if isinstance(held, dict) and isinstance(held.get("metrics"), dict):
            shared = held.get("metrics_share", {})
            metrics = {code: {**shared, **own} for code, own in held["metrics"].items()}
            return {**held, "metrics": metrics}
        return held

    @model_validator(mode="after")
    def _one_form(self) -> Mapping:
        if not (self.unpivot or self.values or self.cells):
            raise ValueError("Say what the values are: unpivot, values or cells.")
        if (self.unpivot or self.values) and not self.areas:
            raise ValueError("Say where the areas stand.")
        if self.cells and (self.unpivot or self.values or not self.period.cell):
            raise ValueError("Single cells stand alone, under a period that is a cell.")
        bare = any(not value.metric for value in self.values)
        if self.columns and (self.unpivot or not bare or len(self.values) != 1):
            raise ValueError("With a column of metrics there is one value, without a metric.")
        if bare and not self.columns:
            raise ValueError("Each value names its metric.")
        if self.parts and self.columns:
            raise ValueError("Rows are added only where columns name their metrics.")
        return self

    def figures(self) -> list[ValuePart]:
        """What each row of the table gives."""
        return [
            *(ValuePart(metric=metric, value=column) for column, metric in self.unpivot.items()),
            *self.values,
        ]


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file; raises Refused with what is wrong in it and where."""
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        raise Refused(
            Fault(
                f"{_words(item)} docs/mappings.md says how a mapping is written.",
                ".".join(map(str, item["loc"])),
                "" if isinstance(item["input"], (dict, list)) else str(item["input"])[:60],
                file=path.name,
            )
            for item in error.errors()
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        said = f"This is not TOML ({error}). Mend it; docs/mappings.md has an example."
        raise Refused([Fault(said, file=path.name)]) from error
    except OSError as error:
        said = "There is no such mapping file. Those that ship are in fixtures/mappings."
        raise Refused([Fault(said, file=str(path))]) from error


def _words(item: Any) -> str:
    error = item.get("ctx", {}).get("error")
    return str(error) if isinstance(error, ValueError) else f"{item['msg']}."


def shipped() -> dict[str, Path]:
    """The mapping files that ship, by name without ending."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def plain(text: str) -> str:
    """A heading or name without what does not matter in it: capitals and repeated blanks."""
    return " ".join(text.split()).casefold()


def matches(pattern: str, text: str) -> bool:
    """Whether a text is what a mapping names, in which ``*`` is any text."""
    form = ".*".join(re.escape(part) for part in plain(pattern).split("*"))
    return re.fullmatch(form, plain(text)) is not None
