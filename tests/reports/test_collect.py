"""What a report is made of."""

from __future__ import annotations

import re
from datetime import date, datetime

import polars as pl
import pytest

import lantian.evaluation as ev
from lantian import reports
from lantian.errors import DomainError
from lantian.evaluation.periods import year_before
from lantian.evaluation.register import register_of
from lantian.reports.charts import palette
from lantian.standards import Settings
from tests.reports.world import GENERATED, LOCAL, hours, register


def make(
    frame: pl.DataFrame, names: dict[str, str], label: str, **options: object
) -> reports.ReportData:
    columns = options.pop("columns", {})
    given = {"network": "Example", "generated": GENERATED, "edition": "2012", **options}
    return reports.collect(frame, register(names, **columns), span=ev.span(label), **given)  # type: ignore[arg-type]


def test_city_is_the_mean_of_the_stations(month: reports.ReportData) -> None:
    row = month.cities.row(0, named=True)
    assert row["station"] == "Example"
    # 30, 60 and 90 µg/m³; 30 and 60 on the nine to ten days without the third station
    assert 45.0 < row["pm25_mean"] < 60.0
    assert row["aqi_days"] == 31
    assert row["pm25_mean_previous"] == 60.0


def test_ranking_with_reason_and_year_before(month: reports.ReportData) -> None:
    table = month.stations
    assert table["station"].to_list() == ["a", "b", "c"]
    assert table["rank"].to_list() == [1, 2, None]
    assert table["reason"].to_list()[:2] == [None, None]
    assert table["reason"].to_list()[2].startswith("insufficient:")
    a = table.row(0, named=True)
    assert a["composite_index_change"] == pytest.approx(-50.0)
    assert a["rank_previous"] == 1
    parts = sum(a[f"{p}_index"] for p in ("pm25", "pm10", "so2", "no2", "co", "o3"))
    assert parts == pytest.approx(a["composite_index"])


def test_completeness_counts_hours_against_those_due(month: reports.ReportData) -> None:
    table = month.completeness.table
    c = table.filter((pl.col("station") == "c") & (pl.col("parameter") == "pm25")).row(
        0, named=True
    )
    assert (c["hours"], c["hours_due"], c["days_needed"]) == (31 * 24 - 240, 31 * 24, 27)
    assert not c["valid"]
    a = table.filter((pl.col("station") == "a") & (pl.col("parameter") == "o3")).row(0, named=True)
    assert (a["hours"], a["days"], a["valid"]) == (31 * 24, 31, True)
    assert month.completeness.silent == ()


def test_the_year_before_is_left_out_when_not_wanted_or_not_there() -> None:
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 31))
    asked = make(frame, {"a": "Alpha"}, "2016-03")
    assert asked.previous == ev.span("2015-03")
    assert not asked.has_previous
    assert make(frame, {"a": "Alpha"}, "2016-03", previous=False).previous is None


def test_national_stations_alone_make_the_city_mean() -> None:
    names = {"n": "National", "t": "Town", "u": "Control"}
    frame = hours(list(names), date(2016, 3, 1), date(2016, 3, 31), factor={"t": 3.0, "u": 5.0})
    columns = {"kind": ["national", "township", "national"], "control": [False, False, True]}
    data = make(frame, names, "2016-03", columns=columns)
    assert data.cities["pm25_mean"].item() == 30.0
    assert data.members()["station"].to_list() == ["n"]
    assert dict(data.stations.select("station", "group").iter_rows()) == {
        "n": "national", "t": "township", "u": "national",
    }  # fmt: skip
    # each kind is ranked by itself
    ranks = dict(data.stations.select("station", "rank").iter_rows())
    assert ranks == {"n": 1, "t": 1, "u": 2}


def test_stations_without_city_belong_to_the_network() -> None:
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 2))
    found = register_of(pl.DataFrame({"station": ["a"]}), frame, "County")
    assert found.row(0, named=True)["city"] == "County"
    assert found["name"].item() == "a"


def test_several_cities_are_ranked() -> None:
    frame = hours(["a", "b"], date(2016, 3, 1), date(2016, 3, 31), factor={"b": 2.0})
    stations = pl.DataFrame({"station": ["a", "b"], "city": ["Near", "Far"]})
    data = reports.collect(
        frame, stations, span=ev.span("2016-03"), network="Two", generated=GENERATED, edition="2012"
    )
    assert data.cities["station"].to_list() == ["Near", "Far"]
    assert "Cities" in reports.html(data)


