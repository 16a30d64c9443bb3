"""The rungs of the ladder that cases have reached."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lantian.web.cases.models.case import Case
from lantian.web.cases.models.history import Step


class Climb(models.Model):
    """A rung a case has reached, once for each ``key`` (:class:`~..ladder.Reached`).

    ``step`` is the stage whose clock led to it; empty: one of the case's counts did. ``taken_at``
    is when it was issued: at once where the program issues it, else with the signature of
    ``signed_by``, whose post is ``post``; until then nobody is told but who may sign. ``told`` are
    the names of those told. ``answer_by``: the unit answers in writing by then. Rows are written by
    :mod:`lantian.web.cases.climbing` only.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="climbs")
    step = models.ForeignKey(
        Step, null=True, blank=True, on_delete=models.PROTECT, related_name="climbs"
    )
    rung = models.CharField(max_length=24)
    key = models.CharField(max_length=64)
    reached_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    signed_by: models.ForeignKey[Any, Any] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    post = models.BigIntegerField(null=True, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    told = models.JSONField(default=list)

    class Meta:
        ordering = ("case", "reached_at", "id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=("rung",), name="climb_not_taken", condition=Q(taken_at__isnull=True)
            ),
        ]
        constraints = (
            models.UniqueConstraint(fields=("case", "key"), name="climb_once"),
            models.CheckConstraint(condition=~Q(rung="") & ~Q(key=""), name="climb_of_a_rung"),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=False) | Q(signed_by__isnull=True, answer_by=None),
                name="climb_signed_when_taken",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, post__isnull=True)
                | Q(signed_by__isnull=False, post__isnull=False),
                name="climb_signed_in_a_post",
            ),
            models.CheckConstraint(
                condition=Q(answer_by__isnull=True) | Q(answer_by__gte=F("taken_at")),
                name="climb_answered_after",
            ),
        )

    def __str__(self) -> str:
        return f"{self.case}: {self.rung}"
