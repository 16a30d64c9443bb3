"""The statistics of a period as HJ 663 writes them, against the formula taken one by one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from lantian.evaluation.spans import StationDays


def table(seed: int, days: int = 40, gaps: float = 0.3) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    parts = [
        pl.DataFrame(
            {
                "station": station,
                "date": pl.date_range(
                    pl.date(2026, 1, 1), pl.date(2026, 1, 1) + pl.duration(days=days - 1 - n),
                    eager=True,
                ),
            }
        )
        for n, station in enumerate(("b", "a", "c"))
    ]  # fmt: skip
    frame = pl.concat(parts)
    value = np.round(rng.normal(20, 30, frame.height), 1)
    value[rng.random(frame.height) < gaps] = np.nan
    value[frame["station"].to_numpy() == "c"] = np.nan
    return frame.with_columns(pl.Series("x", value, nan_to_null=True)).sample(
        fraction=1.0, shuffle=True, seed=seed
    )


def exact(values: list[float], percent: int) -> float | None:
    """HJ 663, appendix A: k = 1 + (n - 1)·p %, linear between its neighbours."""
    if not values:
        return None
    ordered = sorted(Fraction(str(v)) for v in values)
    place = Fraction((len(ordered) - 1) * percent, 100)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (place - low))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("percent", [90, 95, 98])
def test_means_and_percentiles(seed: int, percent: int) -> None:
    frame = table(seed)
    days = StationDays.of(frame)
    assert days.stations.to_list() == ["a", "b", "c"]
    values = days.values("x")
    for i, station in enumerate(days.stations):
        mine = frame.filter(station=station)["x"].drop_nulls().to_list()
        assert values.n[i] == len(mine)
        found = values.percentile(percent)[i]
        expected = exact(mine, percent)
        assert (expected is None and np.isnan(found)) or found == expected
        if mine:
            mean = sum(Fraction(str(v)) for v in mine) / len(mine)
            assert values.mean()[i] == float(mean)


def test_days_by_month_and_one_text() -> None:
    frame = table(1, gaps=0.0).with_columns(
        pl.when(pl.col("station") == "a").then(pl.lit("one"))
        .when(pl.col("date") < pl.date(2026, 1, 20)).then(pl.lit("one"))
        .otherwise(pl.lit("two")).alias("edition")
    )  # fmt: skip
    days = StationDays.of(frame)
    months = [pl.select(pl.date(2026, m, 1)).item() for m in (1, 2)]
    found = days.monthly(days.values("x").known, months)
    assert found.tolist() == [[31, 8], [31, 9], [0, 0]]
    assert days.only(days.frame["edition"], "mixed").to_list() == ["one", "mixed", "mixed"]


def test_no_days_at_all() -> None:
    days = StationDays.of(table(1).clear())
    values = days.values("x")
    assert values.n.size == values.mean().size == values.percentile(95).size == 0
    assert days.only(pl.Series([], dtype=pl.String), "mixed").to_list() == []
