"""What is read of documents: those of a case, the register, and orders still to go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse

from lantian.i18n import gettext as _
from lantian.web.accounts.access import access
from lantian.web.cases.doing.doer import posts
from lantian.web.cases.models import Case
from lantian.web.cases.reach import reach
from lantian.web.documents.kinds import Kind, kinds
from lantian.web.documents.models import Document
from lantian.web.documents.permits import bases, chosen

_ORDER = "assignment_order"
# States in which an order to put something right still tells somebody something.
_TO_BE_ORDERED = ("dispatched", "rectifying")


@dataclass(frozen=True)
class OfCase:
    """What the page of a case shows: its documents, and those the person may issue now."""

    documents: Sequence[Document]
    open: Sequence[tuple[Kind, str]]


def of_case(request: HttpRequest, case: Case) -> OfCase | None:
    """Return the documents of a case; None: the person sees no documents."""
    if "documents.see" not in access(request):
        return None
    rows = Document.objects.filter(case=case).defer("paper").order_by("issued_at", "pk")
    found, held, may = bases(case), posts(request), []
    for kind in kinds().values():
        basis = found.of(kind)
        if basis is not None and chosen(kind, basis, case, held) is not None:
            may.append((kind, reverse("documents:write", args=[case.code, kind.code])))
    return OfCase(list(rows), may)


def seen(request: HttpRequest) -> QuerySet[Document]:
    """Return the documents of the cases a person sees."""
    rows = Document.objects.select_related("case", "issued_by", "voided_by").defer("paper")
    mine = reach(request)
    if mine.condition is None:
        return rows
    return rows.filter(case__in=mine.cases().order_by().values("pk"))


def one(request: HttpRequest, pk: int) -> Document:
    """Return a document with all it says.

    Raises
    ------
    Http404
        There is none, or the person does not see its case.
    """
    found = seen(request).defer(None).select_related("answers").filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such document, or it is not yours."))
    return found


def to_be_ordered(request: HttpRequest) -> QuerySet[Case]:
    """Return the cases a person sees that are dispatched, and no assignment order is out yet."""
    out = Document.objects.filter(case=OuterRef("pk"), kind=_ORDER, voided_at=None)
    rows = reach(request).cases().filter(~Exists(out), state__in=_TO_BE_ORDERED)
    return rows.order_by("year", "number")


def years() -> list[int]:
    """Return the years in which documents were issued, the last first."""
    return sorted(Document.objects.order_by().values_list("year", flat=True).distinct())[::-1]
