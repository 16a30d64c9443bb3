"""From long measurements to one row per station and hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.errors import DomainError, InvalidArgumentError
from lantian.evaluation._checks import largest, table
from lantian.evaluation.exact import check_range
from lantian.i18n import gettext as _
from lantian.observations.extent import extent
from lantian.standards import POLLUTANTS

HOUR = 3_600_000_000  # µs
METEOROLOGY = ("ws", "wd", "temp", "rh", "pres", "rain")
_CELLS = 400_000_000  # station-hours of one grid; more are done in halves
_COUNTED = ("valid", "suspect")


def hourly(long: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return the hourly table of a long frame.

    Suspect values count, invalid ones do not. Rows of other averaging periods are left out.

    Parameters
    ----------
    long
        ``station, parameter, period, time, value`` and, where known, ``grade``; time is the END of
        the hour, with a time zone.

    Returns
    -------
    polars.DataFrame
        ``station, time`` (UTC), the six pollutants, then ``ws wd temp …`` where present. One row
        per station and hour that has any value; sorted by station and time.

    Raises
    ------
    DomainError
        ``evaluation.conflict``: two different values for one station, parameter and hour;
        ``evaluation.not_hourly``: labels that are not whole hours apart;
        ``evaluation.value_too_large``.
    InvalidArgumentError
        A column is absent or ``time`` has no time zone.
    """
    lazy = long.lazy()
    schema = lazy.collect_schema()
    if "period" in schema:
        lazy = lazy.filter(pl.col("period") == "1h")
    wanted = ("station", "parameter", "time", "value", "grade")
    what = _("table of measurements")
    data = table(lazy.select(c for c in wanted if c in schema), wanted[:4], what)
    value = data.schema["value"]
    if not (value.is_numeric() or value == pl.Null):
        raise InvalidArgumentError(
            "evaluation.bad_column",
            _("The column {column} of the {table} must hold numbers; it has {found}.").format(
                column="value", table=what, found=value
            ),
        )
    texts = [c for c in ("parameter", "grade") if c in data.columns]
    data = data.with_columns(pl.col("value").cast(pl.Float64), pl.col(texts).cast(pl.String))
    return grid([data.filter(pl.col("parameter").is_not_null())], revisions=False)


def grid(layers: Sequence[pl.DataFrame], *, revisions: bool) -> pl.DataFrame:
    """Lay measurements out by station and hour.

    Parameters
    ----------
    layers
        Frames of ``station, parameter, time, value`` and optionally ``grade``.
    revisions
        True: a later row replaces an earlier one of the same station, parameter and hour, an
        invalid one removes it. False: two different values for one hour are an error.
    """
    layers = [_usable(f, keep_invalid=revisions) for f in layers if f.height]
    layers = [f for f in layers if f.height]
    if not layers:
        return _assemble(pl.Series("station", [], pl.String), np.array([], np.int64), {})
    names = pl.concat([f["station"].unique() for f in layers]).unique().sort()
    first = min(_bound(f, lowest=True) for f in layers)
    hours = (max(_bound(f, lowest=False) for f in layers) - first) // HOUR + 1
    if names.len() * hours > _CELLS and names.len() > 1:
        half = names.len() // 2
        parts = (names[:half], names[half:])
        return pl.concat(
            [
                grid([f.filter(pl.col("station").is_in(p.implode())) for f in layers],
                     revisions=revisions)
                for p in parts
            ],
            how="diagonal",
        )  # fmt: skip
    return _scatter(layers, names, first, int(hours), revisions)


def _usable(frame: pl.DataFrame, *, keep_invalid: bool) -> pl.DataFrame:
    """Return the rows that say something, invalid values as null when they must be kept."""
    value = pl.col("value").fill_nan(None)
    good = value.is_not_null()
    if "grade" in frame.columns:
        # a grade that is not known is not trusted; no grade at all is none to distrust
        good &= pl.col("grade").is_in(_COUNTED) | pl.col("grade").is_null()
    if keep_invalid:
        return frame.select(
            "station", "parameter", "time", pl.when(good).then(value).alias("value")
        )
    return frame.filter(good).select("station", "parameter", "time", "value")


