"""Owners are roles and organisations: a person's name alone is refused (STYLE, data protection)."""

import re
from collections.abc import Sequence
from typing import Any

from esbt.kit.problems import Fault, Refused

# a word that makes a phrase a role or a body; a name has none of them
_ROLES = re.compile(
    r"\b(administrator|advis[eo]r|analyst|assistant|associate|authority|authorities|board|bodies|"
    r"body|ccg|chair|chief|clerk|clinician|clinical|commissioner|committee|consultant|coordinator|"
    r"council|deputy|department|director|directorate|executive|finance|governing|group|head|"
    r"healthwatch|hub|icb|lead|leader|management|manager|matron|meeting|member|network|nhs|nurse|"
    r"office|officer|operation|owner|partner|partnership|pharmacist|pmo|practitioner|president|"
    r"programme|project|provider|representative|secretary|service|social|specialist|sponsor|"
    r"strategist|supervisor|surveyor|team|treasurer|trust|unit|worker|workforce)s?\b",
    re.IGNORECASE,
)


def refuse_people(specs: Sequence[Any], field: str) -> None:
    """Raise Refused for specs whose owner is a name."""
    if faults := people_in(specs, field):
        raise Refused(faults)


def people_in(specs: Sequence[Any], field: str) -> list[Fault]:
    """A fault for each spec whose owner is a name."""
    found = [owner_fault(getattr(spec, field), field, spec.row) for spec in specs]
    return [fault for fault in found if fault]


def owner_fault(text: str, field: str, row: int | str | None) -> Fault | None:
    """What is wrong with the words for an owner: a part of them that names no role.

    Parts stand with semicolons between. An abbreviation in capitals (ESCC, A&E) is a body.
    """
    for part in filter(None, (part.strip() for part in text.split(";"))):
        if not _ROLES.search(part) and not re.search(r"\b[A-Z][A-Z&]{2,}\b|A&E", part):
            said = (
                "This names no role and no body. Personal names are not kept here: write the role, "
                "such as Director of Public Health."
            )
            return Fault(said, field, part[:60], row)
    return None
