"""The tables of a data package that fill the ground floor, in the order in which they are read.

Each has its columns and the service that its rows are handed to.
"""

from schemes.package import delivery, funds, plan, reference, rows
from schemes.package.base import (
    EvidenceColumns,
    EvidencedRow,
    Long,
    Name,
    SliceRow,
    Step,
    Warn,
    When,
    Word,
    YearCode,
    evidence_ids,
    evidenced,
    slices_of,
    spec_of,
    table_of,
    whole_pence,
)
from schemes.package.reference import YearRow

STEPS: tuple[Step, ...] = (
    *reference.STEPS,
    *plan.STEPS,
    *funds.STEPS,
    *delivery.STEPS,
    *plan.RISKS,
    *rows.STEPS,
)

__all__ = [
    "STEPS",
    "EvidenceColumns",
    "EvidencedRow",
    "Long",
    "Name",
    "SliceRow",
    "Step",
    "Warn",
    "When",
    "Word",
    "YearCode",
    "YearRow",
    "evidence_ids",
    "evidenced",
    "slices_of",
    "spec_of",
    "table_of",
    "whole_pence",
]
