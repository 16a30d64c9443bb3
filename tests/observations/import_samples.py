"""Files of measurements, good and bad, for tests of the import."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from lantian import standards

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = datetime(2016, 1, 10)  # local: 2016-01-10 01:00 is its first hour
HEADER = "No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station"
PRSA = HEADER.split(",")
Change = Callable[[int, dict[str, object]], None]


def clock() -> datetime:
    return NOW


def prsa(
    path: Path,
    station: str = "Dongsi",
    *,
    hours: int = 24,
    first: datetime = FIRST,
    level: float = 0.0,
    change: Change | None = None,
) -> Path:
    """Write a file of the Beijing archive; ``change`` may spoil each row."""
    lines = [HEADER]
    for n in range(hours):
        time = first + timedelta(hours=n + 1)
        row: dict[str, object] = {
            "No": n + 1,
            "year": time.year,
            "month": time.month,
            "day": time.day,
            "hour": time.hour,
            "PM2.5": 40 + n % 7 + level,
            "PM10": 80 + n % 5 + level,
            "SO2": 12 + n % 3,
            "NO2": 50 + n % 4,
            "CO": 900 + 100 * (n % 3),
            "O3": 60 + n % 6,
            "TEMP": 3.5 + n % 4,
            "PRES": 1020.1 + n % 3,
            "DEWP": -5.5 - n % 3,
            "RAIN": 0,
            "wd": ["N", "NNE", "SW"][n % 3],
            "WSPM": 1.5 + n % 2,
            "station": station,
        }
        if change is not None:
            change(n, row)
        lines.append(",".join(str(row[c]) for c in PRSA))
    data = ("\n".join(lines) + "\n").encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def at(row_number: int, **cells: object) -> Change:
    """Return a change of one row (counted from 0)."""

    def change(n: int, row: dict[str, object]) -> None:
        if n == row_number:
            row.update({_COLUMNS.get(k, k): v for k, v in cells.items()})

    return change


def each(**cells: Callable[[dict[str, object]], object]) -> Change:
    """Return a change of every row: the new cells are functions of the old row."""

    def change(_n: int, row: dict[str, object]) -> None:
        old = dict(row)
        row.update({_COLUMNS.get(k, k): f(old) for k, f in cells.items()})

    return change


_COLUMNS: Mapping[str, str] = {"pm25": "PM2.5", "pm10": "PM10", "co": "CO", "o3": "O3"}


def matrix(path: Path, stations: list[str], *, swap: bool = False, aqi: bool = True) -> Path:
    """Write a day of the national archive with its published AQI; ``swap`` PM2.5 and PM10."""
    names = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3"}
    lines = [",".join(["date", "hour", "type", *stations])]
    for hour in range(24):
        values = {
            p: [base + (3 * hour + 5 * s) % 37 for s in range(len(stations))]
            for p, base in {"pm25": 60, "pm10": 90, "so2": 10, "no2": 40, "o3": 50}.items()
        }
        values["co"] = [(8 + (hour + s) % 5) / 10 for s in range(len(stations))]
        index = [
            max(
                float(standards.iaqi(p, v[s], averaging="1h", edition="2012"))
                for p, v in values.items()
            )
            for s in range(len(stations))
        ]
        if swap:
            values["pm25"], values["pm10"] = values["pm10"], values["pm25"]
        head = f"20160110,{hour}"
        if aqi:
            lines.append(",".join([head, "AQI", *(f"{i:.0f}" for i in index)]))
        lines += [",".join([head, names[p], *map(str, v)]) for p, v in values.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def register(*stations: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"station": [s for s, _n in stations], "name": [n for _s, n in stations]},
        schema={"station": pl.String, "name": pl.String},
    )
