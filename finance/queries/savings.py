"""The savings of a system: schemes, months and splits, built once for each revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, FilteredRelation, Q, Sum, Value

from esbt.kit.cached import remember
from esbt.kit.money import divide_half_away
from finance.models import Line, Plan, PrintedFigure, Rating
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.models.printed import Measure
from finance.models.rollups import Level, State
from finance.queries.claims import claim_pairs
from finance.queries.positions import status_of
from finance.queries.saving_sums import Sums, computed_sums, stored_sums
from finance.queries.targets import targets_of
from finance.rollups import headline
from finance.savings import (
    SavingFigures,
    SavingMonth,
    SavingsBook,
    SavingsTotal,
    SchemeRow,
    add_stated,
    add_up,
    left_over,
)
from finance.status import judge
from schemes.models import Scheme, Slice, StageWeight

NOTHING = SavingFigures()
_RECURRENT = {1: "yes", 0: "no", -1: "not stated"}


def savings_book(
    slice_: Slice,
    *,
    state: State,
    month: int | None = None,
    change: int,
    ceiling: int | None = None,
) -> SavingsBook:
    """The savings of a year in a month (left out: the latest with a report of savings).

    Kept under the revision that it was computed from; with a ceiling computed as at that change,
    and kept nowhere. A fixed number of queries, whatever the number of schemes.
    """
    if ceiling is not None:
        return _build(slice_, computed_sums(slice_, state, month, ceiling), state, ceiling)

    def key(revision: int) -> str:
        return f"savings:{slice_.pk}:{revision}:{state}:{month}"

    def build() -> tuple[str, SavingsBook]:
        book = _build(slice_, stored_sums(slice_, state, month), state, None)
        return key(book.change), book

    book = remember(key(change), build)
    return replace(book, stale=slice_.change > book.change)


def savings_total(slice_: Slice, state: State) -> SavingsTotal:
    """The sum of a year's savings in the latest month with a report: two queries."""
    sums = stored_sums(slice_, state, None, whole=True)
    total = sums.figures(Level.ALL).get(0, NOTHING)
    return SavingsTotal(slice_.year_id, sums.month, state, status_of(slice_, sums.month), total)


def _build(slice_: Slice, sums: Sums, state: State, ceiling: int | None) -> SavingsBook:
    plan = headline(slice_.pk, ceiling)
    hung = _lines_by_scheme(slice_, plan)
    schemes = list(Scheme.objects.filter(system=slice_.system_id).values(*_COLUMNS, **_JOINED))
    weights = dict(
        StageWeight.objects.filter(system=slice_.system_id).values_list("stage", "percent")
    )
    maker = _Rows(slice_, sums, schemes, hung, weights, ceiling)
    rows = [maker.row(item) for item in schemes if item["kind"] == Scheme.Kind.SCHEME]
    total = sums.figures(Level.ALL).get(0, NOTHING)
    own = sums.figures(Level.SCHEME)
    return SavingsBook(
        system=slice_.system.code,
        year=slice_.year_id,
        month=sums.month,
        state=state,
        plan=plan.code if plan else "",
        rows=_in_printed_order(rows),
        investments=[maker.row(item) for item in schemes if item["kind"] == Scheme.Kind.INVESTMENT],
        total=total,
        unidentified=left_over(total, own.values()) if None in hung else None,
        gross_budget_pence=maker.budgets.get(None),
        judged=judge(total, "whole"),
        months=_months(sums),
        recurrent={
            _RECURRENT[key]: figures for key, figures in sums.figures(Level.RECURRENT).items()
        },
        stages=_by_stage(schemes, own),
        themes=_by_theme(schemes, sums),
        full_year_effect_pence=add_stated(item["effect"] for item in hung.values()),
        targets=targets_of(slice_, sums.month, state),
        claims=claim_pairs(slice_, sums.shown, state, plan.pk if plan else None),
        partner_names=dict(slice_.system.partners.values_list("code", "short_name")),
        weights=weights,
        weighted_forecast_pence=_weighted(schemes, own, weights),
        computed_at=sums.computed_at,
        change=sums.change,
        stale=ceiling is None and slice_.change > sums.change,
        status=status_of(slice_, sums.month),
    )


_COLUMNS = ("pk", "code", "name", "kind", "position", "working_label", "stage", "theme", "parent")
_JOINED = {
    "theme_code": F("theme__code"),
    "theme_name": F("theme__name"),
    "parent_code": F("parent__code"),
    "parent_name": F("parent__name"),
    "parent_stage": F("parent__stage"),
    "parent_theme": F("parent__theme__code"),
    "parent_theme_name": F("parent__theme__name"),
    "lead": F("lead_partner__code"),
    "lead_name": F("lead_partner__short_name"),
}


