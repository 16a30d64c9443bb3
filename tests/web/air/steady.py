"""A small town of four township stations whose air stands still, so that all can be reckoned.

October of 2025 and 2026, every hour of a station the same:

=======  ====  ====  ===  ===  ====  ==  =======================================
station  pm25  pm10  so2  no2  co    o3  composite index, sum_equal_2012
=======  ====  ====  ===  ===  ====  ==  =======================================
A           35    70    6   20     1  80  1 + 1 + 0.1 + 0.5 + 0.25 + 0.5 = 3.35
B           28    84    6   20     1  80  0.8 + 1.2 + 1.35 = 3.35
C           70    70    6   20     1  80  2 + 1 + 1.35 = 4.35
D           35    70    6   20     1  80  3.35, on ten days only
=======  ====  ====  ===  ===  ====  ==  =======================================

In 2025 A had 70 of PM2.5 and C had 35. On 2026-10-11 D has twelve hours; on 2026-10-31 B has no
SO2. PM2.5 of 70 is an index of 94 (good) by HJ 633-2012 and of 110 (light) by HJ 633-2026.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from lantian.home.layout import Home
from lantian.web.air.queries.place import Place
from tests.web.world import CLOCK

ZONE = ZoneInfo("Asia/Shanghai")
CITY = "静县"
COMMON = {"so2": 6.0, "no2": 20.0, "co": 1.0, "o3": 80.0}
NOW = {"A": (35.0, 70.0), "B": (28.0, 84.0), "C": (70.0, 70.0), "D": (35.0, 70.0)}
BEFORE = {"A": (70.0, 70.0), "B": (28.0, 84.0), "C": (35.0, 70.0)}


def steady_home(path: Path) -> Home:
    """Make the home."""
    home = Home.init(path, name=CITY, clock=CLOCK)
    register = pl.DataFrame(
        {
            "station": list(NOW),
            "name": [f"{s}镇站" for s in NOW],
            "city": CITY,
            "town": [f"{s}镇" for s in NOW],
            "kind": "township",
            "lon": [114.0 + k / 10 for k in range(len(NOW))],
            "lat": 35.0,
        }
    )
    home.store.save_stations(register, "tests", CLOCK)
    rows = [*_hours(2025, BEFORE), *_hours(2026, NOW)]
    frame = pl.DataFrame(
        rows, schema=["station", "parameter", "time", "value"], orient="row"
    ).with_columns(
        pl.col("time").dt.convert_time_zone("UTC").dt.cast_time_unit("us"),
        pl.lit("1h").alias("period"),
        pl.when(pl.col("parameter") == "co")
        .then(pl.lit("mg/m³"))
        .otherwise(pl.lit("µg/m³"))
        .alias("unit"),
        pl.lit("").alias("flag"),
        pl.lit("valid").alias("grade"),
        pl.lit("tests").alias("source"),
    )
    home.store.append(frame, calibre="realtime", actor="tests", clock=CLOCK)
    return home


_made: dict[str, Path] = {}


def steady_path(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the home, made once for a process; do not change it."""
    if "home" not in _made:
        _made["home"] = steady_home(factory.mktemp("steady") / "home").path
    return _made["home"]


def _hours(
    year: int, stations: dict[str, tuple[float, float]]
) -> list[tuple[str, str, datetime, float]]:
    rows = []
    for station, (pm25, pm10) in stations.items():
        values = {"pm25": pm25, "pm10": pm10, **COMMON}
        for number in range(1, 32):
            hours = 24
            if station == "D" and number > 10:
                hours = 12 if number == 11 else 0
            midnight = datetime.combine(date(year, 10, number), time(), ZONE)
            for hour in range(1, hours + 1):
                for p, value in values.items():
                    if (station, p, year, number) != ("B", "so2", 2026, 31):
                        rows.append((station, p, midnight + timedelta(hours=hour), value))
    return rows


def place_of(station: str) -> Place:
    """Return one of the stations as a place to look at, or the town by its name."""
    return Place("", CITY, CITY) if station == CITY else Place(station, "", station)
