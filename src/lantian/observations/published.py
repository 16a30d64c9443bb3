"""Recompute the AQI from the values of a file and compare it with the one published beside them.

A file whose columns are exchanged looks plausible, value by value; its index does not. HJ 633: the
hourly AQI is the largest index of the six hourly values, PM read in the 24-hour column, as the
national platform does (under 2012 too: 1,475 of 1,475 published values reproduced).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian import standards
from lantian.i18n import gettext as _
from lantian.observations.parameters import settings
from lantian.observations.schema import POLLUTANTS
from lantian.standards.editions import EditionChoice

FloatArray = npt.NDArray[np.float64]
_WORST = 10


@dataclass(frozen=True, slots=True)
class Swap:
    """Two columns whose exchange makes the index agree; ``share`` is the agreement then."""

    first: str
    second: str
    share: float


@dataclass(frozen=True)
class Agreement:
    """How far the recomputed AQI agrees with the published one.

    Parameters
    ----------
    edition
        As asked for.
    n
        Hours compared: a published AQI, and a value of at least one pollutant. 0 when the file
        lacks a pollutant altogether, since its index could be the largest.
    agreeing
        Hours in which both are equal.
    absent
        Pollutants without any value, for which reason nothing was compared.
    swap
        The exchange that explains a poor agreement, if one does.
    worst
        At most ten hours: ``station, time, published, computed, difference`` and the values.
    """

    edition: str
    n: int
    agreeing: int
    absent: tuple[str, ...]
    swap: Swap | None
    worst: pl.DataFrame

    @property
    def share(self) -> float:
        """Share of the hours that agree, 0–1; NaN when nothing was compared."""
        return self.agreeing / self.n if self.n else float("nan")

    @property
    def good(self) -> bool:
        """Say whether there is no reason to doubt the columns."""
        return self.n == 0 or self.share >= settings("published")["agree"]

    def message(self) -> str:
        """Say it in a sentence."""
        if self.absent:
            return _("The published AQI cannot be recomputed: no values of {names}.").format(
                names=", ".join(self.absent)
            )
        if not self.n:
            return _("There is no published AQI to compare with.")
        text = _(
            "The AQI computed from the values agrees with the published one in {share} of "
            "{n} hours (edition {edition})."
        ).format(share=f"{self.share:.1%}", n=f"{self.n:,}", edition=self.edition)
        if self.swap is None:
            return text
        return (
            text
            + " "
            + _(
                "With the columns {first} and {second} exchanged it agrees in {share}: they look "
                "swapped; check the file."
            ).format(first=self.swap.first, second=self.swap.second, share=f"{self.swap.share:.1%}")
        )


def check(
    long: pl.DataFrame,
    published: pl.DataFrame | None,
    edition: EditionChoice = "auto",
    *,
    zone: str = "Asia/Shanghai",
) -> Agreement:
    """Compare the AQI of hourly values with the published one.

    Parameters
    ----------
    long
        Long frame; hourly values of the six pollutants that are not invalid are used.
    published
        ``station, time, aqi``, and any sliding columns (``o3_24h`` …) that might have been
        exchanged with the hourly one: ``Reading.published``.
    edition
        ``auto`` takes the edition in force on the local day of each hour.
    zone
        Zone of the local day.
    """
    table = _together(long, published)
    absent = tuple(p for p in POLLUTANTS if table[p].is_null().all()) if table.height else ()
    if absent or table.is_empty():
        return Agreement(edition, 0, 0, absent, None, _rows(table.clear(), np.array([])))
    # the hour labelled 0:00 belongs to the day that ends with it
    day = pl.col("time").dt.convert_time_zone(zone).dt.offset_by("-1us").dt.date()
    table = table.with_columns(standards.edition_expr(day, edition).alias("edition"))
    computed = _computed(table, {})
    known = ~np.isnan(computed)
    table, computed = table.filter(pl.Series(known)), computed[known]
    same = computed == table["aqi"].to_numpy()
    n, agreeing = len(same), int(same.sum())
    poor = n > 0 and agreeing / n < settings("published")["agree"]
    return Agreement(
        edition, n, agreeing, (), _swapped(table) if poor else None, _rows(table, computed)
    )


def _together(long: pl.DataFrame, published: pl.DataFrame | None) -> pl.DataFrame:
    """Return one row per published hour: ``station, time, aqi``, the six, the sliding columns."""
    if published is None:
        published = pl.DataFrame(
            schema={"station": pl.String, "time": pl.Datetime("us", "UTC"), "aqi": pl.Float64}
        )
    hours = published.drop_nulls("aqi")
    values = long.filter(
        pl.col("period") == "1h",
        pl.col("parameter").is_in(POLLUTANTS),
        pl.col("grade") != "invalid",
        pl.col("value").is_not_null(),
    ).join(hours, on=["station", "time"], how="semi")
    wide = values.pivot(
        "parameter",
        on_columns=list(POLLUTANTS),
        index=["station", "time"],
        values="value",
        aggregate_function="first",
    )
    return hours.join(wide, on=["station", "time"], how="inner").sort("station", "time")


def _index(table: pl.DataFrame, pollutant: str, column: str) -> FloatArray:
    """Return the IAQI of each row, ``column`` taken as hourly values of ``pollutant``."""
    values = table[column].cast(pl.Float64).to_numpy().astype(np.float64)
    result = np.full(len(values), np.nan)
    for name in table["edition"].unique():
        rows = (table["edition"] == name).to_numpy()
        result[rows] = standards.iaqi(pollutant, values[rows], averaging="1h", edition=name)
    return result


def _computed(table: pl.DataFrame, exchanged: dict[str, str]) -> FloatArray:
    result = np.full(table.height, np.nan)
    for pollutant in POLLUTANTS:
        result = np.fmax(result, _index(table, pollutant, exchanged.get(pollutant, pollutant)))
    return result


def _swapped(table: pl.DataFrame) -> Swap | None:
    """Return the exchange of two columns under which the index agrees best, if well enough."""
    rules: Any = settings("published")
    step = max(1, table.height // int(rules["sample"]))
    sample = table.gather_every(step)
    truth = sample["aqi"].to_numpy()
    sliding = [c for c in table.columns if c.split("_")[0] in POLLUTANTS and "_" in c]
    pairs = [*((c.split("_")[0], c) for c in sliding), *combinations(POLLUTANTS, 2)]
    cache = {(p, p): _index(sample, p, p) for p in POLLUTANTS}
    best: Swap | None = None
    for first, second in pairs:
        exchanged = {first: second, second: first}
        result = np.full(sample.height, np.nan)
        for pollutant in POLLUTANTS:
            key = (pollutant, exchanged.get(pollutant, pollutant))
            if key not in cache:
                cache[key] = _index(sample, *key)
            result = np.fmax(result, cache[key])
        share = float((result == truth).mean())
        if share >= rules["swapped"] and (best is None or share > best.share):
            best = Swap(first, second, share)
    return best


def _rows(table: pl.DataFrame, computed: FloatArray) -> pl.DataFrame:
    return (
        table.select("station", "time", pl.col("aqi").alias("published"), *POLLUTANTS)
        .with_columns(pl.Series("computed", computed, dtype=pl.Float64))
        .with_columns((pl.col("computed") - pl.col("published")).alias("difference"))
        .filter(pl.col("difference") != 0)
        .sort(pl.col("difference").abs(), "station", "time", descending=[True, False, False])
        .head(_WORST)
        .select("station", "time", "published", "computed", "difference", *POLLUTANTS)
    )
