"""The count that every write of many rows answers with."""

from dataclasses import dataclass

from esbt.kit.problems import Fault


@dataclass
class Count:
    """Rows by what became of them; a refusal raises instead, because it is all or nothing.

    ``kept`` are cells of a package that were not taken, since people said otherwise meanwhile.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: tuple[Fault, ...] = ()

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.kept + other.kept,
        )
