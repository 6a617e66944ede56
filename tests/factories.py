"""People, places and figures for tests, made through the services where there is one.

Amounts are text in pounds, as tests.money.pounds reads them: "-40" is a deficit of £40.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from finance.models import Line, Plan, Reminder, Rollup
from finance.models.outturns import ReturnState
from finance.rollups import recompute, verify
from finance.services import (
    DeadlineSpec,
    Entry,
    LineSpec,
    PaperSpec,
    PlanEntry,
    PoolAmountSpec,
    Saved,
    SignedOver,
    answer_question,
    choose_headline,
    close_month,
    keep_scenario,
    move_returns,
    record_outturns,
    record_plan,
    save_lines,
    save_paper_total,
    save_plan,
    save_pool_amounts,
    set_deadlines,
    submit_return,
    write_commentary,
)
from outcomes.models import DomainQuarter, DomainReport
from outcomes.services import (
    AreaSpec,
    FrameworkSpec,
    ItemSpec,
    MetricSpec,
    ObservationEntry,
    QuarterSpec,
    record_observations,
    save_areas,
    save_frameworks,
    save_items,
    save_metrics,
    save_quarters,
)
from schemes.models import (
    Action,
    FinancialYear,
    GroupMember,
    Membership,
    Partner,
    Pool,
    RoleGrant,
    Slice,
    System,
    User,
)
from schemes.people.roles import Role
from schemes.services.actions import (
    ActionPlanSpec,
    ActionSpec,
    save_action_areas,
    save_action_plans,
    save_actions,
)
from schemes.services.actions import AreaSpec as ActionAreaSpec
from schemes.services.pools import PoolMemberSpec, PoolSpec, save_pool_members, save_pools
from schemes.services.progress import report_action
from tests.money import pounds

YEAR = "2018-19"  # long past, so that every month of it has begun


def a_partner(code: str, kind: str = "council", *, members: Sequence[Partner] = ()) -> Partner:
    """A body, or with members the reporting group of them."""
    names = {"name": f"{code.title()} body", "short_name": code.title()}
    made = Partner.objects.create(code=code, kind="group" if members else kind, **names)
    for member in members:
        GroupMember.objects.create(group=made, member=member)
    return made


def a_system(*partners: Partner, code: str = "valley", illustrative: bool = False) -> System:
    """A system whose rows stand in the order of the partners given."""
    made = System.objects.create(code=code, name=f"The {code}", illustrative=illustrative)
    for position, partner in enumerate(partners):
        Membership.objects.create(system=made, partner=partner, position=position)
    return made


def a_year(system: System, code: str = YEAR) -> Slice:
    """An open year of a system."""
    FinancialYear.objects.get_or_create(code=code)
    return Slice.objects.create(system=system, year_id=code)


def a_person(
    username: str,
    role: Role | None = None,
    *,
    partner: Partner | None = None,
    system: System | None = None,
) -> User:
    """Somebody with a role, or a stranger without one."""
    user, _ = User.objects.get_or_create(username=username)
    if role:
        RoleGrant.objects.create(user=user, role=role, partner=partner, system=system)
    return user


def a_line(
    slice_: Slice, partner: Partner, kind: str = "position", code: str = "", **more: object
) -> Line:
    """A line of a partner; its code is the partner's and the kind unless one is given."""
    code = code or f"{partner.code}-{kind}"
    spec = LineSpec(code=code, name=code, partner=partner.code, kind=kind, **more)  # type: ignore[arg-type]
    save_lines(by=None, slice_id=slice_.pk, specs=[spec])
    return Line.objects.get(slice=slice_, code=code)


def two_legs(slice_: Slice, one: LineSpec, other: LineSpec) -> None:
    """A contract or transfer: two lines that name each other."""
    save_lines(by=None, slice_id=slice_.pk, specs=[one, other])


