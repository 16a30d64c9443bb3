"""The AQI of each hour."""

from __future__ import annotations

from datetime import date

import pytest

import lantian.evaluation as ev
from lantian.errors import InvalidArgumentError
from tests.evaluation.build import hours

DAY = date(2026, 6, 1)


def test_six_one_hour_items_and_the_24_h_column_for_pm() -> None:
    hour = ev.realtime(hours(DAY, {"pm25": {9: 60.0}, "o3": {9: 200.0}, "co": {9: 5.0}}))
    assert hour.columns == [
        "station", "time", *(f"iaqi_{p}" for p in ("pm25", "pm10", "so2", "no2", "co", "o3")),
        "aqi", "category", "primary", "edition", "missing",
    ]  # fmt: skip
    row = hour.row(0, named=True)
    assert (row["iaqi_pm25"], row["iaqi_o3"], row["iaqi_co"]) == (100, 100, 50)
    assert row["primary"] == ["pm25", "o3"]
    assert row["missing"] == ["pm10", "so2", "no2"]


def test_sliding_pm_is_for_2012_only() -> None:
    table = hours(DAY, {"pm25": dict.fromkeys(range(1, 24), 10.0) | {24: 250.0}})
    plain = ev.realtime(table, edition="2012")["iaqi_pm25"].to_list()
    sliding = ev.realtime(table, edition="2012", pm_basis="sliding")["iaqi_pm25"].to_list()
    new = ev.realtime(table, edition="2026-transition", pm_basis="sliding")["iaqi_pm25"].to_list()
    assert plain[-1] == new[-1] == 300
    assert sliding[:19] == [None] * 19  # fewer than 20 hours
    assert sliding[19] == 15
    assert sliding[-1] == 29  # (23*10 + 250)/24 = 20


def test_sliding_means_count_hours_not_rows() -> None:
    table = hours(DAY, {"pm25": {h: 10.0 for h in range(1, 25) if h not in (3, 4, 5, 6, 7)}})
    sliding = ev.realtime(table, edition="2012", pm_basis="sliding")
    assert sliding["iaqi_pm25"].null_count() == sliding.height


def test_so2_beyond_800_takes_its_24_h_index_under_2012() -> None:
    so2 = dict.fromkeys(range(1, 24), 100.0) | {24: 900.0}
    table = hours(DAY, {"so2": so2})
    assert ev.realtime(table, edition="2012")["iaqi_so2"].to_list()[-1] == 92  # mean 133
    assert ev.realtime(table, edition="2026-final")["iaqi_so2"].to_list()[-1] == 200


def test_a_bad_basis_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="'hour' or 'sliding'"):
        ev.realtime(hours(DAY, {"pm25": {1: 1.0}}), pm_basis="day")  # type: ignore[arg-type]
