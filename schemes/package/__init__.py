"""The tables of a data package that fill the ground floor, in the order in which they are read.

Each has its columns and the service that its rows are handed to.
"""

from schemes.package import plan, reference
from schemes.package.base import (
    EvidenceColumns,
    Name,
    SliceRow,
    Step,
    Warn,
    evidence_ids,
    slices_of,
    spec_of,
)
from schemes.package.reference import YearRow

STEPS: tuple[Step, ...] = (*reference.STEPS, *plan.STEPS)

__all__ = [
    "STEPS",
    "EvidenceColumns",
    "Name",
    "SliceRow",
    "Step",
    "Warn",
    "YearRow",
    "evidence_ids",
    "slices_of",
    "spec_of",
]
