"""Task forces and who is in them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class TaskForce(models.Model):
    """A team and what it is for. Rows are written by :mod:`lantian.web.taskforces.actions` only.

    Its scope are the cases of ``territories`` and below, of ``problems`` (codes of the catalogue)
    and of sources of ``kinds``; of what is empty: any. ``ends`` is its last day; empty: not set.
    """

    name = models.CharField(max_length=80, unique=True)
    purpose = models.TextField(blank=True)
    territories: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "places.Territory", related_name="+", blank=True
    )
    problems = models.JSONField(default=list, blank=True)
    kinds = models.JSONField(default=list, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("-starts", "name")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="taskforce_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="taskforce_named"),
        )

    def __str__(self) -> str:
        return self.name

    def is_over(self, day: date) -> bool:
        """Say whether its last day is past."""
        return self.ends is not None and self.ends < day


class Member(models.Model):
    """Somebody in a task force, with what they do in it; one of them may lead it."""

    force = models.ForeignKey(TaskForce, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="task_forces"
    )
    task = models.CharField(max_length=120, blank=True)
    leads = models.BooleanField(default=False)

    class Meta:
        ordering = ("-leads", "user__name")
        constraints = (
            models.UniqueConstraint(fields=("force", "user"), name="member_once"),
            models.UniqueConstraint(
                fields=("force",), condition=Q(leads=True), name="taskforce_one_lead"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.force})"
