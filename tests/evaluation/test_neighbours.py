"""Distances and bearings on the globe, and how alike two stations' hours run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from lantian.evaluation.neighbours import alike, bearing, nearest

START = datetime(2026, 11, 1, tzinfo=UTC)


def register(*rows: tuple[str, float | None, float | None]) -> pl.DataFrame:
    schema = {"station": pl.String, "lon": pl.Float64, "lat": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_degree_of_latitude_and_one_of_longitude():
    # 111.195 km: the mean radius 6,371.0088 km times one degree; at 60° N half of it to the east
    table = register(("here", 10.0, 60.0), ("north", 10.0, 61.0), ("east", 11.0, 60.0))
    found = nearest(table, "here")
    assert found["station"].to_list() == ["east", "north"]
    assert found["distance"].to_list() == pytest.approx([55.595, 111.195], abs=0.01)
    assert found["bearing"].to_list() == pytest.approx([89.567, 360.0], abs=0.001)


@pytest.mark.parametrize(
    ("to", "expected"),
    [((0.0, 1.0), 360.0), ((1.0, 0.0), 90.0), ((0.0, -1.0), 180.0), ((-1.0, 0.0), 270.0)],
)
def test_bearings_from_the_equator(to: tuple[float, float], expected: float):
    assert bearing(0.0, 0.0, *to) == pytest.approx(expected)


def test_the_same_place_has_no_bearing_but_a_distance_of_nothing():
    found = nearest(register(("a", 1.0, 2.0), ("b", 1.0, 2.0)), "a")
    assert found.rows() == [("b", 0.0, None)]


def test_stations_without_coordinates_are_nobodys_neighbours():
    table = register(("a", 1.0, 2.0), ("b", None, None), ("c", 1.5, 2.0))
    assert nearest(table, "a")["station"].to_list() == ["c"]
    assert nearest(table, "b").is_empty()
    assert nearest(table, "nowhere").is_empty()
    assert nearest(register(("a", 1.0, 2.0)), "a").is_empty()


def test_ties_go_by_id_and_count_is_kept():
    table = register(("m", 0.0, 0.0), *((s, 0.0, 1.0) for s in "cab"))
    assert nearest(table, "m", count=2)["station"].to_list() == ["a", "b"]


def hours(**columns: list[float | None]) -> pl.DataFrame:
    parts = [
        pl.DataFrame(
            {
                "station": [name] * len(values),
                "time": [START + timedelta(hours=h) for h in range(len(values))],
                "pm25": values,
            },
            schema={
                "station": pl.String, "time": pl.Datetime("us", "UTC"), "pm25": pl.Float64
            },
        )
        for name, values in columns.items()
    ]  # fmt: skip
    return pl.concat(parts)


def test_correlation_equals_numpys_over_the_hours_both_have():
    rng = np.random.default_rng(1)
    a, b = rng.normal(60, 10, 100), rng.normal(60, 10, 100)
    a_list, b_list = a.tolist(), b.tolist()
    a_list[3], b_list[50] = None, None
    both = [i for i in range(100) if i not in (3, 50)]
    found = alike(hours(a=a_list, b=b_list), "a", ["b", "gone"], "pm25")
    assert found["station"].to_list() == ["b", "gone"]
    assert found["n"].to_list() == [98, 0]
    assert found["r"][0] == pytest.approx(np.corrcoef(a[both], b[both])[0, 1])
    assert found["r"][1] is None


def test_too_few_hours_or_a_constant_say_nothing():
    short = alike(hours(a=[1.0] * 23, b=list(map(float, range(23)))), "a", ["b"], "pm25")
    assert short.select("n", "r").rows() == [(23, None)]
    flat = alike(hours(a=list(map(float, range(40))), b=[5.0] * 40), "a", ["b"], "pm25")
    assert flat.select("n", "r").rows() == [(40, None)]
