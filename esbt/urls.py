"""Addresses of the front door."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
]
