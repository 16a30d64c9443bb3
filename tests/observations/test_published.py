from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lantian import standards
from lantian.observations import published
from lantian.observations.readers import read_file
from lantian.observations.schema import POLLUTANTS, conform

N = 240


def values(seed: int = 7) -> pl.DataFrame:
    """Ten days of a station: integers, CO with one decimal, ozone often in the lead."""
    rng = np.random.default_rng(seed)
    scale = {"pm25": 40, "pm10": 90, "so2": 10, "no2": 40, "co": 0.8, "o3": 110}
    start = datetime(2018, 1, 1, tzinfo=UTC)
    columns = {p: np.round(rng.gamma(3, s / 3, N), 1 if p == "co" else 0) for p, s in scale.items()}
    sliding = np.maximum(columns["o3"], 60) + rng.integers(10, 90, N)
    return pl.DataFrame(
        {
            "station": ["A"] * N,
            "time": [start + timedelta(hours=h) for h in range(N)],
            **columns,
            "o3_24h": sliding,
        }
    )


def with_aqi(wide: pl.DataFrame, edition: str = "2012") -> pl.DataFrame:
    index = [standards.iaqi(p, wide[p], averaging="1h", edition=edition) for p in POLLUTANTS]
    return wide.with_columns(aqi=np.fmax.reduce(np.array(index)))


def long(wide: pl.DataFrame) -> pl.DataFrame:
    tall = wide.unpivot(
        POLLUTANTS, index=["station", "time"], variable_name="parameter", value_name="value"
    ).drop_nulls("value")
    return conform(tall.with_columns(pl.lit("1h").alias("period")))


def as_published(wide: pl.DataFrame) -> pl.DataFrame:
    return wide.select("station", "time", "aqi", "o3_24h")


def test_values_in_their_columns_agree() -> None:
    wide = with_aqi(values())
    result = published.check(long(wide), as_published(wide), "2012")
    assert (result.n, result.agreeing, result.share) == (N, N, 1.0)
    assert result.good
    assert result.swap is None
    assert result.worst.is_empty()
    assert result.message() == (
        "The AQI computed from the values agrees with the published one in 100.0% of 240 hours "
        "(edition 2012)."
    )


@pytest.mark.parametrize(("a", "b"), [("pm25", "pm10"), ("so2", "o3"), ("no2", "o3")])
def test_two_exchanged_columns_are_named(a: str, b: str) -> None:
    wide = with_aqi(values())
    wrong = wide.rename({a: b, b: a})
    result = published.check(long(wrong), as_published(wide), "2012")
    assert not result.good
    assert result.swap is not None
    assert {result.swap.first, result.swap.second} == {a, b}
    assert result.swap.share == 1.0
    first, second = result.swap.first, result.swap.second
    assert (
        f"With the columns {first} and {second} exchanged it agrees in 100.0%: they look swapped; "
        "check the file."
    ) in result.message()
    assert result.worst.height == 10
    assert result.worst["difference"].abs().is_sorted(descending=True)


def test_ozone_exchanged_with_its_sliding_maximum() -> None:
    wide = with_aqi(values())
    wrong = wide.rename({"o3": "o3_24h", "o3_24h": "o3"})
    result = published.check(long(wrong), as_published(wrong), "2012")
    assert result.swap is not None
    assert (result.swap.first, result.swap.second) == ("o3", "o3_24h")
    assert "With the columns o3 and o3_24h exchanged it agrees in 100.0%" in result.message()


def test_wrong_values_without_an_exchange_name_no_columns() -> None:
    wide = with_aqi(values())
    other = values(seed=8)
    result = published.check(long(other), as_published(wide), "2012")
    assert not result.good
    assert result.swap is None
    assert "swapped" not in result.message()


def test_edition_by_the_local_day() -> None:
    # 2026-02-28 24:00 Beijing time still belongs to the 2012 edition, one hour later does not
    start = datetime(2026, 2, 28, 16, tzinfo=UTC)
    wide = values().head(2).with_columns(
        pm25=pl.Series([70.0, 70.0]), time=pl.Series([start, start + timedelta(hours=1)])
    )  # fmt: skip
    wide = wide.with_columns(pl.lit(1.0).alias(p) for p in POLLUTANTS if p != "pm25")
    index = [
        standards.iaqi("pm25", 70.0, averaging="1h", edition=e) for e in ("2012", "2026-transition")
    ]
    assert index[0] != index[1]
    result = published.check(long(wide), as_published(wide.with_columns(aqi=pl.Series(index))))
    assert (result.n, result.agreeing) == (2, 2)


def test_one_pollutant_missing_in_an_hour_is_compared_from_the_rest() -> None:
    wide = values().with_columns(pl.when(pl.col("so2") > 8).then(pl.col("so2")).alias("so2"))
    wide = with_aqi(wide)
    result = published.check(long(wide), as_published(wide), "2012")
    assert (result.n, result.agreeing) == (N, N)


def test_a_pollutant_missing_altogether_compares_nothing() -> None:
    wide = with_aqi(values())
    frame = long(wide).filter(pl.col("parameter") != "o3")
    result = published.check(frame, as_published(wide), "2012")
    assert result.n == 0
    assert np.isnan(result.share)
    assert result.good
    assert result.message() == "The published AQI cannot be recomputed: no values of o3."


def test_nothing_published() -> None:
    wide = values()
    result = published.check(long(wide), None, "2012")
    assert (result.n, result.message()) == (0, "There is no published AQI to compare with.")


def test_invalid_values_do_not_count() -> None:
    wide = with_aqi(values())
    bad = long(wide).with_columns(
        pl.when(pl.col("parameter") == "o3")
        .then(pl.lit(9999.0))
        .otherwise(pl.col("value"))
        .alias("value"),
        pl.when(pl.col("parameter") == "o3")
        .then(pl.lit("invalid"))
        .otherwise(pl.col("grade"))
        .alias("grade"),
    )
    assert published.check(bad, as_published(wide), "2012").absent == ("o3",)


def test_row_order_changes_nothing() -> None:
    wide = with_aqi(values()).rename({"pm25": "pm10", "pm10": "pm25"})
    frame = long(wide)
    one = published.check(frame, as_published(wide), "2012")
    two = published.check(
        frame.sample(fraction=1, shuffle=True, seed=3),
        as_published(wide).sample(fraction=1, shuffle=True, seed=4),
        "2012",
    )
    assert (one.n, one.agreeing, one.swap) == (two.n, two.agreeing, two.swap)
    assert one.worst.equals(two.worst)


def test_from_a_live_file_with_swapped_ozone(tmp_path: Path) -> None:
    wide = with_aqi(values()).rename({"o3": "o3_24h", "o3_24h": "o3"})
    records = [
        {
            "stationcode": row["station"],
            "positionname": "x",
            "timepoint": (row["time"] + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S"),
            "pm2_5": str(int(row["pm25"])),
            **{p: str(row[p]) for p in ("pm10", "so2", "no2", "co", "o3", "o3_24h", "aqi")},
        }
        for row in wide.to_dicts()
    ]
    path = tmp_path / "live.json"
    path.write_text(json.dumps(records))
    reading = read_file(path)
    assert not reading.problems
    result = published.check(reading.frame, reading.published, "2012")
    assert result.swap == published.Swap("o3", "o3_24h", 1.0)
