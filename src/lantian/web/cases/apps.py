"""The app of cases."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Holds cases and their history."""

    name = "lantian.web.cases"
    label = "cases"
