"""Taking out what was entered by mistake; its last state stays in the history."""

from __future__ import annotations

from django.db import transaction

from esbt.kit.problems import Fault, Refused
from outcomes.models import DomainQuarter, FrameworkItem, ItemMetric, ItemScheme, SchemeMetric
from schemes.models import System, User
from schemes.people.permissions import Permission, require
from schemes.services.upsert import reason_of, remove


@transaction.atomic
def remove_item(*, by: User, item: FrameworkItem) -> None:
    """Take an item out of its version. Raises Refused while anything hangs on it.

    Http404 for those who keep no outcomes.
    """
    _allow(by, item.framework.system)
    FrameworkItem.objects.select_for_update().get(pk=item.pk)  # nothing is hung on it meanwhile
    hung = [
        words
        for found, words in (
            (item.children, "items under it"),
            (item.item_metrics, "metrics"),
            (item.item_schemes, "schemes"),
            (item.quarters, "quarters for which it is due"),
        )
        if found.exists()
    ]
    if hung:
        raise Refused([Fault(f"It still has {', '.join(hung)}. Take these away first.")])
    remove(item, by=by)


@transaction.atomic
def unlink(*, by: User, link: ItemMetric | ItemScheme) -> None:
    """Let an item rest on a metric or scheme no more. Http404 for those who keep no outcomes."""
    _allow(by, link.item.framework.system)
    remove(link, by=by)


@transaction.atomic
def remove_quarter(*, by: User, due: DomainQuarter) -> None:
    """Say that a domain is not due for a quarter after all. Raises Refused once words were signed,
    which stay, and Http404 for those who keep no outcomes.
    """
    _allow(by, due.item.framework.system)
    DomainQuarter.objects.select_for_update().get(pk=due.pk)  # nobody signs meanwhile
    if due.reports.exists():
        raise Refused([Fault("Words were signed for this quarter, so that it stays.")])
    remove(due, by=by)


@transaction.atomic
def remove_scheme_metric(*, by: User, link: SchemeMetric, reason: str) -> None:
    """Name a metric as one that a scheme should move no more; what was said stays in the history.

    Raises Refused without a reason, and Http404 for those who keep no outcomes.
    """
    _allow(by, link.metric.system)
    remove(link, by=by, reason=reason_of(reason))


def _allow(by: User, system: System) -> None:
    require(by, Permission.KEEP_OUTCOMES, system=system)
