"""The station-days of a month that some batches touched, judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from lantian.evaluation.daily import daily
from lantian.evaluation.dust import deduct_dust
from lantian.evaluation.judge import index_days
from lantian.evaluation.partitions import local_days, month_hourly
from lantian.observations.batches import Change
from lantian.observations.extent import extent
from lantian.observations.layout import CalibreChoice
from lantian.observations.log import Reach
from lantian.observations.schema import Calibre
from lantian.observations.store import Store
from lantian.observations.stored import stored_rows
from lantian.standards import EDITIONS, POLLUTANTS, Settings

# A month of which more than this share was touched is judged whole: that reads it once, in order.
_SHARE = 0.3
_DAY = ["station", "date"]
# Beside the days as they are judged lies the AQI they have under each edition, so that editions
# are compared without judging a year three times.
AQI_UNDER = "_aqi_under_"


@dataclass(frozen=True)
class How:
    """How days are judged.

    Parameters
    ----------
    calibre
        Which values.
    edition
        An edition or ``auto``.
    settings
        The choices of evaluation.
    dust
        The sand-dust events deducted; None: none are.
    """

    calibre: CalibreChoice | None
    edition: str
    settings: Settings
    dust: pl.DataFrame | None


def whole_month(store: Store, month: str, how: How) -> pl.DataFrame:
    """Return the daily table of a month, judged from its hours."""
    selection = local_days(None, None, store.zone, parameters=POLLUTANTS, calibre=how.calibre)
    return _judged(month_hourly(store, month, selection), how, store.zone)


def again(
    store: Store, month: str, how: How, kept: pl.DataFrame, touched: pl.DataFrame
) -> pl.DataFrame | None:
    """Return ``kept`` with the days ``touched`` judged anew; None: the month is better done whole.

    A 24 h mean and an 8 h window never leave the local day, so no other day can have changed.

    Parameters
    ----------
    touched
        ``station, date`` of the station-days.
    """
    if touched.is_empty():
        return kept
    if touched.height > _SHARE * kept.height:
        return None
    first, last = extent(touched["date"], date)
    selection = local_days(
        first, last, store.zone,
        stations=touched["station"].unique().to_list(),
        parameters=POLLUTANTS, calibre=how.calibre,
    )  # fmt: skip
    fresh = _judged(month_hourly(store, month, selection), how, store.zone)
    fresh = fresh.join(touched, on=_DAY, how="semi")
    rest = kept.join(touched, on=_DAY, how="anti")
    return pl.concat([rest, fresh.select(rest.columns)]).sort(_DAY)


def touched_by(
    store: Store, month: str, calibres: Sequence[Calibre], changes: Sequence[Change]
) -> pl.DataFrame:
    """Return ``station, date`` of the station-days that batches that came or went have rows of."""
    numbers = sorted({change.batch for change in changes})
    reach = Reach(
        min(c.first for c in changes) - timedelta(microseconds=1), max(c.last for c in changes)
    )
    snapshot = store.table.snapshot()
    theirs = pl.col("batch").is_between(numbers[0], numbers[-1]) & pl.col("batch").is_in(numbers)
    day = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(store.zone).dt.date()
    parts = []
    for calibre in calibres:
        stored = stored_rows(store.table, snapshot, "1h", calibre, month, undone=True, reach=reach)
        parts += [
            layer.filter(theirs).select("station", day.alias("date")).unique()
            for layer in (stored.base, stored.revisions)
            if layer is not None
        ]
    if not parts:
        return pl.DataFrame(schema={"station": pl.String(), "date": pl.Date()})
    return pl.concat(parts).unique().collect()


def rows_of(store: Store, month: str, changes: Sequence[Change]) -> int:
    """Return how many rows of a month the batches of some changes have."""
    batches = store.table.snapshot().ledger.batches
    return sum(
        part.new + part.changed
        for number in {change.batch for change in changes}
        for part in batches[number].parts
        if part.month == month and part.period == "1h"
    )


def _judged(hours: pl.DataFrame, how: How, zone: str) -> pl.DataFrame:
    if how.dust is not None:
        hours = deduct_dust(hours, how.dust, zone=zone)
    days = daily(hours, edition=how.edition, zone=zone, settings=how.settings)
    return days.with_columns(
        index_days(days, edition=edition, settings=how.settings)
        .select(pl.max_horizontal(f"iaqi_{p}" for p in POLLUTANTS))
        .to_series()
        .alias(AQI_UNDER + edition)
        for edition in EDITIONS
    )


def overlapping(dust: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Return the sand-dust events that may touch the hours labelled after ``start`` to ``end``."""
    return dust.filter(pl.col("end") > start, pl.col("start") < end)
