"""What several tables share."""

import re
from typing import Any

import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

CODE_FORM = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
CODE = RegexValidator(
    CODE_FORM, "Use small letters, digits and single hyphens, such as east-sussex."
)


def storable(text: str) -> str:
    """A text without what the database cannot hold: NUL and halves of characters."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


class CodeField(models.CharField):
    """A short name that stands in addresses and files and never changes."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("max_length", 60)
        kwargs["validators"] = [CODE]
        super().__init__(**kwargs)  # type: ignore[arg-type]

    def get_prep_value(self, value: Any) -> Any:
        """A text that cannot be a code is looked for like any other, and not found."""
        value = super().get_prep_value(value)
        return storable(value) if isinstance(value, str) else value


class AppendOnly(models.Model):
    """History: rows are added and never changed, which the database itself enforces."""

    class Meta:
        abstract = True
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


class Dated(models.Model):
    """Something that holds between two days; an empty end is open."""

    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True, help_text="Last day on which it holds")

    class Meta:
        abstract = True


def name_of_many(model: type[models.Model]) -> str:
    """What rows of a table are called together; Django would make partys of a party."""
    name = str(model._meta.verbose_name)
    if name.endswith("y") and name[-2] not in "aeiou":
        return f"{name[:-1]}ies"
    return str(model._meta.verbose_name_plural)


def dates_in_order(name: str) -> models.CheckConstraint:
    """The constraint that a period does not end before it starts."""
    return models.CheckConstraint(
        name=name,
        condition=Q(starts=None) | Q(ends=None) | Q(ends__gte=models.F("starts")),
        violation_error_message="It ends before it starts.",
    )


def holds_on(day: object, prefix: str = "") -> Q:
    """Rows of a Dated table that hold on ``day``."""
    return (Q(**{f"{prefix}starts": None}) | Q(**{f"{prefix}starts__lte": day})) & (
        Q(**{f"{prefix}ends": None}) | Q(**{f"{prefix}ends__gte": day})
    )
