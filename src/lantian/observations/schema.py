"""The one schema of measurements, shared by readers, the store and evaluation.

A *long* frame has one row per station, parameter, period and time:

=========== ===================== ==========================================================
column      type                  meaning
=========== ===================== ==========================================================
station     String                id in the station register
parameter   String                ``pm25 pm10 so2 no2 co o3``, ``ws wd temp rh pres rain`` …
period      String                averaging period of the value: ``1h``, ``1m``, ``24h`` …
time        Datetime[us, UTC]     END of the period
value       Float64, null         in ``unit``; null = missing
unit        String                the unit of ``parameters.toml`` (readers convert)
flag        String                the source's own mark as it stood, ``""`` if none
grade       String                ``valid``, ``suspect`` or ``invalid``
source      String                the file (name, not path) or device the value came from
=========== ===================== ==========================================================
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

Grade = Literal["valid", "suspect", "invalid"]
Calibre = Literal["realtime", "audited"]

POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")
TIME = pl.Datetime("us", "UTC")
LONG: dict[str, pl.DataType] = {
    "station": pl.String(),
    "parameter": pl.String(),
    "period": pl.String(),
    "time": TIME,
    "value": pl.Float64(),
    "unit": pl.String(),
    "flag": pl.String(),
    "grade": pl.String(),
    "source": pl.String(),
}
KEY = ("station", "parameter", "period", "time")


def empty() -> pl.DataFrame:
    """Return a long frame with no rows."""
    return pl.DataFrame(schema=LONG)


def conform(frame: pl.DataFrame) -> pl.DataFrame:
    """Return ``frame`` with exactly the long columns and types, in order.

    Missing ``unit``, ``flag``, ``source`` become ``""`` and a missing ``grade`` becomes ``valid``.

    Raises
    ------
    InvalidArgumentError
        A key column or ``value`` is absent, or ``time`` has no time zone.
    """
    absent = [c for c in (*KEY, "value") if c not in frame.columns]
    if absent:
        raise InvalidArgumentError(
            "schema.missing_column",
            _("A table of measurements needs the columns {names}.").format(names=", ".join(absent)),
            {"columns": absent},
        )
    time = frame.schema["time"]
    if not isinstance(time, pl.Datetime) or time.time_zone is None:
        raise InvalidArgumentError(
            "schema.naive_time",
            _("The column time must be a date and time with a time zone, not {type}.").format(
                type=time
            ),
        )
    defaults = {"unit": "", "flag": "", "grade": "valid", "source": ""}
    return frame.with_columns(
        pl.lit(v).alias(c) for c, v in defaults.items() if c not in frame.columns
    ).select(
        pl.col("time").dt.convert_time_zone("UTC").cast(TIME) if c == "time" else pl.col(c).cast(t)
        for c, t in LONG.items()
    )
