"""The stations of a moment, judged: one row each, filtered and in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.register import DESCRIBED
from lantian.standards import CATEGORIES, POLLUTANTS
from lantian.web.accounts.access import Access
from lantian.web.air.queries.arrival import due_of
from lantian.web.air.queries.moment import Moment, local_day
from lantian.web.core.air import network

DAILY = {p: "o3_mda8" if p == "o3" else p for p in POLLUTANTS}
"""The daily value of each pollutant in the daily table."""

SORTS = ("name", "aqi", *POLLUTANTS)
_INDEX = ("aqi", "category", "primary", "edition", "missing")


@dataclass(frozen=True)
class Filter:
    """Which stations a page shows and in which order; empty: all.

    Parameters
    ----------
    show
        ``assessed``: those that make the city mean; ``trouble``: those with something wrong.
    sort
        A column of ``SORTS``, with ``-`` before it from high to low.
    """

    city: str = ""
    kind: str = ""
    town: str = ""
    text: str = ""
    show: str = ""
    sort: str = "-aqi"


def stations_of(access: Access, day: date, measured: pl.Series) -> pl.DataFrame:
    """Return the stations a person sees that operate on a day, or have values without a register.

    Returns
    -------
    polars.DataFrame
        The columns of :data:`lantian.evaluation.register.DESCRIBED`.
    """
    known = network().stations()
    mine = known.filter(
        (pl.col("start").is_null() | (pl.col("start") <= day))
        & (pl.col("end").is_null() | (pl.col("end") >= day))
    )
    unknown = measured.unique().sort()
    unknown = unknown.filter(~unknown.is_in(known["station"].implode()))
    if unknown.len():
        extra = pl.DataFrame(
            {"station": unknown, "name": unknown, "kind": ["other"] * unknown.len(),
             "control": [False] * unknown.len(), "assessed": [False] * unknown.len()},
        )  # fmt: skip
        extra = pl.concat([pl.DataFrame(schema=DESCRIBED), extra], how="diagonal_relaxed")
        mine = pl.concat([mine, extra.select(list(DESCRIBED)).cast(pl.Schema(DESCRIBED))])
    if access.stations is not None:
        mine = mine.filter(pl.col("station").is_in(list(access.stations)))
    return mine


def rows_of(moment: Moment, access: Access) -> pl.DataFrame:
    """Return one row per station the person sees, in the order of the register.

    Returns
    -------
    polars.DataFrame
        The columns of the register, the six pollutants (a day's values of a day), ``grade_<p>`` of
        an hour's, ``aqi category primary edition missing``, ``due`` (pollutants monitored) and
        ``state``: ``aqi`` (to be published), ``withheld`` (HJ 633-2026 5.3.1) or ``none``.
    """
    day = local_day(moment.label)
    measured = moment.recent.hours["station"]
    values = _of_day(day) if moment.day else _of_hour(moment)
    return (
        stations_of(access, day, measured)
        .join(values, on="station", how="left", maintain_order="left")
        .join(due_of(moment), on="station", how="left", maintain_order="left")
        .pipe(with_state)
    )


def with_state(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``state`` to rows that have ``aqi, edition, missing, due``."""
    return frame.with_columns(
        pl.when(pl.col("aqi").is_null())
        .then(pl.lit("none"))
        .when(ev.withheld_expr("due"))
        .then(pl.lit("withheld"))
        .otherwise(pl.lit("aqi"))
        .alias("state")
    )


def _of_hour(moment: Moment) -> pl.DataFrame:
    recent = moment.recent
    arrival = moment.at(recent.arrival).filter(pl.col("grade") != "valid")
    grades = [
        pl.col("grade").filter(pl.col("parameter") == p).first().alias(f"grade_{p}")
        for p in POLLUTANTS
    ]
    return (
        moment.at(recent.hours)
        .select("station", *POLLUTANTS)
        .join(moment.at(recent.aqi).select("station", *_INDEX), on="station", how="left")
        .join(arrival.group_by("station").agg(grades), on="station", how="left")
    )


def _of_day(day: date) -> pl.DataFrame:
    nothing = [pl.lit(None, pl.String).alias(f"grade_{p}") for p in POLLUTANTS]
    return network().days(day, day).select(
        "station", *(pl.col(c).alias(p) for p, c in DAILY.items()), *_INDEX, *nothing
    )  # fmt: skip


def chosen(rows: pl.DataFrame, asked: Filter, trouble: Sequence[str]) -> pl.DataFrame:
    """Return the rows a filter asks for, in its order; what has no value comes last.

    Parameters
    ----------
    trouble
        Stations with something wrong.
    """
    wanted = pl.lit(True)
    for column in ("city", "kind", "town"):
        if given := getattr(asked, column):
            wanted &= pl.col(column) == given
    if asked.text:
        text = asked.text.lower()
        named = [
            pl.col(c).fill_null("").str.to_lowercase().str.contains(text, literal=True)
            for c in ("name", "station", "town")
        ]
        wanted &= pl.any_horizontal(named)
    if asked.show == "assessed":
        wanted &= pl.col("assessed")
    elif asked.show == "trouble":
        wanted &= pl.col("station").is_in(list(trouble))
    return _ordered(rows.filter(wanted), asked.sort)


def _ordered(rows: pl.DataFrame, sort: str) -> pl.DataFrame:
    column, down = sort.removeprefix("-"), sort.startswith("-")
    key = pl.col(column)
    if column == "aqi":  # what is not published is not compared
        key = pl.when(pl.col("state") == "aqi").then(key)
    withheld = (pl.col("state") != "withheld").cast(pl.Int8)
    return rows.sort(
        key, withheld, pl.col("name"), descending=[down, False, False], nulls_last=True,
        maintain_order=True,
    )  # fmt: skip


def counts(rows: pl.DataFrame) -> list[tuple[str, int]]:
    """Return how many stations are of each AQI category, then withheld, then without data."""
    published = rows.filter(pl.col("state") == "aqi")
    found = dict(published.group_by("category").len().iter_rows())
    states = dict(rows.group_by("state").len().iter_rows())
    return [
        *((c, found[c]) for c in CATEGORIES if c in found),
        *((s, states[s]) for s in ("withheld", "none") if s in states),
    ]
