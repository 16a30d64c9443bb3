"""Station, parameter and time of a row as one whole number: fast to sort, compare and join."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.layout import CONTENT

KEY: Final = "_key"
# Milliseconds in a month, with a margin of the longest period and a day for the zone, fit 33 bits.
_TIME_BITS: Final = 33
_SHOWN: Final = 5


class KeySpace:
    """The numbering of the stations and parameters of some rows.

    Stations count first, in the order of their text, then parameters, then time, so that rows
    sorted by the number lie in files as readers want them.

    Parameters
    ----------
    frame
        Rows with ``station`` and ``parameter``; no nulls.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.stations = frame["station"].unique().sort().to_list()
        self.parameters = frame["parameter"].unique().sort().to_list()
        if len(self.stations) * len(self.parameters) >= 1 << (63 - _TIME_BITS):
            raise DomainError(
                "store.too_many_stations",
                _("Too many stations at once ({count}). Import them in parts.").format(
                    count=len(self.stations)
                ),
                {"stations": len(self.stations)},
            )

    def expr(self, month: str) -> pl.Expr:
        """Return the number of a row of ``month``; null for stations or parameters not numbered."""
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC) - timedelta(days=1)
        origin = int(start.timestamp()) * 1000
        station = _code("station", self.stations)
        parameter = _code("parameter", self.parameters)
        series = station * len(self.parameters) + parameter
        offset = pl.col("time").dt.epoch("ms") - origin
        return (series * (1 << _TIME_BITS) + offset).alias(KEY)


def _code(column: str, names: list[str]) -> pl.Expr:
    return pl.col(column).cast(pl.Enum(names), strict=False).to_physical().cast(pl.Int64)


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows in key order, each key once; rows said twice alike are said once.

    Raises
    ------
    InvalidArgumentError
        ``store.conflicting_rows``: one key has two different values, units, flags or grades.
    """
    if not frame[KEY].is_sorted():
        frame = frame.sort(KEY)
    repeated = frame.select((pl.col(KEY) == pl.col(KEY).shift(1)).fill_null(False)).to_series()
    if not repeated.any():
        return frame
    keys = frame.filter(repeated)[KEY].unique()
    twice = frame.filter(pl.col(KEY).is_in(keys.implode()))
    refuse_conflicts(twice)
    # Which of several sources is named must not depend on the order of the rows.
    once = twice.sort(KEY, "source").unique(KEY, keep="first", maintain_order=True)
    rest = frame.filter(~pl.col(KEY).is_in(keys.implode()))
    return pl.concat([rest, once]).sort(KEY)


def refuse_conflicts(rows: pl.DataFrame) -> None:
    """Raise ``store.conflicting_rows`` if a key of ``rows`` comes with different contents."""
    distinct = rows.unique([KEY, *CONTENT])
    bad = distinct.filter(pl.len().over(KEY) > 1).sort(KEY, *CONTENT, nulls_last=True)
    if bad.is_empty():
        return
    count = bad[KEY].n_unique()
    first = bad.filter(pl.col(KEY) == bad[KEY][0])
    raise InvalidArgumentError(
        "store.conflicting_rows",
        _(
            "{count} values are given twice and differently, first {station} {parameter} at "
            "{time}: {values}. Keep one row for each station, parameter and time."
        ).format(
            count=count,
            station=first["station"][0],
            parameter=first["parameter"][0],
            time=first["time"][0].isoformat(),
            values=" ≠ ".join(
                " ".join("—" if c is None else str(c) for c in row if c != "")
                for row in first.select(CONTENT).iter_rows()
            ),
        ),
        {
            "count": count,
            "examples": bad.head(2 * _SHOWN)
            .select("station", "parameter", pl.col("time").dt.to_string("iso"), *CONTENT)
            .to_dicts(),
        },
    )
