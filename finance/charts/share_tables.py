"""Positions before and after the variance of pools is shared, with the words that say which."""

from esbt.kit.money import UNIT_LABELS, Unit, cell, words
from esbt.kit.words import in_a_list
from finance.charts.shapes import Table
from finance.figures import PositionShare

_UNIT: Unit = "k"  # what a share moves may be little beside a position


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
    said += (
        "The agreement's trigger has been met: these shares are binding. "
        if found.standing == "binding"
        else "Shares are indicative until the agreement's trigger is met. "
    )
    if not found.left_pence:
        return said + "The system's total stays as it is."
    amount = words(abs(found.left_pence), "gbp")
    return said + (
        f"The system's total moves by {amount}, which the risk pool, next year's pool or a partner "
        "without a position here bears or passes on."
    )
