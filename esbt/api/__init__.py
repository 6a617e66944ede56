"""The API's root: who calls, what is served, and how refusals are answered."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.security import HttpBearer, SessionAuth

from esbt.api.agreements import router as agreements
from esbt.api.delivery import router as delivery
from esbt.api.fund_plans import router as fund_plans
from esbt.api.reduction import router as reduction
from esbt.api.risk_register import router as risk_register
from esbt.kit.problems import Refused, problem
from esbt.search.api import router as search
from finance.api import router as finance
from finance.api.pool_shares import router as pool_shares
from finance.api.pool_statements import router as pool_statements
from finance.api.pools import router as pools
from finance.api.returns import router as returns
from finance.api.risk_share import router as risk_share
from finance.api.risks import router as risks
from finance.api.savings import router as savings
from outcomes.api import router as outcomes
from outcomes.api.frameworks import router as frameworks
from schemes.api import router as schemes
from schemes.api.governance import router as governance
from schemes.api.registers import router as registers
from schemes.models import ApiToken, User

log = logging.getLogger(__name__)


class Token(HttpBearer):
    """A program that brings a token of a person, and may do what that person may."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The person whose token it is, unless it was revoked or they have left."""
        found = (
            ApiToken.objects.filter(
                digest=ApiToken.digest_of(token), revoked_at=None, user__is_active=True
            )
            .select_related("user")
            .first()
        )
        if found is None:
            return None
        request.user = found.user
        return found.user


class Session(SessionAuth):
    """Somebody who is signed in; whoever is not is asked to sign in before any CSRF token."""

    def __call__(self, request: HttpRequest) -> Any:
        """The person whose session it is; HttpError 403 without the page's CSRF token."""
        return super().__call__(request) if request.user.is_authenticated else None


class Api(NinjaAPI):
    """All operations of the house under one description."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """As programs know it, wherever its module lies: finance.api.pools is finance_pools_api."""
        places = operation.view_func.__module__.split(".")
        rooms = [place for place in places if place != "api"]
        return "_".join([*rooms, "api", operation.view_func.__name__])


api = Api(
    title="ESBT",
    version="1",
    description="What partners of a health and care system planned together, spent, saved and "
    "achieved. Money is whole pence; null is 'not stated'; variances are favourable-positive.",
    auth=[Token(), Session()],
    docs_url=None,  # its page loads scripts from elsewhere, which our policy forbids
    urls_namespace="api",
)
api.add_router("", schemes)
api.add_router("", finance)
api.add_router("", returns)
api.add_router("", savings)
api.add_router("", risks)
api.add_router("", risk_share)
api.add_router("", pools)
api.add_router("", pool_statements)
api.add_router("", pool_shares)
api.add_router("", outcomes)
api.add_router("", frameworks)
api.add_router("", agreements)
api.add_router("", fund_plans)
api.add_router("", delivery)
api.add_router("", reduction)
api.add_router("", risk_register)
api.add_router("", registers)
api.add_router("", governance)
api.add_router("", search)


def _answer(status: int, **body: Any) -> HttpResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status} | body
    return JsonResponse(body, status=status, content_type="application/problem+json")


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    body = problem(refused)
    return _answer(**body)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return _answer(404, detail="There is nothing here that you may see.")


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = _answer(401, detail="Sign in, or send a token as Authorization: Bearer TOKEN.")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON (400), or a session without its CSRF token (403)."""
    return _answer(error.status_code, detail=str(error))


@api.exception_handler(OperationalError)
def _away(request: HttpRequest, error: OperationalError) -> HttpResponse:
    log.error("the database does not answer", exc_info=error)
    answer = _answer(503, detail="The database does not answer. Nothing was saved; try again.")
    answer["Retry-After"] = "5"
    return answer


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = []
    for item in error.errors:
        place = [part for part in item["loc"] if part not in ("body", "query", "path")]
        row = next((part for part in place if isinstance(part, int)), None)
        errors.append(
            {
                "field": str(place[-1]) if place else "",
                "message": item["msg"],
                **({"row": row + 1} if row is not None else {}),
            }
        )
    return _answer(422, detail="Some of this is not of the form it should have.", errors=errors)
