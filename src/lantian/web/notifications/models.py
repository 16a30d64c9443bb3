"""What people were told."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Notice(models.Model):
    """Something one person was told, once for each ``key`` of a kind.

    ``data`` fills the sentence of the kind (:mod:`lantian.web.notifications.registry`). Rows are
    written by :mod:`lantian.web.notifications.actions` only.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    case: models.ForeignKey[Any, Any] = models.ForeignKey(
        "cases.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("user", "-at"), name="notice_of_user"),
            models.Index(fields=("user",), name="notice_unread", condition=Q(read_at__isnull=True)),
        ]
        constraints = (
            models.UniqueConstraint(fields=("user", "kind", "key"), name="notice_once"),
            models.CheckConstraint(condition=~Q(kind="") & ~Q(key=""), name="notice_of_something"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(read_at__gte=F("at")),
                name="notice_read_after",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"
