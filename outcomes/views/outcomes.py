"""The page of a system's outcomes: its framework, what its metrics say, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from esbt.kit.tables import csv_answer
from esbt.kit.when import when_words
from outcomes.figures import verdicts
from outcomes.models import Framework
from outcomes.pages import overview
from outcomes.pages.listing import (
    OUTCOME_COLUMNS,
    Row,
    Wish,
    outcome_rows,
    rows_of,
    wholes,
    wish_of,
)
from outcomes.queries.frameworks import (
    Content,
    chosen_framework,
    content_of,
    first_framework,
    frameworks_of,
    metrics_of,
)
from outcomes.services import may_keep
from schemes.models import System
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slices, visible_system

PART = "X-Part"  # a request with this header wants the list alone, to put it in place of the old


@dataclass(frozen=True)
class _Found:
    """A system's outcomes as an address asks for them."""

    system: System
    frameworks: list[Framework]
    framework: Framework | None
    content: Content
    rows: list[Row]
    wish: Wish

    @property
    def shown(self) -> list[Row]:
        """The metrics that the filters leave."""
        return [row for row in self.rows if self.wish.takes(row)]


def _find(request: PersonRequest, code: str) -> _Found:
    system = visible_system(request.user, code)
    frameworks = frameworks_of(system)
    framework = chosen_framework(frameworks, request.GET.get("framework", ""))
    content = content_of(framework)
    rows = rows_of(metrics_of(system), content)
    return _Found(system, frameworks, framework, content, rows, wish_of(request.GET))


@login_required
@require_GET
def outcomes(request: PersonRequest, system: str) -> HttpResponse:
    """A system's outcomes; with the header X-Part the tree or list alone."""
    found = _find(request, system)
    part = _part(request, found)
    if PART in request.headers:
        answer = render(request, "outcomes/_outcomes_part.html", part)
    else:
        answer = render(request, "outcomes/outcomes.html", _page(request, found) | part)
    patch_vary_headers(answer, [PART])
    return answer


def _page(request: PersonRequest, found: _Found) -> dict[str, Any]:
    framework, content = found.framework, found.content
    keeps = may_keep(request.user, found.system)
    return {
        "system": found.system,
        "framework": framework,
        "dated": when_words(framework.dated) if framework and framework.dated else "",
        "versions": overview.version_links(found.system, found.frameworks, framework),
        "gaps": overview.gaps(framework, content) if framework else [],
        "sentence": verdicts.sentence((row.said, row.verdict) for row in wholes(found.rows)),
        "rule": verdicts.RULE,
        "keeps": keeps,
        "import_href": reverse("import-figures", args=[found.system.code])
        if has_permission(request.user, Permission.ENTER_OBSERVATION, system=found.system)
        else "",
        "money_href": _money_href(request, found.system),
        "filters": overview.filters(found.wish, content),
        "kept": _kept(found),
        "several": len(found.frameworks) > 1,
        "crumbs": [{"label": "Overview", "href": reverse("home")}],
    }


def _part(request: PersonRequest, found: _Found) -> dict[str, Any]:
    shown = {
        "system": found.system,
        "baseline": found.framework.baseline if found.framework else "",
        "scheme_href": _scheme_href(request, found.system),
    }
    by_id = {row.metric.pk: row for row in found.rows}
    rows = found.shown
    query = request.GET.urlencode()
    csv = reverse("outcomes-csv", args=[found.system.code])
    here = reverse("outcomes", args=[found.system.code])
    return {
        "system": found.system,
        "framework": found.framework,
        "keeps": may_keep(request.user, found.system),
        "wish": found.wish,
        "said": _said(found, rows),
        "clear": f"{here}?{urlencode(_kept(found))}" if _kept(found) else here,
        "listed": [overview.row_context(row, shown) for row in rows] if found.wish.filtered else [],
        "nodes": [] if found.wish.filtered else overview.tree(found.content, by_id, shown),
        "unplaced": [] if found.wish.filtered else overview.unplaced(found.rows, shown),
        "downloads": [{"label": "CSV", "href": f"{csv}?{query}" if query else csv}],
    }


def _kept(found: _Found) -> dict[str, str]:
    """The version that the address names: one other than that which is shown first."""
    framework = found.framework
    if framework is None or framework == first_framework(found.frameworks):
        return {}
    return {"framework": framework.code}


def _said(found: _Found, rows: list[Row]) -> str:
    total = len(found.rows)
    counted = f"{total} metric{'' if total == 1 else 's'}"
    if not found.wish.filtered:
        parts = sum(row.metric.part_of_id is not None for row in found.rows)
        return f"{counted}, {parts} of them parts of another" if parts else counted
    return f"{len(rows)} of {counted} match" if rows else "No metric matches"


def _year(request: PersonRequest, system: System) -> str:
    """The system's latest year; "" while it has none."""
    own = [item for item in visible_slices(request.user) if item.system_id == system.pk]
    return own[0].year_id if own else ""


def _money_href(request: PersonRequest, system: System) -> str:
    year = _year(request, system)
    return reverse("money-and-outcomes", args=[system.code, year]) if year else ""


def _scheme_href(request: PersonRequest, system: System) -> Callable[[str], str]:
    """Where a scheme is read: in the system's latest year."""
    year = _year(request, system)

    def href(code: str) -> str:
        return reverse("scheme-tab", args=[system.code, year, code, "outcomes"]) if year else ""

    return href


@login_required
@require_GET
def outcomes_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The metrics that the filters leave, as CSV."""
    found = _find(request, system)
    framework = found.framework
    code, baseline = (framework.code, framework.baseline) if framework else ("", "")
    rows = outcome_rows(system, code, baseline, found.shown)
    return csv_answer(OUTCOME_COLUMNS, rows, f"{system}-outcomes")
