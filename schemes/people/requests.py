"""The request of somebody who has signed in."""

from django.http import HttpRequest

from schemes.models import User


class PersonRequest(HttpRequest):
    """What a view behind a sign-in is called with; for the type checker."""

    user: User
