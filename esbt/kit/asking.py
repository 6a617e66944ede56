"""What a service asks about before it stores it: a tick with which the author says it is meant."""

from __future__ import annotations

from django import forms

CONFIRMED = "confirmed"


def is_confirmed(form: forms.Form) -> bool:
    """Whether its author ticked that what a service asked about is meant so."""
    return bool(form.data.get(CONFIRMED))


def ask(form: forms.Form) -> None:
    """Give a form the tick; what is asked stands beside it as an error."""
    form.fields[CONFIRMED] = forms.BooleanField(label="It is meant so: save it", required=False)
