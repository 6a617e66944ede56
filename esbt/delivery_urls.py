"""Addresses of delivery: plans, milestones, workstreams, calendar, registers, governance."""

from django.urls import path

from esbt.views import (
    action_keeping,
    actions,
    calendar,
    delivery,
    governance,
    milestones,
    partners,
    questions,
    reduction,
    registers,
    risk_register,
    stream_keeping,
    taking_out,
)

_SYSTEM = "systems/<slug:system>"
_PLAN = f"{_SYSTEM}/action-plans/<slug:plan>"
_AREA = f"{_PLAN}/areas/<slug:area>"
_ACTION = f"{_PLAN}/actions/<slug:code>"
_MILESTONE = f"{_SYSTEM}/milestones/<slug:code>"
_BODY = f"{_SYSTEM}/governance/<slug:code>"
_YEAR = f"{_SYSTEM}/years/<slug:year>"
_REDUCTION = f"{_YEAR}/reduction-plans/<slug:code>"
_REGISTER = f"{_SYSTEM}/registers/<slug:register>"
_STREAM = f"{_SYSTEM}/workstreams"
_REMOVED = {
    "plan": _PLAN,
    "area": _AREA,
    "action": _ACTION,
    "assurance": f"{_AREA}/assurances/<slug:code>",
    "milestone": _MILESTONE,
    "workstream": f"{_STREAM}/<slug:code>",
    "project": f"{_STREAM}/<slug:stream>/projects/<slug:code>",
    "body": _BODY,
}

