"""What people say about a case, and who complained: kept apart from the case itself."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from lantian.web.accounts.models import User
from lantian.web.cases.models.case import Case


class Reporter(models.Model):
    """Who complained. Read through :func:`lantian.web.cases.actions.read_reporter` only."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="reporter")
    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(name="", phone="", address=""), name="reporter_is_somebody"
            ),
        )

    def __str__(self) -> str:
        return str(self.case)


class Comment(models.Model):
    """What somebody said about a case; it is never changed.

    ``evidence`` are pieces as events have them: what came with a problem that turned out to be this
    case already.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    evidence = models.JSONField(default=list)
    mentions: ClassVar[models.ManyToManyField[User, models.Model]] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="mentioned_in"
    )

    class Meta:
        ordering = ("case", "at", "id")
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
        )

    def __str__(self) -> str:
        return f"{self.case}: {self.author}"
