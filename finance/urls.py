"""Addresses of the money: they hold the system, the year and what the page is about."""

from django.urls import path

from finance.views import (
    changes,
    claims,
    closing,
    commentary,
    entry,
    figures,
    forecast,
    mappings,
    papers,
    printed_tables,
    returns,
    risks,
    savings_overview,
    schemes,
    submitting,
    timetable,
    uploads,
    year,
)

_YEAR = "systems/<slug:system>/years/<slug:year>"
_PARTNER = f"{_YEAR}/partners/<slug:partner>"

urlpatterns = [
    path(f"{_YEAR}/finances", figures.finances, name="finances"),
    path(f"{_YEAR}/finances.csv", figures.finances_csv, name="finances-csv"),
    path(f"{_YEAR}/finances-by-month.csv", figures.months_csv, name="months-csv"),
    path(f"{_YEAR}/forecast", forecast.forecast, name="forecast"),
    path(f"{_YEAR}/forecast.csv", forecast.forecast_csv, name="forecast-csv"),
    path(f"{_YEAR}/risks.csv", forecast.risks_csv, name="risks-csv"),
    path(f"{_YEAR}/add-risk", risks.add_risk, name="add-risk"),
    path(f"{_YEAR}/risks/<slug:code>", risks.risk, name="risk"),
    path(f"{_YEAR}/risks/<slug:code>/change", risks.change_risk, name="change-risk"),
    path(f"{_YEAR}/savings", savings_overview.savings, name="savings"),
    path(f"{_YEAR}/savings-by-month.csv", savings_overview.savings_csv, name="savings-csv"),
    path(f"{_YEAR}/changes", changes.changes, name="changes"),
    path(f"{_YEAR}/changes.csv", changes.changes_csv, name="changes-csv"),
    path(f"{_YEAR}/stamp", figures.stamp, name="stamp"),
    path(f"{_YEAR}/lines/<slug:code>", figures.line, name="line"),
    path(f"{_YEAR}/partners/<slug:code>", figures.partner, name="partner"),
    path(f"{_YEAR}/claims", claims.claims, name="claims"),
    path(f"{_YEAR}/schemes", schemes.schemes, name="schemes"),
    path(f"{_YEAR}/schemes.csv", schemes.schemes_csv, name="schemes-csv"),
    path(f"{_YEAR}/schemes.xlsx", schemes.schemes_xlsx, name="schemes-xlsx"),
    path(f"{_YEAR}/printed", figures.printed, name="printed"),
    path(f"{_YEAR}/tables/<slug:code>", printed_tables.printed_table, name="printed-table"),
    path(
        f"{_YEAR}/tables/<slug:code>.csv",
        printed_tables.printed_table_csv,
        name="printed-table-csv",
    ),
    path(
        f"{_YEAR}/partners/<slug:partner>/months/<int:month>/enter",
        entry.enter_month,
        name="enter-month",
    ),
    path(f"{_YEAR}/partners/<slug:partner>/year/<slug:measure>", year.year_grid, name="year-grid"),
    path(f"{_YEAR}/returns", closing.returns, name="returns"),
    path(
        f"{_YEAR}/partners/<slug:partner>/months/<int:month>/return",
        returns.month_return,
        name="month-return",
    ),
    path(f"{_YEAR}/workbook.xlsx", uploads.own_workbook, name="own-workbook"),
    path(f"{_PARTNER}/workbook.xlsx", uploads.partner_workbook, name="partner-workbook"),
    path(f"{_PARTNER}/uploads", uploads.uploads, name="uploads"),
    path(f"{_PARTNER}/uploads/<int:pk>", uploads.upload, name="upload"),
    path(f"{_PARTNER}/uploads/<int:pk>/progress", uploads.upload_progress, name="upload-progress"),
    path(f"{_PARTNER}/mappings/new", mappings.mapping, name="new-mapping"),
    path(f"{_PARTNER}/mappings/<int:pk>", mappings.mapping, name="mapping"),
    path(
        f"{_YEAR}/partners/<slug:partner>/months/<int:month>/submit",
        submitting.submit_month,
        name="submit-month",
    ),
    path(
        f"{_YEAR}/partners/<slug:partner>/months/<int:month>/paper",
        papers.month_paper,
        name="month-paper",
    ),
    path(f"{_YEAR}/timetable", timetable.timetable, name="timetable"),
    path(f"{_YEAR}/months/<int:month>/commentary", commentary.commentary, name="commentary"),
    path("schemas/<slug:name>.json", figures.schema, name="download-schema"),
]
