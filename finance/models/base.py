"""What the tables of money share."""

from typing import Any

from django.db import models
from django.db.models import Q

FIRST_MONTH, LAST_MONTH = 1, 12
OPENING_FORECAST, AUDITED = 0, 13


class PenceField(models.BigIntegerField):
    """Whole pence in the sense of the line. Floats never touch money."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("db_comment", "Pence, in the sense of the line; null is not stated")
        super().__init__(**kwargs)


class Basis(models.TextChoices):
    """What a figure includes. Only figures on equal bases are compared."""

    NOT_STATED = "", "not stated"
    INCLUDING_SUSTAINABILITY = "incl-sustainability", "including sustainability funding"
    EXCLUDING_SUSTAINABILITY = "excl-sustainability", "excluding sustainability funding"
    ADJUSTED = "adjusted", "adjusted"
    STATUTORY = "statutory", "statutory"
    IN_YEAR = "in-year", "in-year deficit"
    CUMULATIVE = "cumulative", "cumulative deficit"


class BasisField(models.CharField):
    """A basis, empty where the source does not say."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(max_length=24, choices=Basis.choices, blank=True, default="")
        super().__init__(**kwargs)


def month_in(name: str, first: int, last: int, field: str = "month") -> models.CheckConstraint:
    """The constraint that a month lies between two months of the financial year."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__range": (first, last)}),
        violation_error_message=f"Months run from {first} to {last}.",
    )
