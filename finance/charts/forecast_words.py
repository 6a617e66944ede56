"""A forecast in words: its sentence, its headlines, and what a reader must know beside it."""

from collections.abc import Iterator, Sequence

from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell
from esbt.kit.words import capital, in_a_list
from finance.charts.shapes import Headline
from finance.charts.words import (
    YEAR_END,
    amount,
    balance,
    direction_of,
    direction_words,
    variance_words,
)
from finance.figures.forecast import ForecastBook, ForecastRow, RiskItem, RiskPosition

DERIVED = ("derived",)


def forecast_sentence(found: RiskPosition) -> str:
    """Say where the year is heading, against what, and what it rests on."""
    book = found.book
    if book.total.forecast_pence is None:
        if book.outturn_pence is None:
            return f"No forecast is stated for {_year(book)}."
        ended = f"{_year(book)} ended with {_a(book.outturn_pence)}"
        return f"{ended}; no forecast of it is stated."
    if book.silent:
        return (
            f"{_lead(book, 'those')} who have said so forecast {_a(book.total.forecast_pence)} for "
            f"{_year(book)}. Yet to forecast: {in_a_list(book.silent)}.{_not_heard(book)}"
        )
    said = (
        f"{_lead(book, 'the')} system forecasts {_a(book.total.forecast_pence)} for {_year(book)}"
    )
    against = list(filter(None, [_on_last_year(book), _on_control(book)]))
    told = f"{said}{', ' if against else ''}{' and '.join(against)}."
    return f"{told}{_not_heard(book)}{_by_partner(book)}{_rests_on(found)}"


def position_words(found: RiskPosition) -> str:
    """Where the system as a whole is heading, or where its year ended; "" where nobody says."""
    book, total = found.book, found.book.total
    if book.outturn_pence is None:
        if total.forecast_pence is None:
            return ""
        told = forecast_sentence(found)
        if book.is_control or total.distance_pence is None or total.control_pence is None:
            return told
        far = total.distance_pence
        side = f"{amount(far)} {direction_of(far)}" if far else "on plan"
        return f"{told} Against the plan, {_a(total.control_pence)}, it is {side}."
    said = f"{_year(book)} ended with {_a(book.outturn_pence)}"
    control = total.control_pence
    if control is None or total.bases_differ:
        return f"{said}."
    over, plan = book.outturn_pence - control, "its control totals" if book.is_control else "plan"
    return f"{said}, {f'{amount(over)} {direction_of(over)} to' if over else 'on'} {plan}."


def _year(book: ForecastBook) -> str:
    """A book's year in words: 2018/19."""
    return book.year.replace("-", "/")


def _lead(book: ForecastBook, subject: str) -> str:
    """Of which figures and month a forecast is, before whose it is: "At month 6 the"."""
    provisional = "on provisional figures " if book.state == "provisional" else ""
    month = f"at month {book.month} " if book.month else ""
    if (book.month or 0) > YEAR_END:
        month = "in the final accounts "
    return capital(f"{provisional}{month}{subject}")


def _not_heard(book: ForecastBook) -> str:
    """Who did not report for the month, so that an earlier forecast stands in the sum."""
    late = [
        row.short_name
        for row in book.rows
        if row.name in book.reported.missing and row.short_name not in book.silent
    ]
    if not late:
        return ""
    whose = "whose latest forecast counts" if len(late) == 1 else "whose latest forecasts count"
    return f" Without a position for it: {in_a_list(late)}, {whose}."


def _a(pence: int) -> str:
    return f"a {balance(pence)}" if pence else "break-even"


def _on_last_year(book: ForecastBook) -> str:
    change, last = book.total.change_pence, book.total.last_pence
    if change is None or last is None:
        return ""
    if not change:
        return f"as {book.last_year} ended"
    return f"{amount(change)} {direction_of(change)} to the {balance(last)} of {book.last_year}"


def _on_control(book: ForecastBook) -> str:
    distance = book.total.distance_pence
    if distance is None or not book.is_control:
        return ""
    if not distance:
        return "on its control totals"
    return f"{amount(distance)} {direction_of(distance)} to its control totals"


def _by_partner(book: ForecastBook) -> str:
    """Who is where against control totals, where the system as a whole cannot be said to be."""
    if book.total.distance_pence is not None or not book.is_control:
        return ""
    held = [row for row in book.rows if row.distance_pence is not None]
    if not held:
        return " No control total is stated."
    on = in_a_list([row.short_name for row in held if not row.distance_pence])
    said = [f"{on} on {'it' if len(held) == 1 else 'theirs'}"] if on else []
    said += [
        f"{row.short_name} {variance_words(row.distance_pence)}"
        for row in held
        if row.distance_pence
    ]
    silent = without_control(book)
    none = f"; not stated for {in_a_list(silent)}" if silent else ""
    return f" Against control totals: {', '.join(said)}{none}."


def without_control(book: ForecastBook) -> list[str]:
    """Who forecasts a position and states no control total to hold it against."""
    return [
        row.short_name
        for row in book.rows
        if row.forecast_pence is not None and row.control_pence is None
    ]


def distance_words(row: ForecastRow, unit: Unit, *, control: bool) -> str:
    """What stands beside a distance, so that nothing hangs on brackets or colour."""
    if row.distance_pence == 0 and control:
        return "on control total"
    direction = direction_of(row.distance_pence)
    return direction_words(row.distance_pence, direction, row.bases_differ, unit=unit)


