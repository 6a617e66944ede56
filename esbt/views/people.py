"""People and their roles: the list, one person, and what somebody may do about them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.forms.base import AccountForm, DaysForm, InviteForm, RoleForm, partner_choices
from esbt.kit.problems import Refused
from esbt.mail.invitations import send_link_to
from esbt.views.frame import ANY_METHOD, Crumb, crumbs, form_page, saved
from schemes.models import AdminEvent, User
from schemes.models.base import storable
from schemes.people.directory import (
    SOON,
    STATES,
    May,
    Wanted,
    days_of,
    kept,
    matrix,
    may_grant,
    may_manage,
    may_of,
    people_list,
    place_of,
    visible_events,
    visible_grants,
    visible_person,
)
from schemes.people.permissions import Permission, Role, systems_where
from schemes.people.requests import PersonRequest
from schemes.people.roles import DESCRIPTIONS
from schemes.services import accounts
from schemes.services.accounts import PersonSpec
from schemes.services.grants import RoleSpec, change_role, end_role, give_role

SIZE = 50
_WORTH_A_LOOK = {"never": "never signed in", "ends": f"with a role that ends within {SOON} days"}


@login_required
@require_GET
def me(request: PersonRequest) -> HttpResponse:
    """What the person who asks may do, in words."""
    own = request.user.grants.select_related("system", "partner", "deputy_for").order_by("pk")
    return render(
        request,
        "esbt/me.html",
        {"may": _lasting([may_of(grant) for grant in own])},
    )


@require_GET
def roles(request: PersonRequest) -> HttpResponse:
    """What each role may do: a matrix, and each role in a sentence."""
    return render(
        request,
        "about/roles.html",
        {"roles": [(role.label, DESCRIPTIONS[role]) for role in Role], "matrix": matrix()},
    )


@login_required
@require_GET
def people(request: PersonRequest) -> HttpResponse:
    """Who there is, with their roles, as the address asks for it."""
    systems = systems_where(request.user, Permission.READ_AUDIT)
    if not systems.exists() and not visible_grants(request.user).exists():
        raise Http404
    asked = {
        name: value
        for name in ("name", "system", "partner", "role", "state")
        if (value := storable(request.GET.get(name, "").strip())[:150])
    }
    found = people_list(request.user, Wanted(**asked))
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    here = reverse("people")
    options = {
        "system": ("System", [(system.code, system.name) for system in systems]),
        "partner": ("Partner", partner_choices(systems)),
        "role": ("Role", Role.choices),
        "state": ("Which", list(STATES.items())),
    }
    return render(
        request,
        "esbt/people.html",
        {
            "rows": [_row(person) for person in page],
            "count": page.paginator.count,
            "filters": [
                {"name": name, "label": label, "options": pairs, "value": asked.get(name, "")}
                for name, (label, pairs) in options.items()
            ],
            "name": asked.get("name", ""),
            "filtered": bool(asked),
            "clear": here,
            "worth_a_look": [
                {"label": label, "count": count, "href": f"{here}?{urlencode({'state': state})}"}
                for state, label in (
                    ("never", "never signed in"),
                    ("ends", "with a role that ends within 30 days"),
                )
                if (count := people_list(request.user, Wanted(state=state)).count())
            ],
            "previous": _page_link(asked, page.previous_page_number())
            if page.has_previous()
            else "",
            "next": _page_link(asked, page.next_page_number()) if page.has_next() else "",
            "may_invite": kept(request.user).exists(),
            "crumbs": _way(request),
        },
    )


def _page_link(asked: dict[str, str], number: int) -> str:
    return f"?{urlencode(asked | {'page': str(number)})}"


def _row(person: Any) -> dict[str, Any]:
    return {
        "person": person,
        "href": reverse("person", args=[person.pk]),
        "roles": [may_of(grant) for grant in person.shown],
    }


def _way(request: PersonRequest, *more: Crumb) -> list[dict[str, str]]:
    """The way here; who only reads does not pass the administration page."""
    way = crumbs(*more)
    return way if kept(request.user).exists() else [way[0], *way[2:]]


@login_required
@require_http_methods(ANY_METHOD)
def person(request: PersonRequest, pk: int) -> HttpResponse:
    """A person: what they may do, their account, and what was done about it and by whom."""
    found = visible_person(request.user, pk)
    problems: list[str] = []
    if request.method == "POST":
        try:
            messages.success(request, _act(request, found))
        except Refused as refused:
            problems = [fault.message for fault in refused.faults]
        else:
            return redirect("person", pk)
    visible = visible_grants(request.user).filter(user=found).order_by("pk")
    may = [may_of(grant) for grant in visible]
    return render(
        request,
        "esbt/person.html",
        {
            "who": found,
            "may": [_with_link(request, item) for item in _lasting(may)],
            "ended": [item for item in may if item.state == "ended"],
            "may_manage": may_manage(request.user, found),
            "may_give": found.pk != request.user.pk and kept(request.user).exists(),
            "second_factor": is_mfa_enabled(found),
            "events": [_event(item) for item in visible_events(request.user, found)],
            "problems": problems,
            "reason": request.POST.get("reason", ""),
            "crumbs": _way(request, _list()),
        },
        status=422 if problems else 200,
    )


def _lasting(may: list[May]) -> list[May]:
    return [item for item in may if item.state != "ended"]


def _with_link(request: PersonRequest, item: May) -> dict[str, Any]:
    grant = item.grant
    acts = may_grant(request.user, grant.role, grant.system, grant.partner)
    href = reverse("change-role", args=[grant.user_id, grant.pk]) if acts else ""
    return {"item": item, "href": href}


def _event(item: AdminEvent) -> dict[str, Any]:
    role = f"{item.get_role_display()}, {place_of(item)}" if item.role else ""
    return {"event": item, "role": role, "days": days_of(item) if item.role else ""}


_ACTS = {
    "close": (accounts.close_account, "The account is closed. Its roles and history stay."),
    "open": (accounts.open_account, "The account is open again."),
    "factor": (accounts.reset_second_factor, "The second factor is taken off."),
}


def _act(request: PersonRequest, found: User) -> str:
    """Do what the button says; the sentence that tells it. Raises Refused, and Http404."""
    act = request.POST.get("act", "")
    if act == "link":
        send_link_to(request, found)
        return f"A link for setting a password is on its way to {found.email}.{_where()}"
    if act not in _ACTS:
        raise Http404
    service, said = _ACTS[act]
    reason = storable(request.POST.get("reason", "").strip())[:400]
    service(by=request.user, person_id=found.pk, reason=reason)
    return said


@login_required
@require_http_methods(ANY_METHOD)
def invite(request: PersonRequest) -> HttpResponse:
    """Make an account with a first role, and send its owner a link for a password."""
    if not kept(request.user).exists():
        raise Http404
    form = InviteForm(request.user, request.POST or None)
    made: list[tuple[User, bool]] = []

    def save() -> None:
        given = form.cleaned_data
        made.append(
            accounts.invite(
                by=request.user,
                spec=PersonSpec(email=given["email"], name=given["name"]),
                role=_role_spec(form),
                reason=given["reason"],
            )
        )

    if saved(request, form, save, said=""):
        ((who, new),) = made
        _tell_of_invitation(request, who, new=new)
        return redirect("person", who.pk)
    lead = (
        "They get an e-mail with a link and set their own password. "
        "Whoever has an account under the address gets the role."
    )
    return form_page(request, form, "Invite a person", _list(), button="Invite", lead=lead)


def _tell_of_invitation(request: PersonRequest, who: User, *, new: bool) -> None:
    if not new:
        messages.success(request, f"{who} had an account already and now has the role as well.")
        return
    try:
        send_link_to(request, who)
    except Refused as refused:
        said = f"{who} is here now, but the invitation did not leave. {refused.faults[0].message}"
        messages.error(request, said)
    else:
        said = f"An invitation with a link is on its way to {who.email}.{_where()}"
        messages.success(request, said)


def _where() -> str:
    """Where mail goes in the demo, which knows no mail server."""
    console = settings.DEMO and settings.EMAIL_BACKEND.endswith("console.EmailBackend")
    return " In this demonstration it is printed where ./run was started." if console else ""


def _role_spec(form: RoleForm) -> RoleSpec:
    names = ("role", "system", "partner", "starts", "ends")
    return RoleSpec(**{name: form.cleaned_data[name] for name in names})


def _list() -> Crumb:
    return "People", reverse("people")


def _to(found: User) -> tuple[Crumb, Crumb]:
    return _list(), (str(found), reverse("person", args=[found.pk]))


@login_required
@require_http_methods(ANY_METHOD)
def give(request: PersonRequest, pk: int) -> HttpResponse:
    """Give somebody another role."""
    found = visible_person(request.user, pk)
    if not kept(request.user).exists():
        raise Http404
    form = RoleForm(request.user, request.POST or None)

    def save() -> None:
        why = form.cleaned_data["reason"]
        give_role(by=request.user, person_id=pk, spec=_role_spec(form), reason=why)

    if saved(request, form, save, said="The role is given."):
        return redirect("person", pk)
    return form_page(request, form, "Give a role", *_to(found), caption=str(found))


@login_required
@require_http_methods(ANY_METHOD)
def change(request: PersonRequest, pk: int, grant: int) -> HttpResponse:
    """Change the days of a role, or end it at once."""
    found = visible_person(request.user, pk)
    held = get_object_or_404(visible_grants(request.user), user=found, pk=grant)
    if not may_grant(request.user, held.role, held.system, held.partner):
        raise Http404
    form = DaysForm(request.POST or None, initial=DaysForm.of(held))

    def save() -> None:
        which = {"by": request.user, "grant_id": held.pk, "reason": form.cleaned_data["reason"]}
        if request.POST.get("act") == "end":
            end_role(**which)
        else:
            days = {name: form.cleaned_data[name] for name in ("starts", "ends")}
            change_role(**which, **days)

    if saved(request, form, save):
        return redirect("person", pk)
    caption = f"{found}: {held.get_role_display()}, {place_of(held)}"
    title = "Change or end a role"
    return form_page(request, form, title, *_to(found), caption=caption, ends=True)


@login_required
@require_http_methods(ANY_METHOD)
def account(request: PersonRequest, pk: int) -> HttpResponse:
    """Correct somebody's name or e-mail address."""
    found = visible_person(request.user, pk)
    if not may_manage(request.user, found):
        raise Http404
    form = AccountForm(request.POST or None, initial={"name": str(found), "email": found.email})

    def save() -> None:
        given = form.cleaned_data
        spec = PersonSpec(email=given["email"], name=given["name"])
        accounts.change_account(by=request.user, person_id=pk, spec=spec, reason=given["reason"])

    if saved(request, form, save):
        return redirect("person", pk)
    title = "Change name or e-mail address"
    return form_page(request, form, title, *_to(found), caption=str(found))
