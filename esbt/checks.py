"""Start-up checks: a setting that is missing or unsafe is named before anything is served."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


@register()
def secret_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A key that signs sessions, long enough not to be guessed."""
    if len(settings.SECRET_KEY) >= 50:
        return []
    return [
        Error(
            "ESBT_SECRET_KEY is missing or shorter than 50 characters.",
            hint="python -c 'import secrets; print(secrets.token_urlsafe(50))' makes one.",
            id="esbt.E001",
        )
    ]


@register()
def demo_stays_home(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Demo users have a password that everybody knows, so they are for this machine alone."""
    if not settings.DEMO or set(settings.ALLOWED_HOSTS) <= LOOPBACK:
        return []
    return [
        Error(
            "ESBT_DEMO is on while ESBT_HOSTS names an address other than loopback.",
            hint="Leave out ESBT_DEMO where others can reach the site.",
            id="esbt.E002",
        )
    ]
