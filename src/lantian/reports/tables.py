"""The tables behind a report, flat enough for a sheet or a CSV file."""

from __future__ import annotations

import polars as pl

from lantian.reports.data import ReportData
from lantian.standards import CHOICES


def tables(data: ReportData) -> dict[str, pl.DataFrame]:
    """Return the report's tables by name; lists are joined with commas, nothing is rounded."""
    name = data.register.select("station", "name")
    result = {
        "cities": data.cities,
        "ranking": data.stations.join(name, on="station", how="left"),
        "city_days": data.city_days,
        "station_days": data.days.join(name, on="station", how="left"),
        "editions_cities": _stack([v.cities for v in data.editions]),
        "editions_stations": _stack([v.stations for v in data.editions]),
        "editions_categories": _stack(
            [v.categories.with_columns(pl.lit(v.edition).alias("edition")) for v in data.editions]
        ),
        "methods": data.methods,
        "completeness": data.completeness.table,
        "completeness_months": data.completeness.months,
        "diurnal": data.diurnal.table.with_columns(pl.lit(data.diurnal.cycle).alias("cycle")),
        "stations": data.register,
        "settings": _settings(data),
    }
    if data.winds.wind is not None:
        result["wind_rose"] = data.winds.wind.table
    for p, rose in data.winds.pollution.items():
        result[f"rose_{p}"] = rose.table
    return {k: _flat(v) for k, v in result.items()}


def _stack(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal_relaxed")


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    front = [c for c in ("station", "name") if c in frame.columns]
    lists = [c for c, t in frame.schema.items() if isinstance(t, pl.List)]
    return frame.with_columns(pl.col(c).list.join(",") for c in lists).select(
        *front, pl.exclude(front)
    )


def _settings(data: ReportData) -> pl.DataFrame:

    changed = data.settings.changed()
    return pl.DataFrame(
        {
            "setting": list(CHOICES),
            "value": [str(getattr(data.settings, n)) for n in CHOICES],
            "status": [c.status for c in CHOICES.values()],
            "source": [c.source for c in CHOICES.values()],
            "changed": [n in changed for n in CHOICES],
        }
    )
