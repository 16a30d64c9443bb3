"""Fires seen by satellites: files of FIRMS read, joined, and set against the cases there are."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lantian.errors import BadInputError, DomainError, Problem
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.readers.table_cells import load_sheets
from lantian.web.cases.intake.landing import known
from lantian.web.cases.models import Case
from lantian.web.cases.queries import Duplicate, distance, duplicates, open_between
from lantian.web.places.models import Territory
from lantian.web.sources.locating import Gazetteer

_DATA = tomllib.loads(Path(__file__).with_name("fires.toml").read_text(encoding="utf-8"))
PROBLEM: str = _DATA["problem"]
LEAST: dict[str, Any] = _DATA["least"]
_JOINED: dict[str, float] = _DATA["joined"]
_PASS = timedelta(minutes=_DATA["pass_minutes"])
_NEEDED = ("latitude", "longitude", "acq_date", "acq_time", "satellite", "instrument", "confidence")
_CLASSES = {"l": 0, "low": 0, "n": 1, "nominal": 1, "h": 2, "high": 2}
_SATELLITES = {"N": "Suomi NPP", "N20": "NOAA-20", "N21": "NOAA-21", "1": "NOAA-20"}
LIMIT = 20_000  # rows of a file


@dataclass(frozen=True)
class Detection:
    """One hot pixel: ``at`` [UTC], ``lon`` and ``lat`` [° WGS84], ``frp`` [MW] or None."""

    line: int
    lon: float
    lat: float
    at: datetime
    satellite: str
    instrument: str
    confidence: str
    sure: bool
    frp: float | None

    @property
    def key(self) -> str:
        """Return what tells it from all others."""
        place = f"{self.lat:.5f},{self.lon:.5f}"
        return f"{self.satellite}/{self.instrument}/{self.at:%Y%m%dT%H%M}/{place}"


@dataclass(frozen=True)
class Fire:
    """Detections of one pass that are one fire, the hottest first.

    Parameters
    ----------
    case
        It was taken in before.
    near
        Open cases it may be the same as.
    """

    detections: Sequence[Detection]
    territory: Territory
    case: Case | None
    near: Sequence[Duplicate]

    @property
    def hottest(self) -> Detection:
        """Return the detection with the most radiative power."""
        return self.detections[0]

    @property
    def frp(self) -> float:
        """Return the radiative power of all of them [MW]."""
        return sum(d.frp or 0.0 for d in self.detections)

    @property
    def key(self) -> str:
        """Return that of its hottest detection."""
        return self.hottest.key


@dataclass(frozen=True)
class Plan:
    """What a file holds: its fires, the newest first, and how many rows were left out and why."""

    fires: Sequence[Fire]
    problems: Sequence[Problem]
    rows: int
    weak: int
    outside: int


def satellite_word(code: str) -> str:
    """Return what a satellite is called."""
    return _SATELLITES.get(code, code)


def plan(path: Path, now: datetime) -> Plan:
    """Return what taking a file in would do.

    Raises
    ------
    BadInputError
        It is no table, or none of FIRMS: ``cases.no_firms``, ``cases.too_many_rows``.
    """
    file, rows = _rows(path)
    problems: list[Problem] = []
    found: dict[str, Detection] = {}
    for line, cells in rows:
        one = _detection(file, line, cells, now, problems)
        if one is not None:
            found.setdefault(one.key, one)
    sure = [d for d in found.values() if d.sure]
    gazetteer, inside = Gazetteer.load(), []
    for one in sure:
        try:
            inside.append((one, gazetteer.holding(one.lon, one.lat)))
        except DomainError as error:
            if error.code != "sources.nowhere":
                raise
    places = {d.key: t for d, t in inside}
    there = known("fire", places)
    fires = []
    among: list[Case] = []
    if inside:
        moments = [d.at for d, _t in inside]
        among = list(open_between(PROBLEM, min(moments), max(moments)))
    for group in _joined([d for d, _t in inside]):
        top = group[0]
        case = next((there[d.key] for d in group if d.key in there), None)
        near = () if case else duplicates(PROBLEM, top.at, lon=top.lon, lat=top.lat, among=among)
        fires.append(Fire(group, places[top.key], case, near))
    fires.sort(key=lambda f: (f.hottest.at, f.frp), reverse=True)
    return Plan(fires, problems, len(rows), len(found) - len(sure), len(sure) - len(inside))


def _rows(path: Path) -> tuple[str, list[tuple[int, dict[str, str]]]]:
    file = name_of(path)
    for sheet in load_sheets(path):
        body = sheet.cells.rows()
        header = [str(c or "").strip().lower() for c in body[0]] if body else []
        if not set(_NEEDED) <= set(header):
            continue
        if len(body) - 1 > LIMIT:
            raise BadInputError(
                "cases.too_many_rows",
                _("{file} has {n} rows; take in at most {most} at a time.").format(
                    file=file, n=len(body) - 1, most=LIMIT
                ),
            )
        lines = sheet.lines.to_list()
        return file, [
            (n, {k: (c or "").strip() for k, c in zip(header, row, strict=True) if k})
            for n, row in zip(lines[1:], body[1:], strict=True)
            if any(row)
        ]
    message = _("{file} is no file of FIRMS: its columns are {columns}.").format(
        file=file, columns=", ".join(_NEEDED)
    )
    raise BadInputError("cases.no_firms", message, [Problem(file, message, "cases.no_firms")])


def _detection(
    file: str, line: int, cells: dict[str, str], now: datetime, problems: list[Problem]
) -> Detection | None:
    def wrong(column: str, message: str) -> None:
        problems.append(
            Problem(file, message, "cases.bad_cell", line, column, cells.get(column, ""))
        )

    before = len(problems)
    place: dict[str, float] = {}
    for column, most in (("latitude", 90.0), ("longitude", 180.0)):
        number = _number(cells[column])
        if number is None or abs(number) > most:
            wrong(column, _("This is no position in degrees."))
        else:
            place[column] = number
    at = now
    try:
        at = datetime.strptime(
            f"{cells['acq_date'][:10]} {cells['acq_time'].replace(':', '').zfill(4)}",
            "%Y-%m-%d %H%M",
        ).replace(tzinfo=UTC)
    except ValueError:
        wrong(
            "acq_time", _("acq_date and acq_time are no moment; write 2026-11-23 and 0512 (UTC).")
        )
    if at > now:
        wrong("acq_date", _("The problem cannot have been seen in the future."))
    instrument = cells["instrument"].upper()
    sure = None
    if instrument not in LEAST:
        wrong("instrument", _("It is VIIRS or MODIS."))
    else:
        sure = _sure(instrument, cells["confidence"].lower())
        if sure is None:
            wrong("confidence", _("VIIRS says low, nominal or high; MODIS a percentage."))
    frp = _number(cells.get("frp", ""))
    if cells.get("frp") and frp is None:
        wrong("frp", _("This is no number [MW]."))
    if len(problems) > before or sure is None:
        return None
    return Detection(
        line, place["longitude"], place["latitude"], at, cells["satellite"], instrument,
        cells["confidence"], sure, frp,
    )  # fmt: skip


def _sure(instrument: str, confidence: str) -> bool | None:
    """Say whether a confidence counts; None: it is none."""
    if instrument == "MODIS":
        number = _number(confidence)
        return None if number is None or not 0 <= number <= 100 else number >= LEAST["MODIS"]
    rank = _CLASSES.get(confidence)
    return None if rank is None else rank >= _CLASSES[LEAST["VIIRS"]]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _joined(found: list[Detection]) -> list[list[Detection]]:
    """Return the detections grouped into fires: of one pass, and each near another."""
    left = sorted(found, key=lambda d: (d.satellite, d.instrument, d.at, d.key))
    groups: list[list[Detection]] = []
    while left:
        group, queue = [], [left.pop(0)]
        while queue:
            here = queue.pop()
            group.append(here)
            near = [d for d in left if _same(here, d)]
            left = [d for d in left if d not in near]
            queue += near
        groups.append(sorted(group, key=lambda d: (-(d.frp or 0.0), d.key)))
    return groups


def _same(one: Detection, other: Detection) -> bool:
    return (
        one.satellite == other.satellite
        and one.instrument == other.instrument
        and abs(one.at - other.at) <= _PASS
        and distance(one.lon, one.lat, other.lon, other.lat) <= _JOINED[one.instrument]
    )
