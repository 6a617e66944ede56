from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "finance"

    def ready(self) -> None:
        """Have each committed change to a slice ring for its recompute."""
        from finance.tasks import ring  # noqa: PLC0415  (needs the apps to be ready)
        from schemes.services.slices import on_change  # noqa: PLC0415

        on_change(ring)
