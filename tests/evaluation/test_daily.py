"""Daily means, MDA8, validity (HJ 663) and the daily AQI (HJ 633)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lantian.evaluation as ev
from lantian.errors import DomainError, InvalidArgumentError
from lantian.standards import POLLUTANTS, Settings
from tests.evaluation.build import ZONE, full_day, hours

DAY = date(2026, 6, 1)
COLUMNS = [
    "station", "date", "pm25", "pm10", "so2", "no2", "co", "o3_mda8", "o3_1h_max",
    *(f"{what}_{p}" for what in ("n", "valid", "iaqi") for p in POLLUTANTS),
    "aqi", "category", "primary", "edition", "missing",
]  # fmt: skip


def test_the_contract_columns() -> None:
    assert ev.daily(full_day(DAY, {"pm25": 35.0})).columns == COLUMNS


def test_the_label_24_00_ends_its_day() -> None:
    table = hours(DAY, {"pm25": {24: 240.0}})
    assert ev.daily(table)["date"].to_list() == [DAY]
    assert ev.daily(table)["n_pm25"].to_list() == [1]


def test_a_mean_is_exact_and_unrounded() -> None:
    # 24 values of CO whose decimal mean is exactly 2.05: a tie that binary sums miss
    co = {h: 2.0 if h <= 12 else 2.1 for h in range(1, 25)}
    day = ev.daily(hours(DAY, {"co": co}), edition="2012")
    assert day["co"].item() == 2.05
    assert day["iaqi_co"].item() == 50  # 2.05 → 2.0


@pytest.mark.parametrize(("count", "valid"), [(19, False), (20, True)])
def test_twenty_hours_make_a_day(count: int, valid: bool) -> None:
    day = ev.daily(hours(DAY, {"so2": dict.fromkeys(range(1, count + 1), 10.0)}))
    assert day["valid_so2"].item() is valid
    assert day["n_so2"].item() == count
    assert (day["so2"].item() is None) is not valid


def _mda8(o3: dict[int, float | None]) -> tuple[Fraction | None, int]:
    """Windows of HJ 663 in rational arithmetic."""
    means = []
    for end in range(8, 25):
        known = [Fraction(repr(v)) for h in range(end - 7, end + 1) if (v := o3.get(h)) is not None]
        if len(known) >= 6:
            means.append(sum(known) / len(known))
    valid = len(means) >= 14 or (means and max(means) > 160)
    return (max(means) if valid else None), len(means)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 400)), min_size=24, max_size=24))
def test_mda8_against_the_rule_written_out(values: list[int | None]) -> None:
    o3 = {h + 1: None if v is None else float(v) for h, v in enumerate(values)}
    if all(v is None for v in values):
        return
    day = ev.daily(hours(DAY, {"o3": o3}))
    expected, windows = _mda8(o3)
    assert day["n_o3"].item() == windows
    found = day["o3_mda8"].item()
    assert found == (None if expected is None else float(expected))


def test_a_short_day_above_the_limit_stays_valid() -> None:
    high = hours(DAY, {"o3": dict.fromkeys(range(10, 20), 161.0)})
    assert ev.daily(high)["valid_o3"].item() is True
    at_limit = hours(DAY, {"o3": dict.fromkeys(range(10, 20), 160.0)})
    assert ev.daily(at_limit)["valid_o3"].item() is False
    strict = Settings.of({"o3_exemption": False})
    assert ev.daily(high, settings=strict)["valid_o3"].item() is False


def test_absent_rows_are_missing_hours() -> None:
    o3 = {1: 100.0, 2: 100.0, 10: 300.0, 11: 300.0, 12: 300.0, 20: 300.0, 21: 300.0, 22: 300.0}
    assert ev.daily(hours(DAY, {"o3": o3}))["n_o3"].item() == 0


def test_2012_takes_the_larger_ozone_index_2026_the_8_h_one() -> None:
    o3 = dict.fromkeys(range(1, 25), 60.0) | {15: 390.0}
    table = hours(DAY, {"o3": o3})
    old, new = ev.daily(table, edition="2012"), ev.daily(table, edition="2026-transition")
    assert old["o3_1h_max"].item() == 390.0
    assert old["iaqi_o3"].item() == 195  # 1 h: 150 + 90/100*50
    assert new["iaqi_o3"].item() == 51  # 8 h: (7*60 + 390)/8 = 101.25


def test_under_2012_ozone_beyond_800_uses_the_hour() -> None:
    table = full_day(DAY, {"o3": 801.0})
    assert ev.daily(table, edition="2012")["iaqi_o3"].item() == 301
    assert ev.daily(table, edition="2026-final")["iaqi_o3"].item() == 300


def test_auto_changes_edition_with_the_local_date() -> None:
    table = pl.concat(
        [full_day(date(2026, 2, 28), {"pm25": 75.0}), full_day(date(2026, 3, 1), {"pm25": 75.0})]
    )
    day = ev.daily(table)
    assert day["edition"].to_list() == ["2012", "2026-transition"]
    assert day["aqi"].to_list() == [100, 114]
    assert day["category"].to_list() == ["good", "light"]


def test_primary_and_missing_are_lists() -> None:
    day = ev.daily(full_day(DAY, {"pm25": 60.0, "pm10": 120.0, "co": 0.5}), edition="2026-final")
    assert day["aqi"].item() == 100
    assert day["primary"].item().to_list() == ["pm25", "pm10"]
    assert day["missing"].item().to_list() == ["so2", "no2", "o3"]
    clean = ev.daily(full_day(DAY, {"pm25": 35.0}), edition="2012")
    assert clean["primary"].item().to_list() == []


def test_a_day_without_a_valid_item_has_no_aqi() -> None:
    day = ev.daily(hours(DAY, {"pm25": {1: 500.0}}))
    assert day["aqi"].item() is None
    assert day["category"].item() is None


def test_other_zones_and_long_days() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 25, tzinfo=berlin).astimezone(ZoneInfo("UTC"))
    table = pl.DataFrame(
        {"station": "a", "time": [start + timedelta(hours=h + 1) for h in range(25)],
         "o3": [float(h) for h in range(25)]},
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )  # fmt: skip
    day = ev.daily(table, zone="Europe/Berlin")
    assert day.height == 1
    assert day["n_o3"].item() == 18  # the 25 h day has one window more
    assert day["o3_mda8"].item() == 20.5


@pytest.mark.parametrize("copies", [2, 3])
def test_an_hour_twice_is_refused(copies: int) -> None:
    table = pl.concat([hours(DAY, {"pm25": {5: 10.0}})] * copies)
    with pytest.raises(InvalidArgumentError, match="two rows for a at"):
        ev.daily(table)


def test_a_value_beyond_everything_is_refused() -> None:
    with pytest.raises(DomainError, match="can be a concentration"):
        ev.daily(full_day(DAY, {"pm25": 2e5}))


def _random_table(seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    start = datetime(2025, 12, 30, tzinfo=ZONE)
    parts = []
    for station in ("a", "b", "c"):
        keep = rng.random(24 * 5) > 0.1
        values = {p: np.round(rng.gamma(2, 30, 24 * 5), 3) for p in ("pm25", "pm10", "co", "o3")}
        parts.append(
            pl.DataFrame(
                {"station": station, "time": [start + timedelta(hours=h) for h in range(24 * 5)],
                 **values},
                schema_overrides={"time": pl.Datetime("us", "UTC")},
            ).filter(pl.Series(keep))
        )  # fmt: skip
    return pl.concat(parts)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 200))
def test_row_order_and_chunks_change_no_digit(seed: int, cut: int) -> None:
    table = _random_table(7)
    whole = ev.daily(table, edition="2012")
    shuffled = table.sample(fraction=1, shuffle=True, seed=seed)
    chunked = pl.concat([shuffled[:cut], shuffled[cut:]], rechunk=False)
    assert ev.daily(chunked, edition="2012").equals(whole)
    by_day = [g for _, g in table.group_by(pl.col("time").dt.convert_time_zone("Asia/Shanghai")
              .dt.offset_by("-1h").dt.date())]  # fmt: skip
    apart = pl.concat([ev.daily(g, edition="2012") for g in by_day]).sort("station", "date")
    assert apart.equals(whole)
    periods = ev.period(whole.sample(fraction=1, shuffle=True, seed=seed), by="month")
    assert periods.equals(ev.period(whole, by="month"))
