"""Forms made from the row class of a table; the class and the services say what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from esbt.forms.base import DayInput
from esbt.kit.asking import CONFIRMED
from esbt.kit.rows import Row
from esbt.kit.when import REMEDY
from schemes.registers.columns import RowColumn, columns_of

_ANY = 20_000  # nothing that is typed is refused before the row class has seen it
_YES_NO = [("true", "Yes"), ("false", "No")]

Choices = Mapping[str, Sequence[tuple[str, str]]]


class TypedForm(forms.Form):
    """Fields for columns of a row class, in groups. ``choices`` offers codes of other tables.

    What is typed is read by ``cells`` as text.
    """

    def __init__(
        self,
        row: type[Row],
        groups: Sequence[tuple[str, Sequence[str]]],
        data: Any = None,
        *,
        initial: Mapping[str, str] | None = None,
        choices: Choices | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        columns = columns_of(row)
        for _, names in groups:
            for name in names:
                offered = (choices or {}).get(name, ())
                typed = str(self.data.get(name) or self.initial.get(name) or "")
                self.fields[name] = _field(columns[name], offered, typed)
        self._groups = groups

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """The fields under their titles."""
        asked = [("", [CONFIRMED])] if CONFIRMED in self.fields else []
        return [(title, [self[name] for name in names]) for title, names in [*self._groups, *asked]]

    @property
    def cells(self) -> dict[str, str]:
        """What was typed, as a file would hold it; for a form that is valid."""
        return {name: str(value).replace("\r\n", "\n") for name, value in self.cleaned_data.items()}


def _field(column: RowColumn, offered: Sequence[tuple[str, str]], typed: str) -> forms.Field:
    told: dict[str, Any] = {"label": column.label, "help_text": column.about, "required": False}
    pairs = offered or (_YES_NO if column.kind == "boolean" else column.choices)
    if pairs:
        # a value that is none of the list stays in the form, and the row class refuses it in words
        kept = [(typed, typed)] if typed and typed not in dict(pairs) else []
        blank = [("", "Choose one" if column.required else "Not stated")]
        return forms.ChoiceField(choices=[*blank, *pairs, *kept], **told)
    if column.kind == "long":
        return forms.CharField(max_length=_ANY, widget=forms.Textarea, **told)
    if column.kind == "when":
        told["help_text"] = f"{column.about}. {REMEDY}" if column.about else REMEDY
    widget = DayInput if column.kind == "date" else forms.TextInput
    return forms.CharField(max_length=_ANY, widget=widget, **told)
