"""The app: finds the kinds of events every app declares, and its own jobs."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AuditConfig(AppConfig):
    """Holds the chain of events."""

    name = "lantian.web.audit"

    def ready(self) -> None:
        """Load ``events.py`` of every app, which says what its events are called."""
        autodiscover_modules("events")
        from lantian.web.audit import jobs  # noqa: F401 - registers the daily anchor
