"""Tokens for programs."""

import secrets

from schemes.models import ApiToken, User


def issue_token(*, user: User) -> str:
    """A new token of a person, shown this once; earlier ones stay valid."""
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=ApiToken.digest_of(token))
    return token
