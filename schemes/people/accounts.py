"""How sign-in behaves beyond its settings."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):
    """Accounts are made by administrators or by the organisation's own sign-in, not by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never open to visitors."""
        return False
