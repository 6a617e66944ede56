"""Addresses of the money: they hold the system, the year and what the page is about."""

from django.urls import path

from finance.views import entry, figures, returns

_YEAR = "systems/<slug:system>/years/<slug:year>"

urlpatterns = [
    path(f"{_YEAR}/finances", figures.finances, name="finances"),
    path(f"{_YEAR}/finances.csv", figures.finances_csv, name="finances-csv"),
    path(f"{_YEAR}/finances-by-month.csv", figures.months_csv, name="months-csv"),
    path(f"{_YEAR}/stamp", figures.stamp, name="stamp"),
    path(f"{_YEAR}/lines/<slug:code>", figures.line, name="line"),
    path(f"{_YEAR}/partners/<slug:code>", figures.partner, name="partner"),
    path(f"{_YEAR}/printed", figures.printed, name="printed"),
    path(
        f"{_YEAR}/partners/<slug:partner>/months/<int:month>/enter",
        entry.enter_month,
        name="enter-month",
    ),
    path(
        f"{_YEAR}/partners/<slug:partner>/months/<int:month>/return",
        returns.month_return,
        name="month-return",
    ),
    path("schemas/<slug:name>.json", figures.schema, name="download-schema"),
]
