"""Addresses of the front door."""

from django.urls import include, path
from django.views.generic import TemplateView

from esbt.api import api
from esbt.views import (
    agreements,
    audit,
    fund_keeping,
    fund_plans,
    fund_workbook,
    health,
    keeping,
    lines,
    money_outcomes,
    my_work,
    outcomes,
    packages,
    pages,
    people,
    pool_keeping,
    scheme_metrics,
    schemes,
    search,
)

_SYSTEM = "systems/<slug:system>"
_YEAR = f"{_SYSTEM}/years/<slug:year>"
_OUTCOMES = f"{_SYSTEM}/outcomes"
_METRIC = f"{_OUTCOMES}/metrics/<slug:code>"
_AGREEMENT = f"{_SYSTEM}/agreements/<slug:code>"
_POOL = f"{_YEAR}/pools/<slug:code>"
_PLAN = f"{_SYSTEM}/fund-plans/<slug:code>"
_CONDITION = f"{_PLAN}/conditions/<slug:condition>"

urlpatterns = [
    path("", pages.home, name="home"),
    path("search", search.search, name="search"),
    path("my-work", my_work.my_work, name="my-work"),
    path(f"{_YEAR}/board", pages.board, name="board"),
    path(f"{_SYSTEM}/audit", audit.audit, name="audit"),
    path(f"{_SYSTEM}/audit.csv", audit.audit_csv, name="audit-csv"),
    path("me", people.me, name="me"),
    path("people", people.people, name="people"),
    path("people/invite", people.invite, name="invite"),
    path("people/<int:pk>", people.person, name="person"),
    path("people/<int:pk>/account", people.account, name="change-account"),
    path("people/<int:pk>/roles", people.give, name="give-role"),
    path("people/<int:pk>/roles/<int:grant>", people.change, name="change-role"),
    path("administration", keeping.administration, name="administration"),
    path("administration/systems", keeping.new_system, name="new-system"),
    path("administration/packages", packages.load_package, name="load-package"),
    path("administration/funds", packages.new_fund, name="new-fund"),
    path(
        "administration/packages/datapackage.json", packages.descriptor, name="package-descriptor"
    ),
    path(
        f"{_YEAR}/fund-plans/<slug:code>/workbook",
        fund_workbook.workbook_page,
        name="fund-workbook",
    ),
    path(
        f"{_YEAR}/fund-plans/<slug:code>/workbook.xlsx",
        fund_workbook.workbook_file,
        name="fund-workbook-file",
    ),
    path(f"{_SYSTEM}/keep", keeping.keep, name="keep"),
    path(f"{_SYSTEM}/keep/name", keeping.change_system, name="change-system"),
    path(f"{_SYSTEM}/keep/partners", keeping.add_partner, name="add-partner"),
    path(f"{_SYSTEM}/keep/partners/<slug:partner>", keeping.partner, name="keep-partner"),
    path(f"{_YEAR}/keep", lines.year, name="keep-year"),
    path(f"{_YEAR}/keep/lines", lines.add_line, name="add-line"),
    path(f"{_YEAR}/keep/lines/<slug:code>", lines.change_line, name="change-line"),
    path(f"{_SYSTEM}/agreements", agreements.agreements, name="agreements"),
    path(f"{_SYSTEM}/agreements.csv", agreements.agreements_csv, name="agreements-csv"),
    path(f"{_SYSTEM}/add-agreement", agreements.add_agreement, name="add-agreement"),
    path(_AGREEMENT, agreements.agreement, name="agreement"),
    path(f"{_AGREEMENT}/change", agreements.change_agreement, name="change-agreement"),
    path(f"{_AGREEMENT}/add-sign-off", agreements.add_to_agreement, name="add-sign-off"),
    path(f"{_SYSTEM}/sign-offs.csv", agreements.sign_offs_csv, name="sign-offs-csv"),
    path(f"{_SYSTEM}/sign-offs/<slug:code>", agreements.change_sign_off, name="change-sign-off"),
    path(_PLAN, fund_plans.fund_plan, name="fund-plan"),
    path(f"{_PLAN}/add-sign-off", agreements.add_to_plan, name="add-plan-sign-off"),
    path(f"{_PLAN}/<slug:name>.csv", fund_plans.fund_plan_csv, name="fund-plan-csv"),
    path(f"{_PLAN}/<slug:tab>", fund_plans.fund_plan, name="fund-plan-tab"),
    path(_CONDITION, fund_keeping.change_condition, name="change-condition"),
    path(f"{_CONDITION}/add-step", fund_keeping.add_step, name="add-condition-step"),
    path(
        f"{_CONDITION}/steps/<slug:step>",
        fund_keeping.change_step,
        name="change-condition-step",
    ),
    path(f"{_PLAN}/aims/<slug:aim>", fund_keeping.change_aim, name="change-aim"),
    path(
        f"{_PLAN}/assumptions/<slug:assumption>",
        fund_keeping.change_assumption,
        name="change-assumption",
    ),
    path("schemas/fund-plans/<slug:name>.json", fund_plans.schema, name="fund-plan-schema"),
    path("", include("schemes.urls")),
    path("", include("esbt.delivery_urls")),
    path(f"{_YEAR}/schemes/<slug:code>", schemes.scheme, name="scheme"),
    path(f"{_YEAR}/schemes/<slug:code>/rate", schemes.rate, name="rate-scheme"),
    path(
        f"{_YEAR}/schemes/<slug:code>/add-metric",
        scheme_metrics.add_metric,
        name="add-scheme-metric",
    ),
    path(
        f"{_YEAR}/schemes/<slug:code>/metrics/<slug:metric>",
        scheme_metrics.change_metric,
        name="change-scheme-metric",
    ),
    path(
        f"{_YEAR}/schemes/<slug:code>/metrics/<slug:metric>/remove",
        scheme_metrics.remove_metric,
        name="remove-scheme-metric",
    ),
    path(f"{_YEAR}/schemes/<slug:code>/<slug:tab>", schemes.scheme, name="scheme-tab"),
    path(f"{_OUTCOMES}/add-framework", outcomes.add_framework, name="add-framework"),
    path(f"{_OUTCOMES}/frameworks/<slug:code>", outcomes.change_framework, name="change-framework"),
    path(f"{_OUTCOMES}/frameworks/<slug:code>/add-item", outcomes.add_item, name="add-item"),
    path(
        f"{_OUTCOMES}/frameworks/<slug:code>/items/<slug:item>",
        outcomes.change_item,
        name="change-item",
    ),
    path(f"{_OUTCOMES}/add-metric", outcomes.add_metric, name="add-metric"),
    path(f"{_METRIC}/change", outcomes.change_metric, name="change-metric"),
    path(f"{_METRIC}/add-target", outcomes.add_target, name="add-target"),
    path(f"{_METRIC}/targets/<slug:target>", outcomes.change_target, name="change-target"),
    path(f"{_YEAR}/money-and-outcomes", money_outcomes.matrix, name="money-and-outcomes"),
    path(
        f"{_YEAR}/money-and-outcomes.csv", money_outcomes.matrix_csv, name="money-and-outcomes-csv"
    ),
    path("schemas/money-and-outcomes.json", money_outcomes.schema, name="money-schema"),
    path(f"{_POOL}/change", pool_keeping.change_pool, name="change-pool"),
    path(f"{_POOL}/add-partner", pool_keeping.add_member, name="add-pool-member"),
    path(f"{_POOL}/partners/<int:member>", pool_keeping.change_member, name="change-pool-member"),
    path(f"{_POOL}/amounts/<slug:amount>", pool_keeping.state_amount, name="state-pool-amount"),
    path("", include("finance.urls")),
    path("", include("outcomes.urls")),
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
    path("about/roles", people.roles, name="about-roles"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
