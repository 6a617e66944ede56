"""Mappings of partners' ledgers: each change is a new version, and none is ever lost."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from esbt.kit.problems import Fault, Refused
from finance.models import LedgerMapping, Line
from finance.workbook.mapping import Definition
from schemes.models import Partner, Slice, System, User
from schemes.people.permissions import Permission, require


def save_mapping(
    *,
    by: User,
    system: System,
    partner: Partner,
    name: str,
    definition: Definition,
    seen: int | None = None,
    year: Slice | None = None,
) -> LedgerMapping:
    """Save a mapping of a partner; the version in use where nothing is new about it.

    ``seen`` is the version that its author edited, None for a new mapping. Raises Http404 without
    the permission to enter for the partner, and Refused for a line that the partner does not have
    in ``year``, where one is given, for a name that is blank or taken and for a version that
    somebody else replaced meanwhile.
    """
    require(by, Permission.ENTER_OUTTURN, system=system, partner=partner)
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise Refused([Fault("Give the mapping a name of at most 80 characters.", "name", name)])
    if year is not None and (faults := _unknown(definition, partner, year)):
        raise Refused(faults)
    last = LedgerMapping.objects.filter(partner=partner, name=name).order_by("-version").first()
    if (last.version if last else None) != seen:
        words = (
            "Somebody changed this mapping since you opened it. Open it again and put your "
            "changes in."
            if seen
            else "There is a mapping of this name. Change that one, or choose another name."
        )
        raise Refused([Fault(words, "name", name)], code="conflict")
    wanted = definition.model_dump(mode="json")
    if last and last.definition == wanted:
        return last
    try:
        with transaction.atomic():
            return LedgerMapping.objects.create(
                partner=partner,
                name=name,
                version=(last.version if last else 0) + 1,
                definition=wanted,
                actor=by,
            )
    except IntegrityError:  # of two at the same moment one is first
        words = "Somebody saved this mapping at the same moment. Open it again."
        raise Refused([Fault(words, "name", name)], code="conflict") from None


def _unknown(definition: Definition, partner: Partner, year: Slice) -> list[Fault]:
    """A fault for each line of the patterns that the partner does not have in the year."""
    known = set(Line.objects.filter(slice=year, partner=partner).values_list("code", flat=True))
    return [
        Fault(
            f"'{pattern.codes} = {pattern.line}': {partner.short_name} has no line "
            f"'{pattern.line}' in {year.year}. Correct the code; the lines stand below.",
            "patterns",
            pattern.line,
        )
        for pattern in definition.patterns
        if pattern.line and pattern.line not in known
    ]
