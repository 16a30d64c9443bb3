"""What came in from outside under a key of its own, so that it makes one case only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from lantian.web.cases.models.case import Case


class Incoming(models.Model):
    """Something a case was made of: an excursion, a row of a list, a fire, a public report.

    ``key`` tells it from all others of its ``kind``; of a public report it is the SHA-256 of the
    code the reporter follows it by. ``sender`` is a digest of where a public report came from, kept
    to limit how many one visitor sends. ``data`` is what is shown of it beside the case. Rows are
    written by :mod:`lantian.web.cases.intake.landing` only.
    """

    case: models.ForeignKey[Any, Any] = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="incoming"
    )
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=160)
    at = models.DateTimeField()
    sender = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ("pk",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("kind", "at"), name="incoming_at"),
        ]
        constraints = (
            models.UniqueConstraint(fields=("kind", "key"), name="incoming_once"),
            models.CheckConstraint(condition=~Q(key=""), name="incoming_has_a_key"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
