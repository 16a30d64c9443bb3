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
