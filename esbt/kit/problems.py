"""What is said when something cannot be done: faults that name their cell and the remedy."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent, in words that say what to do.

    ``row`` is what the sender calls the row: a number in a file, a line's code on a page.
    """

    message: str
    field: str = ""
    value: str = ""
    row: int | str | None = None
    file: str = ""

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                f"row {self.row}" if self.row is not None else "",
                self.field,
            )
            if part
        )
        return f"{place}: {self.message}" if place else self.message


class Refused(Exception):
    """A write that was refused as a whole; nothing of it was stored."""

    def __init__(self, faults: Iterable[Fault], *, code: str = "invalid") -> None:
        self.faults = list(faults)
        self.code = code
        super().__init__("; ".join(map(str, self.faults)))


class Conflict(Refused):
    """A save over a newer value; ``newer`` holds what is stored, by line and month."""

    def __init__(self, faults: Iterable[Fault], newer: list[dict[str, Any]]) -> None:
        super().__init__(faults, code="conflict")
        self.newer = newer


# 409 is for what is well formed but stands against the state of things.
STATUS = {
    "invalid": 422,
    "confirm": 422,
    "closed": 409,
    "not_open": 409,
    "open": 409,
    "submitted": 409,
    "conflict": 409,
}
TITLES = {
    "invalid": "Some of this is not as it should be",
    "confirm": "An amount is to be confirmed",
    "closed": "The month is closed",
    "not_open": "The month is not open yet",
    "open": "The period is not closed yet",
    "submitted": "The return was submitted",
    "conflict": "Somebody saved a newer value",
}


def problem(refused: Refused) -> dict[str, Any]:
    """The body of an application/problem+json answer (RFC 9457) for a refusal."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[refused.code],
        "status": STATUS[refused.code],
        "code": refused.code,
        "detail": str(refused),
        "errors": [
            {key: value for key, value in asdict(fault).items() if value not in ("", None)}
            for fault in refused.faults
        ],
    }
    if isinstance(refused, Conflict):
        body["newer"] = refused.newer
    return body