def evenly(year: str) -> list[int]:
    """A year's amount in twelve equal months."""
    return [pounds(year) // 12] * 12


def a_plan(
    slice_: Slice,
    figures: Mapping[Line, str | Sequence[int]],
    *,
    code: str = "original",
    basis: str = "",
    headline: bool = True,
) -> Plan:
    """A plan: for each line the year (annual only), or its twelve months in pence."""
    plan = save_plan(by=None, slice_id=slice_.pk, code=code, name=code.title())
    entries = [
        PlanEntry(line=line.code, full_year_pence=pounds(amount), basis=basis)
        if isinstance(amount, str)
        else PlanEntry(line=line.code, full_year_pence=sum(amount), months=amount, basis=basis)
        for line, amount in figures.items()
    ]
    record_plan(by=None, slice_id=slice_.pk, plan=plan, entries=entries)
    if headline:
        choose_headline(by=None, slice_id=slice_.pk, plan=plan)
    return plan


def report(
    line: Line,
    month: int,
    actual: str | None = None,
    forecast: str | None = None,
    *,
    by: User | None = None,
    **more: object,
) -> Saved:
    """What a partner reports for a line at a month; what is left out stays as it is."""
    values: dict[str, object] = dict(more)
    if actual is not None:
        values["actual_pence"] = pounds(actual)
    if forecast is not None:
        values["forecast_pence"] = pounds(forecast)
    entry = Entry(line=line.code, month=month, **values)  # type: ignore[arg-type]
    return record_outturns(by=by, slice_id=line.slice_id, entries=[entry])


def move(slice_: Slice, state: ReturnState, month: int, *partners: Partner) -> int:
    """Bring partners' returns of a month to a state."""
    return move_returns(by=None, slice_id=slice_.pk, months=[month], state=state, partners=partners)


def approve(slice_: Slice, month: int, *partners: Partner) -> int:
    """Approve a month, which publishes its figures."""
    return move(slice_, ReturnState.APPROVED, month, *partners)


def close(slice_: Slice, month: int, *partners: Partner) -> int:
    """Close a month."""
    return move(slice_, ReturnState.CLOSED, month, *partners)


def a_month_with_everything(slice_: Slice, line: Line) -> None:
    """A row in each table about months as a whole: month 2 is closed with a gap, and said about."""
    finn = a_person("finn", Role.FINANCE_LEAD, partner=line.partner)
    here = {"slice_id": slice_.pk, "partner": line.partner, "month": 2}
    own = Line.objects.filter(slice=slice_, partner=line.partner)
    submit_return(by=finn, gaps=dict.fromkeys([item.code for item in own], "No ledger"), **here)
    spec = PaperSpec(kind=line.kind, measure="actual", pence=1, source="Report")
    save_paper_total(by=None, spec=spec, **here)
    close_month(by=None, slice_id=slice_.pk, month=2, reason="The ledger is down")
    words = {"text": "All is well.", "signed_as": "Director"}
    write_commentary(by=None, slice_id=slice_.pk, month=2, **words)
    days = DeadlineSpec(month=0, submit_days=8, approve_days=10, close_days=15)
    set_deadlines(by=None, slice_id=slice_.pk, specs=[days])
    Reminder.objects.create(
        user=finn, kind="late", slice=slice_, partner=line.partner, month=2, about="2018-06-12"
    )


def an_outcome_with_everything(system: System) -> None:
    """A value of a metric, and what is written on a domain for a quarter."""
    known = {"system": system.code}
    save_areas(by=None, specs=[AreaSpec(code="vale", name="Vale", kind="council")])
    save_metrics(by=None, specs=[MetricSpec(code="delays", name="Delays", **known)])
    spring = {"starts": date(2018, 4, 1), "ends": date(2018, 4, 30)}
    entry = ObservationEntry(metric="delays", area="vale", value=Decimal(7), **spring)
    record_observations(by=None, system_id=system.pk, entries=[entry])
    save_frameworks(by=None, specs=[FrameworkSpec(code="first", name="First", **known)])
    within = known | {"framework": "first"}
    save_items(by=None, specs=[ItemSpec(code="care", name="Care", level="domain", **within)])
    save_quarters(by=None, specs=[QuarterSpec(item="care", year="2018-19", quarter=1, **within)])
    DomainReport.objects.create(
        due=DomainQuarter.objects.get(), text="Well", signed_as="Director", at=timezone.now()
    )


def a_pool(slice_: Slice, *partners: Partner, code: str = "fund") -> Pool:
    """A pooled fund of partners, the first of them its host."""
    known = {"system": slice_.system.code}
    save_pools(by=None, specs=[PoolSpec(code=code, name=code.title(), kind="pooled", **known)])
    members = [
        PoolMemberSpec(pool=code, partner=partner.code, host=partner == partners[0], **known)
        for partner in partners
    ]
    save_pool_members(by=None, specs=members)
    return Pool.objects.get(system=slice_.system, code=code)


def a_pool_with_everything(slice_: Slice) -> None:
    """An amount of a pool, and a what-if that somebody kept."""
    pool = a_pool(slice_)
    amount = PoolAmountSpec(pool="fund", code="agreed", name="Agreed", measure="agreed", pence=1)
    save_pool_amounts(by=None, slice_id=slice_.pk, specs=[amount])
    keep_scenario(
        by=a_person("kay", Role.SYSTEM_ADMINISTRATOR, system=slice_.system),
        slice_id=slice_.pk,
        pool=pool,
        name="Half",
        terms={"kind": "proportional"},
        variance_pence=-1,
        contributions={"moor": 1},
    )


def a_delivery_with_everything(slice_: Slice) -> None:
    """A note on an action, and an answer to one of the board's questions."""
    known = {"system": slice_.system.code}
    save_action_plans(by=None, specs=[ActionPlanSpec(code="plan", name="Plan", **known)])
    within = known | {"plan": "plan"}
    save_action_areas(by=None, specs=[ActionAreaSpec(code="1", name="One", **within)])
    one = ActionSpec(area="1", code="1-1", number="1.1", name="Do", **within)
    save_actions(by=None, specs=[one])
    keeper = a_person("del", Role.SYSTEM_ADMINISTRATOR, system=slice_.system)
    report_action(by=keeper, action=Action.objects.get(), text="Begun", changed={})
    here = {"slice_id": slice_.pk, "month": 2, "question": "urgent", "signed_as": "Chair"}
    answer_question(by=None, text="It is", over=SignedOver(), seen="", **here)


class Figures:
    """The rollups of a slice, computed and proved; call it with a month to have a row."""

    def __init__(self, slice_: Slice) -> None:
        recompute(slice_.pk)
        assert verify(slice_.pk) == []
        self.slice = slice_

    def find(
        self,
        month: int,
        partner: Partner | None = None,
        *,
        kind: str = "position",
        level: str = "all",
        key: int = 0,
        state: str = "provisional",
    ) -> Rollup | None:
        """The row, or None where there is none."""
        return Rollup.objects.filter(
            slice=self.slice,
            month=month,
            partner_key=partner.pk if partner else 0,
            kind=kind,
            level=level,
            key=key,
            state=state,
        ).first()

    def __call__(self, month: int, partner: Partner | None = None, **where: object) -> Rollup:
        found = self.find(month, partner, **where)  # type: ignore[arg-type]
        assert found is not None, f"no figures at month {month} for {partner or 'the system'}"
        return found


@dataclass
class Valley:
    """A small system: a council, a trust, and two CCGs that report as one group."""

    system: System
    slice: Slice
    moor: Partner
    hill: Partner
    dale: Partner
    fell: Partner
    ccgs: Partner

    def line(
        self, partner: Partner, kind: str = "position", code: str = "", **more: object
    ) -> Line:
        """A line of a partner in the year."""
        return a_line(self.slice, partner, kind, code, **more)

    def plan(self, figures: Mapping[Line, str | Sequence[int]], **more: object) -> Plan:
        """A plan of the year."""
        return a_plan(self.slice, figures, **more)  # type: ignore[arg-type]

    def figures(self) -> Figures:
        """Compute, prove, and read."""
        return Figures(self.slice)

    def fresh(self) -> Slice:
        """The slice as the database has it now."""
        return Slice.objects.get(pk=self.slice.pk)


def a_valley(ending: str = "") -> Valley:
    """The system that most tests live in; an ending tells the codes of a second one apart."""
    moor, hill = a_partner(f"moor{ending}"), a_partner(f"hill{ending}", "nhs-trust")
    dale, fell = a_partner(f"dale{ending}", "ccg"), a_partner(f"fell{ending}", "ccg")
    ccgs = a_partner(f"ccgs{ending}", members=[dale, fell])
    system = a_system(moor, ccgs, hill, dale, fell, code=f"valley{ending}")
    return Valley(system, a_year(system), moor, hill, dale, fell, ccgs)
