"""What every request passes."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class SecondFactor:
    """Sends people without a second factor to set one up, where the installation asks for it.

    Programs with a token are not asked: a token is given out behind the second factor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Stand aside where no second factor is asked for."""
        if not settings.SECOND_FACTOR_REQUIRED:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let pass visitors, the account pages, and whoever has a second factor."""
        user = request.user
        if (
            user.is_authenticated
            and not request.path.startswith(reverse("account_login").removesuffix("login/"))
            and not is_mfa_enabled(user)
        ):
            return redirect("mfa_activate_totp")
        return self.get_response(request)
