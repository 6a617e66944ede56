"""What is searched: each kind of row with its name, its words, and the page that it stands on.

No text is kept apart for searching: what is found is what the tables say at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, Model, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from finance.models import Line, RiskMoney
from outcomes.models import Framework, FrameworkItem, Metric
from schemes.models import (
    Action,
    ActionArea,
    ActionPlan,
    Agreement,
    Aim,
    Body,
    BodyMember,
    Decision,
    FundHeading,
    FundPlan,
    Membership,
    Milestone,
    NationalCondition,
    PartnerCode,
    PartnerName,
    Pool,
    Programme,
    Project,
    RegisterRow,
    Risk,
    Scheme,
    System,
    Workstream,
)

BETWEEN = " · "  # what separates texts that are searched as one


@dataclass(frozen=True)
class Place:
    """Where a row stands: codes of its system, of itself, and of what holds it; ``year`` is its
    own, or for what has none the latest of its system that holds figures ("" without any).
    """

    system: str
    code: str
    parent: str
    year: str


@dataclass(frozen=True)
class Kind:
    """A kind of row. ``name``, ``also`` (other names) and ``words`` are expressions over its
    model, ``system`` and ``parent`` paths from it; ``href`` is its page. Of what is ``placed``
    the name begins with a place or programme, which people leave out.
    """

    code: str
    label: str
    model: type[Model]
    href: Callable[[Place], str]
    system: str = "system"
    own_code: str = "code"
    parent: str = ""
    year: Any = ""  # a path, or an expression
    name: str = "name"
    also: tuple[Any, ...] = ()
    words: tuple[Any, ...] = ()
    placed: bool = False
    only: Callable[[QuerySet[Any]], QuerySet[Any]] = field(default=lambda rows: rows)

    def text(self) -> Func:
        """Everything that a row says beside its name, as one text."""
        return _in_one(" ", *self.also, *self.words)

    def other_names(self) -> Func:
        """Its other names, each between two separators."""
        return _in_one(BETWEEN, Value(""), *self.also, Value(""))


def _in_one(between: str, *parts: Any) -> Func:
    return Func(Value(between), *parts, Value(""), function="CONCAT_WS", output_field=TextField())


def _joined(rows: QuerySet[Any], column: str) -> Func:
    """The texts of several rows beneath one as one text."""
    return Func(
        ArraySubquery(rows.values(column)),
        Value(BETWEEN),
        function="ARRAY_TO_STRING",
        output_field=TextField(),
    )


class _JsonWords(Func):
    """What stands in an object of JSON, without its names."""

    template = (
        "(SELECT STRING_AGG(item.value, ' · ' ORDER BY item.key)"
        " FROM JSONB_EACH_TEXT(%(expressions)s) item WHERE item.value <> '')"
    )
    output_field = TextField()


def _latest(lines: QuerySet[Line]) -> QuerySet[Line]:
    """Of a line that goes on for years the latest year."""
    later = Line.objects.filter(
        code=OuterRef("code"),
        slice__system=OuterRef("slice__system"),
        slice__year__gt=OuterRef("slice__year"),
    )
    return lines.filter(~Exists(later))


def _in_system(page: str, *, parent: bool = False) -> Callable[[Place], str]:
    """A page of something in a system, beneath what holds it where ``parent`` is said."""
    return lambda at: reverse(page, args=[at.system, *([at.parent] if parent else []), at.code])


def _holder(page: str, anchor: str = "") -> Callable[[Place], str]:
    """The page of what holds a row, and where on it the row stands."""
    return lambda at: (
        reverse(page, args=[at.system, at.parent]) + (f"#{anchor}{at.code}" if anchor else "")
    )


def _tab(tab: str) -> Callable[[Place], str]:
    return lambda at: reverse("fund-plan-tab", args=[at.system, at.parent, tab])


def _in_year(page: str) -> Callable[[Place], str]:
    """A page of something in a year; while its system has none, the system's delivery."""
    return lambda at: (
        reverse(page, args=[at.system, at.year, at.code]) if at.year else _delivery(at)
    )


def _delivery(at: Place) -> str:
    return reverse("delivery", args=[at.system])


def _system(at: Place) -> str:
    return reverse("finances", args=[at.system, at.year]) if at.year else _delivery(at)


def _version(at: Place) -> str:
    return f"{reverse('outcomes', args=[at.system])}?framework={at.parent or at.code}"


def _wider(seats: QuerySet[BodyMember]) -> QuerySet[BodyMember]:
    """Of partners that sit in a body of a system and are no members of it one seat each."""
    same = {"partner": OuterRef("partner")}
    earlier = BodyMember.objects.filter(body__system=OuterRef("body__system"), **same)
    member = Membership.objects.filter(system=OuterRef("body__system"), **same)
    return seats.filter(
        ~Exists(earlier.filter(pk__lt=OuterRef("pk"))), ~Exists(member), partner__isnull=False
    )


