"""A pooled budget's own facts, its partners and host, and its amounts, for whoever keeps pools."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.forms.pools import AmountForm, MemberForm, PoolForm
from esbt.views.frame import ANY_METHOD
from esbt.views.register import Kept, kept_page
from finance.models import PoolAmount
from finance.pages.pool import KEPT_MEASURES
from finance.services import PoolAmountSpec, keep_pool_amount
from finance.views.pools import within_pool
from schemes.models import Pool, PoolMember, Slice
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice
from schemes.services.keeping import keep_pool_member, keep_row
from schemes.services.pools import PoolMemberSpec, PoolSpec, save_pools

Here = tuple[str, str, str]


def _found(request: PersonRequest, here: Here) -> tuple[Slice, Pool]:
    system, year, code = here
    slice_ = visible_slice(request.user, system, year)
    return slice_, get_object_or_404(Pool, system=slice_.system, code=code)


@login_required
@require_http_methods(ANY_METHOD)
def change_pool(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The form of a pool's name, kind, manager and scope."""
    here = (system, year, code)
    slice_, pool = _found(request, here)

    def save(form: forms.Form, row: Any, seen: int) -> str:
        spec = PoolSpec(
            system=system,
            code=code,
            position=row.position,
            evidence_id=row.evidence_id,
            **form.cleaned_data,
        )
        keep_row(
            by=request.user, system=slice_.system, spec=spec, save=save_pools, row=row, seen=seen
        )
        return _about(here)

    kept = Kept(
        "Change a pooled budget",
        "this budget",
        lambda: get_object_or_404(Pool, pk=pool.pk),
        lambda data, row: PoolForm(data, initial=PoolForm.of(row)),
        save,
        crumbs=within_pool(slice_, pool)["crumbs"],
        more={"caption": pool.name},
    )
    return kept_page(request, slice_.system, kept)


@login_required
@require_http_methods(ANY_METHOD)
def add_member(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The form of a further partner in a pool."""
    return _member(request, (system, year, code))


@login_required
@require_http_methods(ANY_METHOD)
def change_member(
    request: PersonRequest, system: str, year: str, code: str, member: int
) -> HttpResponse:
    """The form of a partner in a pool: whether it hosts it, and on which days."""
    return _member(request, (system, year, code), member)


def _member(request: PersonRequest, here: Here, member: int | None = None) -> HttpResponse:
    slice_, pool = _found(request, here)
    own = pool.members.select_related("partner")

    def read() -> PoolMember | None:
        return None if member is None else get_object_or_404(own, pk=member)

    def save(form: forms.Form, row: Any, seen: int) -> str:
        known = {"partner": row.partner.code, "evidence_id": row.evidence_id} if row else {}
        spec = PoolMemberSpec(system=here[0], pool=pool.code, **{**form.cleaned_data, **known})
        keep_pool_member(by=request.user, system=slice_.system, spec=spec, member=row, seen=seen)
        return _about(here)

    def form(data: Any, row: PoolMember | None) -> MemberForm:
        initial = MemberForm.of(row) if row else None
        return MemberForm(slice_.system, row, data, initial=initial)

    item = read()
    title = f"Change {item.partner.name} in a pooled budget" if item else "Add a partner"
    kept = Kept(
        title,
        "this partner's part",
        read,
        form,
        save,
        crumbs=within_pool(slice_, pool)["crumbs"],
        more={"caption": pool.name},
    )
    return kept_page(request, slice_.system, kept)


@login_required
@require_http_methods(ANY_METHOD)
def state_amount(
    request: PersonRequest, system: str, year: str, code: str, amount: str
) -> HttpResponse:
    """The form of an amount of a pool in a year, by its code; a new one's is its measure."""
    here = (system, year, code)
    slice_, pool = _found(request, here)

    def read() -> PoolAmount | None:
        own = PoolAmount.objects.filter(slice=slice_, pool=pool, code=amount)
        return own.order_by("-change").first()

    item = read()
    measure = item.measure if item else amount
    if measure not in KEPT_MEASURES or slice_.status != Slice.Status.OPEN:
        raise Http404
    name = item.name if item else str(PoolAmount.Measure(measure).label)

    def save(form: forms.Form, row: Any, seen: int) -> str:
        spec = PoolAmountSpec(
            pool=code, code=amount, name=name, measure=measure, **form.cleaned_data
        )
        keep_pool_amount(by=request.user, slice_id=slice_.pk, spec=spec, seen=seen)
        return f"{reverse('pool', args=here)}#stated"

    kept = Kept(
        f"State an amount of {slice_.year}",
        "this amount",
        read,
        lambda data, row: AmountForm(measure, data, initial=AmountForm.of(row) if row else None),
        save,
        crumbs=within_pool(slice_, pool)["crumbs"],
        more={"caption": f"{name}, {pool.name}"},
        version=lambda row: row.change,
        but=("reason",),
    )
    return kept_page(request, slice_.system, kept)


def _about(here: Here) -> str:
    return f"{reverse('pool', args=here)}#about"
