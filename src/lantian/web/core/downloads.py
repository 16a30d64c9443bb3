"""A view's table and picture as files: ``?format=csv|xlsx|json|svg`` on the same address."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote

import polars as pl
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.export import export
from lantian.web.core.formats import with_query

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "svg": "image/svg+xml",
    "geojson": "application/geo+json",
    "pdf": "application/pdf",
}
PARAMETER = "format"


def wanted(request: HttpRequest, *known: str) -> str | None:
    """Return the format of file the request asks for; None: it asks for the page.

    Raises
    ------
    InvalidArgumentError
        ``web.bad_format``.
    """
    asked = request.GET.get(PARAMETER)
    if asked is None or asked in known:
        return asked
    raise InvalidArgumentError(
        "web.bad_format",
        _("“{format}” is not a format of this page; choose one of {known}.").format(
            format=asked, known=", ".join(known)
        ),
    )


def links(request: HttpRequest, *formats: str, **more: object) -> list[tuple[str, str]]:
    """Return address and label of the files of this view, for the macro ``downloads``."""
    labels = {
        "csv": "CSV",
        "xlsx": "Excel",
        "json": "JSON",
        "svg": "SVG",
        "geojson": "GeoJSON",
        "pdf": "PDF",
    }
    query = {k: request.GET.getlist(k) for k in request.GET if k not in (PARAMETER, "page", "wall")}
    return [(with_query(request.path, {**query, **more, PARAMETER: f}), labels[f]) for f in formats]


def table(frame: pl.DataFrame, name: str, format_: str) -> HttpResponse:
    """Return a frame as a file (times local, text that a spreadsheet might run disarmed)."""
    if format_ == "json":
        return blob(frame.write_json().encode(), name, "json")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{format_}"
        export(frame, path, zone=settings.HOME.zone)
        return blob(path.read_bytes(), name, format_)


def blob(content: bytes, name: str, format_: str) -> HttpResponse:
    """Return bytes as a file called ``name`` (without its suffix)."""
    file = f"{name}.{format_}"
    return HttpResponse(
        content,
        content_type=_TYPES[format_],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}"},
    )
