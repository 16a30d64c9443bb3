"""Which format a file is of, from its first bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.parameters import find_parameter
from lantian.observations.readers import text
from lantian.observations.readers.base import Head
from lantian.observations.readers.registry import FORMATS
from lantian.observations.readers.table_header import key
from lantian.observations.station_table import settings

#: Files that are recognised but hold no measurements.
STATIONS = "stations"
_REGISTER_ZH = frozenset({"监测点编码", "站点编码", "点位编码", "监测点名称"})
_LON = frozenset({"lon", "lng", "longitude", "经度"})
_LAT = frozenset({"lat", "latitude", "纬度"})
_NOT_A_REGISTER = frozenset(
    {"value", "date", "time", "datetime", "hour", "日期", "时间", "监测时间", "数据时间"}
)


def detect(path: Path | str) -> str:
    """Return the name of the format of a file: one of ``FORMATS``, or ``stations``.

    Raises
    ------
    BadInputError
        ``read.unknown_format`` when no reader knows it, ``read.territories`` when it is a map of
        them; ``read.not_found``, ``read.truncated``,
        ``read.damaged``, ``read.empty`` when it cannot be opened.
    """
    path = Path(path)
    head = text.head(path)
    if not head.data.strip():
        raise text.failed(
            path,
            "read.empty",
            _("{file} is empty; there is nothing to read.").format(file=name_of(path)),
        )
    for name, reader in FORMATS.items():
        if name == "table" and _is_register(head):
            return STATIONS
        if reader.detect(head):
            return name
    if b'"FeatureCollection"' in head.data and b"Polygon" in head.data:
        raise text.failed(
            path,
            "read.territories",
            _(
                "{file} holds boundaries, not measurements; take it in on the page Territories."
            ).format(file=name_of(path)),
        )
    raise text.failed(
        path,
        "read.unknown_format",
        _("{file} is in no format known here; name one of {names}.").format(
            file=name_of(path), names=", ".join(FORMATS)
        ),
    )


def format_title(name: str) -> str:
    """Return what a format is called, in the language in force; empty for none."""
    if name == STATIONS:
        return _("station list")
    return _(FORMATS[name].title) if name in FORMATS else name


def _is_register(head: Head) -> bool:
    """Say whether it is a list of stations: codes or places, and nothing measured."""
    start = head.data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"{":
        measured = b'"value"' in start or b'"parameter"' in start
        return b'"FeatureCollection"' in start and b'"station"' in start and not measured
    cells = [c.lower() for c in text.header(head)]
    names = set(cells)
    if names & _NOT_A_REGISTER or any(find_parameter(c) is not None for c in cells):
        return False
    placed = bool(names & _LON and names & _LAT)
    return bool(names & _REGISTER_ZH) or placed or _only_of_stations(cells)


def _only_of_stations(cells: Sequence[str]) -> bool:
    """Say whether the columns are those of a register and no others, ids among them."""
    words = {name: {key(h) for h in (name, *more)} for name, more in settings("headers").items()}
    given = {key(cell) for cell in cells if cell}
    known = set().union(*words.values())
    return len(given) > 1 and not given.isdisjoint(words["station"]) and given <= known
