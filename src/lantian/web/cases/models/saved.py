"""Filters of the ledger that somebody keeps, for themselves or for their unit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedView(models.Model):
    """A filter of the ledger with its columns and order, under a name.

    ``query`` is that of the address. ``organisation`` is the unit whose people see it besides its
    owner, who alone changes it; empty: nobody else. It opens no case to anybody: each sees of it
    what they see anyway. Rows are written by :mod:`lantian.web.cases.ledger.saving` only.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000, blank=True)
    organisation: models.ForeignKey[Any, Any] = models.ForeignKey(
        "duties.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name
