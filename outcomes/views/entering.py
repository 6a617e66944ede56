"""Entering values of a metric by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Conflict, Refused
from esbt.kit.when import period_words
from outcomes.forms import ROWS, Newer, ValueForm, next_period, problems_of, said
from outcomes.models import Metric, Observation, ObservationRevision, Standing
from outcomes.services import ObservationEntry, record_observations
from outcomes.views.frame import chosen_area, metric_to_enter, way, within_metric
from schemes.people.requests import PersonRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The newest values of a metric in an area, and the next; 404 for who enters none."""
    metric = metric_to_enter(request, system, code)
    return _EnterPage(request, metric).answer()


class _EnterPage:
    """One request for the form of values."""

    def __init__(self, request: PersonRequest, metric: Metric) -> None:
        self.request, self.metric = request, metric
        self.area, self.area_name = chosen_area(request, metric)
        if not self.area:
            raise Http404  # a metric without an area has nothing that values could be of
        self.posted: Any = request.POST if request.method == "POST" else None
        self._read()

    def _read(self) -> None:
        """What stands now: of the newest periods, or of those that were posted."""
        heads = Observation.objects.filter(metric=self.metric, area__code=self.area)
        present = heads.exclude(standing=Standing.WITHDRAWN)
        newest = list(present.order_by("-ends", "-starts")[:ROWS])
        spans = [(head.starts, head.ends) for head in newest]
        latest = next((span for span in spans if not self.metric.misfit(*span)), None)
        self.next = next_period(self.metric.frequency, latest or next(iter(spans), None))
        if self.posted is not None:
            known = {(h.starts.isoformat(), h.ends.isoformat()): h for h in heads}
            rows = [
                known.get((self._text(place, "starts"), self._text(place, "ends")))
                if self._text(place, "revision")
                else None
                for place in range(ROWS + 1)
                if self._text(place, "standing")
            ]
        else:
            rows = [None, *newest]
        self.forms = [
            ValueForm(self.posted, metric=self.metric, head=head, place=place)
            for place, head in enumerate(rows)
        ]

    def _text(self, place: int, name: str) -> str:
        return str(self.posted.get(f"row{place}-{name}", "")) if self.posted else ""

    def answer(self) -> HttpResponse:
        """Show the form, or save what was posted."""
        if self.posted is None:
            if self.next:
                self.forms[0].initial = {
                    "starts": self.next[0].isoformat(),
                    "ends": self.next[1].isoformat(),
                }
            return self._show()
        if not all([form.is_valid() for form in self.forms]):  # noqa: C419 - each says its own
            return self._show(status=STATUS["invalid"])
        entries = self._entries()
        try:
            saved = record_observations(
                by=self.request.user,
                system_id=self.metric.system_id,
                entries=entries,
                ask="meant" not in self.posted,
            )
        except Conflict as conflict:
            return self._show(status=STATUS[conflict.code], newer=self._newer(conflict, entries))
        except Refused as refused:
            if refused.code == "confirm":
                return self._show(status=STATUS[refused.code], doubts=refused)
            for fault in refused.faults:
                self.forms[int(str(fault.row))].add_fault(fault)
            return self._show(status=STATUS[refused.code])
        moved = saved.count.created + saved.count.updated
        messages.success(self.request, "Saved." if moved else "It stood so; nothing was saved.")
        for warning in saved.warnings:
            messages.warning(self.request, warning.message)
        return redirect(way(self.metric, "metric", self.area))

    def _entries(self) -> list[ObservationEntry]:
        """What was really typed: not what stands as it was when the page was opened."""
        made = [
            form.entry(self.metric, self.area, str(place))
            for place, form in enumerate(self.forms)
            if not form.is_blank
        ]
        seen = {
            (item.starts, item.ends, item.revision): item
            for item in ObservationRevision.objects.filter(
                metric=self.metric,
                area__code=self.area,
                starts__in=[entry.starts for entry in made],
            )
        }
        return [
            entry
            for entry in made
            if not _is_same(entry, seen.get((entry.starts, entry.ends, entry.revision)))  # type: ignore[arg-type]
        ]

    def _newer(self, conflict: Conflict, entries: list[ObservationEntry]) -> list[Newer]:
        """Theirs and yours; what is saved again goes on from theirs, which was seen then."""
        by_period = {(e.starts.isoformat(), e.ends.isoformat()): e for e in entries}
        told = []
        data = self.posted.copy()
        for values in conflict.newer:
            entry = by_period[values["starts"], values["ends"]]
            yours = {name: getattr(entry, name) for name in _FIGURES}
            period = period_words(entry.starts, entry.ends)
            told.append(Newer(period, said(values), said(yours)))
            data[f"row{entry.row}-revision"] = str(values["revision"] or "")
        self.posted = data
        self._read()
        for form in self.forms:
            form.is_valid()
        return told

    def _show(
        self,
        *,
        status: int = 200,
        newer: list[Newer] | None = None,
        doubts: Refused | None = None,
    ) -> HttpResponse:
        context = {
            "area": {"code": self.area, "name": self.area_name},
            "forms": self.forms,
            "newer": newer,
            "doubts": [fault.message for fault in doubts.faults] if doubts else [],
            "problems": problems_of(self.forms) if status == STATUS["invalid"] else [],
        }
        frame = within_metric(self.metric, self.area)
        return render(self.request, "outcomes/metric_enter.html", context | frame, status=status)


_FIGURES = ("value", "numerator", "denominator", "standing")


def _is_same(entry: ObservationEntry, seen: ObservationRevision | None) -> bool:
    """Whether an entry says what its author saw."""
    return seen is not None and all(
        getattr(entry, name) == getattr(seen, name) for name in (*_FIGURES, "comment")
    )
