"""What a picture says of itself: when, where and with what it was taken.

Nobody vouches for it: it can be written by anybody, and browsers and messengers take it out. So it
is kept apart from what the device said when it was sent, and from what the server saw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from PIL import ExifTags, Image

_CAMERA = 80  # signs
_UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, KeyError, ArithmeticError)


@dataclass(frozen=True)
class Claimed:
    """What a file claims; ``lon``, ``lat`` [° WGS84]. Empty where it says nothing of it."""

    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    camera: str = ""


def claims_of(path: Path) -> Claimed:
    """Return what a picture claims; what cannot be read claims nothing."""
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as picture:
            exif = picture.getexif()
            more = exif.get_ifd(ExifTags.IFD.Exif)
            where = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except _UNREADABLE:  # a file that was checked: only what the camera wrote is broken
        return Claimed()
    lon, lat = _position(where)
    names = (exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
    words = [_text(name) for name in names]
    return Claimed(_taken(exif, more), lon, lat, " ".join(w for w in words if w)[:_CAMERA])


def _taken(exif: Mapping[int, Any], more: Mapping[int, Any]) -> datetime | None:
    base = ExifTags.Base
    text = _text(more.get(base.DateTimeOriginal)) or _text(exif.get(base.DateTime))
    zone = _text(more.get(base.OffsetTimeOriginal))
    try:
        if zone:
            return datetime.strptime(f"{text} {zone}", "%Y:%m:%d %H:%M:%S %z")
        return timezone.make_aware(datetime.strptime(text, "%Y:%m:%d %H:%M:%S"))
    except (ValueError, OverflowError):
        return None


def _position(where: Mapping[int, Any]) -> tuple[float | None, float | None]:
    gps = ExifTags.GPS
    lon = _degrees(where.get(gps.GPSLongitude), where.get(gps.GPSLongitudeRef), "W")
    lat = _degrees(where.get(gps.GPSLatitude), where.get(gps.GPSLatitudeRef), "S")
    if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
        return None, None
    return lon, lat


def _degrees(parts: Any, side: Any, negative: str) -> float | None:  # noqa: ANN401 - of a file
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ArithmeticError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        return None
    return -value if _text(side).upper() == negative else value


def _text(value: Any) -> str:  # noqa: ANN401 - of a file
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return "".join(c for c in text if c.isprintable()).strip()
