"""Organisations, and the rules that say which of them answers for what."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from lantian.web.duties.sectors import SECTORS
from lantian.web.duties.shifts import SHIFTS

_SECTOR_KNOWN = models.Q(sector__in=["", *sorted(SECTORS)])


class Kind(models.TextChoices):
    """Kinds of organisations; labels are translated where they are shown."""

    OFFICE = "office"
    DEPARTMENT = "department"
    TOWN = "town"
    ENTERPRISE = "enterprise"
    SUPERVISION = "supervision"
    OTHER = "other"


class GridRole(models.TextChoices):
    """Roles whose post for a place can be the duty on the ground."""

    NONE = ""
    GRID_MEMBER = "grid_member"
    STATIONED_SUPERVISOR = "stationed_supervisor"
    TOWN_OFFICER = "town_officer"


class Organisation(models.Model):
    """A unit that can answer for something: an office, a town, an enterprise and so on.

    ``code`` (``O-001``) never changes and is never given twice. ``territory`` is where it is at
    home, ``sector`` what it manages or is part of; both may be open. It is never deleted: it ends.
    """

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    territory = models.ForeignKey(
        "places.Territory", null=True, blank=True, on_delete=models.PROTECT,
        related_name="organisations",
    )  # fmt: skip
    sector = models.CharField(max_length=16, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    credit_code = models.CharField(max_length=18, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(name=""), name="organisation_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="organisation_kind_known"
            ),
            models.CheckConstraint(condition=_SECTOR_KNOWN, name="organisation_sector_known"),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="organisation_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="organisation_not_reversed",
            ),
            models.UniqueConstraint(
                fields=("name",), condition=models.Q(valid_to__isnull=True),
                name="organisation_name_once",
            ),
            models.UniqueConstraint(
                fields=("credit_code",),
                condition=models.Q(valid_to__isnull=True) & ~models.Q(credit_code=""),
                name="organisation_credit_code_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """One version of a rule of the matrix: for what it holds, and who answers.

    An open condition (null or empty) holds for any. A territory includes everything below it. A
    version is never edited: it ends, and another follows it under the same number. ``ended_on`` is
    the first day on which it does not hold any more, so that one replaced on the day it was made
    never held.

    Who helps stands in :class:`Supporting`.

    ``leader_of`` is the unit whose post of the role *leader* is in charge, for the sector;
    ``grid`` the role whose post for the place is the duty on the ground. Both name posts rather
    than people: who holds them is found when a case is dispatched.
    """

    number = models.CharField(max_length=16)
    version = models.PositiveIntegerField()
    territory = models.ForeignKey(
        "places.Territory", null=True, blank=True, on_delete=models.PROTECT, related_name="rules"
    )
    sector = models.CharField(max_length=16, blank=True)
    source_kind = models.CharField(max_length=32, blank=True)
    problem_type = models.CharField(max_length=64, blank=True)
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="leads")
    industry = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="manages"
    )
    leader_of = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="leaders_of"
    )
    grid = models.CharField(max_length=24, blank=True, choices=GridRole.choices)
    reason = models.CharField(max_length=400)
    valid_from = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("number", "version")
        constraints = (
            models.UniqueConstraint(fields=("number", "version"), name="rule_version_once"),
            models.UniqueConstraint(
                fields=("number",), condition=models.Q(ended_on__isnull=True),
                name="rule_one_open_version",
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="rule_version_from_1"),
            models.CheckConstraint(condition=_SECTOR_KNOWN, name="rule_sector_known"),
            models.CheckConstraint(
                condition=models.Q(grid__in=GridRole.values), name="rule_grid_known"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="rule_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True)
                | models.Q(ended_on__gte=models.F("valid_from")),
                name="rule_not_reversed",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number}-v{self.version}"


class Supporting(models.Model):
    """A unit that helps under a rule, in the order in which the rule names it."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="helpers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="helps")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("rule", "place")
        constraints = (
            models.UniqueConstraint(fields=("rule", "organisation"), name="supporting_once"),
        )

    def __str__(self) -> str:
        return f"{self.rule}: {self.organisation}"


class Shift(models.Model):
    """Somebody is on duty: one shift of the rota. ``day`` is the local day on which it begins."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts"
    )
    kind = models.CharField(max_length=16)
    day = models.DateField()
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("starts", "kind", "id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("ends", "starts"), name="shift_time")
        ]
        constraints = (
            models.UniqueConstraint(fields=("user", "kind", "day"), name="shift_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=sorted(SHIFTS)), name="shift_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="shift_not_reversed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.user}"
