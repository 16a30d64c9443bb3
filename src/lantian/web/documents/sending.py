"""Sending documents as files: one as PDF or DOCX, several as one PDF or as a ZIP."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.documents import word
from lantian.web.documents.kinds import kind_of
from lantian.web.documents.models import Document
from lantian.web.documents.paper import Paper
from lantian.web.evidence import folder
from lantian.web.evidence.models import File

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}
_NO_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a ZIP knows: the same files, the same bytes


def pdf(document: Document) -> bytes:
    """Return the PDF that was kept when a document was issued.

    Raises
    ------
    DomainError
        ``documents.lost``, ``evidence.lost``, ``evidence.changed``.
    """
    file = File.objects.filter(sha256=document.sha256).first()
    if file is None:
        raise DomainError(
            "documents.lost",
            _("The PDF of {number} is not kept here. Bring it back from a backup.").format(
                number=document.code
            ),
        )
    return folder.read(file)


def docx(document: Document) -> bytes:
    """Return a document as DOCX, from what it says and the template now in force."""
    template = word.template_of(settings.HOME, kind_of(document.kind))
    return word.rendered(Paper.from_record(document.paper), template)


def zipped(documents: Sequence[Document]) -> bytes:
    """Return the PDFs of documents as a ZIP, each under its number."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for one in documents:
            info = zipfile.ZipInfo(f"{name_of(one)}.pdf", _EPOCH)
            target.writestr(info, pdf(one), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def name_of(document: Document) -> str:
    """Return what the file of a document is called, without its ending."""
    plain = _NO_NAME.sub("-", f"{document.code} {document.case.code}").strip()
    return f"{plain} ({_('void')})" if document.voided_at is not None else plain


def sent(content: bytes, name: str, format_: str, *, inline: bool = False) -> HttpResponse:
    """Send a file; ``inline``: the browser shows it."""
    how = "inline" if inline else "attachment"
    return HttpResponse(
        content, content_type=TYPES[format_],
        headers={
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(f'{name}.{format_}')}",
            "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


def stamp() -> str:
    """Return the local moment for the name of a file."""
    return timezone.localtime().strftime("%Y%m%d-%H%M")
