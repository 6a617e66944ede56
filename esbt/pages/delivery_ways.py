"""The ways from the page of delivery, each with how what it leads to stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from finance.queries.holding import newest_holding
from schemes.delivery import actions, milestones
from schemes.models import Slice, System


def delivery_ways(system: System, years: Sequence[Slice], day: date) -> list[dict[str, str]]:
    """Everything that is followed in a system as of a day: {label, href, said}.

    ``years`` are its years that the person may see, newest first.
    """
    rows = actions.action_rows(system, day)
    reached = milestones.milestone_rows(system, day)
    return [
        {
            "label": "Action plans",
            "href": reverse("action-plans", args=[system.code]),
            "said": actions.sentence(actions.counts_of(rows), day),
        },
        {
            "label": "Milestones",
            "href": reverse("milestones", args=[system.code]),
            "said": milestones.sentence(reached, day),
        },
        {
            "label": "Workstreams and projects",
            "href": reverse("workstreams", args=[system.code]),
            "said": "What each works on, who leads it, and what it has to reach next.",
        },
        {
            "label": "Calendar",
            "href": reverse("calendar", args=[system.code]),
            "said": "Everything that is due across all registers, by month, "
            "and as a feed for a calendar program.",
        },
        *_of_year(system, years),
        {
            "label": "Risks",
            "href": reverse("risk-register", args=[system.code]),
            "said": "Every risk of the system, its partners, pooled budgets, schemes and "
            "workstreams, by likelihood and impact, those not rated apart.",
        },
        {
            "label": "Governance",
            "href": reverse("governance", args=[system.code]),
            "said": "Who decides what, who sits where, and what each body should see "
            "at its next meeting.",
        },
        {
            "label": "Partners",
            "href": reverse("partners", args=[system.code]),
            "said": "Each organisation under all its names, where it sits, and which "
            "actions it owns.",
        },
        {
            "label": "Registers",
            "href": reverse("registers", args=[system.code]),
            "said": "Engagement, localities, capacity, population, data sets, local offer "
            "and groups at risk.",
        },
    ]


def _of_year(system: System, years: Sequence[Slice]) -> list[dict[str, str]]:
    """The ways to what is followed in the latest year that holds reduction plans, else in the
    latest; none where the system has no year.
    """
    if not years:
        return []
    shown = newest_holding("reduction-plans", years) or years[0]
    here = (system.code, shown.year_id)
    return [
        {
            "label": f"Expenditure reduction plans {shown.year}",
            "href": reverse("reduction-plans", args=here),
            "said": "Target, planned and achieved to date, forecast, and what hangs on each plan.",
        },
        {
            "label": f"Four assurance questions {shown.year}",
            "href": reverse("questions", args=here),
            "said": "Each answered with its evidence, then by a person in words.",
        },
    ]
