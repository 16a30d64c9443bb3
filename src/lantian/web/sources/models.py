"""A pollution source as the register keeps it, and every change of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from lantian.web.sources.kinds import GRADES, KINDS


class Status(models.TextChoices):
    """How a source stands; labels are translated where they are shown."""

    PLANNED = "planned"
    OPERATING = "operating"
    STOPPED = "stopped"
    CLOSED = "closed"


class Source(models.Model):
    """Something that may foul the air. It is never deleted but closed.

    ``lon`` and ``lat`` [° WGS84] is where it is; ``boundary`` is a GeoJSON geometry of its extent
    (line of a road, polygon of a site), ``datum`` the one both were given in. ``attributes`` are
    those of its kind (``kinds.toml``), ``stacks`` a list of ``{name, height, diameter}`` [m],
    ``contacts`` of ``{name, duty, phone}``, ``measures`` the day each measure required before
    ground is broken was in place, by code (null: not yet).
    """

    number = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    territory = models.ForeignKey(
        "places.Territory", on_delete=models.PROTECT, related_name="sources"
    )
    organisation: models.ForeignKey[Any, Any] = models.ForeignKey(
        "duties.Organisation", null=True, blank=True, on_delete=models.PROTECT,
        related_name="sources",
    )  # fmt: skip
    sector = models.CharField(max_length=16)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPERATING)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    datum = models.CharField(max_length=8, default="WGS84")
    boundary = models.JSONField(null=True, blank=True)
    address = models.CharField(max_length=120, blank=True)
    credit_code = models.CharField(max_length=18, blank=True)
    permit_number = models.CharField(max_length=40, blank=True)
    grade = models.CharField(max_length=12, blank=True)
    working_hours = models.CharField(max_length=120, blank=True)
    attributes = models.JSONField(default=dict)
    stacks = models.JSONField(default=list)
    contacts = models.JSONField(default=list)
    approval_number = models.CharField(max_length=40, blank=True)
    approved_on = models.DateField(null=True, blank=True)
    measures = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        """Numbers are in the order of entering."""

        ordering = ("number",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("kind", "number"), name="source_kind"),
            models.Index(fields=("territory", "number"), name="source_territory"),
            models.Index(fields=("status", "number"), name="source_status"),
        ]
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=sorted(KINDS)), name="source_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="source_status_known"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="source_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(grade="") | models.Q(grade__in=sorted(GRADES)),
                name="source_grade_known",
            ),
            models.CheckConstraint(
                condition=models.Q(lon__isnull=True, lat__isnull=True)
                | models.Q(
                    lon__isnull=False,
                    lat__isnull=False,
                    lon__range=(-180, 180),
                    lat__range=(-90, 90),
                ),
                name="source_on_the_earth",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """One change of a source: who, when, and each field before and after."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=200, blank=True)
    fields = models.JSONField(default=dict)

    class Meta:
        """Newest first."""

        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.source}: {self.kind}"
