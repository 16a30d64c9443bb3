"""What the device says when a form with files is sent: its clock, and where it is.

The form asks for the position only while it is open and only if the person agrees; it is what the
browser says, and can be made up like all that comes from there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime


@dataclass(frozen=True)
class Said:
    """What a device said; ``lon``, ``lat`` [° WGS84], ``accuracy`` [m]. Empty: it did not."""

    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy: float | None = None


def said_in(form: Mapping[str, str]) -> Said:
    """Return what a form says of the device that sent it; what makes no sense says nothing."""
    lon, lat = _number(form, "device_lon", 180), _number(form, "device_lat", 90)
    accuracy = _number(form, "device_accuracy", math.inf)
    if lon is None or lat is None or accuracy is None or accuracy < 0:
        lon = lat = accuracy = None
    return Said(_moment(form.get("device_at", "")), lon, lat, accuracy)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _number(form: Mapping[str, str], name: str, most: float) -> float | None:
    try:
        value = float(form.get(name, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= most else None
