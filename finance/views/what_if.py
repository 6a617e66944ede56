"""The what-if of a pool: another rule or another variance, each partner's bill, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.money import format_pence
from esbt.kit.problems import STATUS, Fault, Refused
from esbt.kit.tables import csv_answer
from finance import charts
from finance.forms.risk import AmountField
from finance.forms.rule import RuleForm, typed_rule
from finance.models import Scenario
from finance.months import month_label
from finance.pages.pool_shares import (
    SHARE_COLUMNS,
    WHAT_IF_COLUMNS,
    bearers_of,
    share_rows,
    shares_page,
    variance_of,
    what_if_rows,
)
from finance.pools.risk_share import Rule, parse_rule, rule_words
from finance.pools.shares import PoolShares
from finance.pools.what_if import what_if as share_anew
from finance.queries.pool_restated import restated_since
from finance.queries.what_ifs import (
    FORECAST,
    TO_DATE,
    ground,
    pool_year,
    positions_of,
    scenarios_of,
)
from finance.services import keep_scenario, may_keep_scenarios
from finance.services.pools import LONGEST_NAME
from finance.views.frame import chosen_month, chosen_state, state_switch
from finance.views.pools import within_pool
from schemes.models import Slice
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

OVER, UNDER = "overspend", "underspend"
KEPT_IN_ADDRESS = ("month", "state")


class WhatIfForm(RuleForm):
    """What is asked: from where, under which rule, and of which variance."""

    basis = forms.ChoiceField(
        label="Start from",
        choices=((TO_DATE, "The variance to date"), (FORECAST, "The forecast of the year")),
        required=False,
    )
    amount = AmountField(label="Another over- or underspend, £", required=False)
    direction = forms.ChoiceField(
        label="It is",
        choices=((OVER, "an overspend"), (UNDER, "an underspend")),
        required=False,
    )

    @property
    def start(self) -> list[forms.BoundField]:
        """The fields beside the rule."""
        return [self[name] for name in ("basis", "amount", "direction")]

    def clean_amount(self) -> int | None:
        """A size, since the direction is said beside it."""
        size: int | None = self.cleaned_data["amount"]
        if size is not None and size < 0:
            raise forms.ValidationError("Type its size, and say over or under beside it.")
        return size

    def variance(self) -> int | None:
        """The other variance in pence, favourable-positive; None for the pool's own."""
        size: int | None = self.cleaned_data["amount"]
        if size is None:
            return None
        return size if self.cleaned_data["direction"] == UNDER else -size


class KeepForm(forms.Form):
    """Under which name a what-if is kept."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        error_messages={"required": "Name the what-if, such as Half each."},
    )
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The what-if that the address asks for; posting a name keeps it."""
    return _WhatIf(request, visible_slice(request.user, system, year), code).answer()


