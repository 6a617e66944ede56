"""How a partner's general ledger is read into its lines: the definition that a mapping keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from fnmatch import translate
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from esbt.kit.problems import Fault

BLANK = "(blank)"  # stands in a pattern for rows without a code
MAX_PATTERNS = 2000


class Unit(StrEnum):
    """What an amount of the extract counts."""

    POUNDS = "pounds"
    PENCE = "pence"
    THOUSANDS = "thousands"


class Pattern(BaseModel):
    """Codes, and what becomes of them: they go to a line, or are left out for a reason.

    ``codes`` is a code, the start of one with a star behind it, or a pattern with * and ?. ``sign``
    is -1 where the ledger counts the other way than the line.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    codes: str = Field(min_length=1, max_length=60)
    line: str = Field(default="", max_length=60)
    sign: Literal[1, -1] = 1
    reason: str = Field(default="", max_length=300)

    @model_validator(mode="after")
    def _says_where(self) -> Pattern:
        if not self.line and not self.reason:
            raise ValueError("Name the line, or say why these codes are left out.")
        return self


class Definition(BaseModel):
    """Where an extract has what, and which codes go where; the first pattern that matches counts.

    Columns are named by their headings in row ``header_row``. Without a month column all rows are
    of the month that is uploaded.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    header_row: int = Field(default=1, ge=1, le=100)
    code: str = Field(min_length=1, max_length=80)
    amount: str = Field(min_length=1, max_length=80)
    month: str = Field(default="", max_length=80)
    description: str = Field(default="", max_length=80)
    unit: Unit = Unit.POUNDS
    amounts: Literal["to-date", "in-month"] = "to-date"
    measure: Literal["actual", "forecast"] = "actual"
    patterns: tuple[Pattern, ...] = Field(default=(), max_length=MAX_PATTERNS)

    @model_validator(mode="after")
    def _fits_together(self) -> Definition:
        if self.measure == "forecast" and self.amounts == "in-month":
            raise ValueError("A forecast is for the year: choose amounts to date.")
        return self


def matcher(definition: Definition) -> Callable[[str], Pattern | None]:
    """A function that finds the pattern of a code, remembering what it found."""
    compiled = [
        (re.compile(translate(pattern.codes.lower())), pattern) for pattern in definition.patterns
    ]
    known: dict[str, Pattern | None] = {}

    def find(code: str) -> Pattern | None:
        if code not in known:
            asked = code.lower()
            known[code] = next((p for form, p in compiled if form.match(asked)), None)
        return known[code]

    return find


_IGNORED = re.compile(r"(?:ignore|left out|leave out)\s*:?\s*(?P<reason>.*)", re.IGNORECASE)


def read_patterns(text: str) -> tuple[list[Pattern], list[Fault]]:
    """Patterns from lines of text such as "61* = pay", "7* = income -" and "99* = ignore: VAT".

    A minus behind the line turns the sign. Blank lines, and what follows #, say nothing.
    """
    patterns, faults = [], []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        codes, equals, target = (part.strip() for part in line.partition("="))
        ignored = _IGNORED.fullmatch(target)
        if not (codes and equals and target) or (ignored and not ignored["reason"]):
            faults.append(
                Fault(
                    "Write codes = line, such as 61* = pay, or codes = ignore: the reason.",
                    "patterns",
                    raw[:60],
                    number,
                )
            )
            continue
        turned = target.endswith(" -")
        try:
            patterns.append(
                Pattern(codes=codes, reason=ignored["reason"])
                if ignored
                else Pattern(
                    codes=codes,
                    line=target.removesuffix(" -").strip().lower(),
                    sign=-1 if turned else 1,
                )
            )
        except ValidationError as error:
            faults.append(Fault(str(error.errors()[0]["msg"]), "patterns", raw[:60], number))
    return patterns, faults


def pattern_text(patterns: tuple[Pattern, ...] | list[Pattern]) -> str:
    """Patterns as ``read_patterns`` reads them."""
    return "\n".join(
        f"{p.codes} = {p.line}{' -' if p.sign < 0 else ''}"
        if p.line
        else f"{p.codes} = ignore: {p.reason}"
        for p in patterns
    )
