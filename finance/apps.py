"""The money as a Django app."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "finance"

    def ready(self) -> None:
        """Have each change to a slice ring for its recompute, and the audit tell of our tables."""
        from finance.tasks import ring
        from schemes.audit.tables import audit_too
        from schemes.services.slices import on_change

        on_change(ring)
        audit_too(
            "finance",
            {
                "poolline": "line__slice__system",
                "sharerule": "pool__system",
                "planeffect": "line__slice__system",
                "planrisk": "line__slice__system",
                "urgentaction": "line__slice__system",
            },
        )
