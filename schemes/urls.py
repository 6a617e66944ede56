"""Addresses of what is kept about schemes; a system's, not a year's."""

from django.urls import path

from schemes import views

_SYSTEM = "systems/<slug:system>"

urlpatterns = [
    path(f"{_SYSTEM}/equality", views.equality, name="equality"),
    path(f"{_SYSTEM}/equality.csv", views.equality_csv, name="equality-csv"),
    path(f"{_SYSTEM}/evaluations", views.evaluations, name="evaluations"),
    path(f"{_SYSTEM}/evaluations.csv", views.evaluations_csv, name="evaluations-csv"),
    path("schemas/schemes/<slug:name>.json", views.schema, name="scheme-schema"),
]
