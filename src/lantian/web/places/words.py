"""What levels of territories are called, and the words files use for them."""

from __future__ import annotations

from lantian.i18n import gettext as _
from lantian.web.places.models import Level

_ALIASES: dict[str, Level] = {
    "市": Level.CITY, "地级市": Level.CITY, "市级": Level.CITY, "prefecture": Level.CITY,
    "县": Level.COUNTY, "区": Level.COUNTY, "区县": Level.COUNTY, "县区": Level.COUNTY,
    "县级": Level.COUNTY, "县级市": Level.COUNTY, "district": Level.COUNTY,
    "镇": Level.TOWN, "乡": Level.TOWN, "乡镇": Level.TOWN, "街道": Level.TOWN,
    "乡镇街道": Level.TOWN, "乡级": Level.TOWN, "township": Level.TOWN,
    "村": Level.VILLAGE, "社区": Level.VILLAGE, "村社区": Level.VILLAGE, "村级": Level.VILLAGE,
    "网格": Level.GRID, "网格员": Level.GRID,
}  # fmt: skip
# Columns and properties, as files name them.
HEADERS: dict[str, str] = {
    "code": "code", "代码": "code", "编码": "code", "行政区划代码": "code", "adcode": "code",
    "区划代码": "code", "name": "name", "名称": "name", "区划名称": "name",
    "level": "level", "级别": "level", "层级": "level", "parent": "parent", "上级": "parent",
    "上级名称": "parent", "上级代码": "parent", "所属": "parent",
    "datum": "datum", "坐标系": "datum",
}  # fmt: skip


def level_word(level: str) -> str:
    """Return what a level is called, in the language in force."""
    return {
        "city": _("city"), "county": _("county"), "town": _("town"), "village": _("village"),
        "grid": _("grid cell"),
    }.get(level, level)  # fmt: skip


def find_level(text: str) -> Level | None:
    """Return the level a text names; None: it names none."""
    plain = text.strip().lower()
    if plain in Level.values:
        return Level(plain)
    return _ALIASES.get(plain)
