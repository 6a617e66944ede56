"""Forms with which actions, their assurance and milestones are kept and reported on."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from esbt.forms.base import Choice, Several, When, Words, offer
from esbt.forms.keeping import Number
from outcomes.models import Area
from schemes.models import (
    Action,
    ActionArea,
    ActionLink,
    ActionPlan,
    Assurance,
    Milestone,
    Progress,
    Project,
    System,
    Workstream,
)
from schemes.queries import partners_around
from schemes.services.progress import LONGEST_NOTE

_WHY = Words("Why its date moves", 500, help_text="Asked for when the date moves.")
_ONLY_STOPPED = "Asked for where it is."
_ROLE = "A role or a body, such as Director of Adult Social Care, and never a person's name."


def _long(label: str, **more: Any) -> Words:
    return Words(label, LONGEST_NOTE, widget=forms.Textarea, **more)


def _values(found: Any, names: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in names}


def _code(found: Any) -> str:
    return found.code if found else ""


def _offer_bodies(form: forms.Form, system: System) -> None:
    offer(form, "body", system.bodies.order_by("position", "code").values_list("code", "name"))


class ActionPlanForm(forms.Form):
    """A plan of actions."""

    name = Words("Name", required=True)
    about = _long("What it is for")
    body = Choice("Followed by", "Not stated")
    owner_role = Words("Who answers for it", 120, help_text=_ROLE)
    agreed = When("Agreed")
    dated = When(
        "Dated", "The date that the plan bears; it stands from then where nobody agreed it."
    )
    support_ends = When("Support ends", "Where somebody supports the plan for a time.")
    evidence_asked = forms.BooleanField(
        label="An action is done only with evidence that shows it", required=False
    )
    note = _long("Note")

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_bodies(self, system)

    @classmethod
    def of(cls, plan: ActionPlan) -> dict[str, Any]:
        """What the form shows at first."""
        plain = [name for name in cls.base_fields if name != "body"]
        return _values(plan, plain) | {"body": _code(plan.body)}


class AreaForm(forms.Form):
    """An area of a plan."""

    name = Words("Area for improvement", 500, required=True)
    position = Number("Place in the order of areas", min_value=0, max_value=9999)
    note = _long("Note")

    @classmethod
    def of(cls, area: ActionArea) -> dict[str, Any]:
        """What the form shows at first."""
        return _values(area, cls.base_fields)


class NeedForm(forms.Form):
    """What has to be done before an action."""

    other = Choice("It cannot be done before", "Choose", required=True)

    def __init__(self, action: Action, *args: Any, **kwargs: Any) -> None:
        """Offer the other actions of the plan that it does not need yet."""
        super().__init__(*args, **kwargs)
        others = Action.objects.filter(area__plan=action.area.plan_id).exclude(pk=action.pk)
        needed = action.links.filter(kind=ActionLink.Kind.NEEDS).values("other")
        in_order = others.exclude(pk__in=needed).order_by("area__position", "position", "code")
        offer(self, "other", [(other.code, str(other)) for other in in_order])


class StoppingForm(forms.Form):
    """A form that says why something is stopped, where it is."""

    def clean_stopped_because(self) -> str:
        """The reason; one that is typed beside another status is not dropped unseen."""
        said = str(self.cleaned_data["stopped_because"])
        stopped = self.cleaned_data.get("status") == Action.Status.STOPPED
        if said and not stopped and "stopped_because" in self.changed_data:
            raise forms.ValidationError("Choose Stopped as its status, or leave this blank.")
        return said


class ReportForm(StoppingForm):
    """How an action goes."""

    text = _long("How does it go?", help_text="Kept as a note with your name and the time.")
    status = Choice("Status", "Not stated")
    done_on = When("Done or stopped on", "Only when it is.")
    shown_by = _long("What shows that it is done", help_text="Such as a minute, a paper or a link.")
    stopped_because = Words("Why it is stopped", 500, help_text=_ONLY_STOPPED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "status", Action.Status.choices)

    @staticmethod
    def of(action: Action) -> dict[str, Any]:
        """What the form shows at first."""
        return _values(action, ("status", "done_on", "shown_by", "stopped_because"))

    @property
    def changes(self) -> dict[str, str]:
        """What of the action is to change."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "text"}


