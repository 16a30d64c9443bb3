"""The files of evidence that are kept."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Length
from django.db.models.lookups import Exact

KINDS = ("jpeg", "png", "webp", "pdf")
PICTURES = ("jpeg", "png", "webp")


def _hexadecimal(field: str) -> Q:
    """Return the condition that a text has no other characters than hexadecimal digits."""
    left = Func(
        F(field), Value("0123456789abcdef"), function="LTRIM", output_field=models.CharField()
    )
    return Q(Exact(left, Value("")))


class File(models.Model):
    """A file as it came, once however often it is used; neither it nor its row is ever changed.

    ``sha256`` names it in the folder; ``size`` [bytes]; ``width`` and ``height`` [px] of a picture
    as it is stored, empty of a document. ``uploaded_by`` is empty where nobody was signed in.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("at",), name="file_at")]
        constraints = (
            models.CheckConstraint(condition=Q(Exact(Length("sha256"), 64)), name="file_named"),
            models.CheckConstraint(condition=_hexadecimal("sha256"), name="file_name_hexadecimal"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="file_kind_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="file_not_empty"),
            models.CheckConstraint(
                condition=Q(kind="pdf", width__isnull=True, height__isnull=True)
                # a comparison with NULL is neither true nor false, and would pass
                | Q(~Q(kind="pdf"), width__isnull=False, height__isnull=False)
                & Q(width__gt=0, height__gt=0),
                name="file_picture_has_a_size",
            ),
        )

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def is_picture(self) -> bool:
        """Say whether it can be shown as a picture."""
        return self.kind in PICTURES


class Print(models.Model):
    """What a picture looks like: the hashes of :mod:`lantian.web.evidence.likeness`, 64 bytes.

    ``plain``: there is nothing in it to know it by, so it is like no other. ``settled``: it was
    compared once more after those who sent pictures in the same moment were done.
    """

    file = models.OneToOneField(
        File, on_delete=models.PROTECT, primary_key=True, related_name="print"
    )
    bits = models.BinaryField(max_length=64)
    plain = models.BooleanField(default=False)
    settled = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("file",), name="print_open", condition=Q(settled=False))
        ]

    def __str__(self) -> str:
        return str(self.file)


class Likeness(models.Model):
    """Two files that are one photograph; ``unlikeness`` is what was left between them."""

    first = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    unlikeness = models.FloatField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="likeness_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="likeness_in_order"),
        )

    def __str__(self) -> str:
        return f"{self.first} = {self.second}"


class Claim(models.Model):
    """What a file says of itself, and nobody vouches for: the camera's clock, place and name.

    ``taken_at`` is in the zone the file names, else in the home's; ``lon``, ``lat`` [° WGS84].
    """

    file = models.OneToOneField(
        File, on_delete=models.PROTECT, primary_key=True, related_name="claim"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    camera = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return str(self.file)


class Arrival(models.Model):
    """A file as it was sent, each time: what the server saw, and what the device said then.

    ``at`` is the server's clock, ``device_at`` the browser's when the form was sent; ``lon``,
    ``lat`` [° WGS84] and ``accuracy`` [m] where the device was, if the person let it say so.
    """

    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="arrivals")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    accuracy = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("file", "at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True, accuracy__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90, accuracy__gte=0),
                name="arrival_whole_position",
            ),
        )

    def __str__(self) -> str:
        return f"{self.file} {self.at:%Y-%m-%d %H:%M}"


class Use(models.Model):
    """A file that came with an event or comment of a case: who has the file finds its cases."""

    case: models.ForeignKey = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="+"
    )
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("digest", "at"), name="use_digest")
        ]
        constraints = (
            models.UniqueConstraint(fields=("case", "digest", "kind", "at"), name="use_once"),
        )

    def __str__(self) -> str:
        return f"{self.case}: {self.digest[:12]}"
