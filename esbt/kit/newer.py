"""What a form says when somebody saved a newer state than its author saw."""

from __future__ import annotations

from collections.abc import Collection

from django.forms import BoundField, Form


def differs(form: Form, *, but: Collection[str] = ()) -> list[dict[str, str]]:
    """Where what stands now is another than what was typed: {label, stands, href} a field.

    The form's initial values are what stands now; ``but`` names fields that stand nowhere.
    """
    return [
        {"label": str(field.label), "stands": _said(field), "href": f"#{field.id_for_label}"}
        for field in form
        if field.name in form.changed_data and field.name not in but
    ]


def _said(field: BoundField) -> str:
    """What a field held before it was typed into, in the words of its choices."""
    value = str(field.initial or "")
    choices = dict(getattr(field.field, "choices", ()))
    return str(choices.get(value, value)) or "not stated"
