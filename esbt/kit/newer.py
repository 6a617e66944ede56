"""What a person reads whose form was overtaken: where what stands now is not what they typed."""

from __future__ import annotations

from collections.abc import Collection

from django.forms import BoundField, Form


def differences(form: Form, *, but: Collection[str] = ()) -> list[dict[str, str]]:
    """Fields whose present state, the form's initial one, is another than what was typed.

    For _components/newer_state.html; ``but`` are fields that hold no state.
    """
    return [
        {"label": str(field.label), "stands": _said(field), "href": f"#{field.id_for_label}"}
        for field in form
        if field.name in form.changed_data and field.name not in but
    ]


def _said(field: BoundField) -> str:
    """What a field held before it was typed into, in the words of its choices."""
    value = field.initial
    if isinstance(value, bool):
        return "yes" if value else "no"
    choices = dict(getattr(field.field, "choices", ()))
    if isinstance(value, list):
        return ", ".join(str(choices.get(item, item)) for item in value) or "not stated"
    return str(choices.get(str(value or ""), value or "")) or "not stated"