class ActionForm(StoppingForm):
    """What may change about an action."""

    number = Words("Number", 20, required=True, help_text="As the plan prints it, such as 7.6.")
    name = Words("Action", 500, required=True)
    detail = _long("In detail")
    outcomes = _long("What it should bring about")
    owner_role = Words("Who owns it", 300, help_text=_ROLE)
    owner = Choice("Of which partner", "Not stated")
    co_owners = Several("Together with", help_text="Where several partners own it.")
    body = Choice("Reported to", "Not stated")
    due = When("Due", "An earlier date stays in its history.")
    moved_because = _WHY
    ongoing = forms.BooleanField(label="It is ongoing, without an end", required=False)
    status = Choice("Status", "Not stated")
    done_on = When("Done or stopped on", "Only when it is.")
    shown_by = _long("What shows that it is done")
    stopped_because = Words("Why it is stopped", 500, help_text=_ONLY_STOPPED)
    note = _long("Note")

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial:
            del self.fields["moved_because"]  # a first date has not moved
        partners = list(partners_around(system).values_list("code", "name"))
        for name in ("owner", "co_owners"):
            offer(self, name, partners)
        offer(self, "status", Action.Status.choices)
        _offer_bodies(self, system)

    @classmethod
    def of(cls, action: Action) -> dict[str, Any]:
        """What the form shows at first."""
        apart = ("owner", "body", "moved_because")
        plain = [name for name in cls.base_fields if name not in apart]
        return _values(action, plain) | {"owner": _code(action.owner), "body": _code(action.body)}

    @property
    def values(self) -> dict[str, Any]:
        """The fields as the spec takes them; a new number says the place among its like."""
        said = dict(self.cleaned_data)
        if "number" in self.changed_data:
            last = re.findall(r"[0-9]+", said["number"])[-1:]
            said["position"] = int(last[0][:4]) if last else 0
        return said


class AssuranceForm(forms.Form):
    """Whether a statement of assurance is met, and by which metric it is measured."""

    met = Choice("Is it met?", "Nobody has said")
    shown_by = _long("What shows it", help_text="Asked for where it is met.")
    metric = Choice("Metric that measures it", "None")
    target = forms.DecimalField(
        label="Target",
        required=False,
        max_digits=20,
        decimal_places=6,
        help_text="In the metric's unit. Blank: the metric's own target.",
        error_messages={"invalid": "This is not a number. Type it as 90.5."},
        widget=forms.TextInput,
    )
    better_than = Choice("Has to be better than", "No other area", help_text="Instead of a target.")
    note = _long("Note")

    def __init__(self, metrics: list[tuple[str, str]], own: str, *args: Any, **kwargs: Any) -> None:
        """Offer the system's metrics, and the statement's own where there is no such one yet."""
        super().__init__(*args, **kwargs)
        offer(self, "met", [("yes", "Yes"), ("no", "No")])
        if own and own not in dict(metrics):
            metrics = [*metrics, (own, f"{own} (not there yet)")]
        offer(self, "metric", metrics)
        offer(self, "better_than", Area.objects.order_by("name").values_list("code", "name"))

    @staticmethod
    def of(assurance: Assurance) -> dict[str, Any]:
        """What the form shows at first."""
        met = {True: "yes", False: "no", None: ""}[assurance.met]
        plain = _values(assurance, ("shown_by", "metric", "better_than", "note"))
        target = assurance.target
        return plain | {"met": met, "target": None if target is None else f"{target.normalize():f}"}

    @property
    def values(self) -> dict[str, Any]:
        """The fields as the spec takes them."""
        met = {"yes": True, "no": False}.get(self.cleaned_data["met"])
        return self.cleaned_data | {"met": met}


class NewAssuranceForm(AssuranceForm):
    """A statement that assures an area or an action of it, and how it stands."""

    field_order = ("words", "action")
    words = _long("Statement", required=True, help_text="What would show that it worked.")
    action = Choice("Of which action", "Of the area as a whole")

    def __init__(self, area: ActionArea, *args: Any, **kwargs: Any) -> None:
        """Offer the area's actions that are some in their own right."""
        super().__init__(*args, **kwargs)
        own = area.actions.filter(pointer=False).order_by("position", "code")
        offer(self, "action", [(action.code, str(action)) for action in own])


