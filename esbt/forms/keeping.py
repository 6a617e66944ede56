"""Forms with which a system is made by hand: its partners, years and lines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from esbt.forms.base import Choice, Day, Words, iso, offer
from finance.models import Heading, Line
from finance.models.lines import Calendar, Kind, SavingType
from schemes.models import Membership, Partner, Slice, System

_CODE = "Small letters, digits and hyphens, such as east-sussex. It never changes."


class Number(forms.IntegerField):
    """A small whole number."""

    def __init__(self, label: str, **more: Any) -> None:
        said = f"{label}: type a whole number."
        super().__init__(label=label, error_messages={"invalid": said, "required": said}, **more)


class SystemForm(forms.Form):
    """A system."""

    code = Words("Code", 60, required=True, help_text=_CODE)
    name = Words("Name", required=True)
    footprint = Words("Who and where it covers", 2000, widget=forms.Textarea)


class NameForm(forms.Form):
    """What a system is called."""

    name = Words("Name", required=True)
    footprint = Words("Who and where it covers", 2000, widget=forms.Textarea)

    @staticmethod
    def of(system: System) -> dict[str, str]:
        """What the form shows at first."""
        return {"name": system.name, "footprint": system.footprint}


class YearForm(forms.Form):
    """A year that is opened."""

    year = Words("Financial year", 7, required=True, help_text="April to March, such as 2026-27.")


class PartnerForm(forms.Form):
    """A body, or a reporting group of bodies."""

    name = Words("Name", required=True)
    short_name = Words("Short name", 80, required=True, help_text="As tables and charts show it.")
    kind = Choice("Kind", "Choose", required=True)
    starts = Day("It exists from", help_text="Leave blank where it is not stated.")
    ends = Day("It existed to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", Partner.Kind.choices)

    @staticmethod
    def of(partner: Partner) -> dict[str, str]:
        """What the form shows at first."""
        names = ("name", "short_name", "kind")
        return {name: getattr(partner, name) for name in names} | {
            "starts": iso(partner.starts),
            "ends": iso(partner.ends),
        }


class NewPartnerForm(PartnerForm):
    """A partner that comes into a system: one that is here already, or a new one."""

    existing = Choice("A partner that is here already", "A new one, described below")
    code = Words("Code", 60, required=True, help_text=_CODE)
    position = Number("Place in the order of rows", initial=1, min_value=0, max_value=9999)

    field_order = ["existing", "position", "code", "name", "short_name", "kind"]

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        """Offer those who are not members; the next place in the order comes first to mind."""
        super().__init__(*args, **kwargs)
        places = system.memberships.values_list("position", flat=True)
        self.fields["position"].initial = max(places, default=0) + 1
        others = Partner.objects.exclude(systems=system).order_by("name")
        offer(self, "existing", [(partner.code, partner.name) for partner in others])
        if self.data.get("existing"):
            for name in ("code", "name", "short_name", "kind"):
                self.fields[name].required = False


class MembershipForm(forms.Form):
    """A partner's place in a system."""

    position = Number("Place in the order of rows", min_value=0, max_value=9999)
    starts = Day("Member from")
    ends = Day("Member to")
    note = Words("Note", 300)

    @staticmethod
    def of(membership: Membership) -> dict[str, Any]:
        """What the form shows at first."""
        return {
            "position": membership.position,
            "starts": iso(membership.starts),
            "ends": iso(membership.ends),
            "note": membership.note,
        }


class DatedNameForm(forms.Form):
    """A name that documents use for a partner."""

    name = Words("Name", required=True)
    starts = Day("From", help_text="A name with this first day that is there already is changed.")
    ends = Day("To")
    note = Words("Note")


class DatedCodeForm(forms.Form):
    """A partner's code in a register."""

    register = Words("Register", 40, required=True, help_text="Such as ODS, or ONS.")
    code = Words("Code", 40, required=True)
    starts = Day("From", help_text="A code with this first day that is there already is changed.")
    ends = Day("To")


class MemberForm(forms.Form):
    """A partner that reports with others as a group."""

    member = Choice("Partner", "Choose", required=True)
    starts = Day("From")
    ends = Day("To")

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = system.partners.exclude(kind=Partner.Kind.GROUP).order_by("name")
        offer(self, "member", [(partner.code, partner.name) for partner in bodies])


