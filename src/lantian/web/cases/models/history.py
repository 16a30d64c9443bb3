"""What happened to a case: its stages with their clocks, its events, and who signed."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lantian.web.cases.clocks import Clock
from lantian.web.cases.models.case import Case
from lantian.web.cases.table import NEW, TABLE
from lantian.workdays import UNITS, Unit


class Step(models.Model):
    """One stage of a case with its clock: yellow from ``yellow_at``, red from ``due_at`` on.

    ``unit`` is that of the time limit, and ``rule`` what it was, or that somebody set the deadline.
    ``provisional``: a day on the way lies in a year whose holidays are not known yet.
    ``first_due_at`` is what ``due_at`` was before more time was granted.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    stage = models.CharField(max_length=16)
    begun_at = models.DateTimeField()
    yellow_at = models.DateTimeField()
    due_at = models.DateTimeField()
    first_due_at = models.DateTimeField()
    provisional = models.BooleanField(default=False)
    unit = models.CharField(max_length=16)
    rule = models.CharField(max_length=40)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("case", "begun_at", "id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=("due_at",), name="step_open_due", condition=Q(ended_at__isnull=True)
            ),
            models.Index(fields=("case",), name="step_late", condition=Q(ended_at__gt=F("due_at"))),
        ]
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=Q(ended_at__isnull=True), name="step_one_open"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=sorted(TABLE.stages)), name="step_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(yellow_at__gte=F("begun_at"), due_at__gte=F("yellow_at")),
                name="step_due_after",
            ),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="step_unit_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("begun_at")),
                name="step_not_reversed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.case}: {self.stage}"

    def clock(self) -> Clock:
        """Return its clock, as :mod:`lantian.web.cases.clocks` reads it."""
        unit = cast(Unit, self.unit)
        return Clock(self.begun_at, self.due_at, self.yellow_at, unit, self.provisional)


class CaseEvent(models.Model):
    """One thing that was done to a case; never changed (:mod:`lantian.web.cases.guard`).

    ``number`` counts from 1 within the case. ``actor`` is empty where the system acted;
    ``actor_name`` is the name at the time. ``post`` is the post they acted in, a deputy's traced to
    the post it stands in for as ``root_post``. ``audit`` is the number of the event in the log.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=24)
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    actor_name = models.CharField(max_length=80)
    post = models.BigIntegerField(null=True, blank=True)
    root_post = models.BigIntegerField(null=True, blank=True)
    role = models.CharField(max_length=32, blank=True)
    organisation: models.ForeignKey[Any, Any] = models.ForeignKey(
        "duties.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    audit = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ("case", "number")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("action", "at"), name="case_event_action"),
            models.Index(fields=("actor", "action", "case"), name="case_event_actor"),
            # without it a database that knows no figures of its tables reads all that a unit ever
            # did, for each case anew
            models.Index(fields=("case", "action", "organisation"), name="case_event_deed"),
        ]
        constraints = (
            models.UniqueConstraint(fields=("case", "number"), name="case_event_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="case_event_from_one"),
            models.CheckConstraint(
                condition=Q(after__in=sorted(TABLE.states)), name="case_event_after_known"
            ),
            models.CheckConstraint(
                condition=Q(number=1, before=NEW) | Q(before__in=sorted(TABLE.states)),
                name="case_event_before_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.case} {self.number}: {self.action}"


class Signature(models.Model):
    """Somebody's name under the closing of a case, once in a round."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="signatures")
    round = models.PositiveSmallIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    post = models.BigIntegerField()
    at = models.DateTimeField()
    event = models.OneToOneField(CaseEvent, on_delete=models.PROTECT, related_name="signature")

    class Meta:
        ordering = ("case", "at")
        constraints = (
            models.UniqueConstraint(
                fields=("case", "round", "user"), name="signature_of_different_people"
            ),
            models.UniqueConstraint(
                fields=("case", "round", "post"), name="signature_of_different_posts"
            ),
        )

    def __str__(self) -> str:
        return f"{self.case}: {self.user}"
