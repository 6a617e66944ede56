"""Addresses of the results: they hold the system and what the page is about."""

from django.urls import path

from outcomes.views import importing

_OUTCOMES = "systems/<slug:system>/outcomes"

urlpatterns = [
    path(f"{_OUTCOMES}/import", importing.import_page, name="import-figures"),
    path(f"{_OUTCOMES}/import/<int:pk>", importing.import_file, name="import-file"),
    path(
        f"{_OUTCOMES}/import/<int:pk>/progress",
        importing.import_progress,
        name="import-progress",
    ),
]
