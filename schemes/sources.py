"""Evidence as a page shows it."""

from __future__ import annotations

from typing import Any

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


def operator_of(slice_: Slice) -> str:
    """What stands for the author of what nobody typed: it was made up, or loaded."""
    return "Made up by a generator" if slice_.system.illustrative else "Loaded from documents"
