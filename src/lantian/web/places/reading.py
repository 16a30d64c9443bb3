"""Files of territories: GeoJSON with boundaries, Excel and CSV without; converted at the door."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from lantian.errors import BadInputError, DomainError, Problem
from lantian.i18n import gettext as _
from lantian.observations.datum import Datum, find_datum, to_wgs84
from lantian.observations.files import name_of
from lantian.observations.readers import text
from lantian.observations.readers.table_cells import load_sheets
from lantian.observations.spreadsheet import plain_text
from lantian.observations.station_table import in_china
from lantian.web.places.words import HEADERS

_GEOJSON = (".geojson", ".json")
_SEARCHED = 10
_UNREADABLE = (TypeError, ValueError, AttributeError, LookupError, OverflowError)
_DIGITS = 7  # of a degree: about a centimetre


@dataclass(frozen=True)
class Given:
    """A territory as a file gives it.

    Parameters
    ----------
    line
        Of the row, or the number of the feature.
    parent
        Code or name of the territory it belongs to; None: not said.
    shape
        Its boundary in WGS84 [°].
    """

    line: int
    code: str | None
    name: str | None
    level: str | None
    parent: str | None
    shape: BaseGeometry | None
    datum: str | None


def read(path: Path, datum: str | None) -> tuple[list[Given], list[Problem]]:
    """Return the territories of a file, and what is wrong with single ones.

    Parameters
    ----------
    datum
        Of features that do not say theirs.

    Raises
    ------
    BadInputError
        ``territories.not_geojson``, ``territories.no_header``, ``read.empty`` and the like.
    UnknownNameError
        ``datum.unknown``.
    """
    default = None if not datum else find_datum(datum)
    if path.suffix.lower() in _GEOJSON:
        content = text.decode(text.load(path), path).data
        try:
            data = json.loads(content)
        except (ValueError, RecursionError) as error:  # no JSON, or numbers and depths nobody needs
            raise _not_geojson(name_of(path)) from error
        return features(data, default, name_of(path))
    return _rows(path), []


def features(
    data: Any, default: Datum | None, file: str = "GeoJSON"  # noqa: ANN401 - parsed JSON
) -> tuple[list[Given], list[Problem]]:  # fmt: skip
    """Return the territories of a feature collection; see `read`."""
    given = data.get("features") if isinstance(data, Mapping) else None
    if not isinstance(given, list) or not all(isinstance(f, Mapping) for f in given):
        raise _not_geojson(file)
    found: list[Given] = []
    problems: list[Problem] = []
    for line, feature in enumerate(given, start=1):
        row = _named(feature.get("properties"))
        row.setdefault("code", _text(feature.get("id")))
        boundary = None
        try:
            own = find_datum(said) if (said := row.get("datum")) else default
            if feature.get("geometry") is not None:
                boundary = _boundary(feature["geometry"], own)
        except DomainError as error:
            problems.append(Problem(file, error.message, error.code, line, "geometry"))
            own = None
        found.append(
            Given(
                line, row.get("code"), row.get("name"), row.get("level"), row.get("parent"),
                boundary, own,
            )
        )  # fmt: skip
    return found, problems


def _boundary(geometry: Any, datum: Datum | None) -> BaseGeometry:  # noqa: ANN401 - parsed JSON
    """Return a boundary in WGS84.

    Raises
    ------
    BadInputError
        ``territories.no_datum``, ``territories.not_a_boundary``, ``territories.off_the_earth``,
        ``datum.outside``, ``territories.broken_boundary``.
    """
    if datum is None:
        raise _bad(
            "territories.no_datum",
            _("It is not said in which datum the boundary is: WGS84, CGCS2000, GCJ-02 or BD-09."),
        )
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise _bad(
            "territories.not_a_boundary",
            _("A boundary is a Polygon or a MultiPolygon, not {kind}.").format(kind=kind),
        )
    try:
        given = shape(geometry)
        corners = shapely.get_coordinates(given)
    except (*_UNREADABLE, shapely.errors.ShapelyError) as error:
        raise _bad(
            "territories.broken_boundary", _("The coordinates of the boundary cannot be read.")
        ) from error
    lon, lat = corners[:, 0], corners[:, 1]
    if not len(corners) or not np.isfinite(corners).all() or _off(lon, lat):
        raise _bad(
            "territories.off_the_earth",
            _(
                "The boundary is not in degrees of longitude and latitude; export it in geographic "
                "coordinates."
            ),
        )
    if datum in ("GCJ-02", "BD-09"):
        if not all(in_china(x, y) for x, y in corners):
            raise _bad(
                "datum.outside",
                _("The boundary is outside China, where {datum} is not defined.").format(
                    datum=datum
                ),
            )
        given = shapely.transform(
            given, lambda c: np.column_stack(to_wgs84(c[:, 0], c[:, 1], datum))
        )
    if not given.is_valid:
        raise _bad(
            "territories.broken_boundary",
            _("The boundary crosses itself or is not closed: {reason}.").format(
                reason=shapely.is_valid_reason(given)
            ),
        )
    return given


def as_geometry(boundary: BaseGeometry) -> dict[str, Any]:
    """Return a boundary as GeoJSON, to the centimetre."""
    rounded = shapely.transform(boundary, lambda c: np.round(c, _DIGITS))
    found: dict[str, Any] = json.loads(json.dumps(mapping(rounded)))
    return found


def _off(lon: Any, lat: Any) -> bool:  # noqa: ANN401 - arrays
    return bool((np.abs(lon) > 180).any() or (np.abs(lat) > 90).any())


def _rows(path: Path) -> list[Given]:
    seen: list[str] = []
    for sheet in load_sheets(path):
        for index, cells in enumerate(sheet.cells.head(_SEARCHED).rows()):
            columns = _columns(cells)
            if "name" not in columns.values() or "level" not in columns.values():
                seen = seen or [c for c in cells if c]
                continue
            body = sheet.cells.slice(index + 1).rows()
            lines = sheet.lines.slice(index + 1).to_list()
            return [
                Given(
                    line,
                    _cell(row, columns, "code"),
                    _cell(row, columns, "name"),
                    _cell(row, columns, "level"),
                    _cell(row, columns, "parent"),
                    None,
                    None,
                )
                for row, line in zip(body, lines, strict=True)
                if any(row)
            ]  # fmt: skip
    raise text.failed(
        path,
        "territories.no_header",
        _("{file} has no columns name and level (名称, 级别). Columns seen: {seen}.").format(
            file=name_of(path), seen=", ".join(seen) or _("none")
        ),
    )


def _columns(cells: Sequence[str | None]) -> dict[int, str]:
    return {
        i: HEADERS[c.strip().lower()]
        for i, c in enumerate(cells)
        if c and c.strip().lower() in HEADERS
    }


def _cell(row: Sequence[str | None], columns: Mapping[int, str], name: str) -> str | None:
    for index, column in columns.items():
        value = row[index]
        if column == name and value is not None and value.strip():
            return plain_text(value.strip())
    return None


def _named(properties: Any) -> dict[str, str | None]:  # noqa: ANN401 - parsed JSON
    found: dict[str, str | None] = {}
    if not isinstance(properties, Mapping):
        return found
    for key, value in properties.items():
        column = HEADERS.get(str(key).strip().lower())
        if column is not None and _text(value) is not None:
            found.setdefault(column, _text(value))
    return found


def _text(value: object) -> str | None:
    if value is None:
        return None
    # halves of characters, which JSON can name, are none that could be stored
    return str(value).encode("utf-8", "replace").decode().strip() or None


def _bad(code: str, message: str) -> BadInputError:
    return BadInputError(code, message)


def _not_geojson(file: str) -> BadInputError:
    message = _("{file} is not a GeoJSON FeatureCollection.").format(file=file)
    code = "territories.not_geojson"
    return BadInputError(code, message, [Problem(file, message, code)])
