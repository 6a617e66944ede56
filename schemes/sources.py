"""Evidence as a page shows it."""

from __future__ import annotations

from typing import Any

from esbt.kit.money import Cell
from schemes.models import Evidence, Slice


def evidence_row(evidence: Evidence | None) -> dict[str, Any] | None:
    """Evidence for _components/evidence.html; None where somebody typed the fact."""
    if evidence is None:
        return None
    return {
        "source": evidence.source.title,
        "href": evidence.source.url,
        "place": evidence.place,
        "printed": evidence.printed,
        "unit": evidence.unit,
        "state": evidence.get_state_display(),
        "working": evidence.working,
    }


def mark_of(evidence: Evidence | None) -> Cell | None:
    """The dagger or flag of a row that is not simply printed; a cell without its figure."""
    if evidence is None or evidence.state in ("printed", "missing"):
        return None
    suspect = evidence.state == "suspect"
    return Cell("", derived=not suspect, suspect=suspect, note=evidence.working)


def operator_of(slice_: Slice) -> str:
    """What stands for the author of what nobody typed: it was made up, or loaded."""
    return "Made up by a generator" if slice_.system.illustrative else "Loaded from documents"
