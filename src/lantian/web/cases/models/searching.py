"""What a search for words reads of a case: kept apart, small, so that all are read quickly."""

from __future__ import annotations

from typing import Any

from django.db import models

from lantian.web.cases.models.case import Case


class CaseText(models.Model):
    """The words of one case in lower case. Written by :mod:`lantian.web.cases.actions` only.

    A row of a case is some kilobytes, most of it its frozen responsibility; reading 100,000 of
    them for a word takes seconds, reading these some tens of milliseconds.
    """

    case: models.OneToOneField[Any, Any] = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="words"
    )
    text = models.TextField()

    def __str__(self) -> str:
        return self.text
