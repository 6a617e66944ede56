"""What the page of a year's savings shows: built from the book alone, kept under its revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.urls import reverse

from esbt.kit.cached import remember
from esbt.kit.money import UNIT_LABELS, Unit, cell, percent_cell
from esbt.kit.words import capital
from finance import charts
from finance.charts.savings import fine
from finance.charts.words import amount, direction_of, direction_words
from finance.figures import judging
from finance.figures.savings import ClaimPair, SavingFigures, SavingsBook, Target, left_over
from finance.figures.status import rule_words
from finance.models import PrintedFigure
from finance.models.lines import Kind, SavingType
from finance.models.rollups import State
from finance.months import month_label
from finance.queries.savings import savings_total
from schemes.models import Slice, Stage

_STAGES: Mapping[str, str] = {"": "Stage not stated", **dict(Stage.choices)}
_GAP = "Carried by no scheme yet"


def savings_page(slice_: Slice, book: SavingsBook) -> dict[str, Any]:
    """Everything that follows from the book alone, kept under its revision."""
    unit: Unit = "k"  # as the field reads savings, on every page
    name, year = slice_.system.name, str(slice_.year)
    period = name if year in name else f"{name} {year}"
    caveats = charts.savings_caveats(
        book,
        month=month_label(slice_, book.month),
        illustrative=slice_.system.illustrative,
    )
    hrefs = {
        row.code: reverse("scheme", args=[book.system, book.year, row.code])
        for row in (*book.rows, *book.investments)
    }
    left = book.unidentified
    gap = [(_GAP, left)] if left is not None and _has(left) else []
    splits = _splits(book, unit)
    months = charts.savings_months(book, period=period)
    bars = charts.scheme_bars(book.tops, book.total, unit=unit, period=period)
    return {
        "sentence": charts.savings_sentence(book),
        "headlines": charts.savings_headlines(book, charts.savings_unit(book)),
        "rule": rule_words(),
        "unit": UNIT_LABELS[unit],
        "months": months and replace(months, caveats=caveats),
        "months_table": charts.savings_months_table(book, unit),
        "months_wide": (3, 4),  # a telephone shows plan and saved to date
        "bars": bars and replace(bars, caveats=caveats),
        "schemes": charts.scheme_table(
            book.rows,
            book.total,
            book.judged,
            unit=unit,
            month=book.month,
            hrefs=hrefs,
            stages=dict(Stage.choices),
            more=gap,
        ),
        "dangers": [
            {
                "danger": danger,
                "href": hrefs.get(danger.code, ""),
                "shortfall": fine(danger.shortfall_pence),
                "share": percent_cell(danger.share),
            }
            for danger in judging.dangers(book)
        ],
        "reported": book.total.actual_pence is not None or book.total.forecast_pence is not None,
        "judgeable": any(
            (row.figures.forecast_variance_pence, row.figures.variance_pence) != (None, None)
            for row in book.tops
        ),
        "moves": [
            {
                "moved": moved,
                "href": hrefs[moved.code],
                "before": cell(moved.before_pence, unit),
                "now": cell(moved.forecast_pence, unit),
                "change": cell(moved.change_pence, unit),
                "direction": direction_of(moved.change_pence),
                "words": direction_words(
                    moved.change_pence, direction_of(moved.change_pence), unit=unit
                ),
            }
            for moved in judging.moves(book)
        ],
        "movable": sum(
            row.figures.before_pence is not None and row.figures.forecast_pence is not None
            for row in book.tops
        ),
        "splits": splits,
        "unsaid": [split["words"] for split in splits if split["words"]],
        "gap": _gap(book),
        "rates": _rates(book, charts.savings_unit(book)),
        "rate_notes": _rate_notes(book),
        "at_risk_rule": judging.AT_RISK_RULE,
        "weighted": judging.weighted_words(book),
        "claims": _claims(book, unit),
        "claims_words": judging.claims_words(book),
        "printed": _printed(slice_, book, unit),
        "targets": [target_row(target, unit, (book.system, book.year)) for target in book.targets],
        "investments": [
            {
                "name": row.name,
                "href": hrefs[row.code],
                "plan": cell(row.figures.plan_pence, unit),
                "budget": cell(row.gross_budget_pence, unit),
            }
            for row in book.investments
        ],
    }


def savings_words(
    slice_: Slice, *, state: State, month: int | None, change: int, ceiling: int | None = None
) -> str:
    """The sentence that savings say on a page about a month, "" where none are planned.

    Kept by itself.
    """
    key = f"savings-words:{slice_.pk}:{change}:{state}:{month}"
    if ceiling is not None:
        key = f"savings-words-at:{slice_.pk}:{ceiling}:{state}:{month}"

    def build() -> tuple[str, str]:
        found = savings_total(slice_, state, month=month, ceiling=ceiling)
        stated = found.total.plan_pence is not None
        return key, charts.savings_sentence(found) if stated else ""

    return remember(key, build)


def _printed(slice_: Slice, book: SavingsBook, unit: Unit) -> list[dict[str, Any]]:
    """What documents print as totals of savings in this month or for the year."""
    found = PrintedFigure.objects.filter(
        slice=slice_, kind=Kind.SAVING, line=None, scheme=None, partner=None, pence__isnull=False
    ).filter(Q(month=book.month) | Q(month=None))
    return [
        {
            "name": item.name,
            "cell": cell(
                item.pence, unit, marks=(item.evidence.state,), note=item.evidence.working
            ),
        }
        for item in found.select_related("evidence")
    ]


def target_row(target: Target, unit: Unit, here: tuple[str, str]) -> dict[str, Any]:
    """A target with every figure that it had; it is followed and not counted."""
    return {
        "name": target.name,
        "href": reverse("line", args=[*here, target.code]),
        "partner": target.partner,
        "versions": [
            {
                "name": name,
                "cell": cell(pence, unit, marks=target.marks, note=target.note),
                "reason": reason,
            }
            for name, pence, reason in target.versions
        ],
        "actual": cell(target.actual_pence, unit),
        "comment": target.comment,
    }


def _has(figures: SavingFigures) -> bool:
    """Whether there is any amount in it."""
    return any((figures.plan_pence, figures.actual_pence, figures.forecast_pence))


def _gap(book: SavingsBook) -> str:
    """What of the plan no scheme carries, in words."""
    left = book.unidentified
    if left is None or not _has(left):
        return "Every planned saving hangs on a scheme."
    said = []
    if left.plan_pence:
        whole = book.total.plan_pence
        of = f" of the {amount(whole)} planned" if whole and left.plan_pence > 0 else ""
        said.append(f"{amount(left.plan_pence)}{of} hangs on no scheme yet")
    if left.forecast_pence:
        said.append(f"the forecast counts {amount(left.forecast_pence)} of it")
    elif left.actual_pence:
        said.append(f"{amount(left.actual_pence)} of it is reported as saved")
    return f"{capital('; '.join(said))}."


def _splits(book: SavingsBook, unit: Unit) -> list[dict[str, Any]]:
    """The total by recurrence, stage and theme, each with what it means."""
    themes = sorted(book.themes.values(), key=lambda theme: theme[0])
    rest = left_over(book.total, [figures for _, figures in themes])
    if _has(rest):
        themes.append(("In no theme", rest))
    types = [(str(SavingType(key).label), figures) for key, figures in book.types.items()]
    if _has(left := left_over(book.total, book.types.values())):
        types.append(("Not stated", left))
    stages = [(_STAGES[key], book.stages[key]) for key in (*Stage.values, "") if key in book.stages]
    if book.unidentified is not None and _has(book.unidentified):
        stages.append((_GAP, book.unidentified))
    wanted = (
        (
            "recurrent",
            "Recurrent or not",
            charts.recurrent_parts(book.recurrent),
            set(book.recurrent) == {"not stated"},
            ("Recurrent and non-recurrent savings", "Kind"),
            "No line says whether its saving is recurrent.",
        ),
        (
            "types",
            "By type of saving",
            types if book.types else [],
            False,
            ("Savings by type", "Type"),
            "No line says what type of saving it is.",
        ),
        (
            "stages",
            "By stage",
            stages,
            set(book.stages) == {""},
            ("Savings by stage of their scheme", "Stage"),
            "No scheme's stage is stated.",
        ),
        (
            "themes",
            "By theme",
            themes if book.themes else [],
            False,
            ("Savings by theme", "Theme"),
            "",
        ),
    )
    made = []
    for name, heading, parts, silent, caption, words in wanted:
        if not parts:
            continue
        table = None if silent else charts.split_table(*caption, parts, unit)
        columns = table.columns if table else ()
        # a telephone shows the plan and the variance, if there is one
        wide = range(2, len(columns) - 2) if "Forecast variance" in columns else ()
        made.append(
            {
                "name": name,
                "heading": heading,
                "table": table,
                "wide": list(wide),
                "words": words if silent else "",
            }
        )
    return made


def _rates(book: SavingsBook, unit: Unit) -> list[charts.Headline]:
    """At risk, run-rate, needed rate and full-year effect in large; what has no value is left."""
    total, label = book.total, UNIT_LABELS[unit]
    made = []

    def add(name: str, pence: int, words: str, direction: str = "none", said: str = "") -> None:
        made.append(charts.Headline(name, cell(pence, unit), label, direction, said, words))

    risk = judging.savings_at_risk(book)
    if risk.pence is not None:
        of = len(risk.codes)
        add(
            "Savings at risk",
            risk.pence,
            f"forecast and not yet delivered, in {of} scheme{'' if of == 1 else 's'}"
            if of
            else "no scheme is red or before delivery",
        )
    rate = judging.run_rate(total, book.month)
    if rate is not None and (book.month or 0) < 12:
        plan = total.plan_pence
        compared = f"; the plan is {amount(plan)}" if plan is not None else ""
        add(
            "Extrapolation at the rate so far",
            rate,
            f"saved to date, divided by {book.month} months, times 12: no forecast{compared}",
        )
    needed = judging.needed_rate(total, book.month)
    if needed is not None and needed.pence > 0:
        times = needed.times
        compared = "" if times is None else f", {times.normalize():f} times the average so far"
        add("Needed each month from now", needed.pence, f"to reach the forecast{compared}")
    if book.full_year_effect_pence is not None:
        add(
            "Full-year effect",
            book.full_year_effect_pence,
            "of the lines that state one; never added to the year's savings",
        )
    return made


def _rate_notes(book: SavingsBook) -> list[str]:
    """The same in sentences, and what cannot be said."""
    total = book.total
    said = []
    needed = judging.needed_rate(total, book.month)
    if needed is not None and needed.pence <= 0:
        said.append(needed.words)
    if total.actual_pence is None:
        said.append("No rate can be worked out before a month's savings are reported.")
    elif total.reported < total.lines:
        said.append(
            f"{total.silent} of {total.lines} lines {'has' if total.silent == 1 else 'have'} no "
            "report for the month, so that no rate can be worked out, and all that they forecast "
            "counts as not yet delivered."
        )
    risk = judging.savings_at_risk(book)
    if risk.pence is None:
        said.append("Savings at risk cannot be stated without a forecast.")
    elif risk.silent:
        of = risk.silent
        said.append(
            f"{of} scheme{'' if of == 1 else 's'} that would count as at risk "
            f"{'has' if of == 1 else 'have'} no forecast."
        )
    if book.full_year_effect_pence is None:
        said.append("No line states a full-year effect.")
    return said


def _claims(book: SavingsBook, unit: Unit) -> dict[str, Any] | None:
    """Savings that two lines may claim, with the total before and after; None without any."""
    if not book.claims:
        return None
    totals = judging.claim_totals(book)
    groups = (
        ("May be counted twice", totals.open),
        ("Settled: one of the two counts", totals.settled),
        ("Settled: two savings, both count", totals.different),
    )
    return {
        "table": charts.claims_table(totals.before, totals.taken, totals.after, unit)
        if totals.settled
        else None,
        "groups": [
            {"heading": heading, "pairs": [_pair(book, pair) for pair in pairs]}
            for heading, pairs in groups
            if pairs
        ],
    }


def _pair(book: SavingsBook, pair: ClaimPair) -> dict[str, Any]:
    """Two lines with what they claim, and which of them counts."""
    found = (
        "Found by rule: they hang on one scheme, and each names the other's partner."
        if pair.found == "rule"
        else "Linked by a person."
    )
    counts = {"one": pair.one_partner, "other": pair.other_partner}.get(pair.settlement)
    said = [f"Counted at {counts}." if counts else found]
    if pair.reason:
        said.append(f"Reason: {pair.reason.rstrip('.')}.")
    return {
        "ends": [
            {
                "name": name,
                "href": reverse("line", args=[book.system, book.year, code]),
                "words": f"{partner}, {_claimed(figures)}",
            }
            for code, name, partner, figures in (
                (pair.one, pair.one_name, pair.one_partner, pair.one_figures),
                (pair.other, pair.other_name, pair.other_partner, pair.other_figures),
            )
        ],
        "words": " ".join(said),
    }


def _claimed(figures: SavingFigures) -> str:
    """What a line claims: its forecast, else what it saved, else its plan."""
    for what, pence in (
        ("forecast", figures.forecast_pence),
        ("saved to date", figures.actual_pence),
        ("planned", figures.plan_pence),
    ):
        if pence is not None:
            return f"{what} {fine(pence)}"
    return "no amount stated"
