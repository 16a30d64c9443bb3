"""The sources of the simulated county: all fictional, entered as a file of sources is."""

from __future__ import annotations

import json
import math
import re
import tempfile
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.twin.places import lonlat
from lantian.twin.plan import emissions, stations
from lantian.web.audit.actors import system
from lantian.web.duties.models import Organisation
from lantian.web.sources import actions
from lantian.web.sources.credit_code import check_character
from lantian.web.sources.kinds import KINDS
from lantian.web.sources.models import Source
from lantian.web.sources.words import ATTRIBUTE, MEASURE

_FILE = Path(__file__).with_name("demo.toml")
_DAY = re.compile(r"today([+-]\d+)")
# Division 999900 does not exist, so that no code is anybody's.
_CODE = "91999900MATW{number:05}"


def load(now: datetime) -> int:
    """Enter the sources of the simulated county, once; return how many it then has.

    Raises
    ------
    DomainError
        ``sources.not_simulated``: fictional sources never stand beside real ones.
    BadInputError
        ``sources.bad_rows``: the territories of the county are not entered.
    """
    if not settings.HOME.settings.simulated:
        raise DomainError(
            "sources.not_simulated",
            _("Fictional sources are for simulated homes only."),
        )
    if not Source.objects.exists():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sources.geojson"
            path.write_text(json.dumps(collection(now.date()), ensure_ascii=False), "utf-8")
            actions.enter(system(_("system")), path, "WGS84", expected=None, now=now)
    return Source.objects.count()


def collection(today: date) -> dict[str, Any]:
    """Return the sources as GeoJSON; those the simulated air knows stand where it has them."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["source"]
    organisations = set(
        Organisation.objects.filter(valid_to__isnull=True).values_list("name", flat=True)
    )
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(row, number, today, organisations) for number, row in enumerate(rows, start=1)
        ],
    }


def _feature(
    row: Mapping[str, Any], number: int, today: date, organisations: set[str]
) -> dict[str, Any]:  # fmt: skip
    kind = KINDS[row["kind"]]
    given = {
        k: v for k, v in row.items() if k not in ("at", "line", "town", "emission", "measures")
    }
    attributes = {k: given.pop(k) for k in list(given) if kind.attribute(k)}
    x, y = _place(row)
    properties: dict[str, Any] = {**given, "datum": "WGS84"}
    if kind.permits:
        body = _CODE.format(number=number)
        properties["credit_code"] = body + check_character(body)
    if row["name"] in organisations:
        properties["organisation"] = row["name"]
    geometry: dict[str, Any] = {"type": "Point", "coordinates": lonlat(x, y)}
    if "line" in row:
        points = [(x + dx, y + dy) for dx, dy in row["line"]]
        geometry = {"type": "LineString", "coordinates": [lonlat(*p) for p in points]}
        attributes["length"] = round(sum(map(math.dist, points, points[1:])), 2)
    elif "Polygon" in kind.shapes and attributes.get("area"):
        unit = kind.attribute("area")
        square = 666.67 if unit is not None and unit.unit_en == "mu" else 1.0  # m² of the unit
        side = math.sqrt(attributes["area"] * square) / 2000.0  # km, half of it
        corners = [(-side, -side), (side, -side), (side, side), (-side, side), (-side, -side)]
        ring = [lonlat(x + a, y + b) for a, b in corners]
        geometry = {"type": "Polygon", "coordinates": [ring]}
    properties |= {f"{ATTRIBUTE}{k}": v for k, v in attributes.items()}
    properties |= {f"{MEASURE}{k}": v for k, v in row.get("measures", {}).items()}
    told = {k: _dated(v, today) for k, v in properties.items()}
    return {"type": "Feature", "geometry": geometry, "properties": told}


def _place(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return where a source is [km]: at an emitter of the simulated air, or beside its town."""
    if "emission" in row:
        here = next(e for e in emissions() if e.id == row["emission"])
        return here.x, here.y
    town = next(s for s in stations() if s.town == row["town"] and s.kind == "township")
    return town.x + row["at"][0], town.y + row["at"][1]


def _dated(value: Any, today: date) -> Any:  # noqa: ANN401 - of a data file
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else (today + timedelta(days=int(found[1]))).isoformat()
