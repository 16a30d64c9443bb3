"""The app: who answers for what."""

from __future__ import annotations

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Holds organisations and the responsibility matrix."""

    name = "lantian.web.duties"
