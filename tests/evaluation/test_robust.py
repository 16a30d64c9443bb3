"""What third parties do to the functions: odd types, many stations, doubled rows, bad arguments."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

import lantian.evaluation as ev
from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.standards import Settings, round_half_even
from tests.evaluation.build import ALL_SIX, days, full_day, hours

DAY = date(2025, 6, 1)
YEAR = date(2025, 1, 1)


def test_sliding_means_stay_with_their_station() -> None:
    """Grouped rolling gives the stations in hash order; forty names make a mix-up certain."""
    table = pl.concat(
        hours(DAY, {"pm25": dict.fromkeys(range(1, 25), float(i))}, station=f"st{i * 37 % 101}")
        for i in range(40)
    )
    sliding = ev.realtime(table, edition="2012", pm_basis="sliding")
    plain = ev.realtime(table, edition="2012")
    last = sliding.group_by("station", maintain_order=True).last()
    assert last["iaqi_pm25"].to_list() == (
        plain.group_by("station", maintain_order=True).last()["iaqi_pm25"].to_list()
    )


def test_more_station_days_than_one_chunk_of_ozone_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules["lantian.evaluation.daily"], "_CHUNK", 3)
    table = pl.concat(full_day(DAY, {"o3": 100.0}, station=f"s{i}") for i in range(8))
    for edition in ("auto", "2012"):
        assert ev.daily(table, edition=edition)["o3_mda8"].to_list() == [100.0] * 8


def test_a_tie_in_the_composite_index_is_seen() -> None:
    values = {"pm25": 26.6, "pm10": 106.4, "so2": 24.6, "no2": 38.5, "co": 3.7, "o3_mda8": 30.0}
    row = ev.period(days(YEAR, 365, **values)).row(0, named=True)
    assert row["composite_index"] == 4.765
    assert round_half_even(row["composite_index"], 2) == 4.76


def test_one_thread_gives_the_same_digits(tmp_path: object) -> None:
    script = (
        "import polars as pl, numpy as np, datetime as d, hashlib\n"
        "import lantian.evaluation as ev\n"
        "r = np.random.default_rng(1)\n"
        "n = 400\n"
        "f = pl.concat(pl.DataFrame({'station': [s] * n,\n"
        "    'date': [d.date(2024, 6, 1) + d.timedelta(days=i) for i in range(n)],\n"
        "    **{c: r.gamma(2, 20, n) for c in\n"
        "       ('pm25', 'pm10', 'so2', 'no2', 'co', 'o3_mda8')}}) for s in 'abcdefgh')\n"
        "p = ev.rank(ev.period(f, by='month', edition='2012'))\n"
        "print(hashlib.sha256(p.drop('reason').write_csv().encode()).hexdigest())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script], env={"POLARS_MAX_THREADS": n, "PATH": ""},
            check=True, capture_output=True, text=True,
        ).stdout
        for n in ("1", "2", "5")
    }  # fmt: skip
    assert len(found) == 1


def test_nan_is_missing_and_nonsense_is_refused() -> None:
    table = days(YEAR, 3, pm25=[30.0, float("nan"), 40.0])
    assert ev.period(table, by="month")["pm25_days"].item() == 2
    for bad in (2e5, float("inf"), -1e9):
        with pytest.raises(DomainError, match="column pm25"):
            ev.period(days(YEAR, 3, pm25=bad), by="month")


def test_a_day_twice_is_refused() -> None:
    table = days(YEAR, 14, pm25=30.0)
    with pytest.raises(InvalidArgumentError, match="2 rows for a at 2025-01-01; keep one"):
        ev.period(pl.concat([table, table]), by="month")
    register = pl.DataFrame({"station": ["a", "a"], "city": ["c", "c"]})
    with pytest.raises(InvalidArgumentError, match="has a more than once"):
        ev.city(table, register)


def test_half_hours_are_not_hours() -> None:
    start = datetime(2025, 6, 1, tzinfo=UTC)
    table = pl.DataFrame(
        {"station": "a", "time": [start + timedelta(minutes=30 * i) for i in range(20)],
         "pm25": 10.0},
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )  # fmt: skip
    with pytest.raises(InvalidArgumentError, match="not a whole number of hours"):
        ev.daily(table)


def test_a_date_with_a_zone_is_its_own_calendar_day() -> None:
    local = datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    table = pl.DataFrame(
        {"station": ["a"], "date": [local], "pm25": [30.0]},
        schema_overrides={"date": pl.Datetime("us", "Asia/Shanghai")},
    )
    row = ev.period(table, by="month").row(0, named=True)
    assert (row["period"], row["edition"]) == ("2026-03", "2026-transition")


REGISTER = pl.DataFrame({"station": list("abcd"), "city": ["c"] * 4})


def test_a_city_does_not_depend_on_the_slice_of_the_table() -> None:
    january = pl.concat(days(YEAR, 31, station=s, pm25=10.0) for s in "abcd")
    february = pl.concat(days(date(2025, 2, 1), 1, station=s, pm25=10.0) for s in "ab")
    whole = ev.city(pl.concat([january, february]), REGISTER)
    alone = ev.city(february, REGISTER)
    assert whole.filter(pl.col("date") >= date(2025, 2, 1)).equals(alone)
    assert alone["pm25"].item() is None


def test_hourly_cities_count_operation_by_the_local_day_of_the_hour() -> None:
    table = full_day(DAY, {"pm25": 10.0})
    begins = pl.DataFrame({"station": ["a"], "city": ["c"], "start": [DAY]})
    assert ev.city(table, begins).height == 24
    ended = begins.with_columns(start=pl.lit(None, pl.Date), end=pl.lit(DAY))
    assert ev.city(table, ended).height == 24


def test_background_stations_are_left_out_by_kind_too() -> None:
    kinds = REGISTER.with_columns(
        kind=pl.Series(["national", "national", "national", "background"])
    )
    table = pl.concat(
        days(YEAR, 1, station=s, pm25=v)
        for s, v in zip("abcd", (10.0, 20.0, 30.0, 900.0), strict=True)
    )
    assert ev.city(table, kinds)["pm25"].item() == 20.0


def test_settings_of_a_period_act_on_days_already_judged() -> None:
    judged = ev.judge(days(YEAR, 31, pm25=75.3), edition="2012")
    unrounded = Settings.of({"round_before_iaqi_2012": False})
    assert ev.period(judged, by="month", edition="2012")["good_days"].item() == 31
    strict = ev.period(judged, by="month", edition="2012", settings=unrounded)
    assert strict["good_days"].item() == 0


def test_year_on_year_keeps_rows_apart_by_kind_of_period() -> None:
    table = pl.concat([days(date(2024, 1, 1), 366, **ALL_SIX), days(YEAR, 365, **ALL_SIX)])
    several = pl.concat([ev.period(table, by=b) for b in ("year", "half", "quarter", "month")])
    both = ev.year_on_year(several, columns=("composite_index", "pm25_mean"))
    assert both.height == several.height
    assert both.filter(period="2025-H1")["pm25_mean_change"].item() == 0.0
    assert ev.year_on_year(several, columns=()).equals(several)


def test_year_on_year_of_a_free_period_and_of_zero() -> None:
    spring = (date(2024, 2, 29), date(2024, 3, 10))
    before = ev.period(
        days(date(2023, 2, 28), 11, so2=0.0), by=(date(2023, 2, 28), date(2023, 3, 10))
    )
    now = ev.period(days(spring[0], 11, so2=8.0), by=spring)
    row = ev.year_on_year(now, before, columns="so2_mean").row(0, named=True)
    assert row["so2_mean_previous"] == 0.0
    assert row["so2_mean_change"] is None


def test_a_grade_nobody_knows_is_not_trusted() -> None:
    frame = pl.DataFrame(
        {"station": "a", "parameter": "pm25", "period": "1h",
         "time": [datetime(2025, 1, 1, h, tzinfo=UTC) for h in range(4)],
         "value": [1.0, 2.0, 3.0, 4.0], "grade": ["valid", "RM", None, "suspect"]},
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )  # fmt: skip
    assert ev.hourly(frame)["pm25"].to_list() == [1.0, 3.0, 4.0]
    with pytest.raises(InvalidArgumentError, match="column station"):
        ev.hourly(frame.with_columns(station=pl.lit(None, pl.String)))


def test_categorical_stations_and_lazy_frames_go_all_the_way() -> None:
    table = full_day(YEAR, {"pm25": 10.0}).with_columns(pl.col("station").cast(pl.Categorical))
    day = ev.daily(table.lazy())
    city = ev.city(day.lazy(), pl.DataFrame({"id": ["a"], "city": ["c"]}))
    assert ev.period(city.lazy(), by="month")["pm25_mean"].item() == 10.0


def test_the_good_day_ratio_ranks_as_published() -> None:
    rows = pl.concat(
        ev.period(
            days(YEAR, n, station=s, pm25=[30.0] * good + [200.0] * (n - good)), edition="2012"
        )
        for s, n, good in (("a", 364, 326), ("b", 365, 327))  # 89.56 % and 89.59 %
    )
    assert ev.rank(rows, key="good_day_ratio")["rank"].to_list() == [1, 1]


def test_shares_are_counted_exactly() -> None:
    lax = Settings.of({"any_period_min_share": 0.55})
    hundred = ev.any_span(date(2025, 1, 1), date(2025, 4, 10))
    assert ev.days_needed(hundred, lax) == 55


T = datetime(2025, 1, 1, tzinfo=UTC)
BAD_CALLS = {
    "daily without time": lambda: ev.daily(pl.DataFrame({"station": ["a"]})),
    "daily with text": lambda: ev.daily(
        full_day(DAY, {"pm25": 1.0}).with_columns(pm25=pl.lit("x"))
    ),
    "daily in no zone": lambda: ev.daily(full_day(DAY, {"pm25": 1.0}), zone="Mars/Base"),
    "realtime without station": lambda: ev.realtime(full_day(DAY, {"pm25": 1.0}).drop("station")),
    "hourly of text": lambda: ev.hourly(
        pl.DataFrame({"station": ["a"], "parameter": ["pm25"], "time": [T], "value": ["1"]})
    ),
    "hourly at no time": lambda: ev.hourly(
        pl.DataFrame(
            {"station": ["a"], "parameter": ["pm25"], "time": [None], "value": [1.0]},
            schema_overrides={"time": pl.Datetime("us", "UTC")},
        )
    ),
    "judge without date": lambda: ev.judge(pl.DataFrame({"station": ["a"]})),
    "judge of text dates": lambda: ev.judge(pl.DataFrame({"station": ["a"], "date": ["2025"]})),
    "period by a list": lambda: ev.period(days(YEAR, 1, pm25=1.0), by=[YEAR, YEAR]),  # type: ignore[arg-type]
    "period by texts": lambda: ev.period(days(YEAR, 1, pm25=1.0), by=("2025-01-01", "x")),  # type: ignore[arg-type]
    "period by times": lambda: ev.period(days(YEAR, 1, pm25=1.0), by=(T, T)),
    "rank without period": lambda: ev.rank(
        pl.DataFrame({"station": ["a"], "composite_index": [1]})
    ),
    "rank by text": lambda: ev.rank(ev.period(days(YEAR, 1, pm25=1.0)), key="edition"),
    "city with text flags": lambda: ev.city(
        days(YEAR, 1, pm25=1.0), pl.DataFrame({"station": ["a"], "city": ["c"], "control": ["no"]})
    ),
    "city of nothing": lambda: ev.city(pl.DataFrame({"station": ["a"]}), REGISTER),
    "percentile of 150": lambda: ev.percentile([1.0], 150),
    "index of five": lambda: ev.composite_index({"pm25": 1.0}),
    "index by maxima": lambda: ev.composite_index(
        dict.fromkeys(("pm25", "pm10", "so2", "no2", "co", "o3"), 1.0),
        method="max_mean_percentile_2013",
    ),
    "days backwards": lambda: ev.local_days(date(2025, 2, 1), YEAR, "Asia/Shanghai"),
    "days in no zone": lambda: ev.local_days(YEAR, YEAR, "Mars/Base"),
    "span of a number": lambda: ev.span(20161),  # type: ignore[arg-type]
    "span of three digits": lambda: ev.span("2016-001"),
    "dust of text dates": lambda: ev.deduct_dust(
        days(YEAR, 1, pm10=1.0),
        pl.DataFrame({"start": ["2025-01-01"], "end": ["2025-01-01"], "decision": ["1"]}),
    ),
}


@pytest.mark.parametrize("call", list(BAD_CALLS.values()), ids=list(BAD_CALLS))
def test_bad_arguments_get_a_sentence(call: object) -> None:
    with pytest.raises((InvalidArgumentError, UnknownNameError, DomainError)) as error:
        call()  # type: ignore[operator]
    assert str(error.value).endswith(".")


def test_nothing_can_be_ranked_and_compared() -> None:
    none = ev.period(days(YEAR, 0, pm25=[]))
    assert ev.rank(none, key="good_days").height == 0
    assert ev.year_on_year(none).height == 0
