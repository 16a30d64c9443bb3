"""A small network whose figures are reckoned by hand: four stations, two of them national."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from lantian.home.layout import Home
from tests.web.world import CLOCK, NOW

LABEL = NOW.replace(minute=0)  # 08:00 of the county
PLAIN = {"pm25": 30.0, "pm10": 50.0, "so2": 6.0, "no2": 20.0, "co": 0.5, "o3": 60.0}
STATIONS = ("N1", "N2", "T1", "T2")
Rows = list[tuple[str, str, datetime, float | None, str]]


def small_home(path: Path, change: Callable[[Rows], Rows] = lambda rows: rows) -> Home:
    """Return a home with 72 hours of :data:`PLAIN` at each station, changed by ``change``.

    N1 and N2 make the city mean. T1 does not monitor ozone. Rows are
    ``station, parameter, time, value, grade``.
    """
    home = Home.init(path, name="小县", clock=CLOCK, simulated=True)
    register = pl.DataFrame(
        {
            "station": STATIONS,
            "name": ["国一", "国二", "镇一", "镇二"],
            "kind": ["national", "national", "township", "township"],
            "town": ["城关", "城关", "东镇", "西镇"],
            "lon": [114.40, 114.44, 114.50, 114.30],
            "lat": [35.30, 35.31, 35.35, 35.36],
        }
    )
    home.store.save_stations(register, "tests", CLOCK)
    rows: Rows = [
        (s, p, LABEL - timedelta(hours=h), v, "valid")
        for s in STATIONS
        for p, v in PLAIN.items()
        for h in range(72)
        if (s, p) != ("T1", "o3")
    ]
    frame = pl.DataFrame(
        change(rows), schema=["station", "parameter", "time", "value", "grade"], orient="row"
    ).with_columns(
        pl.lit("1h").alias("period"),
        pl.when(pl.col("parameter") == "co").then(pl.lit("mg/m3")).otherwise(pl.lit("ug/m3"))
        .alias("unit"),
    )  # fmt: skip
    home.store.append(frame, calibre="realtime", actor="tests", clock=CLOCK)
    return home
