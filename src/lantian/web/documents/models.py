"""The register of documents, and the last number of each kind in a year."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lantian.web.documents.kinds import kind_of, kinds


class Numbering(models.Model):
    """The last number given to a kind of document in a year, so that numbers have no gaps."""

    kind = models.CharField(max_length=32)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "year"), name="numbering_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class Document(models.Model):
    """A document that was issued. Rows are written by :mod:`lantian.web.documents.actions` only.

    ``code`` is the number as printed. ``paper`` is the whole document as data, ``sha256`` the PDF
    kept among the evidence; neither changes (:mod:`lantian.web.documents.guard`). ``key`` is of
    the form it was sent with: the same form issues once. ``climb`` is the rung it carries out,
    ``answers`` the document it replies to. ``unit`` is whom it is sent to, or who replies.
    A void one keeps its number.
    """

    kind = models.CharField(max_length=32)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=80)
    key = models.CharField(max_length=64, unique=True)
    case: models.ForeignKey[Any, Any] = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="documents"
    )
    climb: models.ForeignKey[Any, Any] = models.ForeignKey(
        "cases.Climb", null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    answers = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies"
    )
    unit = models.CharField(max_length=200, blank=True)
    paper = models.JSONField()
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    post = models.BigIntegerField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by: models.ForeignKey[Any, Any] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    void_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-year", "kind", "-number")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("issued_at",), name="document_issued"),
        ]
        constraints = (
            models.UniqueConstraint(fields=("kind", "year", "number"), name="document_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="document_from_one"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(kinds())), name="document_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | (
                    Q(voided_at__isnull=False, voided_by__isnull=False)
                    & Q(voided_at__gte=F("issued_at"))
                    & ~Q(void_reason="")
                ),
                name="document_void_with_a_reason",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def short(self) -> str:
        """Return what its kind is called, in the language in force."""
        return kind_of(self.kind).short