def test_unknown_station_is_an_error() -> None:
    frame = hours(["a", "z"], date(2016, 3, 1), date(2016, 3, 2))
    with pytest.raises(DomainError, match="z") as caught:
        make(frame, {"a": "Alpha"}, "2016-03")
    assert caught.value.code == "report.unknown_station"


def test_empty_period_says_what_there_is() -> None:
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 2))
    with pytest.raises(DomainError, match="2016-03-01 to 2016-03-02") as caught:
        make(frame, {"a": "Alpha"}, "2015")
    assert caught.value.code == "report.no_data"
    with pytest.raises(DomainError, match="import some files first"):
        make(frame.clear(), {"a": "Alpha"}, "2015")


def test_generated_needs_a_zone() -> None:
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 2))
    with pytest.raises(DomainError) as caught:
        make(frame, {"a": "Alpha"}, "2016-03", generated=datetime(2020, 1, 1))
    assert caught.value.code == "report.bad_clock"


def test_a_running_period_is_judged_to_its_last_whole_day() -> None:
    frame = hours(["a"], date(2015, 3, 1), date(2016, 3, 31))
    data = make(frame, {"a": "Alpha"}, "2016", generated=datetime(2016, 3, 11, 6, 0, tzinfo=LOCAL))
    assert (data.span.start, data.span.end) == (date(2016, 1, 1), date(2016, 3, 10))
    assert data.asked == ev.span("2016")
    assert data.city_days.height == 70
    assert "still runs: judged to 2016-03-10" in reports.html(data)


def test_a_period_over_two_editions_is_mixed_and_not_judged() -> None:
    frame = hours(["a"], date(2026, 2, 1), date(2026, 3, 31))
    data = make(frame, {"a": "Alpha"}, "2026-02-01..2026-03-31", edition="auto",
                generated=datetime(2026, 5, 1, tzinfo=LOCAL))  # fmt: skip
    assert data.judged == "mixed"
    assert "not judged" in reports.html(data)
    one = make(frame, {"a": "Alpha"}, "2026-03", edition="auto",
               generated=datetime(2026, 5, 1, tzinfo=LOCAL))  # fmt: skip
    assert one.judged == "2026-transition"


def test_days_judged_by_two_editions_are_not_compared_with_the_year_before() -> None:
    frame = pl.concat(
        [
            hours(["a"], date(2025, 2, 1), date(2025, 3, 31), factor={"a": 1.2}),
            hours(["a"], date(2026, 2, 1), date(2026, 3, 31), wind=True),
        ],
        how="diagonal",
    )
    when = {"generated": datetime(2026, 5, 1, tzinfo=LOCAL), "edition": "auto"}
    data = make(frame, {"a": "Alpha"}, "2026-02-01..2026-03-31", **when)
    row = data.cities.row(0, named=True)
    assert row["pm25_mean_previous"] == 36.0
    assert row["composite_index_previous"] is not None
    assert "good_days_previous" not in row
    page = reports.html(data)
    assert "days on the year before" not in page
    assert "good and heavy days are not compared" in page
    assert "judged under the same edition" not in page
    # no one limit is drawn, so none is explained; the roses say whose classes they show
    assert "grade II limit of a day" not in page
    assert data.winds.edition == "2012"
    assert "changes under GB 3095-2012" in page
    one = reports.html(make(frame, {"a": "Alpha"}, "2026-03", **when))
    assert "days on the year before" in one
    assert "grade II limit of a day" in one


def test_the_index_by_method_is_that_of_the_ranking(month: reports.ReportData) -> None:
    ranked = month.stations.select("station", "composite_index", "rank")
    same = month.methods.filter(pl.col("method") == month.method)
    assert same.select(ranked.columns).sort("station").equals(ranked.sort("station"))


def test_days_before_a_station_began_are_not_missing_ones() -> None:
    frame = hours(["a", "b"], date(2016, 3, 1), date(2016, 3, 31)).filter(
        (pl.col("station") == "a") | (pl.col("time").dt.offset_by("7h").dt.day() > 20)
    )
    columns = {"start": [None, date(2016, 3, 21)]}
    page = reports.html(make(frame, {"a": "Alpha", "b": "Beta"}, "2016-03", columns=columns))
    assert "Alpha: 31 of 31 days with all six" in page
    assert "Beta: 11 of 11 days with all six" in page
    strip = re.search(r'aria-label="Beta: 11 of 11[^"]*">(.*?)</svg>', page)
    assert strip is not None
    assert palette.MISSING not in strip.group(1)


