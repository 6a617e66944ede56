"""The results as a Django app."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "outcomes"

    def ready(self) -> None:
        """Have the audit of a system tell of its framework, metrics, targets and steps."""
        from schemes.audited import audit_too

        audit_too(
            "outcomes",
            {
                "metric": "system",
                "target": "metric__system",
                "step": "metric__system",
                "schememetric": "metric__system",
                "framework": "system",
                "frameworkitem": "framework__system",
            },
        )
