"""Tables of a data package about systems, partners and years."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from esbt.kit.rows import Code, Day, Row, Whole, YesNo
from schemes.models import Partner, Slice
from schemes.package.base import Long, Name, Short, SliceRow, Step, table_of
from schemes.services import partners, reference


class SourceRow(Row):
    """A document, with the rule for its signs declared once."""

    code: Code
    title: Annotated[str, Field(max_length=300)]
    publisher: Name = ""
    published: Annotated[str, Field(max_length=60)] = ""
    url: Annotated[str, Field(max_length=500)] = ""
    licence: Name = ""
    signs: Long = ""


class SystemRow(Row):
    """A system."""

    code: Code
    name: Name
    footprint: Long = ""
    illustrative: YesNo = False


class PartnerRow(Row):
    """A partner or a reporting group."""

    code: Code
    name: Name
    short_name: Short
    kind: Partner.Kind
    starts: Day | None = None
    ends: Day | None = None


class NameRow(Row):
    """A name that documents use for a partner."""

    partner: Code
    name: Name
    starts: Day | None = None
    ends: Day | None = None
    note: Name = ""


class CodeRow(Row):
    """A partner's code in a register."""

    registry: Annotated[str, Field(max_length=40)]
    code: Annotated[str, Field(max_length=40)]
    partner: Code
    starts: Day | None = None
    ends: Day | None = None


class SuccessionRow(Row):
    """A partner that took over from another."""

    predecessor: Code
    successor: Code
    on: Day | None = None


class GroupMemberRow(Row):
    """A partner that reports with others as a group."""

    group: Code
    member: Code
    starts: Day | None = None
    ends: Day | None = None


class MembershipRow(Row):
    """A partner's place in a system."""

    system: Code
    partner: Code
    position: Annotated[Whole, Field(ge=0, le=9999)] = 0
    starts: Day | None = None
    ends: Day | None = None
    note: Annotated[str, Field(max_length=300)] = ""


class YearRow(SliceRow):
    """A year of a system; its status is set once its figures are in."""

    status: Slice.Status


STEPS: tuple[Step, ...] = (
    table_of("sources", SourceRow, "code", reference.SourceSpec, reference.save_sources),
    table_of("systems", SystemRow, "code", reference.SystemSpec, reference.save_systems),
    table_of("partners", PartnerRow, "code", partners.PartnerSpec, partners.save_partners),
    table_of(
        "partner_names",
        NameRow,
        "partner name starts",
        partners.NameSpec,
        partners.save_partner_names,
    ),
    table_of(
        "partner_codes",
        CodeRow,
        "registry code starts",
        partners.CodeSpec,
        partners.save_partner_codes,
    ),
    table_of(
        "successions",
        SuccessionRow,
        "predecessor successor",
        partners.SuccessionSpec,
        partners.save_successions,
    ),
    table_of(
        "group_members",
        GroupMemberRow,
        "group member",
        partners.GroupMemberSpec,
        partners.save_group_members,
    ),
    table_of(
        "memberships",
        MembershipRow,
        "system partner",
        partners.MembershipSpec,
        partners.save_memberships,
    ),
    table_of("years", YearRow, "system year", reference.YearSpec, reference.save_years),
)
