"""A document as a PDF, set by typst; the text travels as data, never as markup."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files

import segno
import typst

from lantian.reports.typeset import fonts
from lantian.web.documents.paper import Paper

_BORDER = 2  # modules of quiet around a QR code


def typeset(papers: Sequence[Paper], made: datetime, *, page: str) -> bytes:
    """Return documents as one PDF, each counting its own pages.

    Parameters
    ----------
    made
        The date the file carries, with a zone: the same documents give the same bytes.
    page
        What stands at the foot, e.g. ``Page {page} of {pages}``.
    """
    template = (files("lantian.web.documents") / "paper.typ").read_bytes()
    told = [{**paper.as_record(), "qr": drawn(paper.url)} for paper in papers]
    inputs = {"papers": json.dumps(told), "page": page}
    compiler = typst.Compiler(template, font_paths=fonts(), sys_inputs=inputs)
    result = compiler.compile(format="pdf", timestamp=int(made.timestamp()))
    if not isinstance(result, bytes):
        raise TypeError(f"typst returned {type(result).__name__} for a PDF")
    return result


def drawn(url: str) -> str:
    """Return a QR code as a drawing (SVG); one third of it may be lost."""
    out = io.BytesIO()
    segno.make(url, error="q", micro=False).save(
        out, kind="svg", border=_BORDER, xmldecl=False, scale=4
    )
    return out.getvalue().decode()


def picture(url: str) -> bytes:
    """Return a QR code as a picture (PNG), for files that take no drawing."""
    out = io.BytesIO()
    segno.make(url, error="q", micro=False).save(out, kind="png", border=_BORDER, scale=8)
    return out.getvalue()
