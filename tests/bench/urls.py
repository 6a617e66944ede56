"""The site's addresses and, beside them, a bare view to measure pages against."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from esbt.urls import urlpatterns as site

body = {"bytes": b""}


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    """The bytes of a page from memory, behind the same middleware and sign-in."""
    return HttpResponse(body["bytes"])


urlpatterns = [path("bench/bare", bare), *site]
