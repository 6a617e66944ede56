"""The results as a Django app."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "outcomes"

    def ready(self) -> None:
        """Have the audit of a system tell of its framework, metrics, targets and steps.

        And have the names of areas known as those of places.
        """
        from outcomes.models import Area
        from schemes.audited import audit_too
        from schemes.services.owners import on_place

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
        on_place(lambda words: Area.objects.filter(name__icontains=words).exists())
