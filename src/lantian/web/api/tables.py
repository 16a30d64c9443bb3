"""What is answered, as flat tables: one value a row, with what it stands for and stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

import lantian.evaluation as ev
from lantian.observations.layout import CalibreChoice
from lantian.observations.parameters import PARAMETERS
from lantian.standards import LABELS, POLLUTANTS, VALIDITY
from lantian.web.api.shape import FLAT
from lantian.web.core.air import network

AQI = "aqi"
# Sliding 8 h windows of a day: those that end from 08:00 to 24:00.
_WINDOWS = 24 - VALIDITY.first_window_end + 1
DAILY = {"pm25": "pm25", "pm10": "pm10", "so2": "so2", "no2": "no2", "co": "co", "o3_mda8": "o3"}
_FLAT_TYPES: dict[str, pl.DataType] = {
    "station": pl.String(), "name": pl.String(), "parameter": pl.String(), "units": pl.String(),
    "display": pl.String(), "value": pl.Float64(), "label": pl.String(), "interval": pl.String(),
    "from": pl.Datetime("us", "UTC"), "to": pl.Datetime("us", "UTC"), "expected": pl.Int64(),
    "observed": pl.Int64(), "flags": pl.List(pl.String()), "calibre": pl.String(),
}  # fmt: skip


def names() -> pl.DataFrame:
    """Return ``station, name`` of the register."""
    return network().stations().select("station", "name")


def flat(
    parts: Sequence[pl.DataFrame], more: Mapping[str, pl.DataType], *order: str
) -> pl.DataFrame:
    """Return parts as one table with exactly the flat columns and ``more``, sorted."""
    schema = {**_FLAT_TYPES, **more}
    filled = [
        part.with_columns(
            pl.lit(None, t).alias(c) for c, t in schema.items() if c not in part.columns
        ).select(pl.col(c).cast(t) for c, t in schema.items())
        for part in parts
    ]
    table = pl.concat(filled) if filled else pl.DataFrame(schema=schema)
    assert tuple(table.columns[: len(FLAT)]) == FLAT  # noqa: S101 - the order is the interface
    return table.sort(*order, maintain_order=True)


def about(parameter: str, name: str | None = None) -> list[pl.Expr]:
    """Return parameter, unit and label as columns; ``name``: what it is called in the answer."""
    known = PARAMETERS.get(parameter)
    display = LABELS.get(parameter) or (known.en if known else parameter)
    return [
        pl.lit(name or parameter).alias("parameter"),
        pl.lit(known.unit if known else "").alias("units"),
        pl.lit(display).alias("display"),
    ]


def hourly(
    stations: Sequence[str],
    parameters: Sequence[str],
    start: datetime,
    end: datetime,
    calibre: CalibreChoice | None,
) -> pl.DataFrame:
    """Return stored hourly values, labels after ``start`` up to ``end``."""
    more = {"grade": pl.String(), "source": pl.String(), "recorded": pl.String()}
    parts = []
    for station in stations:
        for parameter in parameters:
            found = network().values(station, parameter, start, end, calibre=calibre)
            if found.height:
                parts.append(_stored(found.drop("parameter"), parameter))
    return flat(parts, more, "station", "parameter", "to")


def _stored(found: pl.DataFrame, parameter: str) -> pl.DataFrame:
    counts = pl.col("value").is_not_null() & (pl.col("grade") != "invalid")
    grade = pl.when(pl.col("grade") != "valid").then(pl.concat_list("grade")).otherwise([])
    return (
        found.join(names(), on="station", how="left", maintain_order="left")
        .with_columns(about(parameter))
        .with_columns(
            pl.col("unit").alias("units"),
            *_hour("time"),
            pl.lit(1).alias("expected"),
            counts.cast(pl.Int64).alias("observed"),
            pl.concat_list(grade.cast(pl.List(pl.String)), _marks("flag")).alias("flags"),
            pl.col("recorded").dt.to_string("%Y-%m-%dT%H:%M:%SZ").alias("recorded"),
        )
    )


def _hour(label: str) -> list[pl.Expr]:
    return [
        pl.lit("1hour").alias("label"),
        pl.lit("1:00:00").alias("interval"),
        (pl.col(label) - timedelta(hours=1)).alias("from"),
        pl.col(label).alias("to"),
    ]


def _days(first: str, last: str, label: pl.Expr) -> list[pl.Expr]:
    """Return the columns of a period of whole local days, both included."""
    zone = network().zone

    def midnight(day: pl.Expr) -> pl.Expr:
        return day.cast(pl.Datetime("us")).dt.replace_time_zone(zone).dt.convert_time_zone("UTC")

    begins, ends = midnight(pl.col(first)), midnight(pl.col(last) + timedelta(days=1))
    return [
        label.alias("label"),
        pl.format("{}:00:00", (ends - begins).dt.total_hours()).alias("interval"),
        begins.alias("from"),
        ends.alias("to"),
    ]


def stored_calibre(calibre: CalibreChoice | None) -> str | None:
    """Return the calibre that all values of a judged table have; None: they may differ."""
    kept = network().calibres()
    return calibre if calibre in ("realtime", "audited") else kept[0] if len(kept) == 1 else None


def daily(
    table: pl.DataFrame, parameters: Sequence[str], calibre: str | None, *, cities: bool
) -> pl.DataFrame:
    """Return a daily table (``Network.days``) as values, the AQI among them."""
    more = {"edition": pl.String(), "iaqi": pl.Int64(), "category": pl.String()}
    table = _named(table, cities=cities).with_columns(
        *_days("date", "date", pl.lit("1day")), pl.lit(calibre, pl.String).alias("calibre")
    )
    size = pl.col("station").replace_strict(_city_sizes(), default=None, return_dtype=pl.Int64)
    parts = []
    for name in parameters:
        if name == AQI:
            parts.append(_index(table))
            continue
        p = DAILY[name]
        due = size if cities else pl.lit(_WINDOWS if p == "o3" else 24)
        parts.append(
            table.with_columns(
                *about(p, name),
                pl.col(name).alias("value"),
                due.alias("expected"),
                pl.col(f"n_{p}").alias("observed"),
                _flags(insufficient=~pl.col(f"valid_{p}"), dust=_dusty(table, p)).alias("flags"),
                pl.col(f"iaqi_{p}").alias("iaqi"),
            ).drop("category")
        )
    return flat(parts, more, "station", "from", "parameter")


def _index(table: pl.DataFrame) -> pl.DataFrame:
    """Return the AQI of a judged table: of six pollutants, how many have an index."""
    return table.with_columns(
        pl.lit(AQI).alias("parameter"),
        pl.lit("").alias("units"),
        pl.lit("AQI").alias("display"),
        pl.col("aqi").alias("value"),
        pl.lit(len(POLLUTANTS)).alias("expected"),
        (len(POLLUTANTS) - pl.col("missing").list.len()).alias("observed"),
        pl.col("missing").list.eval(pl.format("missing:{}", pl.element())).alias("flags"),
        pl.col("aqi").alias("iaqi"),
    )


def _dusty(table: pl.DataFrame, pollutant: str, stem: str = "") -> pl.Expr:
    before = f"{stem or pollutant}_with_dust"
    return pl.col(before).is_not_null() if before in table.columns else pl.lit(False)


def _flags(*, insufficient: pl.Expr, dust: pl.Expr) -> pl.Expr:
    nothing = pl.lit([], pl.List(pl.String))
    return pl.concat_list(
        pl.when(insufficient).then(pl.lit(["insufficient"])).otherwise(nothing),
        pl.when(dust).then(pl.lit(["dust_deducted"])).otherwise(nothing),
    )


def _named(table: pl.DataFrame, *, cities: bool) -> pl.DataFrame:
    if cities:
        return table.with_columns(pl.col("station").alias("name"))
    return table.join(names(), on="station", how="left", maintain_order="left").with_columns(
        pl.col("name").fill_null(pl.col("station"))
    )


def _city_sizes() -> dict[str, int]:
    """Return how many assessed stations the register has in each city."""
    counted = network().stations().filter("assessed").group_by("city").len()
    return {row["city"]: row["len"] for row in counted.iter_rows(named=True)}


def statistics() -> dict[str, str | None]:
    """Return the statistics of periods in order, with the pollutant of each (None: of all)."""
    of: dict[str, str | None] = {}
    for p in POLLUTANTS:
        of[f"{p}_mean"] = p
        of[ev.percentile_column(p)] = p
    return {**of, **dict.fromkeys(("composite_index", "good_days", "heavy_days", "good_day_ratio"))}


def periods(
    table: pl.DataFrame, wanted: Sequence[str], calibre: str | None, *, cities: bool
) -> pl.DataFrame:
    """Return a period table (``Network.periods``) as values."""
    more = {"edition": pl.String(), "method": pl.String(), "attains": pl.Boolean()}
    table = _named(table, cities=cities).with_columns(
        *_days("start", "end", pl.col("period")), pl.lit(calibre, pl.String).alias("calibre")
    )
    of = statistics()
    parts = [_statistic(table, name, of[name]) for name in wanted]
    return flat(parts, more, "from", "station", "parameter")


def _statistic(table: pl.DataFrame, name: str, pollutant: str | None) -> pl.DataFrame:
    if name == "composite_index":
        return table.with_columns(_composite(table))
    calendar = (pl.col("end") - pl.col("start")).dt.total_days() + 1
    days = pl.col(f"{pollutant}_days" if pollutant else "aqi_days")
    units = about(pollutant, name) if pollutant else about(name)
    thin = ~pl.col(f"{pollutant}_valid") if pollutant else pl.lit(False)
    dust = _dusty(table, pollutant, name) if pollutant else pl.lit(False)
    attains = pl.col(f"{pollutant}_attains") if pollutant else pl.lit(None, pl.Boolean)
    return table.with_columns(
        *units,
        pl.col(name).alias("value"),
        calendar.alias("expected"),
        days.alias("observed"),
        _flags(insufficient=thin, dust=dust).alias("flags"),
        attains.alias("attains"),
        pl.lit(None, pl.String).alias("method"),
    )


def _composite(table: pl.DataFrame) -> list[pl.Expr]:
    means = [pl.col(f"{p}_mean").is_not_null().cast(pl.Int64) for p in POLLUTANTS]
    thin = pl.any_horizontal(~pl.col(f"{p}_valid") for p in POLLUTANTS)
    return [
        *about("composite_index"),
        pl.col("composite_index").alias("value"),
        pl.lit(len(POLLUTANTS)).alias("expected"),
        pl.sum_horizontal(means).alias("observed"),
        _flags(insufficient=thin, dust=_dusty(table, "composite_index")).alias("flags"),
    ]


def ranking(table: pl.DataFrame, key: str, group: str | None, calibre: str | None) -> pl.DataFrame:
    """Return a ranking (``Network.ranking().frame``) as values in order of their places."""
    pollutant = statistics().get(key)
    more: dict[str, pl.DataType] = {
        "edition": pl.String(), "method": pl.String(), "rank": pl.Int64(), "group": pl.String(),
        "reason": pl.String(), "rankPrevious": pl.Int64(), "valuePrevious": pl.Float64(),
        "changePercent": pl.Float64(),
    }  # fmt: skip
    placed = table.with_columns(
        *_days("start", "end", pl.col("period")), pl.lit(calibre, pl.String).alias("calibre")
    )
    shown = _statistic(placed, key, pollutant).with_columns(
        pl.col("method") if key == "composite_index" else table["method"],
        pl.col("why").alias("reason"),
        (pl.col(group) if group else pl.lit(None, pl.String)).alias("group"),
        pl.col("rank_previous").alias("rankPrevious"),
        pl.col(f"{key}_previous").alias("valuePrevious"),
        pl.col(f"{key}_change").alias("changePercent"),
    )
    shown = shown.with_columns(pl.col("group").fill_null(""))
    ordered = flat([shown.with_row_index("place")], {**more, "place": pl.Int64()}, "place")
    return ordered.drop("place").with_columns(pl.col("group").replace("", None))


def now(stations: Sequence[str], parameters: Sequence[str]) -> pl.DataFrame:
    """Return the newest hour of stations: what is due of it, and its indices."""
    more: dict[str, pl.DataType] = {
        "edition": pl.String(), "iaqi": pl.Int64(), "category": pl.String(), "state": pl.String(),
    }  # fmt: skip
    recent = network().recent(until=network().latest_hour())
    here = pl.col("station").is_in(list(stations)), pl.col("time") == recent.until
    hour = [*_hour("time"), pl.lit(stored_calibre(None), pl.String).alias("calibre")]
    judged = recent.aqi.filter(here)
    due = recent.arrival.filter(here).join(
        recent.hours.filter(here).join(judged, on=["station", "time"], how="left"),
        on=["station", "time"], how="left",
    )  # fmt: skip
    due = _named(due, cities=False).with_columns(hour)
    parts = []
    for p in parameters:
        if p == AQI:
            parts.append(_index(_named(judged, cities=False).with_columns(hour)))
            continue
        mine = due.filter(pl.col("parameter") == p)
        parts.append(
            mine.with_columns(
                *about(p),
                pl.col(p).alias("value"),
                pl.lit(1).alias("expected"),
                pl.col(p).is_not_null().cast(pl.Int64).alias("observed"),
                _marks("flag").alias("flags"),
                pl.col(f"iaqi_{p}").alias("iaqi"),
            ).drop("category")
        )
    return flat(parts, more, "station", "parameter")


def _marks(flag: str) -> pl.Expr:
    """Return the marks of a flag as it is stored: those of the source and of quality control."""
    marks = pl.col(flag).fill_null("").str.split(";")
    return marks.list.eval(pl.element().filter(pl.element() != ""))


def stations(ids: Sequence[str]) -> pl.DataFrame:
    """Return stations of the register in the shape of :class:`schemas.Station`."""
    table = network().stations()
    return table.filter(pl.col("station").is_in(ids)).select(
        pl.col("station").alias("id"),
        "name",
        pl.col("town").alias("locality"),
        "city",
        "kind",
        "control",
        "assessed",
        pl.col("operator").alias("owner"),
        pl.lit(network().zone).alias("timezone"),
        pl.struct(pl.col("lat").alias("latitude"), pl.col("lon").alias("longitude")).alias(
            "coordinates"
        ),
        pl.col("start").cast(pl.String),
        pl.col("end").cast(pl.String),
    )
