"""Areas by whichever of their codes somebody gives."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.functions import Lower

from esbt.kit.problems import Fault, Refused
from outcomes.models import Area, AreaCode


def areas_by_code(codes: Iterable[str]) -> dict[str, str]:
    """Our code by each code as given: ours, or one of any register, in capitals or not.

    What is no code, and one that two areas bear in different registers, is left out. Two queries.
    """
    given = {code: code.strip().lower() for code in codes}
    wanted = set(given.values())
    aliases = AreaCode.objects.annotate(low=Lower("code")).filter(low__in=wanted)
    meant: dict[str, set[str]] = {}
    for low, area in aliases.values_list("low", "area__code"):
        meant.setdefault(low, set()).add(area)
    for code in Area.objects.filter(code__in=wanted).values_list("code", flat=True):
        meant[code] = {code}
    return {
        code: next(iter(areas))
        for code, low in given.items()
        if len(areas := meant.get(low, set())) == 1
    }


def area_by_code(code: str) -> str:
    """Our code of one area. Raises Refused for what is none."""
    found = areas_by_code([code])
    if code not in found:
        said = "There is no area of this code. Give one of its codes, such as e10000011."
        raise Refused([Fault(said, "area", code[:60])])
    return found[code]
