"""Coordinates from the datums met in China to WGS84, converted where a file is read.

The map services of China shift positions by some 300 to 700 m (GCJ-02); Baidu shifts them once
more (BD-09). Neither function was ever published officially; the formulas are those in common use,
which agree with the services to about a metre. They have no closed inverse, so the inverse is found
by iterating the forward function until it meets the input to better than 1e-9 degrees (0.1 mm).

CGCS2000 is taken as WGS84: both are realisations of the ITRS that differ by centimetres to
decimetres (plate motion since epoch 2000), far below the precision of a station's position.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _

Datum = Literal["WGS84", "CGCS2000", "GCJ-02", "BD-09"]
DATUMS: tuple[Datum, ...] = get_args(Datum)
Floats = npt.NDArray[np.float64]

# Krasovsky 1940, the ellipsoid the GCJ-02 function is written on.
_A = 6378245.0
_EE = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0
_TOLERANCE = 1e-9
_MAX_STEPS = 50
_LARGEST_LON, _LARGEST_LAT = 180.0, 90.0

_ALIASES: dict[str, Datum] = {
    "wgs84": "WGS84",
    "epsg4326": "WGS84",
    "4326": "WGS84",
    "crs84": "WGS84",
    "urnogcdefcrsogc13crs84": "WGS84",
    "gps": "WGS84",
    "cgcs2000": "CGCS2000",
    "epsg4490": "CGCS2000",
    "4490": "CGCS2000",
    "国家2000": "CGCS2000",
    "2000国家大地坐标系": "CGCS2000",
    "国家大地2000": "CGCS2000",
    "gcj02": "GCJ-02",
    "gcj": "GCJ-02",
    "火星坐标": "GCJ-02",
    "火星坐标系": "GCJ-02",
    "国测局": "GCJ-02",
    "高德": "GCJ-02",
    "腾讯": "GCJ-02",
    "bd09": "BD-09",
    "bd09ll": "BD-09",
    "百度": "BD-09",
    "百度坐标": "BD-09",
    "百度坐标系": "BD-09",
}


def find_datum(text: str) -> Datum:
    """Return the datum that ``text`` names, in any of its usual spellings.

    Raises
    ------
    UnknownNameError
        The text names none of :data:`DATUMS`.
    """
    key = re.sub(r"[\s_\-:/()]+", "", unicodedata.normalize("NFKC", text)).lower()
    found = _ALIASES.get(key)
    if found is None:
        raise UnknownNameError(
            "datum.unknown",
            _("“{text}” is not a datum. Write one of {names}.").format(
                text=text, names=", ".join(DATUMS)
            ),
            {"datum": text},
        )
    return found


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return what GCJ-02 adds to longitude and latitude [deg]."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    d_lat = np.degrees(north * magic * np.sqrt(magic) / (_A * (1.0 - _EE)))
    d_lon = np.degrees(east * np.sqrt(magic) / (_A * np.cos(phi)))
    return d_lon, d_lat


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    d_lon, d_lat = _shift(lon, lat)
    return lon + d_lon, lat + d_lat


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def _forward(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    if datum in ("WGS84", "CGCS2000"):
        return lon, lat
    gcj = _wgs84_to_gcj02(lon, lat)
    return gcj if datum == "GCJ-02" else _gcj02_to_bd09(*gcj)


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Return WGS84 positions as ``datum`` shows them.

    Parameters
    ----------
    lon, lat
        WGS84 longitude and latitude [deg], ``(n,)``; NaN stays NaN.
    datum
        One of :data:`DATUMS`.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in ``datum`` [deg], ``(n,)``.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return _forward(x, y, _known(datum))


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Return positions given in ``datum`` as WGS84.

    Parameters
    ----------
    lon, lat
        Longitude and latitude in ``datum`` [deg], ``(n,)``; NaN stays NaN. For GCJ-02 and BD-09
        the positions must lie in China, where alone these datums are defined.
    datum
        One of :data:`DATUMS`.

    Returns
    -------
    tuple of ndarray
        WGS84 longitude and latitude [deg], ``(n,)``, whose image in ``datum`` meets the input
        to better than 1e-9 deg.

    Raises
    ------
    InvalidArgumentError
        A position for which the iteration does not settle, that is, one outside the area
        where the datum is defined.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if _known(datum) in ("WGS84", "CGCS2000"):
        return x, y
    if bool(np.any((np.abs(x) > _LARGEST_LON) | (np.abs(y) >= _LARGEST_LAT))):
        raise _outside(datum)
    guess_x, guess_y = x.copy(), y.copy()
    for _step in range(_MAX_STEPS):
        seen_x, seen_y = _forward(guess_x, guess_y, datum)
        off_x, off_y = x - seen_x, y - seen_y
        guess_x, guess_y = guess_x + off_x, guess_y + off_y
        worst = max(np.nanmax(np.abs(off_x), initial=0.0), np.nanmax(np.abs(off_y), initial=0.0))
        if worst < _TOLERANCE:
            return guess_x, guess_y
    raise _outside(datum)


def _outside(datum: Datum) -> InvalidArgumentError:
    return InvalidArgumentError(
        "datum.outside",
        _("A position cannot be converted from {datum}: it lies outside China.").format(
            datum=datum
        ),
        {"datum": datum},
    )


def _known(datum: Datum) -> Datum:
    if datum not in DATUMS:
        return find_datum(datum)
    return datum
