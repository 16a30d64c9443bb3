"""What every function makes sure of before it counts: columns, types, one row for one thing."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation.exact import LARGEST, check_range
from lantian.i18n import gettext as _

_TEXT = (pl.Categorical, pl.Enum)


def table(frame: pl.DataFrame | pl.LazyFrame, needed: Sequence[str], what: str) -> pl.DataFrame:
    """Return ``frame`` in memory with its ``station`` as text and its ``date`` as a date.

    A ``date`` given as a time is the calendar day of that time in its own zone.

    Raises
    ------
    InvalidArgumentError
        ``evaluation.missing_column``, or ``evaluation.bad_column``: a station, date or time that is
        null or of another type.
    """
    data = frame.collect() if isinstance(frame, pl.LazyFrame) else frame
    if data.height == 0:  # an empty list has no type to speak of
        types = {"station": pl.String(), "date": pl.Date(), "time": pl.Datetime("us", "UTC")}
        data = data.with_columns(pl.col(c).cast(t) for c, t in types.items() if c in data.columns)
    absent = [c for c in needed if c not in data.columns]
    if absent:
        raise InvalidArgumentError(
            "evaluation.missing_column",
            _("The {table} lacks the columns {names}.").format(table=what, names=", ".join(absent)),
            {"columns": absent},
        )
    if "station" in needed:
        if isinstance(data.schema["station"], _TEXT):
            data = data.with_columns(pl.col("station").cast(pl.String))
        _refuse(data, "station", pl.String, what)
    if "date" in needed:
        if isinstance(data.schema["date"], pl.Datetime):
            data = data.with_columns(pl.col("date").dt.date())
        _refuse(data, "date", pl.Date, what)
    if "time" in needed:
        time = data.schema["time"]
        if not isinstance(time, pl.Datetime) or time.time_zone is None:
            raise InvalidArgumentError(
                "evaluation.naive_time",
                _(
                    "The column time of the {table} must be a time with a zone; it is {type}."
                ).format(table=what, type=time),
            )
        _refuse(data, "time", pl.Datetime, what)
    return data


def _refuse(data: pl.DataFrame, column: str, kind: type[pl.DataType], what: str) -> None:
    series = data[column]
    if not isinstance(series.dtype, kind) or series.null_count():
        found = _("missing values") if isinstance(series.dtype, kind) else str(series.dtype)
        raise InvalidArgumentError(
            "evaluation.bad_column",
            _(
                "The column {column} of the {table} must hold {kind} throughout; it has {found}."
            ).format(column=column, table=what, kind=kind.__name__, found=found),
            {"column": column},
        )


def numbers(data: pl.DataFrame, columns: Sequence[str], what: str) -> pl.DataFrame:
    """Return ``data`` with ``columns`` as floats, NaN as null, none beyond a concentration.

    Raises
    ------
    InvalidArgumentError
        A column that is no number.
    DomainError
        ``evaluation.value_too_large``.
    """
    here = [c for c in columns if c in data.columns]
    for c in here:
        kind = data.schema[c]
        if not (kind.is_numeric() or kind == pl.Null):
            raise InvalidArgumentError(
                "evaluation.bad_column",
                _("The column {column} of the {table} must hold numbers; it has {found}.").format(
                    column=c, table=what, found=kind
                ),
                {"column": c},
            )
    data = data.with_columns(pl.col(c).cast(pl.Float64).fill_nan(None) for c in here)
    for c in here:
        check_range(data[c].drop_nulls().to_numpy(), column=c, largest=largest(c))
    return data


def largest(column: str) -> float:
    """Return the largest value a column may hold; CO is in mg/m³."""
    return LARGEST / 10 if column.startswith("co") else LARGEST


def once(data: pl.DataFrame, moment: str, what: str) -> None:
    """Raise InvalidArgumentError if a station has two rows for one ``moment``."""
    station, time = pl.col("station"), pl.col(moment)
    later = (station > station.shift(1)) | ((station == station.shift(1)) & (time > time.shift(1)))
    if data.select(later.slice(1).all()).item():  # in order, as tables mostly come
        return
    if data.height == data.select(pl.struct("station", moment).n_unique()).item():
        return
    row = data.filter(pl.struct("station", moment).is_duplicated()).sort("station", moment)
    first = row.row(0, named=True)
    raise InvalidArgumentError(
        "evaluation.duplicate_row",
        _("The {table} has {count} rows for {station} at {moment}; keep one.").format(
            table=what,
            count=row.filter(station=first["station"], **{moment: first[moment]}).height,
            station=first["station"],
            moment=first[moment].isoformat(),
        ),
    )
