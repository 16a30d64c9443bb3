"""Stations or cities of a network in order, with the year before and the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.period import MIXED
from lantian.observations.layout import CalibreChoice
from lantian.standards import Settings, edition_of

# What the edition decides: comparable only where one edition judges both years.
COUNTS_OF_DAYS = frozenset({"good_days", "good_day_ratio", "heavy_days"})


@dataclass(frozen=True)
class Ranking:
    """A ranked table and what it stands on.

    Parameters
    ----------
    frame
        The columns of :func:`lantian.evaluation.rank`, then ``name``, ``kind``, ``town``,
        ``city``, ``rank_previous``, ``<key>_previous``, ``<key>_change`` [%] and ``why``: the
        reason in words, null where ranked.
    span
        The period ranked: whole days that have passed.
    asked
        The period asked for.
    previous
        The same period a year before, where it is compared with; None: it is not.
    edition
        What judged it: an edition, or ``mixed``.
    """

    frame: pl.DataFrame
    span: ev.Span
    asked: ev.Span
    previous: ev.Span | None
    edition: str


@dataclass(frozen=True)
class Asked:
    """How to rank, and what.

    Parameters
    ----------
    edition, method, calibre, dust
        As for ``Network.periods``.
    key
        The statistic to rank by.
    group
        The column ranked apart: ``kind``, ``town`` or ``city``; None: all together.
    cities
        Rank cities, not stations.
    previous
        Compare with the year before.
    """

    edition: str
    method: str
    key: str
    group: str | None
    cities: bool
    calibre: CalibreChoice | None
    dust: bool
    previous: bool

    @property
    def within(self) -> tuple[str, ...]:
        """Return the columns ranked apart."""
        return () if self.cities or self.group is None else (self.group,)


class Air(Protocol):
    """What a ranking is made from: the answers of a network."""

    @property
    def settings(self) -> Settings:
        """The choices of evaluation."""

    def stations(self) -> pl.DataFrame:
        """Return the stations."""

    def periods(
        self, span: ev.Span, *, edition: str, method: str, cities: bool,
        calibre: CalibreChoice | None, dust: bool,
    ) -> pl.DataFrame:  # fmt: skip
        """Return the statistics of a span."""

    def days(
        self, start: date, end: date, *, edition: str, calibre: CalibreChoice | None, dust: bool
    ) -> pl.DataFrame:
        """Return the days of the stations."""

    def city_days(
        self, start: date, end: date, *, edition: str, calibre: CalibreChoice | None, dust: bool
    ) -> pl.DataFrame:
        """Return the days of the cities."""


def ranking_of(
    air: Air, span: ev.Span, past: ev.Span, before: ev.Span | None, asked: Asked
) -> Ranking:
    """Rank ``past``, the days of ``span`` that have passed, and compare with ``before``."""

    def statistics(of: ev.Span, edition: str) -> pl.DataFrame:
        table = air.periods(
            of, edition=edition, method=asked.method, cities=asked.cities,
            calibre=asked.calibre, dust=asked.dust,
        )  # fmt: skip
        return _named(table, air.stations(), cities=asked.cities)

    table = statistics(past, asked.edition)
    same = _previous_edition(table, asked.key)
    old = statistics(before, same) if before and same else None
    frame = _ranked(table, old, asked, air.settings)
    return Ranking(
        _with_words(frame, air, past, asked),
        past,
        span,
        before if frame["rank_previous"].count() else None,
        _judged(past, asked.edition),
    )


def _named(table: pl.DataFrame, stations: pl.DataFrame, *, cities: bool) -> pl.DataFrame:
    """Return a period table with ``name, kind, town, city`` of each row."""
    if cities:
        nothing = pl.lit(None, pl.String)
        return table.with_columns(
            pl.col("station").alias("name"),
            pl.lit("").alias("kind"),
            nothing.alias("town"),
            pl.col("station").alias("city"),
        )
    about = stations.select("station", "name", "kind", "town", "city")
    return table.join(about, on="station", how="left", maintain_order="left").with_columns(
        pl.col("name").fill_null(pl.col("station")), pl.col("kind").fill_null("other")
    )


def _ranked(
    table: pl.DataFrame, before: pl.DataFrame | None, asked: Asked, settings: Settings
) -> pl.DataFrame:
    """Rank a named period table and compare it with the one of the year before.

    Parameters
    ----------
    before
        The named table of the year before, judged by the same edition; None: nothing to compare.
    """
    frame = ev.rank(table, key=asked.key, within=asked.within, settings=settings)
    if before is None or before.is_empty():
        nothing = pl.lit(None, pl.Float64)
        return frame.with_columns(
            pl.lit(None, pl.Int64).alias("rank_previous"),
            nothing.alias(f"{asked.key}_previous"),
            nothing.alias(f"{asked.key}_change"),
        )
    places = ev.rank(before, key=asked.key, within=asked.within, settings=settings)
    places = places.select("station", rank_previous="rank")
    return (
        frame.join(places, on="station", how="left", maintain_order="left")
        .pipe(ev.year_on_year, before, columns=(asked.key,), settings=settings)
    )  # fmt: skip


def _previous_edition(table: pl.DataFrame, key: str) -> str | None:
    """Return the edition that judges the year before; None: the two do not compare."""
    editions = table["edition"].unique().to_list()
    if editions == [MIXED] or len(editions) != 1:
        return None if key in COUNTS_OF_DAYS else "auto"
    return str(editions[0])


def _with_words(frame: pl.DataFrame, air: Air, past: ev.Span, asked: Asked) -> pl.DataFrame:
    """Add ``why``: the reason a row is not ranked, in the language in force."""
    others = frame.filter("excluded")
    if others.is_empty():
        return frame.with_columns(pl.lit(None, pl.String).alias("why"))
    table = air.city_days if asked.cities else air.days
    days = table(
        past.start, past.end, edition=asked.edition, calibre=asked.calibre, dust=asked.dust
    )
    mine = days.filter(pl.col("station").is_in(others["station"].implode()))
    parts = mine.partition_by("station", as_dict=True)
    words = [
        ev.explain(row["reason"], row, daily=parts[(row["station"],)], settings=air.settings)
        for row in others.iter_rows(named=True)
    ]
    said = others.select("station").with_columns(pl.Series("why", words, dtype=pl.String))
    return frame.join(said, on="station", how="left", maintain_order="left")


def _judged(span: ev.Span, edition: str) -> str:
    """Return the edition that judges all days of a span, or ``mixed``."""
    if edition != "auto":
        return edition
    first, last = edition_of(span.start), edition_of(span.end)
    return first if first == last else MIXED