def _lines_by_scheme(slice_: Slice, plan: Plan | None) -> dict[int | None, Mapping[str, Any]]:
    """What the saving lines of each scheme are, by its id; None for those that hang on none."""
    lines = (
        Line.objects.filter(slice=slice_, kind=Kind.SAVING)
        .annotate(planned=FilteredRelation("plan_figures", condition=Q(plan_figures__plan=plan)))
        .order_by()
        .values("scheme")
        .annotate(
            partners=ArrayAgg("partner__code", distinct=True, default=Value([])),
            recurrent=ArrayAgg("recurrent", distinct=True, default=Value([])),
            types=ArrayAgg("saving_type", distinct=True, default=Value([])),
            states=ArrayAgg(
                "planned__evidence__state",
                distinct=True,
                filter=Q(planned__evidence__isnull=False),
                default=Value([]),
            ),
            effect=Sum("planned__full_year_effect_pence"),
        )
    )
    return {item["scheme"]: item for item in lines}


# how far the figures of several lines can be trusted: the least of them speaks for all
_DOUBT = ("suspect", "inferred", "derived", "printed")


class _Rows:
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
        self.ratings = {
            rating.scheme_id: rating
            for rating in said.order_by("scheme_id", "-month", "-change").distinct("scheme_id")
        }

    def row(self, item: Mapping[str, Any]) -> SchemeRow:
        """The row: of a whole scheme with its parts, of a part its own."""
        pk = item["pk"]
        whole = item["parent"] is None
        figures = (self.trees if whole else self.own).get(pk, NOTHING)
        lines = [
            self.hung[key]
            for key in (pk, *(self.parts.get(pk, []) if whole else []))
            if key in self.hung
        ]
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
            judged=judge(figures, "scheme"),
            rating=rating.rating if rating else "",
            rating_reason=rating.reason if rating else "",
            rating_month=rating.month if rating else None,
            weight_percent=self.weights.get(item["stage"] or item["parent_stage"] or ""),
            position=item["position"],
        )


def _all_of(lines: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(sorted({value for line in lines for value in line[name] if value}))


def _in_printed_order(rows: Iterable[SchemeRow]) -> list[SchemeRow]:
    """Wholes as printed, each with its parts behind it."""
    parts: dict[str | None, list[SchemeRow]] = {}
    for row in sorted(rows, key=lambda row: (row.position, row.code)):
        parts.setdefault(row.parent, []).append(row)
    return [row for whole in parts.get(None, []) for row in (whole, *parts.get(whole.code, []))]


def _months(sums: Sums) -> list[SavingMonth]:
    """The twelve months of the whole; an actual only where every line that was due reported."""
    points = []
    for month in range(1, LAST_MONTH + 1):
        row = sums.at(month, Level.ALL).get(0)
        whole = row is not None and 0 < row.lines <= row.reported
        points.append(
            SavingMonth(
                month,
                row.plan_to_date_pence if row else None,
                row.actual_pence if row and whole else None,
                row.forecast_pence if row and whole else None,
                row.lines if row else 0,
                row.reported if row else 0,
            )
        )
    return points


def _by_stage(
    schemes: Sequence[Mapping[str, Any]], own: Mapping[int, SavingFigures]
) -> dict[str, SavingFigures]:
    """Own lines by the stage of the scheme that carries them, a part's being its whole's."""
    found: dict[str, list[SavingFigures]] = {}
    for item in schemes:
        if item["pk"] in own:
            stage = item["stage"] or item["parent_stage"] or ""
            found.setdefault(stage, []).append(own[item["pk"]])
    return {stage: add_up(parts) for stage, parts in found.items()}


def _by_theme(
    schemes: Sequence[Mapping[str, Any]], sums: Sums
) -> dict[str, tuple[str, SavingFigures]]:
    names = {item["theme"]: (item["theme_code"], item["theme_name"]) for item in schemes}
    return {
        names[key][0]: (names[key][1], figures)
        for key, figures in sums.figures(Level.THEME).items()
        if key in names
    }


def _weighted(
    schemes: Sequence[Mapping[str, Any]],
    own: Mapping[int, SavingFigures],
    weights: Mapping[str, int],
) -> int | None:
    """Forecasts of schemes at the share that the system agreed for their stage.

    None until weights are agreed for each stage that has a forecast; added first, divided last.
    """
    if not weights:
        return None
    hundredfold = 0
    for item in schemes:
        forecast = own.get(item["pk"], NOTHING).forecast_pence
        if forecast is None:
            continue
        stage = item["stage"] or item["parent_stage"] or ""
        if stage not in weights:
            return None
        hundredfold += forecast * weights[stage]
    return divide_half_away(hundredfold, 100)
