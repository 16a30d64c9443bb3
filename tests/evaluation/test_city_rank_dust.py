"""City means, ranking, year-on-year and sand-dust deduction."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

import lantian.evaluation as ev
from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.standards import Settings
from tests.evaluation.build import ALL_SIX, days, full_day

YEAR = date(2025, 1, 1)


def register(**control: bool) -> pl.DataFrame:
    return pl.DataFrame(
        {"station": list(control), "city": "County", "control": list(control.values())}
    )


def test_a_city_is_the_mean_of_its_stations_without_the_control_one() -> None:
    table = pl.concat(
        [days(YEAR, 1, station="a", pm25=40.0), days(YEAR, 1, station="b", pm25=41.0),
         days(YEAR, 1, station="c", pm25=90.0)]
    )  # fmt: skip
    city = ev.city(table, register(a=False, b=False, c=True), edition="2012")
    row = city.row(0, named=True)
    assert (row["station"], row["pm25"], row["n_pm25"]) == ("County", 40.5, 2)
    assert row["iaqi_pm25"] == 57  # 40.5 → 40, not the worst station's 41


@pytest.mark.parametrize(
    ("stations", "with_value", "valid"),
    [(4, 3, True), (4, 2, False), (3, 2, True), (3, 1, False), (2, 1, True), (8, 6, True),
     (8, 5, False)],
)  # fmt: skip
def test_a_city_day_needs_its_share_of_stations(
    stations: int, with_value: int, valid: bool
) -> None:
    names = [f"s{i}" for i in range(stations)]
    table = pl.concat(
        days(YEAR, 2, station=n, pm25=[40.0, 40.0 if i < with_value else None])
        for i, n in enumerate(names)
    )
    city = ev.city(table, register(**dict.fromkeys(names, False)))
    assert city["valid_pm25"].to_list() == [True, valid]


def test_a_station_counts_only_while_it_operates() -> None:
    table = pl.concat(days(YEAR, 2, station=n, pm25=40.0) for n in "abcd")
    stations = register(a=False, b=False, c=False, d=False).with_columns(
        pl.Series("end", [None, None, None, date(2024, 12, 31)])
    )
    assert ev.city(table, stations)["n_pm25"].to_list() == [3, 3]


def test_hourly_tables_become_hourly_cities() -> None:
    table = pl.concat([full_day(YEAR, {"pm25": 40.0}, station="a"),
                       full_day(YEAR, {"pm25": 50.0}, station="b")])  # fmt: skip
    city = ev.city(table, register(a=False, b=False))
    assert city.columns[:2] == ["station", "time"]
    assert city["pm25"].to_list() == [45.0] * 24


def test_unknown_stations_and_poor_registers_are_named() -> None:
    table = days(YEAR, 1, station="zz", pm25=40.0)
    with pytest.raises(DomainError, match=r"1 stations are not in the register.*zz"):
        ev.city(table, register(a=False))
    with pytest.raises(InvalidArgumentError, match="city"):
        ev.city(table, pl.DataFrame({"station": ["zz"]}))


def periods(**index: float | None) -> pl.DataFrame:
    """One year of each station, its PM2.5 chosen so that the index has the value wanted."""
    rest = 60 / 70 + 8 / 60 + 25 / 40 + 0.8 / 4 + 120 / 160
    parts = []
    for name, value in index.items():
        pm25 = 0.0 if value is None else (value - rest) * 35
        table = days(YEAR, 365, station=name, **{**ALL_SIX, "pm25": pm25})
        parts.append(table if value is not None else table.head(300))
    return ev.period(pl.concat(parts))


def test_ties_in_the_published_digits_share_a_rank() -> None:
    table = periods(a=4.4512, b=4.4488, c=4.4561, d=3.9)
    ranked = ev.rank(table)
    assert ranked.select("station", "rank").rows() == [("d", 1), ("a", 2), ("b", 2), ("c", 4)]
    dense = ev.rank(table, ties="dense")
    assert dense["rank"].to_list() == [1, 2, 2, 3]
    finer = ev.rank(table, settings=Settings.of({"rank_digits": 3}))
    assert finer["rank"].to_list() == [1, 2, 3, 4]


def test_the_unranked_stand_apart_with_the_reason() -> None:
    ranked = ev.rank(periods(a=4.0, b=None))
    row = ranked.filter(station="b").row(0, named=True)
    assert row["rank"] is None
    assert row["excluded"] is True
    assert row["reason"] == "insufficient:pm25,pm10,so2,no2,co,o3"
    assert ev.explain(row["reason"], row) == (
        "PM2.5, PM10, SO2, NO2, CO, O3: 300 valid days, 324 needed"
    )
    assert ranked["station"].to_list() == ["a", "b"]


def test_a_missing_item_and_a_thin_month_are_told_apart() -> None:
    without_co = days(YEAR, 365, **{c: v for c, v in ALL_SIX.items() if c != "co"})
    reason = ev.rank(ev.period(without_co)).row(0, named=True)["reason"]
    assert reason == "missing:co"
    thin = days(YEAR, 365, **ALL_SIX).filter(
        ~pl.col("date").is_between(date(2025, 7, 1), date(2025, 7, 10))
    )
    row = ev.rank(ev.period(thin)).row(0, named=True)
    assert "a month has too few valid days" in ev.explain(row["reason"], row)
    assert "2025-07 has 21 valid days, 27 needed" in ev.explain(row["reason"], row, daily=thin)


def test_other_keys() -> None:
    table = pl.concat(
        [days(YEAR, 365, station="a", pm25=30.4), days(YEAR, 365, station="b", pm25=29.6),
         days(YEAR, 365, station="c", pm25=80.0)]
    )  # fmt: skip
    by_pm = ev.rank(ev.period(table, edition="2012"), key="pm25_mean")
    assert by_pm.select("station", "rank").rows() == [("a", 1), ("b", 1), ("c", 3)]
    by_days = ev.rank(ev.period(table, edition="2012"), key="good_days")
    assert by_days["rank"].to_list() == [1, 1, 3]
    with pytest.raises(UnknownNameError, match="no column 'joy'"):
        ev.rank(ev.period(table), key="joy")
    with pytest.raises(InvalidArgumentError, match="'competition' or 'dense'"):
        ev.rank(ev.period(table), ties="olympic")  # type: ignore[arg-type]


def test_each_period_is_ranked_on_its_own() -> None:
    table = pl.concat([days(YEAR, 59, station="a", pm25=30.0),
                       days(YEAR, 59, station="b", pm25=[20.0] * 31 + [40.0] * 28)])  # fmt: skip
    ranked = ev.rank(ev.period(table, by="month"), key="pm25_mean")
    assert ranked.select("period", "station", "rank").rows() == [
        ("2025-01", "b", 1), ("2025-01", "a", 2), ("2025-02", "a", 1), ("2025-02", "b", 2)
    ]  # fmt: skip


def test_year_on_year_finds_the_same_period_across_a_leap_year() -> None:
    table = pl.concat([days(date(2024, 1, 1), 366, pm25=50.0), days(YEAR, 365, pm25=40.0)])
    february = ev.period(table, by="month", edition="2012").filter(
        pl.col("period").is_in(["2024-02", "2025-02"])
    )
    both = ev.year_on_year(february, columns=("pm25_mean",))
    row = both.filter(period="2025-02").row(0, named=True)
    assert row["pm25_mean_previous"] == 50.0
    assert row["pm25_mean_change"] == pytest.approx(-20.0)
    assert both.filter(period="2024-02")["pm25_mean_change"].item() is None


def test_an_insufficient_year_before_gives_no_change() -> None:
    table = pl.concat(
        [days(date(2024, 3, 1), 20, pm25=50.0), days(date(2025, 3, 1), 31, pm25=40.0)]
    )
    both = ev.year_on_year(ev.period(table, by="month", edition="2012"), columns=("pm25_mean",))
    assert both.filter(period="2025-03")["pm25_mean_previous"].item() is None


DUST = pl.DataFrame({"start": [date(2025, 1, 2)], "end": [date(2025, 1, 2)], "decision": ["no. 7"]})


def test_dust_leaves_the_mean_and_stays_beside_it() -> None:
    table = days(YEAR, 31, **{**ALL_SIX, "pm10": [60.0, 900.0] + [60.0] * 29})
    deducted = ev.deduct_dust(table, DUST)
    assert deducted["pm10"].to_list()[1] is None
    assert deducted["dust_decision"].to_list()[:2] == [None, "no. 7"]
    row = ev.period(deducted, by="month", edition="2012").row(0, named=True)
    assert row["pm10_mean"] == 60.0
    assert row["pm10_mean_with_dust"] == pytest.approx((60 * 30 + 900) / 31)
    assert row["composite_index"] < row["composite_index_with_dust"]
    assert row["pm10_days"] == 31  # the day was valid; it is deducted, not missing
    assert (row["good_days"], row["heavy_days"]) == (30, 1)  # the AQI keeps the dust


def test_dust_may_change_the_aqi_by_setting() -> None:
    table = ev.deduct_dust(days(YEAR, 31, **{**ALL_SIX, "pm10": [60.0, 900.0] + [60.0] * 29}), DUST)
    lenient = Settings.of({"dust_affects_aqi": True})
    row = ev.period(table, by="month", edition="2012", settings=lenient).row(0, named=True)
    assert (row["good_days"], row["heavy_days"]) == (31, 0)


def test_dust_by_the_hour_and_by_station() -> None:
    table = pl.concat([full_day(YEAR, {"pm10": 900.0}, station=s) for s in ("a", "b")])
    events = pl.DataFrame(
        {"start": [datetime(2024, 12, 31, 16, tzinfo=UTC)],
         "end": [datetime(2025, 1, 1, 0, tzinfo=UTC)],
         "decision": ["no. 8"], "station": ["a"]}
    )  # fmt: skip
    deducted = ev.deduct_dust(table, events)
    assert deducted.filter(station="a")["pm10"].null_count() == 8  # labels 01:00 … 08:00
    assert deducted.filter(station="b")["pm10"].null_count() == 0
    day = ev.daily(deducted, edition="2012").filter(station="a").row(0, named=True)
    assert day["pm10"] is None
    assert day["pm10_with_dust"] == 900.0
    assert day["aqi"] == 500
    with pytest.raises(InvalidArgumentError, match="hourly table"):
        ev.deduct_dust(days(YEAR, 1, pm10=1.0), events)


@pytest.mark.parametrize(
    "bad",
    [DUST.with_columns(decision=pl.lit(" ")), DUST.with_columns(end=pl.lit(date(2024, 1, 1))),
     DUST.with_columns(start=pl.lit(None, pl.Date))],
)  # fmt: skip
def test_a_dust_event_needs_a_decision_and_an_order(bad: pl.DataFrame) -> None:
    with pytest.raises(InvalidArgumentError, match="decision number"):
        ev.deduct_dust(days(YEAR, 1, pm10=1.0), bad)
    with pytest.raises(InvalidArgumentError, match="decision"):
        ev.deduct_dust(days(YEAR, 1, pm10=1.0), DUST.drop("decision"))
