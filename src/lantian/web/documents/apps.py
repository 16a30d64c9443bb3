"""The app of documents."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Holds the register of the papers that went out."""

    name = "lantian.web.documents"
    label = "documents"