class MilestoneForm(forms.Form):
    """What may change about a milestone."""

    name = Words("Milestone", 300, required=True)
    workstream = Choice("Workstream", "None")
    project = Choice("Project", "None", help_text="Of that workstream.")
    due = When("Due", "An earlier date stays in its history.")
    moved_because = _WHY
    status = Choice("Status", "Not stated")
    done = When("Reached or stopped on", "Only when it is.")
    owner_role = Words("Who sees to it", 120, help_text=_ROLE)
    body = Choice("Reported to", "Not stated")
    note = _long("Note")

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        streams = list(system.workstreams.prefetch_related("projects"))
        offer(self, "workstream", [(stream.code, stream.name) for stream in streams])
        projects = [
            (project.code, f"{stream.name}: {project.name}")
            for stream in streams
            for project in stream.projects.all()
        ]
        offer(self, "project", projects)
        offer(self, "status", Progress.choices)
        _offer_bodies(self, system)

    @classmethod
    def of(cls, milestone: Milestone) -> dict[str, Any]:
        """What the form shows at first."""
        links = ("workstream", "project", "body")
        apart = (*links, "code", "moved_because")  # a move is said anew each time
        plain = [name for name in cls.base_fields if name not in apart]
        return _values(milestone, plain) | {name: _code(getattr(milestone, name)) for name in links}


class MilestoneNeedForm(forms.Form):
    """What has to be reached before a milestone."""

    other = Choice("It cannot be reached before", "Choose", required=True)

    def __init__(self, milestone: Milestone, *args: Any, **kwargs: Any) -> None:
        """Offer the other milestones of the system that it does not need yet."""
        super().__init__(*args, **kwargs)
        others = milestone.system.milestones.exclude(pk=milestone.pk)
        others = others.exclude(pk__in=milestone.needs.values("other"))
        offer(self, "other", others.order_by("name").values_list("code", "name"))


class WorkstreamForm(forms.Form):
    """What a workstream is, and who leads it."""

    name = Words("Name", required=True)
    programme = Words("Programme that it belongs to")
    about = _long("What it is for")
    lead_role = Words("Who leads it", 120, help_text=_ROLE)
    lead = Choice("Of which partner", "Not stated")
    body = Choice("Reported to", "Not stated")
    position = Number("Place in the order of workstreams", min_value=0, max_value=9999)
    note = _long("Note")

    def __init__(self, system: System, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "lead", partners_around(system).values_list("code", "name"))
        _offer_bodies(self, system)

    @classmethod
    def of(cls, stream: Workstream) -> dict[str, Any]:
        """What the form shows at first."""
        plain = [name for name in cls.base_fields if name not in ("lead", "body")]
        return _values(stream, plain) | {"lead": _code(stream.lead), "body": _code(stream.body)}


class ProjectForm(forms.Form):
    """A project of a workstream."""

    name = Words("Name", required=True)
    about = _long("What it is for")
    status = Choice("Status", "Not stated")
    starts = When("Begins")
    ends = When("Ends")
    position = Number("Place in the order of projects", min_value=0, max_value=9999)
    note = _long("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "status", Progress.choices)

    @classmethod
    def of(cls, project: Project) -> dict[str, Any]:
        """What the form shows at first."""
        return _values(project, cls.base_fields)


class NewMilestoneForm(MilestoneForm):
    """A milestone, with its code."""

    code = Words(
        "Code", 60, required=True,
        help_text="Small letters, digits and hyphens, such as local-offer. It never changes.",
    )  # fmt: skip
    moved_because = None  # type: ignore[assignment]  # a first date has not moved
    field_order = ["code"]


class MilestoneReportForm(forms.Form):
    """How a milestone goes."""

    status = Choice("Status", "Not stated")
    done = When("Reached or stopped on", "Only when it is.")
    due = When("Moves to", "Only when its date moves.")
    moved_because = _WHY
    note = _long("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "status", Progress.choices)

    @staticmethod
    def of(milestone: Milestone) -> dict[str, Any]:
        """What the form shows at first: a move is said anew each time."""
        return _values(milestone, ("status", "done", "note"))
