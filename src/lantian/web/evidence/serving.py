"""Sending a file of evidence so that it can do no harm, whatever it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from lantian.web.evidence import folder
from lantian.web.evidence.models import File

_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": "application/pdf"}
_SUFFIXES = {"jpeg": "jpg", "png": "png", "webp": "webp", "pdf": "pdf"}

_READ = {"": folder.read, "thumb": folder.read_small, "copy": folder.read_copy}
SIZES = tuple(_READ)


def answer(request: HttpRequest, file: File, name: str, *, size: str = "") -> HttpResponse:
    """Send a file, its small picture, or its bare copy; nothing where the browser has it already.

    Parameters
    ----------
    name
        What it is called when it is saved, without its ending; ASCII.
    size
        One of ``SIZES``; empty: the file as it came.

    Raises
    ------
    DomainError
        ``evidence.lost``, ``evidence.changed``.
    """
    tag = f'"{file.sha256}{f"-{size}" if size else ""}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    kind = "jpeg" if size else file.kind
    data = _READ[size](file)
    # a document is saved, not opened within our pages
    how = "inline" if file.is_picture else "attachment"
    return HttpResponse(
        data,
        content_type=_TYPES[kind],
        headers={
            "Content-Disposition": f'{how}; filename="{name}.{_SUFFIXES[kind]}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            # who may see it is asked each time; the bytes need not travel again
            "Cache-Control": "private, no-cache",
            "ETag": tag,
        },
    )
