"""What became of every hour due: in time, late, doubtful or missing."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.network.window import BACKFILLED, LATE, Window
from lantian.observations.schema import TIME
from lantian.standards import POLLUTANTS

ARRIVAL: dict[str, pl.DataType] = {
    "station": pl.String(),
    "time": TIME,
    "parameter": pl.String(),
    "state": pl.String(),
    "delay": pl.Int64(),
    "grade": pl.String(),
    "flag": pl.String(),
}
STATES = ("missing", "invalid", "suspect", "late", "ok")
_MISSING, _INVALID, _SUSPECT, _LATE, _OK = range(len(STATES))
_HOUR, _MINUTE = 3_600_000_000, 60_000_000  # µs

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def arrival_of(window: Window, stations: pl.DataFrame, *, now: datetime, zone: str) -> pl.DataFrame:
    """Return what became of every hour and pollutant due; see :class:`Recent`.

    Parameters
    ----------
    stations
        The stations described, with their first and last day.
    now
        The present [UTC]: what is not due yet is not missing.
    """
    stations_of = [window.due["station"].unique(), window.rows["station"].unique()]
    names = pl.concat(stations_of).unique().sort()
    if names.is_empty():
        return pl.DataFrame(schema=ARRIVAL)
    parameters = pl.Series(sorted(POLLUTANTS))
    hours = int((window.until - window.start).total_seconds() // 3600)
    shape = (names.len(), hours, parameters.len())
    stored, cell = _placed(window, names, parameters, hours)
    row = np.full(shape, -1)
    row.ravel()[cell] = np.arange(cell.size)
    due = (
        _due(window, names, parameters)[:, None, :]
        & _operating(window, names, stations, hours, zone)[:, :, None]
    )
    ends = [window.start + timedelta(hours=h + 1) for h in range(hours)]
    past = np.array([end + LATE <= now for end in ends], dtype=bool)
    found = np.flatnonzero(due & ((row >= 0) | past[None, :, None]))
    station, hour, parameter = np.unravel_index(found, shape)
    place = pl.Series(row.ravel()[found])
    taken = stored.select(pl.all().gather(place.set(place < 0, None)))
    state, delay = _states(taken, _micros(window.start) + (hour + 1) * _HOUR, window)
    label = pl.Series("time", _micros(window.start) + (hour + 1) * _HOUR)
    return pl.DataFrame(
        [
            names.gather(station).alias("station"),
            label.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            parameters.gather(parameter).alias("parameter"),
            pl.Series(STATES).gather(state).alias("state"),
            delay.alias("delay"),
            taken["grade"],
            taken["flag"],
        ],
        schema=ARRIVAL,
    )


def _placed(
    window: Window, names: pl.Series, parameters: pl.Series, hours: int
) -> tuple[pl.DataFrame, IntArray]:
    """Return the stored rows that may be due, and the cell (station, hour, parameter) of each."""
    rows = window.rows.filter(
        pl.col("time") > window.start, pl.col("parameter").is_in(parameters.implode())
    )
    since = rows["time"].dt.timestamp("us").to_numpy() - _micros(window.start)
    station = _codes(rows["station"], names)
    parameter = _codes(rows["parameter"], parameters)
    cell = (station * hours + since // _HOUR - 1) * parameters.len() + parameter
    whole = since % _HOUR == 0
    return rows.filter(pl.Series(whole)), cell[whole]


def _due(window: Window, names: pl.Series, parameters: pl.Series) -> BoolArray:
    due = np.zeros((names.len(), parameters.len()), dtype=bool)
    due[_codes(window.due["station"], names), _codes(window.due["parameter"], parameters)] = True
    return due


def _operating(
    window: Window, names: pl.Series, stations: pl.DataFrame, hours: int, zone: str
) -> BoolArray:
    """Return in which hours each station operates: those of its first to its last day."""
    known = pl.DataFrame({"station": names}).join(
        stations.select("station", "start", "end"), on="station", how="left", maintain_order="left"
    )
    begin = pl.Series([window.start + timedelta(hours=h) for h in range(hours)], dtype=TIME)
    day = begin.dt.convert_time_zone(zone).dt.date().cast(pl.Int64).to_numpy()
    far = 10**9
    start = known["start"].cast(pl.Int64).fill_null(-far).to_numpy()
    end = known["end"].cast(pl.Int64).fill_null(far).to_numpy()
    inside: BoolArray = (day >= start[:, None]) & (day <= end[:, None])
    return inside


def _states(taken: pl.DataFrame, label: IntArray, window: Window) -> tuple[IntArray, pl.Series]:
    """Return the state of each hour, and the minutes it took to arrive."""
    absent = taken["value"].is_null().to_numpy()
    waited = taken["recorded"].dt.timestamp("us").fill_null(0).to_numpy() - label
    filled = taken["recorded"].is_in(pl.Series(window.filled, dtype=TIME).implode())
    old = (waited >= BACKFILLED // timedelta(microseconds=1)) | filled.fill_null(False).to_numpy()
    state = np.select(
        [
            absent,
            (taken["grade"] == "invalid").fill_null(False).to_numpy(),
            (taken["grade"] == "suspect").fill_null(False).to_numpy(),
            (waited > LATE // timedelta(microseconds=1)) & ~old,
        ],
        [_MISSING, _INVALID, _SUSPECT, _LATE],
        _OK,
    )
    minutes = pl.Series(waited // _MINUTE)
    return state, minutes.set(pl.Series(absent | old), None)


def _codes(values: pl.Series, names: pl.Series) -> IntArray:
    numbers = pl.Series(np.arange(names.len()))
    return values.replace_strict(names, numbers, return_dtype=pl.Int64).to_numpy()


def _micros(time: datetime) -> int:
    return int(time.timestamp()) * 1_000_000
