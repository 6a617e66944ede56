"""The rules by which a pool's variance is shared, added and changed by whoever keeps pools."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Conflict, Refused
from finance.forms.share_rule import ShareRuleForm, stored_rule
from finance.models import ShareRule
from finance.pools.risk_share import parse_rule, rule_words
from finance.services import keep_share_rule, seen_rule
from finance.views.pools import within_pool
from schemes.audit.history import Step, history_of, names_of
from schemes.models import Agreement, Pool, Slice
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_share_rule(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The form of a new rule; 404 for who does not keep pools here."""
    return _RulePage(request, visible_slice(request.user, system, year), code).answer()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def share_rule(
    request: PersonRequest, system: str, year: str, code: str, rule: str
) -> HttpResponse:
    """The form of a rule that is there, with every state that it had."""
    return _RulePage(request, visible_slice(request.user, system, year), code, rule).answer()


class _RulePage:
    """One request for the form."""

    def __init__(
        self, request: PersonRequest, slice_: Slice, pool: str, rule: str | None = None
    ) -> None:
        require(request.user, Permission.KEEP_POOLS, system=slice_.system)
        self.request, self.slice = request, slice_
        found = Pool.objects.filter(system=slice_.system_id, code=pool).select_related("system")
        self.pool = _one(found)
        self.members: dict[str, str] = dict(
            self.pool.members.order_by("partner__code")
            .values_list("partner__code", "partner__short_name")
            .distinct()
        )
        self.code = rule
        self._read()

    def _read(self) -> None:
        """What stands now. Its state is taken first, so that what is shown is never older."""
        self.rule: ShareRule | None = None
        self.seen = 0
        if self.code is not None:
            own = self.pool.share_rules.filter(code=self.code)
            self.seen = seen_rule(_one(own))
            self.rule = _one(own.select_related("agreement"))

    def answer(self) -> HttpResponse:
        """Show the form, or save what was posted."""
        if self.request.method != "POST":
            return self._show(self._form())
        # what was refused goes on from the state that its author saw, not from a newer one
        typed = self.request.POST.get("seen", "")
        self.seen = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0
        return self._save(self._form(self.request.POST))

    def _form(self, data: Any = None) -> ShareRuleForm:
        initial = stored_rule(self.rule, self.members) if self.rule else None
        return ShareRuleForm(data, members=self.members, pool=self.pool, initial=initial)

    def _save(self, form: ShareRuleForm) -> HttpResponse:
        if form.asks:
            return self._show(form)
        if not form.is_valid():
            return self._show(form, status=STATUS["invalid"])
        try:
            code = keep_share_rule(
                by=self.request.user,
                spec=form.spec(self.pool, self.rule),
                seen=self.seen if self.rule else None,
            )
        except Conflict as conflict:
            self._read()
            return self._show(form, status=STATUS[conflict.code], newer=True)
        except Refused as refused:
            form.add_faults(refused.faults)
            return self._show(form, status=STATUS[refused.code])
        messages.success(self.request, "Saved.")
        return redirect("share-rule", *self.here, code)

    @property
    def here(self) -> tuple[str, str, str]:
        """What stands in the address of the pool."""
        return self.slice.system.code, self.slice.year_id, self.pool.code

    def _show(self, form: ShareRuleForm, *, status: int = 200, newer: bool = False) -> HttpResponse:
        context = within_pool(self.slice, self.pool) | {
            "form": form,
            "pool": self.pool,
            "rule": self.rule,
            "seen": self.seen,
            "stands": stands(self.rule, self.members) if newer and self.rule else "",
            "steps": self._history(),
            "what_if_href": reverse("what-if", args=self.here),
        }
        return render(self.request, "finance/share_rule.html", context, status=status)

    def _history(self) -> list[Step]:
        if self.rule is None:
            return []
        agreements = Agreement.objects.filter(system=self.slice.system_id)
        names = names_of(self.slice.system) | {
            "agreement_id": dict(agreements.values_list("pk", "name"))
        }
        return history_of(self.rule, names)


def stands(rule: ShareRule, members: dict[str, str]) -> str:
    """A rule in words, as it stands now."""
    try:
        said = rule_words(parse_rule(rule.terms, sorted(members)), members)
    except Refused as refused:
        said = " ".join(fault.message for fault in refused.faults)
    first = rule.starts or "the pool's beginning"
    last = rule.ends or "further notice"
    trigger = f" Trigger met on {rule.triggered_on}, {rule.minute}." if rule.triggered_on else ""
    return f"{rule.name}, from {first} to {last}: {said}{trigger}"


def _one(found: Any) -> Any:
    row = found.first()
    if row is None:
        raise Http404
    return row
