"""Positions before and after the variance of pools is shared, with the words that say which."""

from collections.abc import Sequence

from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell, words
from esbt.kit.words import in_a_list
from finance.charts.shapes import Table
from finance.charts.words import balance
from finance.figures.position import PositionShare
from finance.pools.what_if import Standing

_UNIT: Unit = "k"  # what a share moves may be little beside a position


_BINDING = {
    "binding": "The agreement's trigger has been met: these shares are binding. ",
    "partly binding": "Some of these shares are binding; the others are indicative until the "
    "trigger of their rule is met, and the pages of the pools say which. ",
    "indicative": "Shares are indicative until the agreement's trigger is met. ",
}


def share_table(found: PositionShare) -> Table | None:
    """A row a partner and the total; None where nothing can be shared."""
    if found.total is None:
        return None
    return Table(
        caption=f"Surplus or (deficit) before and after risk share, in {UNIT_LABELS[_UNIT]}",
        columns=(
            "Organisation",
            "Before: as reported",
            f"Risk share, {found.standing}",
            f"After risk share, {found.standing}",
            "Variance before",
            "Variance after",
        ),
        rows=tuple(
            (
                row.name,
                (
                    cell(row.before_pence, _UNIT),
                    cell(row.effect_pence, _UNIT, marks=("derived",)),
                    cell(row.after_pence, _UNIT, marks=("derived",)),
                    cell(row.before_variance_pence, _UNIT),
                    cell(row.after_variance_pence, _UNIT, marks=("derived",)),
                ),
            )
            for row in (*found.rows, found.total)
        ),
        wide=(2, 4, 5),
        summed=True,
    )


def share_sentence(found: PositionShare) -> str:
    """Which of the two figures is which, and what the total moves by."""
    pools = in_a_list([name for _, name in found.pools])
    if found.total is None:
        return f"No position after risk share can be given for {pools}."
    said = (
        f"Before it is shared, the whole variance of {pools} lies with its host, inside the "
        "position that the host reports. After is the same position once each partner bears its "
        "share by the rules entered. "
    )
    said += _BINDING[found.standing]
    if not found.left_pence:
        return said + "The system's total stays as it is."
    amount = words(abs(found.left_pence), "gbp")
    better = found.left_pence < 0
    return said + (
        f"The system's total is {amount} {'better' if better else 'worse'} after it, which the "
        f"risk pool, next year's pool or a partner without a position here "
        f"{'bears' if better else 'gains'}."
    )


def standings_table(rows: Sequence[Standing], total: Standing, basis: str) -> Table:
    """A row a partner and the total: as reported, under the rules in force and the what-if."""
    of = "Forecast surplus" if basis == "forecast" else "Surplus"
    return Table(
        caption=f"{of} or (deficit) before and after risk share, in {UNIT_LABELS[_UNIT]}",
        columns=(
            "Organisation",
            "Before: as reported",
            "After, rules in force",
            "After, what-if",
            "What-if against rules in force",
        ),
        rows=tuple(
            (
                row.name,
                (
                    cell(row.before_pence, _UNIT),
                    _shared(row.now_pence),
                    cell(row.what_if_pence, _UNIT, marks=("derived",)),
                    _shared(row.difference_pence),
                ),
            )
            for row in (*rows, total)
        ),
        wide=(1, 4),
        summed=True,
    )


def _shared(pence: int | None) -> Cell:
    if pence is None:
        return Cell("not shared", missing=True)
    return cell(pence, _UNIT, marks=("derived",))


def standings_sentence(total: Standing, basis: str) -> str:
    """What becomes of the system's own surplus or deficit under the what-if."""
    if total.before_pence is None or total.what_if_pence is None:
        return "The system's own position is not stated for that month."
    which = "The system's forecast position" if basis == "forecast" else "The system's position"
    said = f"{which} as reported is {_standing(total.before_pence)}."
    then = f"the what-if would {_moved(total.what_if_pence - total.before_pence)}"
    if total.now_pence is not None:
        then = f"the rules in force {_moved(total.now_pence - total.before_pence)}, and {then}"
    said = f"{said} Sharing this pool alone, {then}."
    if {total.now_pence, total.what_if_pence} <= {None, total.before_pence}:
        return f"{said} Money moves between partners only."
    return (
        f"{said} The total moves by what the risk pool, next year's pool or a partner without a "
        "position here bears, and by a variance that the what-if changes."
    )


def _moved(pence: int) -> str:
    if not pence:
        return "leave it as it is"
    return f"make it {words(abs(pence), 'gbp')} {'worse' if pence < 0 else 'better'}"


def _standing(pence: int) -> str:
    return f"a {balance(pence)}" if pence else "at break-even"
