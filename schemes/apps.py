"""The ground floor as a Django app."""

from django.apps import AppConfig


class SchemesConfig(AppConfig):
    name = "schemes"