class LineForm(forms.Form):
    """What may change about a line within its year."""

    name = Words("Name", required=True)
    heading = Choice("Heading", "None", help_text="Of income and spend.")
    scheme = Choice("Scheme", "None")
    pool = Choice("Pool", "None")
    calendar = Choice("Reported", required=True)
    first_month = Number("First month", initial=1, help_text="April is 1.")
    last_month = Number("Last month", initial=12, help_text="March is 12.")
    recurrent = Choice("Recurrent", "Not stated")
    saving_type = Choice("Type of a saving", "Not stated")
    baseline = Words("Against what a saving is counted")

    def __init__(self, slice_: Slice, *args: Any, **kwargs: Any) -> None:
        """Offer what the system has, and leave out the lists that are empty."""
        super().__init__(*args, **kwargs)
        system = slice_.system
        offer(self, "calendar", Calendar.choices)
        offer(self, "recurrent", [("yes", "Yes"), ("no", "No")])
        offer(self, "saving_type", SavingType.choices)
        for name, found in (
            ("heading", Heading.objects.order_by("name")),
            ("scheme", system.schemes.order_by("name")),
            ("pool", system.pools.order_by("name")),
        ):
            pairs = list(found.values_list("code", "name"))
            if pairs:
                offer(self, name, pairs)
            else:
                del self.fields[name]

    @staticmethod
    def of(line: Line) -> dict[str, Any]:
        """What the form shows at first."""
        names = ("name", "calendar", "first_month", "last_month", "saving_type", "baseline")
        return {name: getattr(line, name) for name in names} | {
            "heading": line.heading.code if line.heading else "",
            "scheme": line.scheme.code if line.scheme else "",
            "pool": line.pool.code if line.pool else "",
            "recurrent": {True: "yes", False: "no", None: ""}[line.recurrent],
        }

    def values(self) -> dict[str, Any]:
        """The fields as a line's spec takes them."""
        given = dict(self.cleaned_data)
        return given | {"recurrent": {"yes": True, "no": False}.get(given["recurrent"])}


class NewLineForm(LineForm):
    """A line, with what never changes about it."""

    code = Words("Code", 60, required=True, help_text=_CODE)
    partner = Choice("Partner", "Choose", required=True)
    kind = Choice("What it counts", "Choose", required=True)
    counterparty = Choice(
        "Counterparty", "None", help_text="The other partner of a transfer or contract."
    )

    field_order = ["partner", "kind", "code", "name"]

    def __init__(self, slice_: Slice, *args: Any, **kwargs: Any) -> None:
        super().__init__(slice_, *args, **kwargs)
        members = list(slice_.system.partners.order_by("name").values_list("code", "name"))
        offer(self, "partner", members)
        offer(self, "counterparty", members)
        offer(self, "kind", Kind.choices)


class FundForm(forms.Form):
    """For whom and for when a Better Care Fund is made from the template.

    Who loads data may name a place or a partner that is not here yet; its code is made of the name.
    """

    system = Choice("System", "A new place, named below")
    place = Words("Name of the new place")
    year = Words("Financial year", 7, required=True, help_text="April to March, such as 2026-27.")
    council = Choice("Council", "A new council, named below", help_text="It is proposed as host.")
    council_name = Words("Name of the new council", 60)
    icb = Choice("Integrated Care Board", "A new board, named below")
    icb_name = Words("Name of the new Integrated Care Board", 60)
    board = Words("Health and Wellbeing Board", required=True, help_text="It agrees the plan.")
    districts = Words("Districts", 2000, help_text="Names with semicolons between, if any.")

    new = {"system": "place", "council": "council_name", "icb": "icb_name"}

    def __init__(self, systems: QuerySet[System], *args: Any, anew: bool, **kwargs: Any) -> None:
        """``anew``: the person may make systems and partners."""
        super().__init__(*args, **kwargs)
        partners = Partner.objects.exclude(kind=Partner.Kind.GROUP)
        if not anew:
            partners = partners.filter(systems__in=systems).distinct()
            for chosen, named in self.new.items():
                self.fields[chosen].required = True
                self.fields[chosen].blank = "Choose"  # type: ignore[attr-defined]
                del self.fields[named]
        offer(self, "system", systems.order_by("name").values_list("code", "name"))
        for name in ("council", "icb"):
            offer(self, name, partners.order_by("name").values_list("code", "name"))

    def clean(self) -> dict[str, Any]:
        """Codes of what is new, from its name."""
        data = super().clean() or {}
        for (chosen, named), model in zip(
            self.new.items(), (System, Partner, Partner), strict=True
        ):
            if named in self.fields and not data.get(chosen):
                code = slugify(data.get(named, ""))
                if not code:
                    self.add_error(named, "Type the name, or choose one that is here already.")
                elif model._default_manager.filter(
                    Q(code=code) | Q(name__iexact=data[named].strip())
                ).exists():
                    said = "There is one of this name already: choose it from the list."
                    self.add_error(named, said)
                data[chosen] = code
        return data
