"""Addresses of the front door."""

from django.urls import include, path
from django.views.generic import TemplateView

from esbt.api import api
from esbt.views import audit, health, my_work, pages, schemes

_YEAR = "systems/<slug:system>/years/<slug:year>"

urlpatterns = [
    path("", pages.home, name="home"),
    path("my-work", my_work.my_work, name="my-work"),
    path(f"{_YEAR}/board", pages.board, name="board"),
    path("systems/<slug:system>/audit", audit.audit, name="audit"),
    path("systems/<slug:system>/audit.csv", audit.audit_csv, name="audit-csv"),
    path("", include("schemes.urls")),
    path(f"{_YEAR}/schemes/<slug:code>", schemes.scheme, name="scheme"),
    path(f"{_YEAR}/schemes/<slug:code>/rate", schemes.rate, name="rate-scheme"),
    path(f"{_YEAR}/schemes/<slug:code>/<slug:tab>", schemes.scheme, name="scheme-tab"),
    path("", include("finance.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path(
        "about/figures",
        TemplateView.as_view(template_name="about/figures.html"),
        name="about-figures",
    ),
    path(
        "about/accessibility",
        TemplateView.as_view(template_name="about/accessibility.html"),
        name="about-accessibility",
    ),
    path(
        "about/glossary",
        TemplateView.as_view(template_name="about/glossary.html"),
        name="about-glossary",
    ),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
