"""A risk: what is known of it, what it puts at stake, how that came about; adding and changing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.asking import is_confirmed
from esbt.kit.newer import differences
from esbt.kit.problems import STATUS, Conflict, Refused
from finance.forms.risk import RiskForm, stored
from finance.pages.forecast import risk_row
from finance.queries.risks import RELATED, MoneyStep, money_steps, risk_item, risk_money
from finance.services import keep_risk
from finance.services.risks import Seen, seen_of
from schemes.audit.history import Step, history_of, names_of
from schemes.models import Risk, Slice, System, User
from schemes.people.permissions import Permission, partners_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice
from schemes.services.risks import may_keep
from schemes.sources import evidence_row

EVERYBODY = ("", "The whole system")


def partners_to_keep(user: User, system: System) -> list[tuple[str, str]]:
    """Whose risks a person keeps in a system, as code and name; none for who keeps no risks."""
    if may_keep(user, system, None):
        return [EVERYBODY, *system.partners.values_list("code", "name")]
    own = partners_of(user, Permission.KEEP_RISKS, system=system)
    return [(partner.code, partner.name) for partner in own]


@login_required
@require_GET
def risk(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """A risk of the register with its money in a year, and every state that both have had."""
    slice_ = visible_slice(request.user, system, year)
    found = _risk(slice_, code)
    money = risk_money(slice_, risk=found).get(found.pk)
    row = risk_row(slice_, risk_item(found, money), "gbp")
    steps: list[Step | MoneyStep] = [
        *history_of(found, names_of(slice_.system)),
        *money_steps(found),
    ]
    context = {
        "risk": found,
        "row": row,
        "words": [
            ("Cause", found.cause),
            ("Effect", found.effect),
            ("What is done about it", found.mitigation),
            ("Who sees to it", row["owner"]),
            ("Looked at again", row["review"]),
            *([("Note", found.note)] if found.note else []),
        ],
        "evidence": evidence_row(found.evidence),
        "money": money,
        "money_evidence": evidence_row(money.evidence if money else None),
        "steps": sorted(steps, key=lambda step: step.at, reverse=True),
        "change_href": reverse("change-risk", args=[system, year, code])
        if may_keep(request.user, slice_.system, found.partner)
        else "",
    }
    return render(request, "finance/risk.html", context | _frame(slice_))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_risk(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The form of a new risk; 404 for who keeps no risks here."""
    slice_ = visible_slice(request.user, system, year)
    return _RiskPage(request, slice_).answer()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_risk(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The form of a risk that is there; 404 for who does not keep it."""
    slice_ = visible_slice(request.user, system, year)
    return _RiskPage(request, slice_, code).answer()


class _RiskPage:
    """One request for the form."""

    def __init__(self, request: PersonRequest, slice_: Slice, code: str = "") -> None:
        self.request, self.slice, self.code = request, slice_, code
        self.keeps = partners_to_keep(request.user, slice_.system)
        if not self.keeps:
            raise Http404
        self._read()
        if self.risk and not may_keep(request.user, slice_.system, self.risk.partner):
            raise Http404

    def _read(self) -> None:
        """What stands now. Its state is taken first, so that what is shown is never older."""
        self.risk = self.money = None
        self.seen = Seen()
        if self.code:
            self.seen = seen_of(self.slice, _risk(self.slice, self.code))
            self.risk = _risk(self.slice, self.code)
            self.money = risk_money(self.slice, risk=self.risk).get(self.risk.pk)

    def answer(self) -> HttpResponse:
        """Show the form, or save what was posted."""
        if self.request.method != "POST":
            return self._show(self._form())
        # what was refused goes on from the state that its author saw, not from a newer one
        self.seen = Seen.read(self.request.POST.get("seen", ""))
        return self._save(self._form(self.request.POST))

    def _form(self, data: Any = None) -> RiskForm:
        initial = stored(self.risk, self.money) if self.risk else None
        return RiskForm(data, initial=initial, slice_=self.slice, keeps=self.keeps)

    def _save(self, form: RiskForm) -> HttpResponse:
        if not form.is_valid():
            return self._show(form, status=STATUS["invalid"])
        try:
            code = keep_risk(
                by=self.request.user,
                slice_=self.slice,
                risk=form.spec(self.slice.system.code, self.risk),
                money=form.money(self.money),
                seen=self.seen if self.risk else None,
                confirmed=is_confirmed(form),
            )
        except Conflict as conflict:
            self._read()
            form = self._form(self.request.POST)
            return self._show(
                form, status=STATUS[conflict.code], differs=differences(form, but=["reason"])
            )
        except Refused as refused:
            form.add_faults(refused)
            return self._show(form, status=STATUS[refused.code])
        messages.success(self.request, "Saved.")
        return redirect("risk", self.slice.system.code, self.slice.year_id, code)

    def _show(
        self, form: RiskForm, *, status: int = 200, differs: list[dict[str, str]] | None = None
    ) -> HttpResponse:
        context = {
            "form": form,
            "risk": self.risk,
            "seen": self.seen,
            "differs": differs,
            "closed": self.slice.status != Slice.Status.OPEN,
        }
        frame = _frame(self.slice)
        if self.risk:
            href = reverse("risk", args=[*_here(self.slice), self.risk.code])
            frame["crumbs"].append({"label": self.risk.name, "href": href})
        return render(self.request, "finance/risk_form.html", context | frame, status=status)


def _risk(slice_: Slice, code: str) -> Risk:
    found = (
        Risk.objects.filter(system=slice_.system_id, code=code)
        .select_related(*RELATED, "evidence__source")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _here(slice_: Slice) -> tuple[str, str]:
    return slice_.system.code, slice_.year_id


def _frame(slice_: Slice) -> dict[str, Any]:
    here = _here(slice_)
    return {
        "system": slice_.system,
        "year_label": str(slice_.year),
        "year_code": slice_.year_id,
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": f"System finances {slice_.year}", "href": reverse("finances", args=here)},
            {
                "label": f"Forecast and risk {slice_.year}",
                "href": reverse("forecast", args=here),
            },
        ],
    }
