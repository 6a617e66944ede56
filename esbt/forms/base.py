"""Forms of the administration pages: thin, since the services say what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from esbt.kit.asking import CONFIRMED, ask, is_confirmed
from esbt.kit.problems import Refused
from esbt.kit.when import REMEDY, as_typed, is_when
from schemes.models import Partner, RoleGrant, System, User
from schemes.people.directory import kept, on_site
from schemes.people.permissions import Role

Pairs = Iterable[tuple[str, str]]


class DayInput(forms.DateInput):
    input_type = "date"


class Day(forms.DateField):
    """A day, which may be left open."""

    widget = DayInput

    def __init__(self, label: str, **more: Any) -> None:
        said = "This is not a day. Type it as 2026-04-01."
        super().__init__(label=label, required=False, error_messages={"invalid": said}, **more)


class Words(forms.CharField):
    """A line of text."""

    def __init__(self, label: str, length: int = 200, *, required: bool = False, **more: Any):
        said = {"required": f"Type the {label.lower()}."}
        super().__init__(
            label=label, required=required, max_length=length, error_messages=said, **more
        )


class When(Words):
    """A date as exactly as it is known, typed as people do: Sept 2018, by June 2018."""

    def __init__(self, label: str, said: str = "", **more: Any) -> None:
        shown = f"{said} {REMEDY}".strip()
        super().__init__(label, help_text=shown, **more)

    def clean(self, value: Any) -> str:
        """The date in the form that is kept."""
        typed = as_typed(super().clean(value))
        if typed and not is_when(typed):
            raise forms.ValidationError(REMEDY)
        return typed


class Choice(forms.ChoiceField):
    """One of a list; a blank first one where none may be chosen."""

    def __init__(self, label: str, blank: str | None = None, **more: Any) -> None:
        self.blank = blank
        said = "Choose one of the list."
        messages = {"invalid_choice": said, "required": said}
        required = more.pop("required", blank is None)
        super().__init__(label=label, required=required, error_messages=messages, **more)

    def offer(self, pairs: Pairs) -> None:
        """Fill the list."""
        first = [] if self.blank is None else [("", self.blank)]
        self.choices = [*first, *pairs]


class Several(forms.MultipleChoiceField):
    """Any of a list, as ticks."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, label: str, **more: Any) -> None:
        messages = {"invalid_choice": "Choose some of the list."}
        super().__init__(label=label, required=False, error_messages=messages, **more)


class Why(Words):
    """Why something is done."""

    def __init__(self) -> None:
        super().__init__("Why", 400, help_text="Kept in the history.")


class RemovalForm(forms.Form):
    """Why something is taken out."""

    reason = Why()


class SeenRemovalForm(RemovalForm):
    """Why a row is taken out, and the state that its remover saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


def offer(form: forms.Form, name: str, pairs: Pairs) -> None:
    """Fill the list of a choice; what stands there now is always on it.

    A form that was opened and saved as it was must change nothing, also where the list has become
    narrower since, or was wider in a package.
    """
    field = form.fields[name]
    if isinstance(field, Choice):
        offered, stands = list(pairs), form.initial.get(name)
        if stands and stands not in {value for value, _ in offered}:
            offered.append((stands, stands))
        field.offer(offered)
    elif isinstance(field, Several):
        field.choices = list(pairs)


def iso(day: date | None) -> str:
    """A day as a date field takes it."""
    return day.isoformat() if day else ""


def tell(form: forms.Form, refused: Refused, **called: str) -> None:
    """Put what a service refused beside the fields that it names, or that are called otherwise.

    What it only asks about stands beside a tick with which its author says that it is meant so.
    """
    asks = refused.code == "confirm"
    if asks or is_confirmed(form):
        ask(form)
    for fault in refused.faults:
        name = CONFIRMED if asks else called.get(fault.field, fault.field)
        form.add_error(name if name in form.fields else None, fault.message)


class RoleForm(forms.Form):
    """A role that is given: what, where and when."""

    role = Choice("Role", "Choose")
    system = Choice("System", "Every system of the partner, or the whole site")
    partner = Choice("Partner", "None", help_text="For finance leads and approvers only.")
    starts = Day("From", help_text="Leave blank: at once.")
    ends = Day("To, this day included", help_text="Leave blank: until somebody ends it.")
    reason = Why()

    def __init__(self, by: User, *args: Any, **kwargs: Any) -> None:
        """Offer only what this administrator may give."""
        super().__init__(*args, **kwargs)
        systems = list(kept(by))
        roles = [pair for pair in Role.choices if pair[0] != Role.SITE_ADMINISTRATOR]
        if on_site(by):
            roles = list(Role.choices)
        elif len(systems) == 1:
            self.fields["system"].initial = systems[0].code
        offer(self, "role", roles)
        offer(self, "system", [(system.code, system.name) for system in systems])
        offer(self, "partner", partner_choices(systems))


class InviteForm(RoleForm):
    """Somebody who has no account yet, with a first role."""

    email = Words("E-mail address", 150, widget=forms.EmailInput)
    name = Words("Name", 150, help_text="As pages should show it, such as Jane Smith.")

    field_order = ["email", "name", "role", "system", "partner", "starts", "ends", "reason"]


class DaysForm(forms.Form):
    """When a role begins and ends."""

    starts = Day("From", help_text="Blank: it has always held.")
    ends = Day("To, this day included", help_text="Blank: until somebody ends it.")
    reason = Why()

    @staticmethod
    def of(grant: RoleGrant) -> dict[str, str]:
        """What the form shows at first."""
        return {"starts": iso(grant.starts), "ends": iso(grant.ends)}


class AccountForm(forms.Form):
    """Somebody's name and e-mail address."""

    name = Words("Name", 150)
    email = Words("E-mail address", 150, widget=forms.EmailInput)
    reason = Why()


def partner_choices(systems: Iterable[System]) -> list[tuple[str, str]]:
    """Members of some systems, by name."""
    found = Partner.objects.filter(systems__in=[system.pk for system in systems]).distinct()
    return [(partner.code, partner.name) for partner in found.order_by("name")]
