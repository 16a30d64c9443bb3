"""Territories: the tree of city, county, town, village and grid cell, with their boundaries."""

from __future__ import annotations

from django.db import models


class Level(models.TextChoices):
    """The levels of the tree, from the top; labels are translated where they are shown."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    GRID = "grid"


class Territory(models.Model):
    """A place somebody answers for.

    ``boundary`` is a GeoJSON Polygon or MultiPolygon in WGS84; ``datum`` is the one it was given
    in before it was converted. ``code`` follows GB/T 2260 and its town extension where one exists;
    one that starts with ``~`` was derived from the names of the place and what it belongs to.
    """

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=8, choices=Level.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    changed_at = models.DateTimeField(auto_now=True, db_index=True)
    datum = models.CharField(max_length=8, default="WGS84")
    boundary = models.JSONField(null=True, blank=True)

    class Meta:
        """Codes are in the order of places; a level is one of five."""

        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(level__in=Level.values), name="territory_level_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="territory_not_its_own_parent"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="territory_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name