def _bound(frame: pl.DataFrame, *, lowest: bool) -> int:
    first, last = extent(frame["time"].dt.cast_time_unit("us"), datetime)
    return int((first if lowest else last).timestamp() * 1_000_000)


def _scatter(
    layers: Sequence[pl.DataFrame], names: pl.Series, first: int, hours: int, revisions: bool
) -> pl.DataFrame:
    codes = pl.DataFrame({"station": names, "code": np.arange(names.len(), dtype=np.int64)})
    parameters = pl.concat([f["parameter"].unique() for f in layers]).unique().to_list()
    present = np.zeros(names.len() * hours, dtype=bool)
    placed: list[tuple[pl.DataFrame, npt.NDArray[np.int64]]] = []
    for frame in layers:
        cell = _cells(frame, codes, first, hours)
        present[cell] = True
        placed.append((frame, cell))
    row_of = np.cumsum(present) - 1
    columns: dict[str, npt.NDArray[np.float64]] = {}
    for parameter in parameters:
        column = np.full(int(row_of[-1]) + 1, np.nan)
        for frame, cell in placed:
            mine = (frame["parameter"] == parameter).to_numpy()
            rows = row_of[cell[mine]]
            values = frame["value"].filter(pl.Series(mine)).to_numpy()
            if parameter in POLLUTANTS:
                check_range(values, column=parameter, largest=largest(parameter))
            column[rows] = values
            if not revisions and not np.array_equal(column[rows], values, equal_nan=True):
                _raise_conflict(frame, parameter)
        columns[parameter] = column
    cells = np.flatnonzero(present)
    station = names.gather(cells // hours)
    return _assemble(station, first + (cells % hours) * HOUR, columns)


def _cells(
    frame: pl.DataFrame, codes: pl.DataFrame, first: int, hours: int
) -> npt.NDArray[np.int64]:
    code = (
        frame["station"]
        .replace_strict(codes["station"], codes["code"], return_dtype=pl.Int64)
        .to_numpy()
    )
    since = frame["time"].dt.cast_time_unit("us").to_physical().to_numpy() - first
    hour, rest = np.divmod(since, HOUR)
    if rest.any():
        example = frame["time"].item(int(np.flatnonzero(rest)[0]))
        raise DomainError(
            "evaluation.not_hourly",
            _(
                "The hour label {time} is not a whole number of hours from the first; "
                "give hourly values (period 1h) with labels on one grid."
            ).format(time=example.isoformat()),
        )
    return np.asarray(code * hours + hour)


def _raise_conflict(frame: pl.DataFrame, parameter: str) -> None:
    twice = (
        frame.filter(pl.col("parameter") == parameter)
        .group_by("station", "time")
        .agg(pl.col("value").unique().sort())
        .filter(pl.col("value").list.len() > 1)
        .sort("station", "time")
    )
    worst = twice.row(0, named=True)
    raise DomainError(
        "evaluation.conflict",
        _(
            "{count} hours of {parameter} have more than one value; the first is {station} at "
            "{time}: {values}. Keep one of them."
        ).format(
            count=twice.height,
            parameter=parameter,
            station=worst["station"],
            time=worst["time"].isoformat(),
            values=", ".join(f"{v:g}" for v in worst["value"]),
        ),
        {"count": twice.height, "parameter": parameter, "station": worst["station"]},
    )


def _assemble(
    station: pl.Series, time: npt.NDArray[np.int64], columns: dict[str, npt.NDArray[np.float64]]
) -> pl.DataFrame:
    others = [p for p in METEOROLOGY if p in columns]
    others += sorted(p for p in columns if p not in POLLUTANTS and p not in METEOROLOGY)
    none = np.full(time.size, np.nan)
    frame = pl.DataFrame(
        [
            station.alias("station"),
            pl.Series("time", time).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            *(pl.Series(p, columns.get(p, none), nan_to_null=True) for p in (*POLLUTANTS, *others)),
        ]
    )
    return frame.filter(pl.any_horizontal(pl.col(*POLLUTANTS, *others).is_not_null()))
