"""What may happen to documents: issued with the next number, and void. The only writer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import Language, speaking
from lantian.i18n import gettext as _
from lantian.web.accounts.roles import ROLES
from lantian.web.audit.chain import record
from lantian.web.cases.actions.acting import day_of, locked
from lantian.web.cases.doers import Doer, posts_of, within
from lantian.web.cases.models import Case
from lantian.web.documents import content, office
from lantian.web.documents.content import Draft
from lantian.web.documents.kinds import Ask, Kind
from lantian.web.documents.models import Document, Numbering
from lantian.web.documents.office import Office
from lantian.web.documents.paper import Paper
from lantian.web.documents.permits import ISSUE, bases, may, not_yet, refused
from lantian.web.documents.setting import typeset
from lantian.web.evidence.actions import store

LONGEST = {"line": 200, "text": 12_000, "moment": 32}  # signs of what is typed
_REASON = 1000  # signs of why a document is void


def of_home() -> Office:
    """Return what the office set of its documents."""
    language = cast(Language, settings.WEB.language)
    return office.load(settings.HOME, language)


def issue(
    kind: Kind, case: Case, doer: Doer, texts: Mapping[str, str], *, key: str, url: str,
    now: datetime,
) -> Document:  # fmt: skip
    """Issue a document: number, data and PDF come to be in one transaction, or nothing does.

    Parameters
    ----------
    key
        Of the form it comes from: sent twice, it issues once.
    url
        Of the page of the case, for the QR code.

    Raises
    ------
    DomainError
        ``documents.not_yet``, ``documents.not_yours``, ``cases.post_not_held``.
    InvalidArgumentError
        ``documents.missing``, ``documents.too_long``, ``documents.bad_moment``.
    """
    with transaction.atomic():
        # rows are locked before the end of the log is: case, numbering, then what is recorded
        held = locked(case.pk)
        again = Document.objects.filter(key=key).first()
        if again is not None:
            return again
        draft = drafted(kind, held, doer, texts, url=url, now=now)
        by = of_home()
        year = timezone.localtime(now).year
        number = _next(kind, year)
        code = by.number(kind, year, number)
        paper = content.paper_of(draft, by, code, timezone.localdate(now), simulated(by))
        pdf = set_pdf(paper, now)
        answered = _answered(kind, held)
        made = Document.objects.create(
            kind=kind.code, year=year, number=number, code=code, key=key, case=held,
            climb=draft.basis.climb, answers=answered, issued_at=now, issued_by=doer.user,
            unit=(draft.unit if kind.by == "unit" else content.addressee_of(draft, by))[:200],
            post=doer.post.pk, paper=paper.as_record(), sha256=hashlib.sha256(pdf).hexdigest(),
        )  # fmt: skip
        store(SimpleUploadedFile(f"{code}.pdf", pdf), doer.user, now, via=doer.actor)
        about = {"number": code, "kind": kind.code, "case": held.code, "sha256": made.sha256}
        record("documents.issued", made, about, actor=doer.actor)
    return made


def drafted(
    kind: Kind, case: Case, doer: Doer, texts: Mapping[str, str], *, url: str, now: datetime
) -> Draft:
    """Return all a document would be made of, after a look that it may be issued.

    Raises
    ------
    DomainError, InvalidArgumentError
        As :func:`issue`.
    """
    posts_of(doer, day_of(now))
    basis = bases(case).of(kind)
    if basis is None:
        raise not_yet(kind, case)
    if not may(kind, basis, case, doer):
        raise refused(kind, case)
    given = {a.code: _given(a, texts.get(a.code, "")) for a in kind.asks}
    unit = doer.post.organisation
    answered = _answered(kind, case)
    return Draft(
        kind=kind, case=case, basis=basis, texts=given, unit="" if unit is None else unit.name,
        answers="" if answered is None else answered.code, url=url,
    )  # fmt: skip


def preview(draft: Draft, now: datetime) -> bytes:
    """Return the PDF of a document that is not issued; it says so, and has no number."""
    by = of_home()
    with speaking(by.language):
        mark = _("Preview: not issued, no number given")
    return set_pdf(content.paper_of(draft, by, "", timezone.localdate(now), mark), now)


def void(document: Document, doer: Doer, *, reason: str, now: datetime) -> Document:
    """Declare a document void; its number stays taken.

    Raises
    ------
    DomainError
        ``documents.void_already``, ``documents.not_yours_to_void``, ``cases.post_not_held``.
    InvalidArgumentError
        ``documents.no_reason``.
    """
    why = reason.strip()[:_REASON]
    if not why:
        raise InvalidArgumentError("documents.no_reason", _("Say why the document is void."))
    with transaction.atomic():
        case = locked(document.case_id)
        row = Document.objects.get(pk=document.pk)
        posts_of(doer, day_of(now))
        if not may_void(row, case, doer):
            raise DomainError(
                "documents.not_yours_to_void",
                _("{number} is declared void by who issued it, or by the office.").format(
                    number=row.code
                ),
            )
        if row.voided_at is not None:
            raise DomainError(
                "documents.void_already", _("{number} is void already.").format(number=row.code)
            )
        row.voided_at, row.voided_by, row.void_reason = now, doer.user, why
        row.save(update_fields=["voided_at", "voided_by", "void_reason"])
        about = {"number": row.code, "reason": why}
        record("documents.voided", row, about, actor=doer.actor)
    return row


def may_void(document: Document, case: Case, doer: Doer) -> bool:
    """Say whether somebody, in one of their posts, may declare a document void."""
    own = document.issued_by_id == doer.user.pk
    office_ = ISSUE in ROLES[doer.post.role].may and within(doer.post.territory, case.territory)
    return own or office_


def set_pdf(paper: Paper, made: datetime) -> bytes:
    """Return a document as PDF."""
    return set_several([paper], made)


def set_several(papers: list[Paper], made: datetime) -> bytes:
    """Return documents as one PDF, in the language of the first."""
    language: Language = "en" if papers[0].language == "en" else "zh"
    with speaking(language):
        foot = _("Page {page} of {pages}")
    return typeset(papers, made, page=foot)


def simulated(by: Office) -> str:
    """Return what a document of a simulated home says at its head; empty: the home is none."""
    with speaking(by.language):
        return _("Simulated data: no real document") if settings.HOME.settings.simulated else ""


def _next(kind: Kind, year: int) -> int:
    """Return the next number of a kind; whoever else wants one waits until this is settled."""
    Numbering.objects.get_or_create(kind=kind.code, year=year)
    row = Numbering.objects.select_for_update().get(kind=kind.code, year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def _answered(kind: Kind, case: Case) -> Document | None:
    """Return the newest order of a case that has no reply yet, for a reply."""
    if kind.by != "unit":
        return None
    orders = Document.objects.filter(
        case=case, kind__in=("supervision_order", "assignment_order"), voided_at=None
    )
    return orders.exclude(replies__voided_at=None, replies__isnull=False).order_by("-pk").first()


def _given(ask: Ask, text: str) -> str:
    """Return what was typed, after a look at it."""
    typed = text.strip()
    if not typed and ask.required:
        raise InvalidArgumentError(
            "documents.missing", _("Fill in “{what}”.").format(what=ask.title)
        )
    if len(typed) > LONGEST[ask.kind]:
        raise InvalidArgumentError(
            "documents.too_long",
            _("“{what}” has {n} signs; at most {most}.").format(
                what=ask.title, n=len(typed), most=LONGEST[ask.kind]
            ),
        )
    if ask.kind == "moment" and typed:
        try:
            datetime.fromisoformat(typed)
        except ValueError as error:
            raise InvalidArgumentError(
                "documents.bad_moment",
                _("“{what}” must be a day and an hour, as 2026-11-24 09:00.").format(
                    what=ask.title
                ),
            ) from error
    return typed