def _rests_on(found: RiskPosition) -> str:
    """What the forecast would be without its plans, and if the risk lands."""
    before, lands = found.book.before_plans_pence, found.if_lands_pence
    plans, risk = found.book.total.expected_pence, found.sums.counted_pence
    said = []
    if before is not None and plans is not None:
        said.append(f"without its {amount(plans)} of reduction plans it would be {_a(before)}")
    if lands is not None and risk is not None:
        said.append(f"if the {amount(risk)} at risk lands, {_a(lands)}")
    return f" {capital('; '.join(said))}." if said else ""


def forecast_headlines(found: RiskPosition, unit: Unit = "m") -> tuple[Headline, ...]:
    """The forecast, the distance to control totals, plans, risk, and where it leads."""
    book, sums = found.book, found.sums
    total, label = book.total, UNIT_LABELS[unit]
    moved = f"by {cell(abs(total.change_pence), unit).text} on " if total.change_pence else ""
    silent = without_control(book)
    held = "against control totals" if book.is_control else f"against {book.plan_name}"
    return (
        Headline(
            "Forecast for the year",
            cell(total.forecast_pence, unit),
            label,
            direction_of(total.change_pence),
            direction_words(total.change_pence, direction_of(total.change_pence), unit=unit)
            if total.change_pence
            else "",
            f"{moved}{book.last_year}, which ended at {cell(total.last_pence, unit).text}"
            if total.last_pence is not None
            else "last year's outturn is not stated",
        ),
        Headline(
            "Against control total" if book.is_control else "Against plan",
            cell(total.distance_pence, unit),
            label,
            direction_of(total.distance_pence),
            distance_words(total, unit, control=book.is_control),
            f"{in_a_list(silent)} states none"
            if len(silent) == 1
            else f"forecast {held}"
            if book.plan
            else "the year has no plan",
        ),
        Headline(
            "Before reduction plans",
            derived(book.before_plans_pence, unit, before_plans_working(book)),
            label,
            "none",
            "",
            "no reduction plan is stated"
            if book.total.expected_pence is None
            else f"without {cell(book.total.expected_pence, unit).text} of plans",
        ),
        Headline(
            "If the risk lands",
            derived(found.if_lands_pence, unit, lands_working(found)),
            label,
            "none",
            "",
            "no amount at risk is stated"
            if sums.counted_pence is None
            else f"with {cell(sums.counted_pence, unit).text} at risk",
        ),
    )


def derived(pence: int | None, unit: Unit, working: str) -> Cell:
    """A cell of a figure that we worked out, with how."""
    return cell(pence, unit, marks=DERIVED, note=working)


def before_plans_working(book: ForecastBook) -> str:
    """How the position before plans came about."""
    if book.before_plans_pence is None or book.whole_pence is None:
        return ""
    plans = amount(book.total.expected_pence or 0)
    return f"The forecast, {_a(book.whole_pence)}, less {plans} of reduction plans in it."


def lands_working(found: RiskPosition) -> str:
    """How the position if the risk lands came about."""
    if found.if_lands_pence is None or found.book.whole_pence is None:
        return ""
    risk = amount(found.sums.counted_pence or 0)
    return f"The forecast, {_a(found.book.whole_pence)}, less {risk} of open risk."


def cautions_of(found: RiskPosition) -> list[str]:
    """What must be known before anybody relies on the derived figures."""
    return [*_of_book(found.book), *_of_risks(found.risks)]


def _of_book(book: ForecastBook) -> Iterator[str]:
    if book.silent and book.total.forecast_pence is not None:
        yield (
            f"{capital(in_a_list(book.silent))} {_has(book.silent)} yet to forecast, so that the "
            "position before plans and that if the risk lands are not stated."
        )
    if book.plan and not book.is_control:
        yield (
            f"The year has no plan of control totals; forecasts are held against {book.plan_name}, "
            "its headline plan."
        )
    if book.total.expected_pence is not None:
        counted = "by their latest forecasts, else by what they plan"
        said = counted if book.plans_forecast else "by what they plan for the whole year"
        yield f"The position before plans takes the forecast to hold the reduction plans {said}."
    if book.last_year and book.total.change_pence is None and book.total.forecast_pence is not None:
        yield (
            f"The change on {book.last_year} is not stated for the system: its forecast is not of "
            "the same partners as that outturn."
        )
    if book.underlying_pence is None and book.total.forecast_pence is not None:
        yield "The underlying position is not stated: lines do not say what of it is recurrent."


def _of_risks(risks: Sequence[RiskItem]) -> Iterator[str]:
    counted = [item for item in risks if item.counts]
    for item in counted:
        stake = item.stake
        if stake.pence is None or stake.net_pence is not None:
            continue
        size = amount(stake.pence)
        if stake.stands_as == "gross":
            yield (
                f"{item.name}: what mitigations are worth is not stated, so that it counts with "
                f"its gross {size}."
            )
        else:
            yield (
                f"{item.name}: whether {size} is before or after mitigations is not said; it is "
                "counted as it stands."
            )
    silent = [item.name for item in counted if item.stake.pence is None]
    if silent:
        yield f"What is at stake is not stated, and so not counted, for {in_a_list(silent)}."
    landed = [i.name for i in risks if i.status == "landed" and i.stake.pence is not None]
    if landed:
        yield f"Taken to be in the forecast already, since landed: {in_a_list(landed)}."


def _has(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"
