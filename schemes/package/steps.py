"""The tables of a data package that fill the ground floor, in the order in which they are read.

Each has its columns and the service that its rows are handed to.
"""

from schemes.package import delivery, funds, plan, reference, rows
from schemes.package.base import Step

STEPS: tuple[Step, ...] = (
    *reference.STEPS,
    *plan.STEPS,
    *funds.STEPS,
    *delivery.STEPS,
    *plan.RISKS,
    *rows.STEPS,
)
