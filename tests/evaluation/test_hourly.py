"""From long measurements to the hourly table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import lantian.evaluation as ev
from lantian.errors import DomainError, InvalidArgumentError
from lantian.evaluation.hourly import grid

T0 = datetime(2026, 5, 1, 1, tzinfo=UTC)


def long(rows: list[tuple[str, str, int, float | None, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "station": [r[0] for r in rows],
            "parameter": [r[1] for r in rows],
            "period": "1h",
            "time": [T0 + timedelta(hours=r[2]) for r in rows],
            "value": [r[3] for r in rows],
            "grade": [r[4] for r in rows],
        },
        schema_overrides={"time": pl.Datetime("us", "UTC"), "value": pl.Float64},
    )


def test_one_row_per_station_and_hour_with_all_six_pollutants() -> None:
    table = ev.hourly(
        long([("b", "pm25", 0, 5.0, "valid"), ("a", "wd", 2, 90.0, "valid"),
              ("a", "pm25", 0, 7.0, "valid"), ("a", "ws", 2, 1.5, "valid")])
    )  # fmt: skip
    assert table.columns == [
        "station",
        "time",
        "pm25",
        "pm10",
        "so2",
        "no2",
        "co",
        "o3",
        "ws",
        "wd",
    ]
    assert table.select("station", "pm25", "ws").rows() == [
        ("a", 7.0, None), ("a", None, 1.5), ("b", 5.0, None)
    ]  # fmt: skip
    assert table.schema["time"] == pl.Datetime("us", "UTC")


def test_suspect_counts_invalid_does_not() -> None:
    table = ev.hourly(
        long([("a", "pm25", 0, 5.0, "suspect"), ("a", "pm25", 1, 6.0, "invalid"),
              ("a", "pm10", 1, 9.0, "valid"), ("a", "so2", 2, None, "valid")])
    )  # fmt: skip
    assert table["pm25"].to_list() == [5.0, None]
    assert table.height == 2  # the hour without any value has no row


def test_zero_is_a_value() -> None:
    assert ev.hourly(long([("a", "so2", 0, 0.0, "valid")]))["so2"].to_list() == [0.0]


def test_other_periods_are_left_out_and_lazy_frames_are_taken() -> None:
    frame = long([("a", "pm25", 0, 5.0, "valid"), ("a", "pm25", 1, 6.0, "valid")])
    frame = frame.with_columns(pl.Series("period", ["1h", "24h"]))
    assert ev.hourly(frame.lazy())["pm25"].to_list() == [5.0]


def test_two_values_for_one_hour_are_an_error_the_same_twice_is_not() -> None:
    twice = [("a", "pm25", 0, 5.0, "valid"), ("a", "pm25", 0, 5.0, "valid")]
    assert ev.hourly(long(twice)).height == 1
    with pytest.raises(DomainError, match=r"more than one value; the first is a at .*: 5, 6") as e:
        ev.hourly(long([*twice, ("a", "pm25", 0, 6.0, "valid")]))
    assert e.value.code == "evaluation.conflict"


def test_labels_off_the_grid_are_an_error() -> None:
    frame = long([("a", "pm25", 0, 5.0, "valid"), ("a", "pm25", 1, 5.0, "valid")])
    shifted = frame.with_columns(
        pl.Series("time", [T0, T0 + timedelta(minutes=70)], dtype=frame.schema["time"])
    )
    with pytest.raises(DomainError, match="not a whole number of hours"):
        ev.hourly(shifted)


def test_half_hour_zones_are_on_a_grid_of_their_own() -> None:
    frame = long([("a", "pm25", 0, 5.0, "valid")]).with_columns(pl.col("time").dt.offset_by("30m"))
    assert ev.hourly(frame).height == 1


@pytest.mark.parametrize("missing", ["station", "value", "time"])
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(InvalidArgumentError, match=missing):
        ev.hourly(long([("a", "pm25", 0, 5.0, "valid")]).drop(missing))


def test_times_without_a_zone_are_refused() -> None:
    frame = long([("a", "pm25", 0, 5.0, "valid")])
    naive = frame.with_columns(pl.col("time").dt.replace_time_zone(None))
    with pytest.raises(InvalidArgumentError, match="must be a time with a zone"):
        ev.hourly(naive)


def test_what_cannot_be_a_concentration_is_refused() -> None:
    with pytest.raises(DomainError, match="can be a concentration"):
        ev.hourly(long([("a", "pm25", 0, 1e9, "valid")]))


def test_an_empty_table_keeps_its_columns() -> None:
    table = ev.hourly(long([]))
    assert table.height == 0
    assert table.columns[:3] == ["station", "time", "pm25"]
    assert ev.daily(table).height == 0


def test_a_later_revision_replaces_and_an_invalid_one_removes() -> None:
    base = long([("a", "pm25", 0, 5.0, "valid"), ("a", "pm25", 1, 6.0, "valid")])
    revised = long([("a", "pm25", 0, 7.0, "valid"), ("a", "pm25", 0, 8.0, "valid"),
                    ("a", "pm25", 1, 6.0, "invalid")])  # fmt: skip
    assert grid([base, revised], revisions=True)["pm25"].to_list() == [8.0]
