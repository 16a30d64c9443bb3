"""How a case is named in an address."""

from __future__ import annotations

from django.urls import register_converter


class CaseCode:
    """The number of a case as people write it, e.g. ``2026-0042``."""

    regex = r"\d{4}-\d{4,9}"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return it as it is."""
        return value


register_converter(CaseCode, "case_code")
