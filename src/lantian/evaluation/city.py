"""City values: the mean of the evaluated stations, item by item (HJ 663)."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from lantian.errors import DomainError, InvalidArgumentError
from lantian.evaluation._checks import numbers, once, table
from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.exact import DAY_UNIT, divide_expr, units_expr
from lantian.evaluation.judge import WITH_DUST, daily_table, judge
from lantian.i18n import gettext as _
from lantian.observations.layout import check_zone
from lantian.standards import POLLUTANTS, Settings

_FLAGS = ("control", "background")


def city(
    hourly_or_daily: pl.DataFrame | pl.LazyFrame,
    stations: pl.DataFrame,
    *,
    edition: str = "auto",
    zone: str = "Asia/Shanghai",
    settings: Settings | None = None,
) -> pl.DataFrame:
    """Return the table of cities: per hour or day, the mean of each item over the stations.

    Control and background stations are left out. An item needs values of 75 % of the city's
    stations (50 % of fewer than four; ``settings``): of all those of the register that operate on
    the day, whether or not they have rows in the table.

    Parameters
    ----------
    hourly_or_daily
        An hourly table (``station, time``) or a daily one (``station, date``).
    stations
        The register: ``station`` (or ``id``), ``city`` and, where known, ``control`` and
        ``background`` (bool), ``kind``, ``start`` and ``end`` (first and last day of operation).
        Give only the stations that are evaluated, e.g. without micro stations.
    edition
        Under which daily cities are judged.
    zone
        The local time that days of operation belong to.

    Returns
    -------
    polars.DataFrame
        The same kind of table with the city in ``station``. Daily: judged anew, ``n_<p>`` is the
        number of stations in the mean and ``valid_<p>`` whether they suffice.

    Raises
    ------
    DomainError
        ``evaluation.unknown_station``: a station of the table is not in the register.
    InvalidArgumentError
        A column is missing or malformed, or a station stands twice in the register.
    """
    settings = settings or Settings.default()
    register = _register(stations)
    if "date" in hourly_or_daily.collect_schema():
        daily = daily_table(hourly_or_daily)
        return _city_days(daily, register, edition, settings)
    what = _("hourly table")
    hourly = table(hourly_or_daily, ("station", "time"), what)
    columns = [c for c in hourly.columns if c in POLLUTANTS]
    hourly = numbers(hourly, columns, what)
    once(hourly, "time", what)
    # an hour belongs to the local day in which it starts
    start = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(check_zone(zone))
    hourly = hourly.with_columns(start.dt.date().alias("_day"))
    return _mean(hourly, register, "time", columns, settings).select("station", "time", *columns)


def _city_days(
    daily: pl.DataFrame, register: pl.DataFrame, edition: str, settings: Settings
) -> pl.DataFrame:
    columns = [*DAILY_VALUE.values(), "o3_1h_max"]
    columns += [c for c in daily.columns if c.endswith(WITH_DUST)]
    daily = daily.with_columns(pl.col("date").alias("_day"))
    means = _mean(daily, register, "date", columns, settings)
    means = means.with_columns(
        *(pl.col(f"_n_{c}").cast(pl.Int32).alias(f"n_{p}") for p, c in DAILY_VALUE.items()),
        *(_valid(c, means.columns).alias(f"valid_{p}") for p, c in DAILY_VALUE.items()),
    )
    return judge(
        means.select(
            "station", "date", *columns, *(f"n_{p}" for p in POLLUTANTS),
            *(f"valid_{p}" for p in POLLUTANTS),
        ),
        edition=edition, settings=settings,
    )  # fmt: skip


def _valid(column: str, columns: list[str]) -> pl.Expr:
    counted = column + WITH_DUST if column + WITH_DUST in columns else column
    return pl.col(counted).is_not_null()


def _register(stations: pl.DataFrame) -> pl.DataFrame:
    """Return ``station``, ``_city``, ``_start``, ``_end`` of the stations that count."""
    what = _("station register")
    frame = stations
    if "station" not in frame.columns and "id" in frame.columns:
        frame = frame.rename({"id": "station"})
    frame = table(frame, ("station", "city"), what)
    twice = frame.filter(pl.col("station").is_duplicated())
    if twice.height:
        raise InvalidArgumentError(
            "evaluation.bad_register",
            _("The {table} has {station} more than once.").format(
                table=what, station=twice["station"][0]
            ),
        )
    for c in _FLAGS:
        if c in frame.columns and frame.schema[c] not in (pl.Boolean, pl.Null):
            raise InvalidArgumentError(
                "evaluation.bad_register",
                _(
                    "The column {column} of the {table} must be true or false; it has {found}."
                ).format(column=c, table=what, found=frame.schema[c]),
            )
    flags = [pl.col(c).cast(pl.Boolean).fill_null(False) for c in _FLAGS if c in frame.columns]
    if "kind" in frame.columns:
        flags.append(pl.col("kind").cast(pl.String).is_in(_FLAGS).fill_null(False))

    def dated(column: str) -> pl.Expr:
        known = column in frame.columns
        return (pl.col(column).cast(pl.Date) if known else pl.lit(None, pl.Date)).alias(
            f"_{column}"
        )

    return frame.select(
        "station",
        pl.col("city").cast(pl.String).alias("_city"),
        pl.any_horizontal(flags).alias("_left_out") if flags else pl.lit(False).alias("_left_out"),
        dated("start"),
        dated("end"),
    ).filter(pl.col("_city").is_not_null())


def _check_known(data: pl.DataFrame, register: pl.DataFrame) -> None:
    unknown = data.select("station").unique().join(register, on="station", how="anti")
    if unknown.height:
        names = unknown["station"].sort().to_list()
        raise DomainError(
            "evaluation.unknown_station",
            _("{count} stations are not in the register or have no city: {names}.").format(
                count=len(names), names=", ".join(names[:10])
            ),
            {"stations": names},
        )


def _operating(day: str) -> pl.Expr:
    return (pl.col("_start").is_null() | (pl.col(day) >= pl.col("_start"))) & (
        pl.col("_end").is_null() | (pl.col(day) <= pl.col("_end"))
    )


def _mean(
    data: pl.DataFrame, register: pl.DataFrame, key: str, columns: list[str], settings: Settings
) -> pl.DataFrame:
    """Return the city means by ``key``, with the stations in each as ``_n_<column>``."""
    _check_known(data, register)
    evaluated = register.filter(~pl.col("_left_out"))
    here = data.join(evaluated, on="station").filter(_operating("_day"))
    due = (
        here.select("_city", "_day")
        .unique()
        .join(evaluated, on="_city")
        .filter(_operating("_day"))
        .group_by("_city", "_day")
        .agg(pl.len().cast(pl.Int64).alias("_due"))
    )
    few = pl.col("_due") < settings.city_few_stations
    share = {
        name: Fraction(str(getattr(settings, name))) for name in ("city_few_share", "city_share")
    }
    top = (
        pl.when(few)
        .then(share["city_few_share"].numerator)
        .otherwise(share["city_share"].numerator)
    )
    bottom = (
        pl.when(few)
        .then(share["city_few_share"].denominator)
        .otherwise(share["city_share"].denominator)
    )
    summed = (
        here.group_by("_city", key, "_day")
        .agg(
            *(units_expr(pl.col(c), DAY_UNIT).sum().alias(c) for c in columns),
            *(pl.col(c).count().cast(pl.Int64).alias(f"_n_{c}") for c in columns),
        )
        .join(due, on=["_city", "_day"])
    )
    return (
        summed.with_columns(
            pl.when(pl.col(f"_n_{c}") * bottom >= pl.col("_due") * top)
            .then(divide_expr(pl.col(c), pl.col(f"_n_{c}") * DAY_UNIT))
            .alias(c)
            for c in columns
        )
        .rename({"_city": "station"})
        .sort("station", key)
    )
