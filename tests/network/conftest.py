"""A small home whose air is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lantian.home.layout import Home
from lantian.network import Network
from lantian.observations.schema import TIME
from lantian.observations.stations import empty

NOW = datetime(2026, 3, 10, 8, 20, tzinfo=UTC)  # 16:20 local
LAST = NOW.replace(minute=0)
START = datetime(2026, 2, 26, 16, tzinfo=UTC)  # local midnight of 27 February
LEVEL = {"pm25": 40.0, "pm10": 70.0, "so2": 8.0, "no2": 30.0, "co": 0.8, "o3": 90.0}
WHO = {"actor": "test"}
WHY = {"actor": "test", "reason": "test"}
STATIONS = {
    "n1": ("national", "甲市", "东镇"),
    "n2": ("national", "甲市", "西镇"),
    "t1": ("township", "甲市", "东镇"),
    "b1": ("background", "甲市", None),
}


def hours(
    first: datetime,
    last: datetime,
    *,
    stations: tuple[str, ...] = tuple(STATIONS),
    add: float = 0.0,
) -> pl.DataFrame:
    """Return hourly values labelled after ``first`` up to ``last``."""
    count = int((last - first).total_seconds() // 3600)
    return pl.DataFrame(
        [
            {
                "station": s, "parameter": p, "period": "1h", "unit": "µg/m³",
                "time": first + timedelta(hours=h + 1),
                "value": v + (n + add if p != "co" else 0.0),
            }
            for n, s in enumerate(stations)
            for p, v in {**LEVEL, "ws": 2.0}.items()
            for h in range(count)
        ],
        schema={
            "station": pl.String, "parameter": pl.String, "period": pl.String, "unit": pl.String,
            "time": TIME, "value": pl.Float64,
        },
    )  # fmt: skip


def register(kinds: dict[str, tuple[str, str, str | None]] = STATIONS) -> pl.DataFrame:
    """Return a register of the stations."""
    rows = [
        {
            "station": s, "name": f"站{s}", "city": city, "town": town, "kind": kind,
            "control": kind == "background", "operator": "市站", "start": date(2020, 1, 1),
        }
        for s, (kind, city, town) in kinds.items()
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema_overrides={"town": pl.String})
    return pl.concat([empty(), frame], how="diagonal_relaxed").select(empty().columns)


class Present:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def present() -> Present:
    return Present()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.init(tmp_path / "home", name="甲市", clock=lambda: START)
    made.store.save_stations(register(), "test", lambda: START)
    bulk = LAST - timedelta(hours=3)
    made.store.append(hours(START, bulk), calibre="realtime", clock=lambda: bulk, **WHO)
    for h in range(3):
        label = bulk + timedelta(hours=h + 1)
        made.store.append(
            hours(label - timedelta(hours=1), label),
            calibre="realtime",
            clock=lambda label=label: label + timedelta(minutes=8),
            **WHO,
        )
    return made


@pytest.fixture
def network(home: Home, present: Present) -> Network:
    return Network(home, clock=present)


@pytest.fixture
def other(home: Home) -> Callable[[], Home]:
    """Open the home as another process does."""
    return lambda: Home.open(home.path)
