"""The money as a Django app."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "finance"

    def ready(self) -> None:
        """Have each committed change to a slice ring for its recompute."""
        from finance.tasks import ring
        from schemes.services.slices import on_change

        on_change(ring)
