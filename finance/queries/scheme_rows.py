"""The rows of schemes in a book of savings, made from what was read for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q

from finance.figures.savings import Doubts, SavingFigures, SchemeRow
from finance.figures.status import judge
from finance.models import PlanRevision, PrintedFigure, Rating
from finance.models.lines import Kind
from finance.models.printed import Measure
from finance.models.rollups import Level
from finance.queries.known import known_outturns
from finance.queries.saving_sums import Sums
from schemes.models import Evidence, Slice

NOTHING = SavingFigures()
# how far the figures of several lines can be trusted: the least of them speaks for all
_DOUBT = ("suspect", "inferred", "derived", "printed")


class SchemeRows:
    """Makes the row of a scheme from what was read for all of them."""

    def __init__(
        self,
        slice_: Slice,
        sums: Sums,
        schemes: Sequence[Mapping[str, Any]],
        hung: Mapping[int | None, Mapping[str, Any]],
        weights: Mapping[str, int],
        ceiling: int | None,
    ) -> None:
        self.own = sums.figures(Level.SCHEME)
        self.trees = sums.figures(Level.SCHEME_TREE)
        self.hung = hung
        self.weights = weights
        self.parts: dict[int, list[int]] = {}
        for item in schemes:
            if item["parent"]:
                self.parts.setdefault(item["parent"], []).append(item["pk"])
        self.budgets: dict[int | None, int | None] = dict(
            PrintedFigure.objects.filter(slice=slice_, measure=Measure.GROSS_BUDGET).values_list(
                "scheme", "pence"
            )
        )
        said = Rating.objects.filter(slice=slice_, month__lte=sums.shown)
        if ceiling is not None:
            said = said.filter(change__lte=ceiling)
        self.doubts = _doubts(slice_, sums.month, ceiling)
        self.replanned = _replanned(slice_, ceiling)
        self.ratings = {
            rating.scheme_id: rating
            for rating in said.order_by("scheme_id", "-month", "-change").distinct("scheme_id")
        }

    def row(self, item: Mapping[str, Any]) -> SchemeRow:
        """The row: of a whole scheme with its parts, of a part its own."""
        pk = item["pk"]
        whole = item["parent"] is None
        figures = (self.trees if whole else self.own).get(pk, NOTHING)
        own = [pk, *(self.parts.get(pk, []) if whole else [])]
        lines = [self.hung[key] for key in own if key in self.hung]
        rating = self.ratings.get(pk)
        states = {state for line in lines for state in line["states"]}
        return SchemeRow(
            code=item["code"],
            name=item["name"],
            parent=item["parent_code"],
            parent_name=item["parent_name"] or "",
            working_label=item["working_label"],
            theme=item["theme_code"] or item["parent_theme"] or "",
            theme_name=item["theme_name"] or item["parent_theme_name"] or "",
            lead_partner=item["lead"] or "",
            lead_name=item["lead_name"] or "",
            partners=_all_of(lines, "partners"),
            stage=item["stage"] or item["parent_stage"] or "",
            recurrent=tuple(
                said
                for value, said in ((True, "yes"), (False, "no"), (None, "not stated"))
                if any(value in line["recurrent"] for line in lines)
            ),
            saving_types=_all_of(lines, "types"),
            figures=figures,
            gross_budget_pence=self.budgets.get(pk),
            evidence=next((doubt for doubt in _DOUBT if doubt in states), "missing")
            if states or figures.plan_pence is None
            else "",
            doubts=_together([self.doubts[key] for key in own if key in self.doubts]),
            replanned=any(key in self.replanned for key in own),
            judged=judge(figures, "scheme"),
            rating=rating.rating if rating else "",
            rating_reason=rating.reason if rating else "",
            rating_month=rating.month if rating else None,
            weight_percent=self.weights.get(item["stage"] or item["parent_stage"] or ""),
            position=item["position"],
        )


def _all_of(lines: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(sorted({value for line in lines for value in line[name] if value}))


def _doubts(slice_: Slice, month: int | None, ceiling: int | None) -> dict[int | None, Doubts]:
    """What is doubtful about the month's figures, by the id of the scheme: one query."""
    found: dict[int | None, list[Doubts]] = {}
    heads = (
        known_outturns(slice_, ceiling)
        .filter(line__kind=Kind.SAVING, month=month or 0)
        .exclude(
            Q(actual_evidence=None) | Q(actual_evidence__state=Evidence.State.PRINTED),
            Q(forecast_evidence=None) | Q(forecast_evidence__state=Evidence.State.PRINTED),
        )
    )
    for scheme, actual, actual_note, forecast, forecast_note in heads.values_list(
        "line__scheme",
        "actual_evidence__state",
        "actual_evidence__working",
        "forecast_evidence__state",
        "forecast_evidence__working",
    ):
        found.setdefault(scheme, []).append(
            Doubts(
                *_doubtful(actual, actual_note),
                *_doubtful(forecast, forecast_note),
            )
        )
    return {scheme: _together(doubts) for scheme, doubts in found.items()}


def _doubtful(state: str | None, note: str | None) -> tuple[tuple[str, ...], str]:
    known = state is None or state == Evidence.State.PRINTED
    return ((), "") if known else ((str(state),), note or "")


def _together(doubts: Sequence[Doubts]) -> Doubts:
    """The doubts of several lines as those of their scheme."""

    def states(name: str) -> tuple[str, ...]:
        return tuple(sorted({state for item in doubts for state in getattr(item, name)}))

    def notes(name: str) -> str:
        return " ".join(dict.fromkeys(filter(None, (getattr(item, name) for item in doubts))))

    return Doubts(
        states("actual"), notes("actual_note"), states("forecast"), notes("forecast_note")
    )


def _replanned(slice_: Slice, ceiling: int | None) -> set[int | None]:
    """Ids of schemes of which a line has, or had, several amounts in its plans: one query."""
    past = {} if ceiling is None else {"change__lte": ceiling}
    lines = (
        PlanRevision.objects.filter(line__slice=slice_, line__kind=Kind.SAVING, **past)
        .order_by()
        .values("line__scheme", "line")
        .annotate(amounts=Count("full_year_pence", distinct=True))
        .filter(amounts__gt=1)
    )
    return {item["line__scheme"] for item in lines}
