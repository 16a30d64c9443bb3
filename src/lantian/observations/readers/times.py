"""Dates and times as files write them, to UTC."""

from __future__ import annotations

import polars as pl

from lantian.observations.schema import TIME

# with an offset first: a text that has one must not be read without it
_OFFSET = ("%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z")
_LOCAL = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H:%M",
)


def to_utc(local: pl.Expr, zone: str) -> pl.Expr:
    """Return local date-times as UTC; an hour the zone's clock skips or repeats becomes null."""
    return (
        local.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
        .dt.convert_time_zone("UTC")
        .cast(TIME)
    )


def hour_label(year: str, month: str, day: str, hour: str, *, zone: str) -> pl.Expr:
    """Return the UTC end of the hour labelled by four text columns of a local date and hour.

    China's network labels an hour by its end, so hour 0 is 24:00 of the day before and 24 is 0 of
    the next. Null for a date that does not exist or an hour outside 0–24.
    """
    date = pl.concat_str(year, month, day, separator="-").str.to_date("%Y-%m-%d", strict=False)
    return date_hour_label(date, pl.col(hour), zone)


def date_hour_label(date: pl.Expr, hour: pl.Expr, zone: str) -> pl.Expr:
    """Return the UTC end of the hour ``hour`` (text) of the local ``date`` (Date)."""
    number = hour.str.strip_chars().cast(pl.Int64, strict=False)
    known = pl.when(number.is_between(0, 24)).then(number)
    return to_utc(date.cast(pl.Datetime("us")) + pl.duration(hours=known), zone)


def parse_times(text: pl.Series, zone: str) -> pl.Series:
    """Return times written as text as UTC; null where the text is no date and time.

    Understands ISO 8601 with or without offset, slashes or dots for dashes, ``2016年1月1日3时``,
    compact digits, and 24:00, which is 0:00 of the next day. A time without an offset is local in
    ``zone``.
    """
    name = text.name
    frame = pl.DataFrame({"raw": text.cast(pl.String)})
    done = frame.select(_first_try(pl.col("raw"), zone)).to_series()
    todo = done.is_null() & text.is_not_null()
    if todo.any():
        rest = frame.filter(todo).select(_plain(pl.col("raw")).alias("raw"))
        late = pl.col("raw").str.contains(r" 24:00(:00)?$")
        rest = rest.select(
            raw=pl.when(late)
            .then(pl.col("raw").str.replace(" 24:", " 00:", literal=True))
            .otherwise(pl.col("raw")),
            late=late,
        )
        attempts = [
            pl.col("raw").str.to_datetime(f, time_unit="us", time_zone="UTC", strict=False)
            for f in _OFFSET
        ] + [
            to_utc(
                pl.col("raw").str.to_datetime(f, time_unit="us", strict=False)
                + pl.duration(days=pl.col("late").cast(pl.Int64)),
                zone,
            )
            for f in _LOCAL
        ]
        found = rest.select(pl.coalesce(attempts).cast(TIME)).to_series()
        done = done.scatter(todo.arg_true(), found)
    return done.alias(name)


def _first_try(raw: pl.Expr, zone: str) -> pl.Expr:
    """Read the two commonest forms in one pass; the rest is looked at again."""
    utc = raw.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False
    )
    local = raw.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    return pl.coalesce(utc.cast(TIME), to_utc(local, zone))


def _plain(raw: pl.Expr) -> pl.Expr:
    """Return the text with dashes, a blank, minutes: ``2016年1月1日3时`` is ``2016-1-1 3:00``."""
    return (
        raw.str.strip_chars()
        .str.replace(r"^(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?", "$1-$2-$3 ")
        .str.replace(r"时(\d{1,2})分?", ":$1")
        .str.replace(r"[时点]整?$", ":00")
        .str.replace(r"^(\d{4}-\d{1,2}-\d{1,2})\s*[T\s]\s*", "$1 ")
        .str.replace(r"^(\d{8})T", "$1 ")
        .str.replace(r"^(\d{4}-\d{1,2}-\d{1,2} \d{1,2})$", "$1:00")
        .str.replace(r"^(\d{4}-\d{1,2}-\d{1,2}) (\d):", "$1 0$2:")
        .str.replace(r"\s+(Z|[+-]\d{2}:?\d{2})$", "$1")
        .str.strip_chars()
    )
