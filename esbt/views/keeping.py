"""A system made and kept by hand: its partners with their names and codes, and its years."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.forms.keeping import (
    DatedCodeForm,
    DatedNameForm,
    MemberForm,
    MembershipForm,
    NameForm,
    NewPartnerForm,
    PartnerForm,
    SystemForm,
    YearForm,
)
from esbt.kit.problems import Fault, Refused
from esbt.views.frame import ANY_METHOD, Crumb, crumbs, form_page, saved
from finance.services import renew_covers
from schemes.models import Membership, Partner, System
from schemes.people.directory import kept, on_site
from schemes.people.permissions import Permission, has_permission, require
from schemes.people.requests import PersonRequest
from schemes.services.partners import (
    CodeSpec,
    GroupMemberSpec,
    MembershipSpec,
    NameSpec,
    PartnerSpec,
    save_group_members,
    save_memberships,
    save_partner_codes,
    save_partner_names,
    save_partners,
)
from schemes.services.reference import SystemSpec, YearSpec, save_systems, save_years


def kept_system(request: PersonRequest, code: str) -> System:
    """A system whose partners and lines the person keeps; Http404 for any other."""
    system = get_object_or_404(System, code=code)
    require(request.user, Permission.MANAGE_SYSTEM, system=system)
    return system


def to(system: System) -> Crumb:
    """The way to a system's page of the administration."""
    return system.name, reverse("keep", args=[system.code])


@login_required
@require_GET
def administration(request: PersonRequest) -> HttpResponse:
    """The ways to people, systems and data packages."""
    systems = kept(request.user).prefetch_related("slices__year")
    if not systems and not on_site(request.user):
        raise Http404
    context = {
        "systems": systems,
        "may_load": has_permission(request.user, Permission.LOAD_DATA),
        "crumbs": [{"label": "Overview", "href": reverse("home")}],
    }
    return render(request, "esbt/administration.html", context)


@login_required
@require_http_methods(ANY_METHOD)
def new_system(request: PersonRequest) -> HttpResponse:
    """Make a system."""
    require(request.user, Permission.LOAD_DATA)
    form = SystemForm(request.POST or None)

    def save() -> None:
        if System.objects.filter(code=form.cleaned_data["code"]).exists():
            raise Refused([Fault("There is a system with this code. Choose another.", "code")])
        save_systems(by=request.user, specs=[SystemSpec(**form.cleaned_data)])

    if saved(request, form, save):
        return redirect("keep", form.cleaned_data["code"])
    return form_page(request, form, "Make a system")


