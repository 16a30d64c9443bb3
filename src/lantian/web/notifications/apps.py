"""The app of notices: collects what every app tells people of."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    """Holds what people were told and what they have read."""

    name = "lantian.web.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Make the kinds of every app known: they stand in its ``notices.py``."""
        autodiscover_modules("notices")
