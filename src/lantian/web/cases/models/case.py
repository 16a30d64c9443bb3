"""The case itself: what the problem is, whose it is, and where it stands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lantian.web.cases.table import TABLE

SEVERITIES = ("general", "serious")
# States in which the case has been given to somebody: their responsibility is frozen on it.
ASSIGNED = (
    "dispatched",
    "returned",
    "rectifying",
    "suspended",
    "reinspecting",
    "closing",
    "closed",
)


class Counter(models.Model):
    """The last number given to a case in a year, so that numbers have no gaps."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Case(models.Model):
    """A problem from seen to closed. Rows are written by :mod:`lantian.web.cases.actions` only.

    ``problem`` is a code of the catalogue, whose version in force at opening is ``catalogue``;
    ``sector`` is that of the problem type; ``found_at`` when the problem was seen; ``lon`` and
    ``lat`` [° WGS84] where. An order from above has the ``external_number`` it came with,
    ``external_due``, and ``own_due``, which is ours and not later. ``responsibility`` is the record
    of :class:`~lantian.web.duties.responsibility.Responsibility`, frozen at dispatch; ``lead`` and
    the rows of :class:`CaseParty` say the same to the database. ``outcome`` is how an ended case
    ended. ``version`` is the number of its last event: who acts says which one they saw. ``round``
    counts the attempts at closing; signatures belong to one.
    """

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    problem = models.CharField(max_length=32)
    catalogue = models.CharField(max_length=32)
    medium = models.CharField(max_length=8, default="air")
    sector = models.CharField(max_length=16)
    severity = models.CharField(max_length=8)
    channel = models.CharField(max_length=20)
    external_number = models.CharField(max_length=64, blank=True)
    external_due = models.DateTimeField(null=True, blank=True)
    own_due = models.DateTimeField(null=True, blank=True)
    territory = models.ForeignKey(
        "places.Territory", on_delete=models.PROTECT, related_name="cases"
    )
    source: models.ForeignKey[Any, Any] = models.ForeignKey(
        "sources.Source", null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    found_at = models.DateTimeField()
    taken_in_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16)
    outcome = models.CharField(max_length=24, blank=True)
    responsibility = models.JSONField(null=True, blank=True)
    lead: models.ForeignKey[Any, Any] = models.ForeignKey(
        "duties.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    dispatched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    returns = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    reopenings = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1)
    proposed_owner: models.ForeignKey[Any, Any] = models.ForeignKey(
        "duties.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    extension_until = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    look_back_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    sweep_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="sweep"
    )
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-year", "-number")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("state", "territory"), name="case_state"),
            models.Index(fields=("problem", "found_at"), name="case_problem"),
            models.Index(fields=("found_at",), name="case_found"),
            models.Index(fields=("taken_in_at",), name="case_taken_in"),
            models.Index(fields=("ended_at", "state"), name="case_ended"),
            models.Index(fields=("look_back_on",), name="case_look_back"),
            models.Index(fields=("review_on",), name="case_review"),
            # all a list is narrowed and sorted by, so that none reads the rows themselves
            models.Index(
                fields=(
                    "year",
                    "number",
                    "state",
                    "territory",
                    "lead",
                    "source",
                    "channel",
                    "problem",
                    "sector",
                    "severity",
                    "medium",
                    "outcome",
                    "found_at",
                    "taken_in_at",
                    "ended_at",
                    "title",
                ),
                name="case_list",
            ),
        ]
        constraints = (
            models.UniqueConstraint(fields=("year", "number"), name="case_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="case_number_from_one"),
            models.CheckConstraint(condition=~Q(title=""), name="case_has_a_title"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(TABLE.states)), name="case_state_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=SEVERITIES), name="case_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=sorted(TABLE.channels)), name="case_channel_known"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=sorted(TABLE.ended), ended_at__isnull=False)
                    & Q(outcome__in=sorted(TABLE.outcomes))
                )
                | (~Q(state__in=sorted(TABLE.ended)) & Q(outcome="", ended_at__isnull=True)),
                name="case_ended_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ASSIGNED)
                | Q(
                    responsibility__isnull=False,
                    lead__isnull=False,
                    dispatched_by__isnull=False,
                ),
                name="case_assigned_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="case_merged_into_one",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="case_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=Q(state="suspended", review_on__isnull=False)
                | (~Q(state="suspended") & Q(review_on__isnull=True)),
                name="case_suspended_until_a_review",
            ),
            models.CheckConstraint(
                condition=Q(look_back_on__isnull=True) | Q(state="closed"),
                name="case_look_back_after_closing",
            ),
            models.CheckConstraint(
                condition=Q(extension_until__isnull=True) | Q(state="rectifying"),
                name="case_extension_while_rectifying",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(
                    # a comparison with NULL is neither true nor false, and would pass
                    lon__isnull=False,
                    lat__isnull=False,
                    lon__range=(-180, 180),
                    lat__range=(-90, 90),
                ),
                name="case_on_the_earth",
            ),
            models.CheckConstraint(
                condition=Q(external_number="", external_due__isnull=True, own_due__isnull=True)
                | (
                    ~Q(external_number="")
                    & Q(external_due__isnull=False, own_due__isnull=False)
                    & Q(own_due__lte=F("external_due"))
                ),
                name="case_order_with_both_deadlines",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """Return its number as people write it, e.g. ``2026-0042``."""
        return f"{self.year}-{self.number:04}"


class Part(models.TextChoices):
    """As what a unit takes part in a case: each once, the first of these that it is."""

    LEAD = "lead"
    INDUSTRY = "industry"
    SUPPORTING = "supporting"
    SUBJECT = "subject"


class CaseParty(models.Model):
    """A unit that takes part in a case, by the responsibility frozen on it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    organisation: models.ForeignKey[Any, Any] = models.ForeignKey(
        "duties.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    part = models.CharField(max_length=12, choices=Part.choices)

    class Meta:
        ordering = ("case", "id")
        indexes: ClassVar[list[models.Index]] = [
            # both columns, so that all cases of a unit are found without reading the rows
            models.Index(fields=("organisation", "case"), name="party_cases"),
        ]
        constraints = (
            models.UniqueConstraint(fields=("case", "organisation"), name="party_once"),
            models.UniqueConstraint(
                fields=("case",), condition=Q(part="lead"), name="party_one_leads"
            ),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="party_part_known"),
        )

    def __str__(self) -> str:
        return f"{self.case}: {self.organisation}"
