"""The count that every write of many rows answers with."""

from dataclasses import dataclass


@dataclass
class Count:
    """Rows by what became of them; a refusal raises instead, because it is all or nothing."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )
