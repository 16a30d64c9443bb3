"""Times as vendors write them: dates, hours, ranges, Excel's leftovers.

Texts are parsed once per distinct text, to minutes after the midnight that begins their date, so
that 24:00 and a range over midnight need no special case.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

import polars as pl

from lantian.observations.schema import TIME

_DASH = r"\s*(?:-|~|–|—|至|到)\s*"
_DATE = r"(?P<y{n}>\d{{4}})\s*[-/.年]\s*(?P<m{n}>\d{{1,2}})\s*[-/.月]\s*(?P<d{n}>\d{{1,2}})"
_CLOCK = (
    r"(?P<h{n}>\d{{1,2}})"
    r"(?:\s*[:时點点]\s*(?:(?P<i{n}>\d{{1,2}})(?:\s*[:分]\s*(?P<s{n}>\d{{1,2}}(?:\.\d+)?)秒?)?分?|整)?)?"
)
_ZONE = r"(?:\s*(?P<zone>Z|UTC|GMT|\+\d{2}:?\d{2}))?"
_FULL = (
    f"^{_DATE.format(n=1)}(?:(?:\\s*日\\s*|\\s*T\\s*|\\s+){_CLOCK.format(n=1)}"
    f"(?:{_DASH}(?:{_DATE.format(n=2)}(?:\\s*日\\s*|\\s*T\\s*|\\s+))?{_CLOCK.format(n=2)})?"
    f")?\\s*日?{_ZONE}$"
)
# 20260101, 2026010113, 202601011300, 20260101T130000
_COMPACT = (
    r"^(?P<y1>\d{4})(?P<m1>\d{2})(?P<d1>\d{2})"
    r"[T\s_]?(?:(?P<h1>\d{2}):?(?P<i1>\d{2})?:?(?P<s1>\d{2}(?:\.\d+)?)?)?" + _ZONE + "$"
)
# days since 1899-12-30, where a spreadsheet lost the format of the cell
_SERIAL = r"^(?P<serial>[3-7]\d{4}(?:\.\d+)?)$"
_HOUR = f"^第?\\s*{_CLOCK.format(n=1)}(?:{_DASH}{_CLOCK.format(n=2)})?$"
_HOUR_DIGITS = r"^(?P<h1>\d{2})(?P<i1>\d{2})$"
# a time of day in a workbook comes with the day 0 (or, for 24:00, 1) of its calendar
_HOUR_SHEET = (
    r"^(?P<day>1899-12-3[01]|1900-01-01)[ T](?P<h1>\d{2}):(?P<i1>\d{2}):(?P<s1>\d{2})(?:\.\d+)?$"
)
_FRACTION = r"^(?P<fraction>[01]?\.\d+)$"
_DAY_MINUTES = 1440
_FIRST_YEAR = 1950
_EPOCH = pl.lit(dt.date(1899, 12, 30))

Form = Callable[[pl.Series], pl.DataFrame]

#: What a parsed text is: its date, the minute it labels, where a range began, and its offset.
PARSED: dict[str, pl.DataType] = {
    "date": pl.Date(),
    "minute": pl.Int64(),
    "begin": pl.Int64(),
    "offset": pl.Int64(),
}


def _plain(text: pl.Series) -> pl.Series:
    wide = {"：": ":", "／": "/", "－": "-", "～": "~", "．": ".", "\u3000": " "}
    return text.str.replace_many(wide)


def _groups(text: pl.Series, pattern: str) -> pl.DataFrame:
    names = [*re.compile(pattern).groupindex]
    found = text.str.extract_groups(pattern).struct.unnest()
    absent = ("y1", "m1", "d1", "h1", "i1", "s1", "y2", "m2", "d2", "h2", "i2", "s2")
    return found.with_columns(
        pl.lit(None, dtype=pl.String).alias(n)
        for n in (*absent, "zone", "day", "serial", "fraction")
        if n not in names
    )


def _date(n: int) -> pl.Expr:
    parts = pl.concat_str(f"y{n}", f"m{n}", f"d{n}", separator="-")
    return parts.str.to_date("%Y-%m-%d", strict=False)


def _minute(n: int) -> pl.Expr:
    """Return minutes after midnight [min], null where the clock shows no such time."""
    h = pl.col(f"h{n}").cast(pl.Int64)
    i = pl.col(f"i{n}").cast(pl.Int64).fill_null(0)
    # a second is rounded: spreadsheets keep 1:00 as 0:59:59.999
    s = pl.col(f"s{n}").cast(pl.Float64).fill_null(0.0).round(0).cast(pl.Int64)
    minutes = h * 60 + i + s // 60
    good = (h <= 24) & (i < 60) & (s.is_in([0, 60])) & (minutes <= _DAY_MINUTES)
    return pl.when(good).then(minutes)


def _spread(groups: pl.DataFrame) -> pl.DataFrame:
    """Return :data:`PARSED` and ``fine``: whether every part that is written makes sense."""
    end_day = (_date(2) - _date(1)).dt.total_days() * _DAY_MINUTES
    second = _minute(2) + end_day.fill_null(0)
    # 23:00-00:00 ends on the next day
    second = (
        pl.when((second <= _minute(1)) & pl.col("y2").is_null())
        .then(second + _DAY_MINUTES)
        .otherwise(second)
    )
    written = [
        (pl.col("y1"), _date(1)),
        (pl.col("h1"), _minute(1)),
        (pl.col("y2"), _date(2)),
        (pl.col("h2"), _minute(2)),
    ]
    fine = pl.all_horizontal(part.is_null() | value.is_not_null() for part, value in written)
    # a time of day without a date stands in a workbook on a day of 1899 or 1900
    fine &= pl.col("y1").is_null() | (pl.col("y1").cast(pl.Int64) >= _FIRST_YEAR)
    sign = pl.col("zone").str.replace(":", "", literal=True)
    hours = sign.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = sign.str.slice(3, 2).cast(pl.Int64, strict=False)
    return groups.select(
        _date(1).alias("date"),
        pl.coalesce(second, _minute(1)).alias("minute"),
        pl.when(pl.col("h2").is_not_null()).then(_minute(1)).alias("begin"),
        pl.when(pl.col("zone").str.starts_with("+"))
        .then(hours * 60 + minutes)
        .when(pl.col("zone").is_not_null())
        .then(0)
        .cast(pl.Int64)
        .alias("offset"),
        fine.alias("fine"),
    )


def _first(text: pl.Series, forms: Sequence[Form], key: str) -> pl.DataFrame:
    """Return for each text the first reading that has ``key`` and makes sense, ``(n,)``."""
    result = pl.DataFrame(schema=PARSED).clear(n=len(text))
    todo = pl.Series(range(len(text)), dtype=pl.UInt32)
    for form in forms:
        if todo.is_empty():
            break
        parsed = form(text.gather(todo))
        done = parsed.select(pl.col(key).is_not_null() & pl.col("fine")).to_series()
        read = parsed.filter(done).select(pl.col(c).cast(t) for c, t in PARSED.items())
        at = todo.filter(done)
        result = result.select(result[c].scatter(at, read[c]).alias(c) for c in PARSED)
        todo = todo.filter(~done)
    return result


def _form(pattern: str) -> Form:
    return lambda text: _spread(_groups(text, pattern))


def _serial(text: pl.Series) -> pl.DataFrame:
    number = pl.col("serial").cast(pl.Float64)
    minutes = ((number - number.floor()) * _DAY_MINUTES).round(0).cast(pl.Int64)
    near = ((number - number.floor()) * _DAY_MINUTES - minutes).abs() < 0.1
    return _groups(text, _SERIAL).select(
        (_EPOCH + pl.duration(days=number.floor().cast(pl.Int64))).cast(pl.Date).alias("date"),
        minutes.alias("minute"),
        pl.lit(None, dtype=pl.Int64).alias("begin"),
        pl.lit(None, dtype=pl.Int64).alias("offset"),
        near.fill_null(False).alias("fine"),
    )


def parse_dates(text: pl.Series) -> pl.DataFrame:
    """Read texts that hold a date, with or without a time of day.

    Parameters
    ----------
    text
        Strings, ``(n,)``.

    Returns
    -------
    DataFrame
        :data:`PARSED`, ``(n,)``: ``date`` is null where the text is none; ``minute`` [min after
        the midnight that begins ``date``] is null without a time of day, and the end of a range;
        ``begin`` the start of a range; ``offset`` [min] east of UTC where the text states it.
    """
    distinct = text.drop_nulls().unique()
    plain = _plain(distinct)
    parsed = _first(plain, (_form(_FULL), _form(_COMPACT), _serial), "date")
    return _joined(text, distinct, parsed)


def parse_hours(text: pl.Series) -> pl.DataFrame:
    """Read texts that hold an hour of the day only: ``1``, ``01时``, ``01:00``, ``00:00-01:00``.

    Returns :data:`PARSED` with ``date`` and ``offset`` null and ``minute`` null where the text is
    no hour.
    """
    distinct = text.drop_nulls().unique()
    plain = _plain(distinct).str.replace(r"^(\d{1,2})\.0+$", "$1")
    forms = (_form(_HOUR), _form(_HOUR_DIGITS), _sheet_hour, _fraction)
    return _joined(text, distinct, _first(plain, forms, "minute"))


def _sheet_hour(text: pl.Series) -> pl.DataFrame:
    groups = _groups(text, _HOUR_SHEET)
    late = groups.select(pl.col("day").eq("1900-01-01").fill_null(False)).to_series()
    minute = pl.col("minute") + late.cast(pl.Int64) * _DAY_MINUTES
    return _spread(groups).with_columns(minute.alias("minute"))


def _fraction(text: pl.Series) -> pl.DataFrame:
    minutes = pl.col("fraction").cast(pl.Float64) * _DAY_MINUTES
    return _groups(text, _FRACTION).select(
        pl.lit(None, dtype=pl.Date).alias("date"),
        minutes.round(0).cast(pl.Int64).alias("minute"),
        pl.lit(None, dtype=pl.Int64).alias("begin"),
        pl.lit(None, dtype=pl.Int64).alias("offset"),
        (minutes <= _DAY_MINUTES).fill_null(False).alias("fine"),
    )


def _joined(text: pl.Series, distinct: pl.Series, parsed: pl.DataFrame) -> pl.DataFrame:
    table = parsed.with_columns(distinct.alias("text"))
    wanted = pl.DataFrame({"text": text})
    return wanted.join(table, on="text", how="left", maintain_order="left").drop("text")


def to_utc(parsed: pl.DataFrame, zone: str, shift: int) -> pl.Series:
    """Return parsed times as UTC.

    Parameters
    ----------
    parsed
        Columns of :data:`PARSED`.
    zone
        Time zone of the texts that state no offset.
    shift
        Minutes [min] to add to a label that is no range: the period when labels are its start.

    Returns
    -------
    Series
        ``time`` in UTC, ``(n,)``; null where there is none, or where the clock of ``zone`` skips
        or repeats the hour.
    """
    added = pl.when(pl.col("begin").is_null()).then(shift).otherwise(0)
    naive = pl.col("date").cast(pl.Datetime("us")) + pl.duration(minutes=pl.col("minute") + added)
    local = naive.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    stated = (naive - pl.duration(minutes=pl.col("offset"))).dt.replace_time_zone("UTC")
    time = (
        pl.when(pl.col("offset").is_null())
        .then(local.dt.convert_time_zone("UTC"))
        .otherwise(stated)
    )
    return parsed.select(time.cast(TIME).alias("time")).to_series()
