"""Addresses of the front door."""

from django.urls import include, path

from esbt.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
]
