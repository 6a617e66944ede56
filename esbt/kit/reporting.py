"""What every load says of itself: faults on a line each, and a last line that scripts read."""

from collections.abc import Sequence

from esbt.kit.counts import Count
from esbt.kit.problems import Fault


def closing(count: Count, refused: int = 0) -> str:
    """The last line of every load, which scripts read."""
    return (
        f"created {count.created}, updated {count.updated}, "
        f"unchanged {count.unchanged}, refused {refused}"
    )


def refused_rows(faults: Sequence[Fault]) -> int:
    """How many rows were refused: several faults of a row count once."""
    return len({(f.file, f.row, f.field if f.row is None else "") for f in faults})


def fault_in_words(fault: Fault) -> str:
    """A fault on one line: file, row, column, value and what to do."""
    value = f" '{fault.value}':" if fault.value else ""
    place = ", ".join(
        part
        for part in (
            fault.file,
            f"row {fault.row}" if fault.row is not None else "",
            fault.field and f"column {fault.field}",
        )
        if part
    )
    return f"{place}:{value} {fault.message}"
