"""Files of sources: workbooks and CSV with a row each, GeoJSON with a feature each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.readers import text
from lantian.observations.readers.table_cells import Sheet, load_sheets
from lantian.observations.readers.table_header import key
from lantian.observations.spreadsheet import plain_text
from lantian.web.sources.kinds import KINDS, Kind
from lantian.web.sources.words import COLUMNS, columns_of, find_kind

LIMIT = 20_000  # rows of a file
_GEOJSON = (".geojson", ".json")
_SEARCHED = 10
_FOR_READERS = "territory_name"  # of what is exported: a name beside its code


@dataclass(frozen=True)
class Given:
    """A source as a file gives it.

    Parameters
    ----------
    place
        File, and sheet in it.
    line
        Row of the sheet, or number of the feature.
    kind
        None: neither the row nor the sheet names one, or ``kind_said`` is none.
    cells
        Texts by field; empty: the file empties the field.
    headers
        What the file calls each field.
    """

    place: str
    line: int
    kind: Kind | None
    kind_said: str
    cells: Mapping[str, str]
    headers: Mapping[str, str]

    def problem(self, field: str, code: str, message: str, value: str | None = None) -> Problem:
        """Return something wrong with one of its cells."""
        column = self.headers.get(field, field)
        return Problem(self.place, message, code, self.line, column, value)


def read(path: Path) -> tuple[list[Given], list[Problem]]:
    """Return the sources of a file, and the columns it holds that are not known.

    Raises
    ------
    BadInputError
        ``sources.not_geojson``, ``sources.no_header``, ``sources.too_many_rows``, ``read.empty``
        and the like.
    """
    found = _features(path) if path.suffix.lower() in _GEOJSON else _rows(path)
    if len(found[0]) > LIMIT:
        message = _("{file} has {n} rows; take in at most {most} at a time.").format(
            file=name_of(path), n=len(found[0]), most=LIMIT
        )
        raise BadInputError("sources.too_many_rows", message)
    return found


def _rows(path: Path) -> tuple[list[Given], list[Problem]]:
    found: list[Given] = []
    problems: list[Problem] = []
    seen: list[str] = []
    for sheet in load_sheets(path):
        head = _head(sheet)
        if head is None:
            seen += [c for c in sheet.cells.row(0) if c]
            continue
        found += _sheet(sheet, head, problems)
    if not found:
        message = _(
            "{file} has no row of sources below a row of headers with the name (名称) and the kind "
            "(类型), or with the kind as name of the sheet. Headers seen: {seen}."
        ).format(file=name_of(path), seen=", ".join(seen[:20]) or _("none"))
        code = "sources.no_header"
        raise BadInputError(code, message, [Problem(name_of(path), message, code)])
    return found, problems


def _head(sheet: Sheet) -> int | None:
    for index, cells in enumerate(sheet.cells.head(_SEARCHED).rows()):
        if "name" in {COLUMNS.get(key(c)) for c in cells if c}:
            return index
    return None


def _sheet(sheet: Sheet, head: int, problems: list[Problem]) -> list[Given]:
    headers = list(sheet.cells.row(head))
    by_sheet = find_kind(sheet.name) if sheet.name else None
    kind_at = next((i for i, h in enumerate(headers) if h and COLUMNS.get(key(h)) == "kind"), None)
    body = zip(
        sheet.cells.slice(head + 1).rows(), sheet.lines.slice(head + 1).to_list(), strict=True
    )
    found = []
    columns: dict[str, dict[int, str]] = {}
    for row, line in body:
        if not any(row):
            continue
        said = plain_text(row[kind_at] or "").strip() if kind_at is not None else ""
        kind = find_kind(said) if said else by_sheet
        known = columns.setdefault(kind.code if kind else "", _columns(headers, kind))
        cells = {f: plain_text((row[i] or "").strip()) for i, f in known.items()}
        named = {f: headers[i] or f for i, f in known.items()}
        found.append(Given(sheet.place, line, kind, said, cells, named))
        for i in set(range(len(headers))) - set(known):
            if row[i] and headers[i] and not _of_another_kind(headers[i] or "", kind):
                problems.append(
                    Problem(
                        sheet.place,
                        _("There is no field “{header}” of such a source.").format(
                            header=headers[i]
                        ),
                        "sources.unknown_column", line, headers[i], row[i],
                    )
                )  # fmt: skip
    return found


def _of_another_kind(header: str, kind: Kind | None) -> bool:
    """Say whether a column is one of other kinds only, as a list of several kinds has."""
    return kind is None or any(key(header) in columns_of(k) for k in KINDS.values())


def _columns(headers: Sequence[str | None], kind: Kind | None) -> dict[int, str]:
    known = columns_of(kind) if kind is not None else COLUMNS
    found: dict[int, str] = {}
    for index, text_ in enumerate(headers):
        field = known.get(key(text_)) if text_ else None
        if field is not None and field not in found.values():
            found[index] = field
    return found


def _features(path: Path) -> tuple[list[Given], list[Problem]]:
    file = name_of(path)
    try:
        data = json.loads(text.decode(text.load(path), path).data)
    except (ValueError, RecursionError) as error:  # no JSON, or numbers and depths nobody needs
        raise _not_geojson(file) from error
    given = data.get("features") if isinstance(data, Mapping) else None
    if not isinstance(given, list) or not all(isinstance(f, Mapping) for f in given):
        raise _not_geojson(file)
    problems: list[Problem] = []
    made = [_feature(f, line, file, problems) for line, f in enumerate(given, start=1)]
    if not made:
        raise BadInputError("read.empty", _("{file} holds no feature.").format(file=file))
    return made, problems


def _feature(
    feature: Mapping[str, Any], line: int, file: str, problems: list[Problem]
) -> Given:  # fmt: skip
    properties = feature.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    said = next((_text(v) for k, v in properties.items() if COLUMNS.get(key(str(k))) == "kind"), "")
    kind = find_kind(said)
    known = columns_of(kind) if kind is not None else COLUMNS
    cells: dict[str, str] = {}
    headers: dict[str, str] = {"boundary": "geometry"}
    for name, value in properties.items():
        field = known.get(key(str(name)))
        if field is not None:
            cells.setdefault(field, _text(value))
            headers.setdefault(field, str(name))
        elif name != _FOR_READERS and _text(value) and not _of_another_kind(str(name), kind):
            message = _("There is no field “{header}” of such a source.").format(header=name)
            code = "sources.unknown_column"
            problems.append(Problem(file, message, code, line, str(name), _text(value)[:80]))
    if _text(feature.get("id")):
        cells.setdefault("number", _text(feature.get("id")))
    _geometry(feature.get("geometry"), cells)
    return Given(file, line, kind, said, cells, headers)


def _geometry(geometry: Any, cells: dict[str, str]) -> None:  # noqa: ANN401 - parsed JSON
    """Take a point as the position and anything else as the extent."""
    if geometry is None:
        return
    place = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    point = isinstance(geometry, Mapping) and geometry.get("type") == "Point"
    if point and isinstance(place, list) and len(place) >= 2:
        cells.setdefault("lon", _text(place[0]))
        cells.setdefault("lat", _text(place[1]))
    else:
        cells["boundary"] = json.dumps(geometry, separators=(",", ":"))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "; ".join(_text(v) for v in value)
    # halves of characters, which JSON can name, are none that could be stored
    return str(value).encode("utf-8", "replace").decode().strip()


def _not_geojson(file: str) -> BadInputError:
    message = _("{file} is not a GeoJSON FeatureCollection.").format(file=file)
    code = "sources.not_geojson"
    return BadInputError(code, message, [Problem(file, message, code)])
