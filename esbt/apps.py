"""The front door as a Django app."""

from django.apps import AppConfig


class EsbtConfig(AppConfig):
    name = "esbt"

    def ready(self) -> None:
        """Register the start-up checks."""
        from esbt import checks  # noqa: F401
