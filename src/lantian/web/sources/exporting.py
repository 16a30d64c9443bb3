"""Sources as files that `reading.read` takes back: the same file in changes nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lantian.i18n import gettext as _
from lantian.observations.spreadsheet import safe_text
from lantian.web.duties.sectors import SECTORS
from lantian.web.sources.kinds import GRADES, KINDS, Attribute, Kind
from lantian.web.sources.models import Source
from lantian.web.sources.words import ATTRIBUTE, HEADERS, MEASURE, header, status_word

_PLAIN = ("number", "name", "address", "credit_code", "permit_number", "working_hours",
          "approval_number")  # fmt: skip

PERMITS = ("credit_code", "permit_number", "grade")


def fields_of(kind: Kind, *, people: bool) -> list[str]:
    """Return the columns of a kind, in order.

    Parameters
    ----------
    people
        Whether contacts are among them.
    """
    left_out = {"stacks"} if not kind.stacks else set()
    left_out |= set() if kind.permits else set(PERMITS)
    left_out |= set() if people else {"contacts"}
    left_out |= set() if kind.measures else {"approval_number", "approved_on"}
    plain = [f for f in HEADERS if f not in left_out]
    attributes = [f"{ATTRIBUTE}{a.code}" for a in kind.attributes]
    return [*plain, *attributes, *(f"{MEASURE}{w.code}" for w in kind.measures)]


def xlsx(sources: Iterable[Source], *, people: bool) -> bytes:
    """Return sources as a workbook with a sheet for each kind; of none, an empty form of all."""
    import xlsxwriter

    by_kind: dict[str, list[Source]] = {}
    for source in sources:
        by_kind.setdefault(source.kind, []).append(source)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    bold = book.add_format({"bold": True})
    for code, kind in KINDS.items():
        if by_kind and code not in by_kind:
            continue
        sheet = book.add_worksheet(kind.title)
        fields = fields_of(kind, people=people)
        for column, field in enumerate(fields):
            sheet.write_string(0, column, header(field, kind), bold)
        for line, source in enumerate(by_kind.get(code, ()), start=1):
            values = _values(source, kind)
            for column, field in enumerate(fields):
                value = values.get(field, "")
                if isinstance(value, int | float):
                    sheet.write_number(line, column, value)
                elif value:
                    sheet.write_string(line, column, safe_text(value))
        sheet.freeze_panes(1, 3)
        sheet.autofit()
    book.close()
    return out.getvalue()


def geojson(sources: Iterable[Source], *, people: bool) -> bytes:
    """Return sources as a feature collection in WGS84: the extent, else the position."""
    features = [feature(s, people=people) for s in sources]
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False).encode()


def feature(source: Source, *, people: bool) -> dict[str, Any]:
    """Return a source as a GeoJSON feature; words as codes, numbers as numbers."""
    kind = KINDS[source.kind]
    point = None if source.lon is None else {
        "type": "Point", "coordinates": [source.lon, source.lat]
    }  # fmt: skip
    values = _values(source, kind)
    properties = {f: values.get(f, "") for f in fields_of(kind, people=people)}
    coded = {
        "kind": source.kind, "status": source.status, "sector": source.sector,
        "grade": source.grade, "territory_name": source.territory.name,
    }  # fmt: skip
    attributes = {f"{ATTRIBUTE}{c}": v for c, v in source.attributes.items()}
    made = {**properties, **attributes, **coded}
    return {
        "type": "Feature",
        "id": source.number,
        "geometry": source.boundary or point,
        "properties": {k: None if v == "" else v for k, v in made.items()},
    }


def title() -> str:
    """Return what such a file is called."""
    return _("pollution sources")


def shown(attribute: Attribute, value: Any) -> str:  # noqa: ANN401 - by its type
    """Return the value of an attribute in words, without its unit."""
    if value is None:
        return ""
    if attribute.type == "yes_no":
        return _("yes") if value else _("no")
    names = {w.code: w.title for w in attribute.choices}
    if attribute.type == "choice":
        return names.get(value, value)
    if attribute.type == "choices":
        return _(", ").join(names.get(v, v) for v in value)
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def stacks_text(stacks: Sequence[Mapping[str, Any]]) -> str:
    """Return stacks as `values.stacks` reads them."""
    return "; ".join(f"{s['name']}/{s['height']:.10g}/{s['diameter']:.10g}" for s in stacks)


def contacts_text(contacts: Sequence[Mapping[str, str]]) -> str:
    """Return contacts as `values.contacts` reads them."""
    return "; ".join(f"{c['name']}/{c['duty']}/{c['phone']}" for c in contacts)


def _values(source: Source, kind: Kind) -> dict[str, str | float | int]:
    found: dict[str, str | float | int] = {f: getattr(source, f) for f in _PLAIN}
    found |= {
        "kind": kind.title,
        "status": status_word(source.status),
        "territory": source.territory.code,
        "organisation": source.organisation.name if source.organisation else "",
        "sector": SECTORS[source.sector].title,
        "grade": GRADES[source.grade].title if source.grade else "",
        "stacks": stacks_text(source.stacks),
        "contacts": contacts_text(source.contacts),
        "approved_on": source.approved_on.isoformat() if source.approved_on else "",
    }
    if source.lon is not None and source.lat is not None:
        found |= {"lon": source.lon, "lat": source.lat, "datum": "WGS84"}
    elif source.boundary:
        found["datum"] = "WGS84"
    for attribute in kind.attributes:
        value = source.attributes.get(attribute.code)
        if value is not None:
            found[f"{ATTRIBUTE}{attribute.code}"] = _cell(attribute, value)
    for code, done in source.measures.items():
        found[f"{MEASURE}{code}"] = done or ""
    return found


def _cell(attribute: Attribute, value: Any) -> str | float | int:  # noqa: ANN401 - by its type
    if attribute.type in ("number", "integer"):
        number: float | int = value
        return number
    if attribute.type == "choices":
        names = {w.code: w.title for w in attribute.choices}
        return "; ".join(names.get(v, v) for v in value)
    return shown(attribute, value)
