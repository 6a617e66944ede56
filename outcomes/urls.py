"""Addresses of the results: they hold the system and what the page is about."""

from django.urls import path

from outcomes.views import (
    compare,
    entering,
    frameworks,
    importing,
    metrics,
    outcomes,
    quarters,
    steps,
)

_OUTCOMES = "systems/<slug:system>/outcomes"
_METRIC = f"{_OUTCOMES}/metrics/<slug:code>"

urlpatterns = [
    path(_METRIC, metrics.metric, name="metric"),
    path(f"{_METRIC}.csv", metrics.metric_csv, name="metric-csv"),
    path(f"{_METRIC}/history", metrics.history, name="metric-history"),
    path(f"{_METRIC}/enter", entering.enter, name="metric-enter"),
    path(f"{_METRIC}/steps", steps.steps, name="metric-steps"),
    path(f"{_OUTCOMES}/compare/<slug:code>", compare.compare, name="compare"),
    path(f"{_OUTCOMES}/compare/<slug:code>.csv", compare.compare_csv, name="compare-csv"),
    path(f"{_OUTCOMES}/import", importing.import_page, name="import-figures"),
    path(f"{_OUTCOMES}/import/<int:pk>", importing.import_file, name="import-file"),
    path(
        f"{_OUTCOMES}/import/<int:pk>/progress",
        importing.import_progress,
        name="import-progress",
    ),
    path("schemas/outcomes/<slug:name>.json", metrics.schema, name="outcome-schema"),
    path(_OUTCOMES, outcomes.outcomes, name="outcomes"),
    path(f"{_OUTCOMES}.csv", outcomes.outcomes_csv, name="outcomes-csv"),
    path(
        f"{_OUTCOMES}/frameworks/<slug:code>/compare",
        frameworks.compare_frameworks,
        name="compare-frameworks",
    ),
    path(f"{_OUTCOMES}/quarters", quarters.quarters, name="quarters"),
    path(f"{_OUTCOMES}/quarters/<int:pk>", quarters.report, name="quarter-report"),
    path(f"{_OUTCOMES}/quarters/<int:pk>.csv", quarters.report_csv, name="quarter-report-csv"),
]
