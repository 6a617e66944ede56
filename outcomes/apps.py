"""The results as a Django app."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "outcomes"

    def ready(self) -> None:
        """Have the audit of a system tell of its framework, metrics, targets, steps and values.

        And have the names of areas known as those of places.
        """
        from outcomes.models import Area
        from outcomes.queries.saves import saves_of
        from schemes.audit.tables import SAVES, Saves, audit_too
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
        SAVES.append(Saves("values of metrics", "value", saves_of))
        on_place(lambda words: Area.objects.filter(name__icontains=words).exists())
