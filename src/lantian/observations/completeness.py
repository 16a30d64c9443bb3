"""How much of what is due is stored: values counted by station, pollutant and month."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from lantian.observations.layout import ROW_KEY, CalibreChoice
from lantian.observations.schema import POLLUTANTS
from lantian.observations.store import Store

COUNTS: dict[str, pl.DataType] = {
    "station": pl.String(),
    "parameter": pl.String(),
    "valid": pl.Int64(),
    "suspect": pl.Int64(),
    "invalid": pl.Int64(),
}


def month_bounds(month: str, zone: str) -> tuple[datetime, datetime]:
    """Return after which label and up to which one the hours of a local month lie [UTC]."""
    year, number = int(month[:4]), int(month[5:7])
    first = datetime(year, number, 1, tzinfo=ZoneInfo(zone))
    last = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ZoneInfo(zone))
    return first.astimezone(UTC), last.astimezone(UTC)


def hour_counts(store: Store, month: str, calibre: CalibreChoice | None) -> pl.DataFrame:
    """Return how many hourly values of each grade a local month holds.

    Parameters
    ----------
    month
        ``2026-01``.

    Returns
    -------
    polars.DataFrame
        ``station parameter valid suspect invalid`` of the six pollutants. An invalid value may be
        one the source gave without a number.
    """
    base, revisions = store.layers(month, calibre=calibre)
    wanted = pl.col("parameter").is_in(POLLUTANTS)
    parts: list[pl.DataFrame] = []
    newest: pl.DataFrame | None = None
    if revisions is not None:
        ordered = revisions.filter(wanted).select(*ROW_KEY, "grade")
        newest = ordered.unique(list(ROW_KEY), keep="last", maintain_order=True).collect()
        parts.append(_counted(newest.lazy()))
    if base is not None:
        first = base.filter(wanted)
        parts.append(_counted(first))
        if newest is not None:
            # the few rows that were replaced are found by their stations and times before the join
            near = first.filter(
                pl.col(name).is_in(newest[name].unique().implode()) for name in ("station", "time")
            )
            replaced = near.join(newest.lazy(), on=list(ROW_KEY), how="semi")
            parts.append(_counted(replaced).with_columns(-pl.col("n")))
    if not parts:
        return pl.DataFrame(schema=COUNTS)
    graded = [
        pl.col("n").filter(pl.col("grade") == grade).sum().alias(grade)
        for grade in ("valid", "suspect", "invalid")
    ]
    sums = pl.concat(parts).group_by("station", "parameter").agg(graded)
    return sums.select(list(COUNTS)).sort("station", "parameter")


def _counted(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return ``station parameter grade n``."""
    by = ("station", "parameter", "grade")
    return rows.select(by).group_by(by).agg(pl.len().cast(pl.Int64).alias("n")).collect()