def test_a_day_that_still_runs_says_so() -> None:
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 31))
    noon = datetime(2016, 3, 11, 22, 0, tzinfo=LOCAL)
    today = make(frame, {"a": "Alpha"}, "2016-03-11", generated=noon)
    assert "2016-03-11 still runs: judged by the hours there are" in reports.html(today)
    yesterday = make(frame, {"a": "Alpha"}, "2016-03-10", generated=noon)
    assert "still runs" not in reports.html(yesterday)


def test_sand_dust_keeps_both_values() -> None:
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 31))
    dusty = frame.with_columns(
        pl.when(pl.col("time").dt.offset_by("7h").dt.day() == 9)  # of the start of the hour
        .then(pl.lit(900.0)).otherwise(pl.col("pm10")).alias("pm10")
    )  # fmt: skip
    events = pl.DataFrame(
        {"start": [date(2016, 3, 9)], "end": [date(2016, 3, 9)], "decision": ["No. 1"]}
    )
    data = make(dusty, {"a": "Alpha"}, "2016-03", dust=events)
    row = data.cities.row(0, named=True)
    assert row["pm10_mean"] == 60.0
    assert row["pm10_mean_with_dust"] > 80.0
    assert data.dust is not None
    assert data.dust.decisions == ("No. 1",)
    assert data.dust.hours == 24
    assert "No. 1" in reports.html(data)


@pytest.mark.parametrize(
    ("label", "before"),
    [
        ("2016", "2015"), ("2016-H2", "2015-H2"), ("2016-Q1", "2015-Q1"), ("2016-02", "2015-02"),
        ("2017-02", "2016-02"), ("2016-02-20..2016-02-29", "2015-02-20..2015-02-28"),
    ],
)  # fmt: skip
def test_year_before(label: str, before: str) -> None:
    assert year_before(ev.span(label)) == ev.span(before)


def test_wind_is_missing_or_drawn(month: reports.ReportData) -> None:
    assert month.winds.wind is not None
    assert set(month.winds.pollution) == {"pm25", "pm10"}
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 31))
    still = make(frame, {"a": "Alpha"}, "2016-03")
    assert still.winds.why_not == "no_columns"
    assert "Import wind speed" in reports.html(still)
    empty = frame.with_columns(
        pl.lit(None, pl.Float64).alias("ws"), pl.lit(None, pl.Float64).alias("wd")
    )
    assert make(empty, {"a": "Alpha"}, "2016-03").winds.why_not == "no_hours"


def test_tables_are_flat_and_complete(month: reports.ReportData) -> None:
    tables = month.tables()
    assert {
        "cities", "ranking", "city_days", "station_days", "editions_cities", "completeness",
        "diurnal", "methods", "settings", "wind_rose", "rose_pm25",
    } <= set(tables)  # fmt: skip
    for table in tables.values():
        assert not any(isinstance(t, pl.List) for t in table.schema.values())
    assert tables["station_days"].height == month.days.height
    assert tables["editions_cities"]["edition"].to_list() == [
        "2012",
        "2026-transition",
        "2026-final",
    ]
    assert tables["ranking"]["name"].to_list() == ["Alpha", "Beta", "Gamma"]


def test_changed_settings_are_named() -> None:
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 31))
    data = make(frame, {"a": "Alpha"}, "2016-03", settings=Settings.of({"rank_digits": 3}))
    page = reports.html(data)
    assert "Settings that differ from their defaults" in page
    assert "rank_digits" in page


def test_good_days_that_lack_a_pollutant_are_counted_beside_them() -> None:
    table = hours(["a"], date(2016, 1, 1), date(2016, 1, 31), factor={"a": 0.1})
    gap = pl.col("time") < pl.datetime(2016, 1, 4, 16, time_zone="UTC")
    table = table.with_columns(pl.when(~gap).then(pl.col("so2")).alias("so2"))
    data = reports.collect(
        table, register({"a": "Alpha"}), span=ev.span("2016-01"), network="Example",
        generated=GENERATED, edition="2012",
    )  # fmt: skip
    assert "4 of these lack a pollutant; their AQI is that of the others" in reports.html(data)
