"""The four assurance questions of a recovery board: the system's evidence, and people's answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.problems import STATUS, Refused
from esbt.kit.tables import csv_records
from esbt.kit.words import in_a_list
from esbt.pages.reduction import (
    QUESTION_COLUMNS,
    asked_of,
    question_rows,
    signed_over,
    signers,
    told,
)
from esbt.views.delivery import AsOf, chosen_as_of, crumbs, joined
from esbt.views.frame import ANY_METHOD
from finance.figures.assurance import Asked, Evidence
from finance.models.base import LAST_MONTH
from finance.months import calendar_month, month_label
from finance.pages.questions import evidence_of
from finance.queries.reduction import answers_of, latest_answers
from finance.services import answer_question, seen_of
from finance.views.frame import (
    chosen_month,
    chosen_state,
    other_years,
    problems_of,
    state_switch,
)
from schemes.models import Slice
from schemes.people.permissions import Permission, has_permission, require, roles_in
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


def _month(request: PersonRequest) -> int | None:
    """The month in the address, April to March; Http404 for any other."""
    month = chosen_month(request)
    if month is not None and not 1 <= month <= LAST_MONTH:
        raise Http404
    return month


def _asked(request: PersonRequest, slice_: Slice, as_of: AsOf) -> Asked:
    state, month = chosen_state(request), _month(request)
    return asked_of(slice_, state=state, month=month, day=as_of.day)


@login_required
@require_http_methods(ANY_METHOD)
def questions(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Each question with the system's evidence and what people answered for the month."""
    slice_ = visible_slice(request.user, system, year)
    if request.method != "POST":
        return _show(request, slice_)
    require(request.user, Permission.WRITE_COMMENTARY, system=slice_.system)
    month, as_of = _month(request), chosen_as_of(request)
    question = request.POST.get("question", "")
    found = {str(item.question): item for item in evidence_of(_asked(request, slice_, as_of))}
    try:
        answer_question(
            by=request.user,
            slice_id=slice_.pk,
            month=month or 0,
            question=question,
            text=request.POST.get("text", "").replace("\r\n", "\n"),
            signed_as=request.POST.get("signed_as", "").strip(),
            over=signed_over(found.get(question), chosen_state(request)),
            seen=request.POST.get("seen", ""),
        )
    except Refused as refused:
        return _show(request, slice_, refused)
    messages.success(request, "Signed. Earlier answers are kept.")
    return redirect(f"{request.get_full_path()}#{question}")


def _show(request: PersonRequest, slice_: Slice, refused: Refused | None = None) -> HttpResponse:
    as_of = chosen_as_of(request)
    asked = _asked(request, slice_, as_of)
    month = asked.book.month
    answers = answers_of(slice_, month, as_of.day)
    latest = latest_answers(slice_, month)
    may = has_permission(request.user, Permission.WRITE_COMMENTARY, system=slice_.system)
    here = (slice_.system.code, slice_.year_id)
    query = joined(f"month={month}" if month else "", f"state={asked.book.state}", as_of.query)
    sent = request.POST.get("question", "") if refused else ""
    roles = roles_in(request.user, slice_.system) if may else []
    context = {
        "system": slice_.system,
        "year_label": str(slice_.year),
        "year_code": slice_.year_id,
        "month_label": month_label(slice_, month),
        "months": [(number, calendar_month(slice_, number)) for number in range(1, LAST_MONTH + 1)],
        "book": asked.book,
        "as_of": as_of,
        "items": [
            _item(
                item,
                seen_of(item.digest, latest.get(item.question, 0)),
                told(item, answers.get(item.question, []), asked.book.state),
                request if sent == item.question else None,
            )
            for item in evidence_of(asked)
        ],
        "other_years": [] if asked.book.plans else other_years(request.user, slice_, "questions"),
        "answers_at": f"{request.path}?{query}" if may and month else "",
        "may": may,
        "signers": in_a_list([f"{role.lower()}s" for role in signers()]),
        "roles": roles,
        "problems": problems_of(refused) if refused else [],
        "plans_href": f"{reverse('reduction-plans', args=here)}?{query}",
        "state_switch": state_switch(request, asked.book.state),
        "downloads": [{"label": "CSV", "href": f"{reverse('questions-csv', args=here)}?{query}"}],
        "crumbs": crumbs(
            slice_.system,
            (f"Reduction plans {slice_.year}", reverse("reduction-plans", args=here)),
        ),
    }
    status = STATUS[refused.code] if refused else 200
    return render(request, "delivery/questions.html", context, status=status)


def _item(
    item: Evidence, seen: str, answers: list[Any], typed: PersonRequest | None
) -> dict[str, Any]:
    """A question with its evidence, the answer that stands, and what was typed and refused."""
    return {
        "evidence": item,
        "seen": seen,
        "answer": answers[0] if answers else None,
        "earlier": answers[1:],
        "text": typed.POST.get("text", "") if typed else "",
        "signed_as": typed.POST.get("signed_as", "") if typed else "",
    }


@login_required
@require_GET
def questions_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The questions with their evidence and answers as CSV."""
    slice_ = visible_slice(request.user, system, year)
    asked = _asked(request, slice_, chosen_as_of(request))
    rows = question_rows(asked, answers_of(slice_, asked.book.month, asked.day))
    return csv_records(QUESTION_COLUMNS, rows, f"{system}-{year}-questions")
