"""The savings of a system: schemes, months and splits, built once for each revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, FilteredRelation, Q, Sum, Value

from esbt.kit.cached import remember
from esbt.kit.money import divide_half_away
from finance.figures.savings import (
    SavingFigures,
    SavingMonth,
    SavingsBook,
    SavingsTotal,
    SchemeRow,
    add_stated,
    add_up,
    left_over,
)
from finance.figures.status import judge
from finance.models import Line, Plan
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind, SavingType
from finance.models.rollups import Level, State
from finance.queries.claims import claim_pairs
from finance.queries.known import known_lines, known_plan, known_schemes
from finance.queries.positions import status_of
from finance.queries.saving_sums import Sums, computed_sums, partners_heard, stored_sums
from finance.queries.scheme_rows import NOTHING, SchemeRows
from finance.queries.targets import targets_of
from finance.rollups import headline
from schemes.models import Scheme, Slice, StageWeight

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
    and kept under it apart. A fixed number of queries, whatever the number of schemes.
    """
    if ceiling is not None:
        return _at(slice_, state, month, ceiling)

    def key(revision: int) -> str:
        return f"savings:{slice_.pk}:{revision}:{state}:{month}"

    def build() -> tuple[str, SavingsBook]:
        book = _build(slice_, stored_sums(slice_, state, month), state, None)
        return key(book.change), book

    book = remember(key(change), build)
    return replace(book, stale=slice_.change > book.change)


def _at(slice_: Slice, state: State, month: int | None, ceiling: int) -> SavingsBook:
    """As it was known at a change, which never changes again."""
    key = f"savings-at:{slice_.pk}:{ceiling}:{state}:{month}"

    def build() -> tuple[str, SavingsBook]:
        sums = computed_sums(slice_, state, month, ceiling)
        return key, _build(slice_, sums, state, ceiling)

    return remember(key, build)


def savings_total(
    slice_: Slice, state: State, *, month: int | None = None, ceiling: int | None = None
) -> SavingsTotal:
    """The sum of a year's savings in a month (left out: the latest with a report): four queries.

    Where nobody reported a saving for that month it is the latest before it that has a report.
    """
    if ceiling is None:
        sums = stored_sums(slice_, state, None, whole=True)
    else:
        sums = computed_sums(slice_, state, None, ceiling)
    if month and sums.month is not None:
        told = [row.month for row in sums.rows if row.level == Level.ALL and row.reported]
        until = [item for item in told if 0 < item <= min(month, LAST_MONTH)]
        sums = replace(sums, month=max(until, default=month))
    total = sums.figures(Level.ALL).get(0, NOTHING)
    status = status_of(slice_, sums.month, ceiling)
    heard = partners_heard(slice_, state, sums)
    return SavingsTotal(slice_.year_id, sums.month, state, status, total, *heard)


def _build(slice_: Slice, sums: Sums, state: State, ceiling: int | None) -> SavingsBook:
    plan = headline(slice_.pk, ceiling)
    schemes = list(Scheme.objects.filter(system=slice_.system_id).values(*_COLUMNS, **_JOINED))
    if ceiling is None:
        hung = _lines_by_scheme(slice_, plan)
    else:
        hung = _lines_at(slice_, plan, ceiling)
        schemes = known_schemes(slice_, ceiling, schemes)
    weights = dict(
        StageWeight.objects.filter(system=slice_.system_id).values_list("stage", "percent")
    )
    maker = SchemeRows(slice_, sums, schemes, hung, weights, ceiling)
    rows = [maker.row(item) for item in schemes if item["kind"] == Scheme.Kind.SCHEME]
    total = sums.figures(Level.ALL).get(0, NOTHING)
    own = sums.figures(Level.SCHEME)
    partners, missing = partners_heard(slice_, state, sums)
    return SavingsBook(
        system=slice_.system.code,
        year=slice_.year_id,
        month=sums.month,
        state=state,
        plan=plan.code if plan else "",
        plan_name=plan.name if plan else "",
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
        types={
            list(SavingType)[key - 1].value: figures
            for key, figures in sums.figures(Level.SAVING_TYPE).items()
        },
        stages=_by_stage(schemes, own),
        themes=_by_theme(schemes, sums),
        full_year_effect_pence=add_stated(item["effect"] for item in hung.values()),
        targets=targets_of(slice_, sums.month, state, ceiling),
        claims=claim_pairs(slice_, sums.shown, state, plan.pk if plan else None, ceiling),
        partner_names=dict(slice_.system.partners.values_list("code", "short_name")),
        weights=weights,
        weighted_forecast_pence=_weighted(schemes, own, weights),
        computed_at=sums.computed_at,
        change=sums.change,
        stale=ceiling is None and slice_.change > sums.change,
        status=status_of(slice_, sums.month, ceiling),
        partners=partners,
        missing=missing,
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


def _lines_at(
    slice_: Slice, plan: Plan | None, ceiling: int
) -> dict[int | None, Mapping[str, Any]]:
    """The same as at a change: two queries."""
    planned = {
        line: (state, effect)
        for line, state, effect in known_plan(plan.pk if plan else None, ceiling)
        .filter(line__kind=Kind.SAVING)
        .values_list("line", "evidence__state", "full_year_effect_pence")
    }
    found: dict[int | None, dict[str, Any]] = {}
    for line, scheme, partner, recurrent, kind in (
        known_lines(slice_, ceiling)
        .filter(line__kind=Kind.SAVING)
        .values_list("line", "scheme", "line__partner__code", "recurrent", "saving_type")
    ):
        state, effect = planned.get(line, (None, None))
        own = found.setdefault(
            scheme,
            {"partners": [], "recurrent": [], "types": [], "states": [], "effect": None},
        )
        own["partners"].append(partner)
        own["recurrent"].append(recurrent)
        own["types"].append(kind)
        own["states"] += [state] if state else []
        own["effect"] = add_stated([own["effect"], effect])
    return dict(found)


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
