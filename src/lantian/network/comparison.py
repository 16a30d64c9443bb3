"""The same air judged in several ways, side by side: by method, by edition."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.composite import composite_expr, statistic_of
from lantian.evaluation.judge import WITH_DUST
from lantian.standards import EDITIONS, METHODS, POLLUTANTS, Method, Settings, category_expr, limit

_DUSTY = ("pm25", "pm10")


def by_method(frame: pl.DataFrame, *, within: str | None, settings: Settings) -> pl.DataFrame:
    """Rank the rows of one period under every method of the composite index.

    Parameters
    ----------
    frame
        The frame of a :class:`lantian.network.Ranking`.
    within
        The column ranked apart (``kind``, ``town``, ``city``); None: all together.

    Returns
    -------
    polars.DataFrame
        ``station, way, value, rank``; ``way`` is the method, ``value`` its index.
    """
    bare = frame.drop("rank", "excluded", "reason", strict=False)
    parts = [
        ev.rank(
            bare.with_columns(composite_expr(chosen).alias("composite_index")),
            within=(within,) if within else (),
            settings=settings,
        ).select("station", pl.lit(name).alias("way"), value="composite_index", rank="rank")
        for name, chosen in METHODS.items()
    ]
    return pl.concat(parts)


def by_edition(frames: Mapping[str, pl.DataFrame], key: str) -> pl.DataFrame:
    """Put the rankings of one period under several editions below each other.

    Parameters
    ----------
    frames
        The frames of rankings, by edition.

    Returns
    -------
    polars.DataFrame
        ``station, way, value, rank``; ``way`` is the edition, ``value`` the statistic ``key``.
    """
    return pl.concat(
        frame.select(
            "station",
            pl.lit(name).alias("way"),
            pl.col(key).cast(pl.Float64).alias("value"),
            "rank",
        )
        for name, frame in frames.items()
    )


def moved(ways: pl.DataFrame) -> list[str]:
    """Return the stations whose rank is not the same every way, in the order of the first way."""
    return (
        ways.group_by("station", maintain_order=True)
        .agg(pl.col("rank").drop_nulls().n_unique().alias("ranks"))
        .filter(pl.col("ranks") > 1)["station"]
        .to_list()
    )


def method_of(edition: str) -> Method | None:
    """Return the unweighted sum that divides by an edition's own grade II limits; None: none."""
    own = {p: limit(p, averaging=_averaging(p), grade=2, edition=edition) for p in POLLUTANTS}
    for chosen in METHODS.values():
        if chosen.kind == "sum" and not chosen.weights and dict(chosen.limits) == own:
            return chosen
    return None


def _averaging(p: str) -> str:
    """Return the averaging time of the limit the index divides a pollutant's statistic by."""
    if statistic_of(p) == f"{p}_mean":
        return "year"
    return "8h" if p == "o3" else "24h"


def aqi_by_edition(judged: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return ``station, date`` and ``aqi_<edition>`` of tables that differ in nothing but that.

    Parameters
    ----------
    judged
        What :func:`judged_by` returns.
    """
    first = next(iter(judged.values())).select("station", "date")
    return first.with_columns(table["aqi"].alias(f"aqi_{name}") for name, table in judged.items())


def category_changes(days: pl.DataFrame) -> pl.DataFrame:
    """Return the days whose AQI category depends on the edition.

    Parameters
    ----------
    days
        ``station, date`` and ``aqi_<edition>`` of each edition (``Network.aqi_by_edition``).

    Returns
    -------
    polars.DataFrame
        Its rows that differ, with ``category_<edition>``; sorted by station and date.
    """
    editions = [c.removeprefix("aqi_") for c in days.columns if c.startswith("aqi_")]
    named = days.with_columns(
        category_expr(pl.col(f"aqi_{e}")).alias(f"category_{e}") for e in editions
    )
    base = pl.col(f"category_{editions[0]}")
    differs = [base.ne_missing(pl.col(f"category_{e}")) for e in editions[1:]]
    return named.filter(pl.any_horizontal(differs)).sort("station", "date")


def dust_days(days: pl.DataFrame) -> int:
    """Return on how many dates of a daily table PM was deducted for sand-dust."""
    pairs = [p for p in _DUSTY if p + WITH_DUST in days.columns]
    if not pairs:
        return 0
    hit = pl.any_horizontal(pl.col(p).ne_missing(pl.col(p + WITH_DUST)) for p in pairs)
    return days.filter(hit)["date"].n_unique()


def judged_by(days: pl.DataFrame, settings: Settings) -> dict[str, pl.DataFrame]:
    """Return a daily table judged anew under every edition, by edition."""
    return {name: ev.judge(days, edition=name, settings=settings) for name in EDITIONS}


def categories_of(days: pl.DataFrame) -> pl.DataFrame:
    """Return ``station, category, days``: how many days of a judged table fall into each."""
    return (
        days.drop_nulls("category").group_by("station", "category").len("days")
        .with_columns(pl.col("days").cast(pl.Int64)).sort("station", "category")
    )  # fmt: skip
