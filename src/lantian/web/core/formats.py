"""How pages write figures, times and air: filters of the templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from markupsafe import Markup, escape

from lantian.i18n import gettext as _
from lantian.observations.words import given
from lantian.reports import words
from lantian.standards import CATEGORIES, LABELS


def with_query(address: str, parameters: Mapping[str, object]) -> str:
    """Return ``address`` with those of ``parameters`` that are not None as its query."""
    given = {k: v for k, v in parameters.items() if v is not None and v != ""}
    return f"{address}?{urlencode(given, doseq=True)}" if given else address


def formula(text: str) -> Markup:
    """Set the figures of PM2.5, NO2 … low, as the field writes them."""
    parts = []
    end = 0
    for found in words.SUBSCRIPT.finditer(text):
        parts += [
            escape(text[end : found.start()]),
            Markup("{}<sub>{}</sub>").format(*found.groups()),
        ]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def pollutant(name: str) -> Markup:
    """Return a pollutant as the field writes it, e.g. PM₂.₅ for ``pm25``."""
    return formula(LABELS[name])


def category_title(name: str | None) -> str:
    """Return an AQI category in words; empty for none."""
    return "" if name is None else CATEGORIES[name].name


def level(name: str | None) -> int:
    """Return the number of an AQI category, 1 (excellent) to 6; 0 for none."""
    return 0 if name is None else CATEGORIES[name].level


def aqi_badge(aqi: object, category: str | None, *, number: bool = True) -> Markup:
    """Return swatch, number and word: colour is never the only sign."""
    if not isinstance(aqi, int | float):
        return Markup('<span class="aqi none"><i></i>{}<span>{}</span></span>').format(
            Markup("<b>—</b> ") if number else "", _("no data")
        )
    figure = Markup("<b>{}</b> ").format(round(aqi)) if number else ""
    return Markup('<span class="aqi a{}"><i></i>{}<span>{}</span></span>').format(
        level(category), figure, category_title(category)
    )


def local(moment: datetime) -> datetime:
    """Return a moment in the zone of the network."""
    return moment.astimezone(ZoneInfo(settings.HOME.zone))


def hour_label(moment: datetime) -> str:
    """Return the label of an hour, ``11-23 08:00``; midnight belongs to the day that ends."""
    return f"{local(moment):%m-%d %H:%M}"


def moment(value: datetime) -> str:
    """Return date and time to the minute, in the zone of the network."""
    return f"{local(value):%Y-%m-%d %H:%M}"


def weekday(day: date) -> str:
    """Return a day of the week."""
    return (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    )[day.weekday()]  # fmt: skip


def size(count: int) -> str:
    """Return a number of bytes as people read it, in powers of 1,024."""
    value, units = float(count), ["B", "KB", "MB", "GB", "TB"]
    while value >= 1024 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.0f} {units[0]}" if units[0] == "B" else f"{value:,.1f} {units[0]}"


_CODE = re.compile(r"`([^`]+)`")


def code(text: str) -> Markup:
    """Set what stands between backquotes, commands and settings, as code."""
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if n % 2 else escape(part)
        for n, part in enumerate(parts)
    )


_SAFE_NAME = re.compile(r"[^\w.\-]+")


def file_name(*parts: str, suffix: str) -> str:
    """Return a file name from parts, safe on every system."""
    return _SAFE_NAME.sub("-", "-".join(p for p in parts if p)).strip("-") + "." + suffix


FILTERS: dict[str, Callable[..., Any]] = {
    "formula": formula,
    "pollutant": pollutant,
    "category": category_title,
    "level": level,
    "hour_label": hour_label,
    "local": local,
    "moment": moment,
    "weekday": weekday,
    "number": words.number,
    "concentration": lambda value, p: words.concentration(p, value),
    "percent": words.percent,
    "size": size,
    "code": code,
    "given": given,
}