_CALLED = (
    "partner__short_name",
    _joined(PartnerName.objects.filter(partner=OuterRef("partner")), "name"),
    _joined(PartnerCode.objects.filter(partner=OuterRef("partner")), "code"),
)
_IN_PLAN: dict[str, Any] = {"system": "plan__system", "parent": "plan__code"}
_IN_AREA: dict[str, Any] = {"system": "area__plan__system", "parent": "area__plan__code"}
_IN_BODY: dict[str, Any] = {"system": "body__system", "parent": "body__code"}

KINDS = (
    Kind("system", "Systems", System, _system, system="pk", words=("footprint",)),
    Kind(
        "partner",
        "Partners",
        Membership,
        _in_system("register-partner"),
        own_code="partner__code",
        name="partner__name",
        also=_CALLED,
        placed=True,
    ),
    Kind(
        "wider-partner",
        "Wider partners",
        BodyMember,
        _in_system("register-partner"),
        system="body__system",
        own_code="partner__code",
        name="partner__name",
        also=_CALLED,
        placed=True,
        only=_wider,
    ),
    Kind(
        "scheme",
        "Schemes",
        Scheme,
        _in_year("scheme"),
        words=("theme__name", "purpose", "proposal", "key_outcomes", "lead_role", "note"),
    ),
    Kind(
        "line",
        "Lines",
        Line,
        _in_year("line"),
        system="slice__system",
        year="slice__year",
        words=("partner__name", "heading__name", "scheme__name", "pool__name"),
        only=_latest,
    ),
    Kind("pool", "Pooled budgets", Pool, _in_year("pool"), words=("scope", "excludes", "note")),
    Kind(
        "metric",
        "Metrics",
        Metric,
        _in_system("metric"),
        words=("why", "numerator", "denominator", "unit_words", "quality"),
    ),
    Kind("framework", "Outcomes frameworks", Framework, _version, words=("status", "note")),
    Kind(
        "item",
        "Domains, objectives and outcomes",
        FrameworkItem,
        _version,
        system="framework__system",
        parent="framework__code",
        words=("note",),
    ),
    Kind(
        "agreement",
        "Agreements",
        Agreement,
        _in_system("agreement"),
        words=("aims", "contributions", "functions", "services", "resources", "management", "note"),
    ),
    Kind("fund-plan", "Fund plans", FundPlan, _in_system("fund-plan"), words=("board", "about")),
    Kind(
        "heading",
        "Scheme headings",
        FundHeading,
        _holder("fund-plan"),
        words=("about",),
        **_IN_PLAN,
    ),
    Kind("programme", "Programmes", Programme, _holder("fund-plan"), words=("about",), **_IN_PLAN),
    Kind("aim", "Aims", Aim, _holder("fund-plan"), words=("measure",), **_IN_PLAN),
    Kind(
        "condition",
        "National conditions",
        NationalCondition,
        _tab("conditions"),
        words=("in_place", "planned", "shown_by"),
        **_IN_PLAN,
    ),
    Kind(
        "risk",
        "Risks",
        Risk,
        _in_year("risk"),
        year=Subquery(
            RiskMoney.objects.filter(risk=OuterRef("pk"), pence__isnull=False)
            .order_by("-slice__year")
            .values("slice__year")[:1]
        ),
        words=("cause", "effect", "mitigation", "owner_role", "owner__name"),
    ),
    Kind("action-plan", "Action plans", ActionPlan, _in_system("action-plan"), words=("about",)),
    Kind("area", "Areas of action plans", ActionArea, _holder("action-plan", "area-"), **_IN_PLAN),
    Kind(
        "action",
        "Actions",
        Action,
        _in_system("action", parent=True),
        words=("number", "detail", "outcomes", "owner_role", "owner__name"),
        **_IN_AREA,
    ),
    Kind(
        "milestone",
        "Milestones",
        Milestone,
        _in_system("milestone"),
        words=("workstream__name", "owner_role", "body__name", "note"),
    ),
    Kind(
        "workstream",
        "Workstreams",
        Workstream,
        _in_system("workstream"),
        words=("programme", "about", "lead_role", "lead__name"),
    ),
    Kind(
        "project",
        "Projects",
        Project,
        _holder("workstream"),
        system="workstream__system",
        parent="workstream__code",
        words=("about",),
    ),
    Kind(
        "body",
        "Boards and groups",
        Body,
        _in_system("body"),
        words=("remit", "receives", "note"),
        placed=True,
    ),
    Kind(
        "decision",
        "Decisions",
        Decision,
        _holder("body"),
        name="words",
        words=("body__name", "minute"),
        **_IN_BODY,
    ),
    Kind(
        "row",
        "Rows of registers",
        RegisterRow,
        _in_system("register-row", parent=True),
        parent="register",
        words=(_JsonWords("values"), "note"),
    ),
)
BY_CODE = {kind.code: kind for kind in KINDS}


def column(path: Any) -> Any:
    """A column, or what an expression gives, as text; "" where there is no path."""
    if isinstance(path, str):
        return F(path) if path else Value("", output_field=TextField())
    return Coalesce(Cast(path, TextField()), Value("", output_field=TextField()))
