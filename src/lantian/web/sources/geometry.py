"""Positions and extents of sources: converted to WGS84 where they come in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.datum import Datum, to_wgs84
from lantian.observations.station_table import in_china

_DIGITS = 7  # of a degree: about a centimetre
_MOST_POINTS = 20_000  # of one extent
_UNREADABLE = (TypeError, ValueError, AttributeError, LookupError, OverflowError, RecursionError)


def position(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """Return a position in WGS84 [°], to the centimetre.

    Raises
    ------
    InvalidArgumentError
        ``sources.off_the_earth``, ``datum.outside``.
    """
    _on_earth(np.array([[lon, lat]]), datum)
    x, y = to_wgs84([lon], [lat], datum)
    return round(float(x[0]), _DIGITS), round(float(y[0]), _DIGITS)


def extent(text: str, datum: Datum, shapes: Sequence[str]) -> dict[str, Any]:
    """Return the extent a GeoJSON geometry draws, as GeoJSON in WGS84, to the centimetre.

    Parameters
    ----------
    shapes
        Types of geometries the kind may have.

    Raises
    ------
    InvalidArgumentError
        ``sources.bad_extent``, ``sources.wrong_shape``, ``sources.off_the_earth``,
        ``datum.outside``.
    """
    try:
        given = json.loads(text)
        kind = given.get("type")
    except _UNREADABLE as error:
        raise _bad_extent(_("it is no GeoJSON geometry")) from error
    if kind not in shapes:
        raise InvalidArgumentError(
            "sources.wrong_shape",
            _("The extent of such a source is a {shapes}, not {kind}.").format(
                shapes=_(" or a ").join(shapes), kind=kind
            ),
        )
    try:
        drawn = shapely.force_2d(shape(given))
        corners = shapely.get_coordinates(drawn)
    except (*_UNREADABLE, shapely.errors.ShapelyError) as error:
        raise _bad_extent(_("its coordinates cannot be read")) from error
    if not len(corners) or len(corners) > _MOST_POINTS:
        raise _bad_extent(
            _("it has {n} points, and must have 1 to {most}").format(
                n=len(corners), most=_MOST_POINTS
            )
        )
    _on_earth(corners, datum)
    drawn = shapely.transform(
        drawn,
        lambda c: np.round(np.column_stack(to_wgs84(c[:, 0], c[:, 1], datum)), _DIGITS),
    )
    if not drawn.is_valid or drawn.is_empty or drawn.length == 0:
        raise _bad_extent(shapely.is_valid_reason(drawn))
    made: dict[str, Any] = json.loads(json.dumps(mapping(drawn)))
    return made


def middle(boundary: Mapping[str, Any]) -> tuple[float, float]:
    """Return a place on an extent [° WGS84]: inside a polygon, half way along a line."""
    drawn: BaseGeometry = shape(boundary)
    if drawn.geom_type == "MultiLineString":
        drawn = max(drawn.geoms, key=lambda part: part.length)
    on_line = drawn.geom_type == "LineString"
    point = drawn.interpolate(0.5, normalized=True) if on_line else drawn.representative_point()
    return round(point.x, _DIGITS), round(point.y, _DIGITS)


def described(boundary: Mapping[str, Any] | None) -> str | None:
    """Return an extent in a few words, for a history: its type and number of points."""
    if boundary is None:
        return None
    points = len(shapely.get_coordinates(shape(boundary)))
    return f"{boundary['type']} ({points})"


def _on_earth(corners: Any, datum: Datum) -> None:  # noqa: ANN401 - an array
    lon, lat = corners[:, 0], corners[:, 1]
    finite = np.isfinite(corners).all()
    if not finite or (np.abs(lon) > 180).any() or (np.abs(lat) > 90).any():
        raise InvalidArgumentError(
            "sources.off_the_earth",
            _("This is no longitude and latitude in degrees; the longitude comes first."),
        )
    if datum in ("GCJ-02", "BD-09") and not all(in_china(x, y) for x, y in corners):
        raise InvalidArgumentError(
            "datum.outside",
            _("The place is outside China, where {datum} is not defined.").format(datum=datum),
        )


def _bad_extent(reason: str) -> DomainError:
    return InvalidArgumentError(
        "sources.bad_extent", _("The extent cannot be taken: {reason}.").format(reason=reason)
    )
