"""The app of evidence."""

from __future__ import annotations

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Keeps the files that prove what was found and what was put right."""

    name = "lantian.web.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Note from now on with which case a file came."""
        from lantian.web.evidence import uses

        uses.listen()