@login_required
@require_http_methods(ANY_METHOD)
def keep(request: PersonRequest, system: str) -> HttpResponse:
    """A system's partners and years; posting opens a year."""
    found = kept_system(request, system)
    form = YearForm(request.POST or None)

    def save() -> None:
        save_years(by=request.user, specs=[YearSpec(system=system, **form.cleaned_data)])

    if saved(request, form, save):
        return redirect("keep-year", system, form.cleaned_data["year"])
    members = found.memberships.select_related("partner")
    context = {
        "system": found,
        "members": members,
        "years": found.slices.select_related("year"),
        "form": form,
        "crumbs": crumbs(),
    }
    return render(request, "esbt/keep.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(ANY_METHOD)
def change_system(request: PersonRequest, system: str) -> HttpResponse:
    """Rename a system, or say whom it covers."""
    found = kept_system(request, system)
    form = NameForm(request.POST or None, initial=NameForm.of(found))

    def save() -> None:
        spec = SystemSpec(code=system, illustrative=found.illustrative, **form.cleaned_data)
        save_systems(by=request.user, specs=[spec])

    if saved(request, form, save):
        return redirect("keep", system)
    return form_page(request, form, "Change the name of the system", to(found), system=found)


@login_required
@require_http_methods(ANY_METHOD)
def add_partner(request: PersonRequest, system: str) -> HttpResponse:
    """Bring a partner into a system, and make it if it is new."""
    found = kept_system(request, system)
    form = NewPartnerForm(found, request.POST or None)

    @transaction.atomic
    def save() -> None:
        given = dict(form.cleaned_data)
        code, position = given.pop("existing"), given.pop("position")
        if not code:
            code = given["code"]
            if Partner.objects.filter(code=code).exists():
                raise Refused(
                    [Fault("There is a partner with this code. Choose it above.", "code")]
                )
            save_partners(by=request.user, specs=[PartnerSpec(**given)])
        spec = MembershipSpec(system=system, partner=code, position=position)
        save_memberships(by=request.user, specs=[spec])

    if saved(request, form, save):
        code = form.cleaned_data["existing"] or form.cleaned_data["code"]
        return redirect("keep-partner", system, code)
    return form_page(request, form, "Add a partner", to(found), system=found)


@login_required
@require_http_methods(ANY_METHOD)
def partner(request: PersonRequest, system: str, partner: str) -> HttpResponse:
    """A partner: its place in the system, what it is, its names and codes, and a group's members.

    Each part is a form of its own, which the button names.
    """
    found = kept_system(request, system)
    member = get_object_or_404(
        Membership.objects.select_related("partner"), system=found, partner__code=partner
    )
    parts = _parts(request, found, member)
    act = request.POST.get("act", "")
    if request.method == "POST":
        if act not in parts:
            raise Http404
        form, save = parts[act]
        if saved(request, form, save):
            return redirect("keep-partner", system, partner)
    body = member.partner
    return render(
        request,
        "esbt/keep_partner.html",
        {
            "system": found,
            "partner": body,
            "membership": member,
            "parts": {name: form for name, (form, _) in parts.items()},
            "form": parts[act][0] if act else None,
            "names": body.names.order_by("starts", "name"),
            "codes": body.codes.order_by("register", "starts"),
            "members": body.members.select_related("member").order_by("member__name"),
            "crumbs": crumbs(to(found)),
        },
        status=422 if act else 200,
    )


Part = tuple[forms.Form, Callable[[], object]]


def _parts(request: PersonRequest, system: System, member: Membership) -> dict[str, Part]:
    """The forms of a partner's page, each with what saves it."""
    by, body = request.user, member.partner
    act = request.POST.get("act", "")

    def sent(name: str) -> Any:
        return request.POST if act == name else None

    place = MembershipForm(sent("place"), prefix="place", initial=MembershipForm.of(member))
    what = PartnerForm(sent("what"), prefix="what", initial=PartnerForm.of(body))
    name = DatedNameForm(sent("name"), prefix="name")
    code = DatedCodeForm(sent("code"), prefix="code")
    group = MemberForm(system, sent("member"), prefix="member")
    here = {"partner": body.code}

    @transaction.atomic
    def save_member() -> None:
        spec = GroupMemberSpec(group=body.code, **group.cleaned_data)
        save_group_members(by=by, specs=[spec])
        renew_covers(by=by, group=body.code)

    parts: dict[str, Part] = {
        "place": (
            place,
            lambda: save_memberships(
                by=by, specs=[MembershipSpec(system=system.code, **here, **place.cleaned_data)]
            ),
        ),
        "what": (
            what,
            lambda: save_partners(by=by, specs=[PartnerSpec(code=body.code, **what.cleaned_data)]),
        ),
        "name": (
            name,
            lambda: save_partner_names(by=by, specs=[NameSpec(**here, **name.cleaned_data)]),
        ),
        "code": (
            code,
            lambda: save_partner_codes(by=by, specs=[_code_spec(body, code.cleaned_data)]),
        ),
        "member": (group, save_member),
    }
    if body.kind != Partner.Kind.GROUP:
        del parts["member"]
    return parts


def _code_spec(body: Partner, given: dict[str, Any]) -> CodeSpec:
    days = {name: given[name] for name in ("starts", "ends")}
    return CodeSpec(partner=body.code, registry=given["register"], code=given["code"], **days)
