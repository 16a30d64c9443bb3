"""Territories as files that `reading.read` takes back."""

from __future__ import annotations

import io
import json

from lantian.i18n import gettext as _
from lantian.observations.spreadsheet import safe_text
from lantian.web.places.models import Territory


def geojson() -> bytes:
    """Return all territories as a feature collection in WGS84."""
    features = [
        {
            "type": "Feature",
            "id": t.code,
            "geometry": t.boundary,
            "properties": {
                "code": t.code,
                "name": t.name,
                "level": t.level,
                "parent": t.parent.code if t.parent is not None else None,
                "datum": "WGS84",
            },
        }
        for t in _all()
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False).encode()


def xlsx() -> bytes:
    """Return all territories as a workbook, without boundaries."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    import xlsxwriter

    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet("territories")
    for column, title in enumerate(("code", "name", "level", "parent")):
        sheet.write_string(0, column, title, book.add_format({"bold": True}))
    for line, t in enumerate(_all(), start=1):
        cells = (t.code, t.name, t.level, t.parent.code if t.parent is not None else "")
        for column, value in enumerate(cells):
            sheet.write_string(line, column, safe_text(value))
    sheet.freeze_panes(1, 0)
    sheet.autofit()
    book.close()
    return out.getvalue()


def title() -> str:
    """Return what such a file is called."""
    return _("territories")


def _all() -> list[Territory]:
    return list(Territory.objects.select_related("parent").order_by("code"))