@login_required
@require_GET
def what_if_csv(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The bill as CSV; what is wrong with the address is said in words."""
    return _WhatIf(request, visible_slice(request.user, system, year), code).csv()


@login_required
@require_GET
def shares_csv(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """Who bears what under the rules of the year, as CSV."""
    slice_ = visible_slice(request.user, system, year)
    state = chosen_state(request)
    found = pool_year(slice_, code, state)
    shares = found.shares(chosen_month(request))
    month = shares.month if shares else None
    restated = restated_since(slice_, found.pool, found.rules, state=state, month=month)
    rows = share_rows(slice_, found, shares, state, restated)
    return csv_answer(SHARE_COLUMNS, rows, f"{system}-{year}-{code}-shares")


class _WhatIf:
    """One request for the page."""

    def __init__(self, request: PersonRequest, slice_: Slice, code: str) -> None:
        self.request, self.slice = request, slice_
        self.state = chosen_state(request)
        basis = request.GET.get("basis", TO_DATE)
        month = chosen_month(request)
        self.at = ground(slice_, code, state=self.state, basis=basis, month=month)
        year = self.at.year
        self.members = {member: year.members[member] for member in sorted(year.contributions)}
        self.asked = "kind" in request.GET
        self.form = WhatIfForm(self._typed(), members=self.members, initial={"direction": OVER})
        self.then = self._share()

    def _typed(self) -> Mapping[str, Any] | None:
        """What was asked; else the rule in force, so that one begins from what holds."""
        if self.asked:
            return self.request.GET
        rules = [rule for rule in self.at.year.rules if rule.first <= (self.at.month or 1)]
        if not rules or not self.members:
            return None
        terms = rules[-1].rule.model_dump(mode="json", exclude_none=True)
        return typed_rule(terms, self.members) | {"basis": self.at.basis, "direction": OVER}

    def _share(self) -> PoolShares | None:
        """What the what-if makes of the variance; what keeps it stands in the form."""
        if not self.form.is_valid():
            return None
        try:
            return share_anew(
                rule=self.rule,
                month=self.at.month or 1,
                lines=self.at.year.lines,
                contributions=self.at.year.contributions,
                names=self.at.year.members,
                variance_pence=self.form.variance(),
            )
        except Refused as refused:
            self.form.add_faults(refused.faults)
            return None

    @cached_property
    def rule(self) -> Rule:
        """The rule that is asked for."""
        return parse_rule(self.form.cleaned_data["terms"], sorted(self.members))

    def answer(self) -> HttpResponse:
        """Show what is asked, or keep it."""
        if self.request.method != "POST":
            wrong = self.asked and self.form.errors
            return self._show(KeepForm(), status=STATUS["invalid"] if wrong else 200)
        keep = KeepForm(self.request.POST)
        if self.then is None or not keep.is_valid():
            return self._show(keep, status=STATUS["invalid"])
        try:
            keep_scenario(
                by=self.request.user,
                slice_id=self.slice.pk,
                pool=self.at.year.pool,
                terms=self.form.cleaned_data["terms"],
                variance_pence=self.then.variance_pence or 0,
                contributions=self.at.year.contributions,
                **keep.cleaned_data,
            )
        except Refused as refused:
            for fault in refused.faults:
                keep.add_error(fault.field if fault.field in keep.fields else None, fault.message)
            return self._show(keep, status=STATUS[refused.code])
        messages.success(self.request, "Kept under its name. No figure has moved.")
        return redirect(f"{self.request.path}?{self.query}")

    def csv(self) -> HttpResponse:
        """The bill as CSV."""
        if self.then is None:
            said = [str(text) for errors in self.form.errors.values() for text in errors]
            text = " ".join(said) or "Choose a rule. None is assumed."
            return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")
        code = self.at.year.pool.code
        head = (
            *(self.slice.system.code, self.slice.year_id, code, self.state, "what-if"),
            *(self.at.basis, self.at.month, rule_words(self.rule, self.members)),
        )
        rows = what_if_rows(head, bearers_of(self.at.year, self.at.now, self.then))
        return csv_answer(WHAT_IF_COLUMNS, rows, f"{self.here[0]}-{self.here[1]}-{code}-what-if")

    @property
    def here(self) -> tuple[str, str, str]:
        """What stands in the address."""
        return self.slice.system.code, self.slice.year_id, self.at.year.pool.code

    @cached_property
    def query(self) -> str:
        """The what-if as it stands in an address."""
        data = self.form.data
        names = (*self.form.fields, *KEPT_IN_ADDRESS)
        kept = {name: data[name] for name in names if name in data}
        kept |= {n: self.request.GET[n] for n in KEPT_IN_ADDRESS if n in self.request.GET}
        return urlencode(kept)

    def _show(self, keep: KeepForm, *, status: int = 200) -> HttpResponse:
        year, now = self.at.year, self.at.now
        keeps = has_permission(self.request.user, Permission.KEEP_POOLS, system=self.slice.system)
        context = within_pool(self.slice, year.pool) | {
            "pool": year.pool,
            "form": self.form,
            "keep": keep if may_keep_scenarios(self.request.user, self.slice) else None,
            "starts": self._starts(),
            "now": shares_page(self.slice, year, now, keeps=keeps),
            "kept_in_address": [
                (name, self.request.GET[name])
                for name in KEPT_IN_ADDRESS
                if name in self.request.GET
            ],
            "state": self.state,
            "state_switch": state_switch(self.request, self.state),
            "scenarios": self._scenarios(),
            "query": self.query,
            "downloads": [],
        }
        if self.then is not None:
            context |= self._result(self.then)
        return render(self.request, "finance/what_if.html", context, status=status)

    def _starts(self) -> str:
        """From which variance the what-if starts, in words."""
        now = self.at.now
        if now is None or self.at.month is None:
            return "No spend of the pool has been reported yet: type an over- or underspend."
        said = variance_of(now.variance_pence)
        if self.at.basis == FORECAST:
            told = self.at.forecast_months
            span = f"month {told[0]}" if len(told) == 1 else f"months {told[0]} to {told[-1]}"
            from_ = f", as forecast at {span}" if told else "; nothing is forecast"
            less = "The plan for the year less the forecast outturn of the spend lines"
            return f"{less}: {said}{from_}."
        return f"The pool's variance to {month_label(self.slice, self.at.month)}: {said}."

    def _result(self, then: PoolShares) -> dict[str, Any]:
        year, now = self.at.year, self.at.now
        bearers = bearers_of(year, now, then)
        standing = now.standing if now else "not shared"
        positions = positions_of(self.slice, self.at, then, state=self.state)
        period = f"{year.pool.name} {self.slice.year}"
        csv = reverse("what-if-csv", args=self.here)
        found: dict[str, Any] = {
            "sentence": charts.what_if_sentence(bearers, then.variance_pence or 0, year.pool.name),
            "rule_words": rule_words(self.rule, self.members),
            "variance": variance_of(then.variance_pence),
            "typed_variance": self.form.variance() is not None,
            "forecast": self.at.basis == FORECAST,
            "table": charts.bearers_table(bearers, standing, self.at.basis),
            "chart": charts.share_bars(bearers, period=period),
            "explanation": [
                line
                for segment in then.segments
                if segment.shared
                for line in segment.shared.explanation
            ],
            "positions": positions,
            "downloads": [{"label": "CSV", "href": f"{csv}?{self.query}"}],
        }
        if positions.total:
            found |= {
                "positions_table": charts.standings_table(
                    positions.rows, positions.total, self.at.basis
                ),
                "positions_sentence": charts.standings_sentence(positions.total, self.at.basis),
            }
        return found

    def _scenarios(self) -> list[dict[str, Any]]:
        """What was kept, a name with its newest what-if and the earlier ones."""
        return [
            {"newest": self._scenario(own[0]), "earlier": [self._scenario(s) for s in own[1:]]}
            for own in scenarios_of(self.slice, self.at.year.pool)
        ]

    def _scenario(self, kept: Scenario) -> dict[str, Any]:
        size = kept.variance_pence
        query = typed_rule(kept.terms, self.members) | {
            "basis": TO_DATE,
            "amount": format_pence(abs(size), "gbp"),
            "direction": UNDER if size > 0 else OVER,
        }
        try:
            rule = rule_words(parse_rule(kept.terms, sorted(kept.contributions)), self.members)
        except Refused as refused:
            rule = _words(refused.faults)
        return {
            "name": kept.name,
            "href": f"{self.request.path}?{urlencode(query)}",
            "rule": rule,
            "variance": variance_of(size),
            "note": kept.note,
            "at": kept.at,
            "who": str(kept.actor),
            "moved": kept.contributions != dict(self.at.year.contributions),
        }


def _words(faults: list[Fault]) -> str:
    return " ".join(fault.message for fault in faults)
