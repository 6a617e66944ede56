"""The results as a Django app."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "outcomes"
