"""The report as a page, a PDF or a file."""

from __future__ import annotations

import os
from pathlib import Path

from lantian.errors import DomainError, reason_of
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically
from lantian.reports.build import build
from lantian.reports.data import ReportData
from lantian.reports.typeset import typeset
from lantian.reports.web import page


def html(data: ReportData) -> str:
    """Return the report as one HTML page that needs no other file, script or connection.

    The language is the one in force (:func:`lantian.i18n.activate`).
    """
    return page(build(data))


def pdf(data: ReportData) -> bytes:
    """Return the report as a PDF on A4, in the language in force; the same bytes each time."""
    return typeset(build(data), data.generated)


def write(data: ReportData, path: str | os.PathLike[str]) -> Path:
    """Write the report; ``.html`` or ``.pdf`` says as what. The file appears whole or not at all.

    Raises
    ------
    DomainError
        ``report.unknown_format``: another suffix; ``report.cannot_write``: no such folder, or the
        disk refuses.
    """
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in (".html", ".htm", ".pdf"):
        raise DomainError(
            "report.unknown_format",
            _("A report is written as .html or .pdf, not as '{name}'.").format(name=target.name),
            {"path": str(target)},
        )
    content = pdf(data) if kind == ".pdf" else html(data).encode()
    try:
        write_atomically(target, content)
    except OSError as error:
        raise DomainError(
            "report.cannot_write",
            _("The report cannot be written to '{path}': {reason}.").format(
                path=target, reason=reason_of(error)
            ),
            {"path": str(target)},
        ) from error
    return target
