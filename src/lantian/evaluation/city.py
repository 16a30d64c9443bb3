"""City values: the mean of the evaluated stations, item by item (HJ 663)."""

from __future__ import annotations

import polars as pl

from lantian.errors import DomainError, InvalidArgumentError
from lantian.evaluation._columns import DAILY_VALUE, with_missing_columns
from lantian.evaluation.exact import DAY_UNIT, divide_expr, units_expr
from lantian.evaluation.judge import judge
from lantian.i18n import gettext as _
from lantian.standards import POLLUTANTS, Settings

_FLAGS = ("control", "background")


def city(
    hourly_or_daily: pl.DataFrame,
    stations: pl.DataFrame,
    *,
    edition: str = "auto",
    settings: Settings | None = None,
) -> pl.DataFrame:
    """Return the table of cities: per hour or day, the mean of each item over the stations.

    Control and background stations are left out. An item needs the share of valid stations that
    ``settings`` names (75 %, or 50 % of fewer than four) out of the city's evaluated stations that
    appear in the table and are in operation that day.

    Parameters
    ----------
    hourly_or_daily
        An hourly table (``station, time``) or a daily one (``station, date``).
    stations
        The register: ``station`` (or ``id``), ``city`` and, where known, ``control`` and
        ``background`` (bool), ``start`` and ``end`` (dates of operation).

    Returns
    -------
    polars.DataFrame
        The same kind of table with the city in ``station``. Daily: judged anew, ``n_<p>`` is the
        number of stations in the mean and ``valid_<p>`` whether they suffice.

    Raises
    ------
    DomainError
        ``evaluation.unknown_station``: a station of the table is not in the register.
    """
    settings = settings or Settings.default()
    key = "date" if "date" in hourly_or_daily.columns else "time"
    register = _register(stations)
    _check_known(hourly_or_daily, register)
    table = hourly_or_daily.join(register.filter(~pl.col("_left_out")), on="station", how="inner")
    day = pl.col("date") if key == "date" else pl.col("time").dt.date()
    table = table.filter(
        (pl.col("_start").is_null() | (day >= pl.col("_start")))
        & (pl.col("_end").is_null() | (day <= pl.col("_end")))
    )
    due = _stations_due(register, table, key)
    if key == "time":
        columns = [c for c in table.columns if c in POLLUTANTS]
        return _mean(table, due, key, columns, settings).select("station", "time", *columns)
    columns = [*DAILY_VALUE.values(), "o3_1h_max"]
    columns += [c for c in table.columns if c.endswith("_with_dust")]
    table = with_missing_columns(table, columns)
    means = _mean(table, due, key, columns, settings)
    means = means.with_columns(
        *(pl.col(f"_n_{c}").cast(pl.Int32).alias(f"n_{p}") for p, c in DAILY_VALUE.items()),
        *(_valid(p, c, means.columns).alias(f"valid_{p}") for p, c in DAILY_VALUE.items()),
    )
    return judge(
        means.select(
            "station", "date", *columns, *(f"n_{p}" for p in POLLUTANTS),
            *(f"valid_{p}" for p in POLLUTANTS),
        ),
        edition=edition, settings=settings,
    )  # fmt: skip


def _valid(p: str, column: str, columns: list[str]) -> pl.Expr:
    counted = f"{column}_with_dust" if f"{column}_with_dust" in columns else column
    return pl.col(counted).is_not_null()


def _register(stations: pl.DataFrame) -> pl.DataFrame:
    frame = stations
    if "station" not in frame.columns and "id" in frame.columns:
        frame = frame.rename({"id": "station"})
    absent = [c for c in ("station", "city") if c not in frame.columns]
    if absent:
        raise InvalidArgumentError(
            "evaluation.bad_register",
            _("The station register lacks the columns {names}.").format(names=", ".join(absent)),
        )
    flags = [pl.col(c).cast(pl.Boolean).fill_null(False) for c in _FLAGS if c in frame.columns]

    def dated(column: str) -> pl.Expr:
        known = column in frame.columns
        return (pl.col(column).cast(pl.Date) if known else pl.lit(None, pl.Date)).alias(
            f"_{column}"
        )

    return frame.select(
        "station",
        pl.col("city").alias("_city"),
        pl.any_horizontal(flags).alias("_left_out") if flags else pl.lit(False).alias("_left_out"),
        dated("start"),
        dated("end"),
    ).filter(pl.col("_city").is_not_null())


def _check_known(table: pl.DataFrame, register: pl.DataFrame) -> None:
    unknown = table.select("station").unique().join(register, on="station", how="anti")
    if unknown.height:
        names = unknown["station"].sort().to_list()
        raise DomainError(
            "evaluation.unknown_station",
            _("{count} stations are not in the register or have no city: {names}.").format(
                count=len(names), names=", ".join(names[:10])
            ),
            {"stations": names},
        )


def _stations_due(register: pl.DataFrame, table: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return how many evaluated stations each city has in the table, by day or hour of it."""
    here = register.filter(
        ~pl.col("_left_out") & pl.col("station").is_in(table["station"].unique().implode())
    )
    moments = table.select("_city", key).unique()
    day = pl.col(key) if key == "date" else pl.col(key).dt.date()
    return (
        moments.join(here, on="_city")
        .filter(
            (pl.col("_start").is_null() | (day >= pl.col("_start")))
            & (pl.col("_end").is_null() | (day <= pl.col("_end")))
        )
        .group_by("_city", key)
        .agg(pl.len().cast(pl.Int64).alias("_due"))
    )


def _mean(
    table: pl.DataFrame, due: pl.DataFrame, key: str, columns: list[str], settings: Settings
) -> pl.DataFrame:
    few = pl.col("_due") < settings.city_few_stations
    share = pl.when(few).then(settings.city_few_share).otherwise(settings.city_share)
    summed = (
        table.group_by("_city", key)
        .agg(
            *(units_expr(pl.col(c).fill_nan(None), DAY_UNIT).sum().alias(c) for c in columns),
            *(pl.col(c).fill_nan(None).count().cast(pl.Int64).alias(f"_n_{c}") for c in columns),
        )
        .join(due, on=["_city", key])
    )
    return (
        summed.with_columns(
            pl.when(pl.col(f"_n_{c}") >= (pl.col("_due") * share))
            .then(divide_expr(pl.col(c), pl.col(f"_n_{c}") * DAY_UNIT))
            .alias(c)
            for c in columns
        )
        .rename({"_city": "station"})
        .sort("station", key)
    )
