"""The app: finds the kinds of events every app declares."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AuditConfig(AppConfig):
    """Holds the chain of events."""

    name = "lantian.web.audit"

    def ready(self) -> None:
        """Load ``events.py`` of every app, which says what its events are called."""
        autodiscover_modules("events")
