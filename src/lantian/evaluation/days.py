"""Which local day, and which hour of it, an hourly label belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation._checks import table
from lantian.evaluation.hourly import HOUR
from lantian.i18n import gettext as _
from lantian.observations.layout import check_zone

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DayIndex:
    """The station-days of an hourly table sorted by station and time.

    Parameters
    ----------
    frame
        The sorted hourly table, shape (n_rows, …).
    starts
        First row of each station-day, shape (n_days,).
    day
        Station-day of each row, shape (n_rows,).
    slot
        Hours since local midnight at the START of the row's hour (0 … 23, or 24 on the long day
        of a zone with daylight saving), shape (n_rows,).
    dates
        Local date of each station-day [days since 1970-01-01], shape (n_days,).
    """

    frame: pl.DataFrame
    starts: IntArray
    day: IntArray
    slot: IntArray
    dates: IntArray

    @property
    def stations(self) -> pl.Series:
        """Return the station of each station-day."""
        return self.frame["station"].gather(self.starts)


def day_index(hourly: pl.DataFrame | pl.LazyFrame, zone: str) -> DayIndex:
    """Sort an hourly table and find its station-days.

    An hour belongs to the local day in which it starts: the label 24:00 ends the day.

    Raises
    ------
    InvalidArgumentError
        A station has two rows for one hour, or ``time`` has no zone.
    """
    check_zone(zone)
    hourly = table(hourly, ("station", "time"), _("hourly table"))
    frame = hourly.sort("station", "time", maintain_order=True)
    stamp = frame["time"].dt.cast_time_unit("us").to_physical().to_numpy()
    if stamp.size == 0:
        nothing = np.array([], dtype=np.int64)
        return DayIndex(frame, nothing, nothing, nothing, nothing)
    first = int(stamp.min())
    hour, rest = np.divmod(stamp - first, HOUR)
    if rest.any():
        raise InvalidArgumentError(
            "evaluation.not_hourly",
            _(
                "The hourly table has the label {time}, which is not a whole number of hours from "
                "the first; average to hours before."
            ).format(time=frame["time"].item(int(np.flatnonzero(rest)[0])).isoformat()),
        )
    labels = pl.select(
        (pl.int_range(int(hour.max()) + 1) * HOUR + (first - HOUR))
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(zone)
        .alias("start")
    ).select(
        pl.col("start").dt.date().cast(pl.Int64).alias("date"),
        (pl.col("start") - pl.col("start").dt.truncate("1d")).dt.total_hours().alias("slot"),
    )
    date = labels["date"].to_numpy()[hour]
    other_station = (frame["station"] != frame["station"].shift(1)).fill_null(True).to_numpy()
    same_row = ~other_station
    same_row[1:] &= stamp[1:] == stamp[:-1]
    same_row[0] = False
    if same_row.any():
        row = frame.row(int(np.flatnonzero(same_row)[0]), named=True)
        raise InvalidArgumentError(
            "evaluation.duplicate_hour",
            _("The hourly table has two rows for {station} at {time}; keep one.").format(
                station=row["station"], time=row["time"].isoformat()
            ),
        )
    new_day = other_station.copy()
    new_day[1:] |= date[1:] != date[:-1]
    starts = np.flatnonzero(new_day)
    return DayIndex(
        frame, starts, np.cumsum(new_day) - 1, labels["slot"].to_numpy()[hour], date[starts]
    )