urlpatterns = [
    path(f"{_SYSTEM}/delivery", delivery.delivery, name="delivery"),
    path(f"{_SYSTEM}/action-plans", delivery.action_plans, name="action-plans"),
    path(f"{_SYSTEM}/add-action-plan", action_keeping.add_plan, name="add-action-plan"),
    path(f"{_SYSTEM}/actions.csv", delivery.actions_csv, name="actions-csv"),
    path(_PLAN, delivery.action_plan, name="action-plan"),
    path(f"{_PLAN}/change", action_keeping.change_plan, name="change-action-plan"),
    path(f"{_PLAN}/add-area", action_keeping.add_area, name="add-action-area"),
    path(f"{_AREA}/change", action_keeping.change_area, name="change-action-area"),
    path(f"{_AREA}/add-assurance", action_keeping.add_assurance, name="add-assurance"),
    path(f"{_AREA}/add-action", action_keeping.add_action, name="add-action"),
    path(_ACTION, actions.action, name="action"),
    path(f"{_ACTION}/change", actions.change_action, name="change-action"),
    path(f"{_ACTION}/add-need", action_keeping.add_need, name="add-action-need"),
    path(
        f"{_ACTION}/needs/<slug:other>/remove",
        action_keeping.remove_need,
        name="remove-action-need",
    ),
    path(
        f"{_AREA}/assurances/<slug:code>",
        actions.change_assurance,
        name="change-assurance",
    ),
    path(f"{_SYSTEM}/milestones", milestones.milestones, name="milestones"),
    path(f"{_SYSTEM}/milestones.csv", milestones.milestones_csv, name="milestones-csv"),
    path(f"{_SYSTEM}/add-milestone", milestones.add_milestone, name="add-milestone"),
    path(_MILESTONE, milestones.milestone, name="milestone"),
    path(f"{_MILESTONE}/change", milestones.change_milestone, name="change-milestone"),
    path(f"{_MILESTONE}/add-need", stream_keeping.add_need, name="add-milestone-need"),
    path(
        f"{_MILESTONE}/needs/<slug:other>/remove",
        stream_keeping.remove_need,
        name="remove-milestone-need",
    ),
    path(f"{_SYSTEM}/add-workstream", stream_keeping.add_stream, name="add-workstream"),
    path(f"{_STREAM}/<slug:code>/change", stream_keeping.change_stream, name="change-workstream"),
    path(f"{_STREAM}/<slug:stream>/add-project", stream_keeping.add_project, name="add-project"),
    path(
        f"{_STREAM}/<slug:stream>/projects/<slug:code>",
        stream_keeping.change_project,
        name="change-project",
    ),
    path(f"{_SYSTEM}/workstreams", milestones.workstreams, name="workstreams"),
    path(f"{_SYSTEM}/workstreams.csv", milestones.workstreams_csv, name="workstreams-csv"),
    path(f"{_SYSTEM}/workstreams/<slug:code>", milestones.workstream, name="workstream"),
    path(f"{_SYSTEM}/calendar", calendar.calendar, name="calendar"),
    path(f"{_SYSTEM}/calendar.csv", calendar.calendar_csv, name="calendar-csv"),
    path(f"{_SYSTEM}/calendar/feeds", calendar.feeds, name="calendar-feeds"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar-feed"),
    path(f"{_SYSTEM}/partners", partners.partners, name="partners"),
    path(f"{_SYSTEM}/partners.csv", partners.partners_csv, name="partners-csv"),
    path(f"{_SYSTEM}/partners/<slug:code>", partners.partner, name="register-partner"),
    path(f"{_SYSTEM}/risks", risk_register.risks, name="risk-register"),
    path(f"{_SYSTEM}/risks.csv", risk_register.risks_csv, name="risk-register-csv"),
    path(f"{_YEAR}/reduction-plans", reduction.plans, name="reduction-plans"),
    path(f"{_YEAR}/reduction-plans.csv", reduction.plans_csv, name="reduction-plans-csv"),
    path(_REDUCTION, reduction.plan, name="reduction-plan"),
    path(f"{_REDUCTION}/effects/<slug:partner>", reduction.effect, name="plan-effect"),
    path(f"{_REDUCTION}/add-urgent-action", reduction.add_urgent, name="add-urgent-action"),
    path(
        f"{_REDUCTION}/urgent-actions/<slug:action>",
        reduction.change_urgent,
        name="urgent-action",
    ),
    path(
        f"{_REDUCTION}/urgent-actions/<slug:action>/remove",
        taking_out.remove_urgent,
        name="remove-urgent-action",
    ),
    path(f"{_REDUCTION}/add-risk", reduction.add_risk, name="add-plan-risk"),
    path(f"{_REDUCTION}/risks/<slug:risk>", taking_out.remove_risk, name="remove-plan-risk"),
    path(f"{_YEAR}/questions", questions.questions, name="questions"),
    path(f"{_YEAR}/questions.csv", questions.questions_csv, name="questions-csv"),
    path("schemas/delivery/<slug:name>.json", delivery.schema, name="delivery-schema"),
    path(f"{_SYSTEM}/registers", registers.registers, name="registers"),
    path(_REGISTER, registers.register, name="register"),
    path(f"{_REGISTER}.csv", registers.register_csv, name="register-csv"),
    path(f"{_REGISTER}.xlsx", registers.register_xlsx, name="register-xlsx"),
    path(f"{_REGISTER}/<slug:code>", registers.register_row, name="register-row"),
    path(f"{_REGISTER}/<slug:code>/change", registers.change_row, name="change-register-row"),
    path(f"{_REGISTER}/<slug:code>/remove", registers.remove_row, name="remove-register-row"),
    path(f"{_SYSTEM}/add-to-register/<slug:register>", registers.add_row, name="add-register-row"),
    path(
        f"{_SYSTEM}/import-register/<slug:register>",
        registers.import_register,
        name="import-register",
    ),
    path(
        "schemas/registers/<slug:register>.json", registers.register_schema, name="register-schema"
    ),
    path(f"{_SYSTEM}/governance", governance.governance, name="governance"),
    path(f"{_SYSTEM}/bodies.csv", governance.bodies_csv, name="bodies-csv"),
    path(f"{_SYSTEM}/decisions.csv", governance.decisions_csv, name="decisions-csv"),
    path(f"{_SYSTEM}/add-body", governance.add_body, name="add-body"),
    path(_BODY, governance.body, name="body"),
    path(f"{_BODY}/next-meeting", governance.next_meeting, name="next-meeting"),
    path(f"{_BODY}/change", governance.change_body, name="change-body"),
    *(
        path(f"{way}/remove", taking_out.remove, {"what": what}, name=f"remove-{what}")
        for what, way in _REMOVED.items()
    ),
    path(
        f"{_SYSTEM}/governance/<slug:body>/<slug:what>/<slug:code>/remove",
        taking_out.remove_part,
        name="remove-body-part",
    ),
    path(f"{_BODY}/add-<slug:part>", governance.add_part, name="add-body-part"),
    path(f"{_BODY}/<slug:part>/<slug:of>", governance.change_part, name="change-body-part"),
    path("schemas/governance/<slug:name>.json", governance.schema, name="governance-schema"),
]
