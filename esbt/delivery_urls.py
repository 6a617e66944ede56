"""Addresses of delivery: action plans, milestones, workstreams and the calendar of a system."""

from django.urls import path

from esbt.views import actions, calendar, delivery, milestones

_SYSTEM = "systems/<slug:system>"
_PLAN = f"{_SYSTEM}/action-plans/<slug:plan>"
_ACTION = f"{_PLAN}/actions/<slug:code>"
_MILESTONE = f"{_SYSTEM}/milestones/<slug:code>"

urlpatterns = [
    path(f"{_SYSTEM}/delivery", delivery.delivery, name="delivery"),
    path(f"{_SYSTEM}/action-plans", delivery.action_plans, name="action-plans"),
    path(f"{_SYSTEM}/actions.csv", delivery.actions_csv, name="actions-csv"),
    path(_PLAN, delivery.action_plan, name="action-plan"),
    path(_ACTION, actions.action, name="action"),
    path(f"{_ACTION}/change", actions.change_action, name="change-action"),
    path(
        f"{_PLAN}/areas/<slug:area>/assurances/<slug:code>",
        actions.change_assurance,
        name="change-assurance",
    ),
    path(f"{_SYSTEM}/milestones", milestones.milestones, name="milestones"),
    path(f"{_SYSTEM}/milestones.csv", milestones.milestones_csv, name="milestones-csv"),
    path(f"{_SYSTEM}/add-milestone", milestones.add_milestone, name="add-milestone"),
    path(_MILESTONE, milestones.milestone, name="milestone"),
    path(f"{_MILESTONE}/change", milestones.change_milestone, name="change-milestone"),
    path(f"{_SYSTEM}/workstreams", milestones.workstreams, name="workstreams"),
    path(f"{_SYSTEM}/workstreams/<slug:code>", milestones.workstream, name="workstream"),
    path(f"{_SYSTEM}/calendar", calendar.calendar, name="calendar"),
    path(f"{_SYSTEM}/calendar.csv", calendar.calendar_csv, name="calendar-csv"),
    path(f"{_SYSTEM}/calendar/feeds", calendar.feeds, name="calendar-feeds"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar-feed"),
    path("schemas/delivery/<slug:name>.json", delivery.schema, name="delivery-schema"),
]
