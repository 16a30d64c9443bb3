"""Quality control: each rule by a good and a bad series, and what must hold of all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.errors import InvalidArgumentError
from lantian.observations import quality, schema
from lantian.observations.parameters import PARAMETERS

START = datetime(2026, 1, 1, tzinfo=UTC)


def series(
    values: list[float | None],
    *,
    station: str = "s1",
    parameter: str = "pm25",
    period: str = "1h",
    hours: list[int] | None = None,
    flag: str = "",
    grade: str = "valid",
) -> pl.DataFrame:
    at = hours if hours is not None else list(range(len(values)))
    frame = pl.DataFrame(
        {
            "station": station,
            "parameter": parameter,
            "period": period,
            "time": [START + timedelta(hours=h) for h in at],
            "value": pl.Series(values, dtype=pl.Float64),
            "unit": PARAMETERS[parameter].unit,
            "flag": flag,
            "grade": grade,
            "source": "f.csv",
        }
    )
    return schema.conform(frame)


def grades(frame: pl.DataFrame, register: pl.DataFrame | None = None) -> str:
    """Return the grades as one letter each: v, s, i."""
    return "".join(g[0] for g in quality.check(frame, register).frame["grade"])


# -- range


@pytest.mark.parametrize(
    ("parameter", "values", "expected"),
    [
        ("pm25", [0.0, 35.0, 900.0, 901.0, 10001.0], "vvvsi"),
        ("pm25", [-1.0, -10.0, -10.5], "ssi"),
        ("pm10", [1500.0, 1501.0, 20001.0], "vsi"),
        ("so2", [800.0, 801.0, 5001.0, -11.0], "vsii"),
        ("no2", [500.0, 501.0, 5001.0], "vsi"),
        ("co", [0.0, 20.0, 21.0, 201.0, -0.5, -1.5], "vvsisi"),
        ("o3", [500.0, 501.0, 2001.0], "vsi"),
        ("ws", [0.0, 30.0, 31.0, 101.0, -0.1], "vvsii"),
        ("wd", [0.0, 360.0, 361.0, -1.0], "vvii"),
        ("temp", [-45.0, -46.0, -81.0, 48.0, 49.0, 71.0], "vsivsi"),
        ("rh", [3.0, 100.0, 101.0, 111.0, -1.0], "vvsii"),
        ("pres", [1013.0, 499.0, 299.0, 1101.0], "vsii"),
        ("rain", [0.0, 151.0, 501.0, -0.1], "vsii"),
        ("pm25", [float("inf"), None, float("nan")], "ivv"),
    ],
)
def test_range(parameter: str, values: list[float | None], expected: str) -> None:
    # a day apart, so that only the range is judged
    frame = series(values, parameter=parameter, hours=[24 * i for i in range(len(values))])
    assert grades(frame) == expected


def test_range_of_a_period_without_its_own_table_is_that_of_any() -> None:
    assert grades(series([400.0], parameter="rain", period="24h")) == "v"
    assert grades(series([400.0], parameter="rain", period="1h")) == "s"
    assert grades(series([-1.0], parameter="rain", period="24h")) == "i"


# -- rise


def test_rise_marks_the_jump_and_not_what_follows() -> None:
    found = quality.check(series([50.0, 60.0, 270.0, 65.0, 70.0]))
    assert found.frame["flag"].to_list() == ["", "", "QC:rise", "", ""]
    assert found.frame["grade"].to_list()[2] == "suspect"


def test_rise_is_not_judged_across_a_gap_nor_against_an_invalid_value() -> None:
    assert grades(series([50.0, 270.0], hours=[0, 2])) == "vv"
    # the hour after an impossible value is not compared with it, nor with the hour before
    assert grades(series([600.0, -99.0, 10.0, 12.0])) == "vivv"
    assert grades(series([50.0, None, 270.0])) == "vvv"


def test_a_fall_is_judged_where_it_has_a_threshold() -> None:
    assert grades(series([1013.0, 1000.0], parameter="pres")) == "vs"
    assert grades(series([400.0, 10.0])) == "vv"


# -- stuck


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([40.0] * 5, "v" * 5),
        ([40.0] * 6, "s" * 6),
        ([30.0] + [40.0] * 6 + [41.0], "vssssssv"),
        ([0.0] * 30, "v" * 30),  # zero is a value, and stands still
        ([10.0] * 30, "v" * 30),  # near the detection limit whole numbers repeat
    ],
)
def test_stuck(values: list[float | None], expected: str) -> None:
    assert grades(series(values)) == expected


def test_a_gap_breaks_a_run() -> None:
    assert grades(series([40.0] * 8, hours=[0, 1, 2, 3, 5, 6, 7, 8])) == "v" * 8
    assert grades(series([40.0] * 4 + [None] + [40.0] * 4)) == "v" * 9


def test_longer_runs_become_invalid_where_a_network_says_so() -> None:
    local = quality.load_thresholds().changed_by(
        {"stuck": {"pm25": {"1h": {"invalid_hours": 8}}}}, origin="ours.toml"
    )
    judged = quality.check(series([40.0] * 8 + [50.0] + [41.0] * 7), thresholds=local).frame
    assert judged["grade"].to_list() == ["invalid"] * 8 + ["valid"] + ["suspect"] * 7


def test_stuck_speaks_of_hours_of_the_series_only() -> None:
    two = pl.concat([series([40.0] * 3), series([40.0] * 3, station="s2")])
    assert grades(two) == "v" * 6


# -- particles


def test_pm25_above_pm10_makes_both_suspect_beyond_the_tolerance() -> None:
    frame = pl.concat(
        [
            series([50.0, 60.0, 61.0, 300.0]),
            series([100.0, 50.0, 50.0, 50.0], parameter="pm10", hours=[0, 1, 2, 7]),
        ]
    )
    found = quality.check(frame)
    # 50 · 1.1 + 5 = 60 is still within; the last pair is of different hours
    assert found.frame["flag"].to_list()[:3] == ["", "", "QC:particles"]
    assert found.frame["flag"].to_list()[4:] == ["", "", "QC:particles", ""]


# -- neighbours


def network(values: dict[str, list[float | None]]) -> pl.DataFrame:
    return pl.concat([series(v, station=s) for s, v in values.items()])


def test_a_spike_against_the_neighbours() -> None:
    frame = network({"a": [50.0, 240.0], "b": [50.0, 55.0], "c": [48.0, 60.0], "d": [52.0, 50.0]})
    found = quality.check(frame)
    assert found.frame["flag"].to_list() == ["", "QC:neighbours", *[""] * 6]


def test_fewer_than_three_neighbours_do_not_judge() -> None:
    assert grades(network({"a": [240.0], "b": [50.0], "c": [60.0]})) == "vvv"
    assert grades(network({"a": [240.0], "b": [50.0], "c": [60.0], "d": [None]})) == "vvvv"


def test_an_hour_in_which_all_differ_is_no_spike() -> None:
    assert grades(network({"a": [400.0], "b": [50.0], "c": [150.0], "d": [250.0]})) == "vvvv"


def register_of(places: dict[str, tuple[float | None, float | None]], **more: Any) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "station": list(places),
            "lon": pl.Series([p[0] for p in places.values()], dtype=pl.Float64),
            "lat": pl.Series([p[1] for p in places.values()], dtype=pl.Float64),
            **more,
        }
    )


def test_stations_beyond_the_radius_are_not_neighbours() -> None:
    frame = network({"a": [240.0], "b": [50.0], "c": [60.0], "d": [55.0]})
    near = register_of({s: (114.0 + i / 100, 36.0) for i, s in enumerate("abcd")})
    far = register_of({s: (114.0 + i, 36.0) for i, s in enumerate("abcd")})
    assert grades(frame, near) == "svvv"
    assert grades(frame, far) == "vvvv"


def test_without_coordinates_the_city_says_who_is_a_neighbour() -> None:
    frame = network({"a": [240.0], "b": [50.0], "c": [60.0], "d": [55.0]})
    nowhere: dict[str, tuple[None, None]] = dict.fromkeys("abcd", (None, None))
    assert grades(frame, register_of(nowhere, city=["X"] * 4)) == "svvv"
    assert grades(frame, register_of(nowhere, city=["X", "X", "Y", "Y"])) == "vvvv"


def test_a_wide_group_without_coordinates_has_no_neighbours() -> None:
    values: dict[str, list[float | None]] = {f"s{i:02d}": [50.0 + i] for i in range(30)}
    values["s00"] = [600.0]
    assert set(grades(network(values))) == {"v"}


# -- flags, grades, summary


def test_flags_are_appended_and_grades_never_improve() -> None:
    frame = pl.concat(
        [
            series([40.0] * 6, flag="H", grade="suspect"),
            series([-50.0], station="s2", flag="W"),
            series([950.0], station="s3", grade="invalid"),
        ]
    )
    judged = quality.check(frame).frame
    assert judged["flag"].to_list() == ["H;QC:stuck"] * 6 + ["W;QC:range", "QC:range"]
    assert judged["grade"].to_list() == ["suspect"] * 6 + ["invalid", "invalid"]


def test_summary_counts_by_rule_parameter_and_station() -> None:
    frame = pl.concat([series([40.0] * 6), series([-50.0, -2.0], station="s2", hours=[3, 9])])
    summary = quality.check(frame).summary
    hour = timedelta(hours=1)
    assert summary.rows() == [
        ("range", "invalid", "pm25", "s2", 1, START + 3 * hour, START + 3 * hour),
        ("range", "suspect", "pm25", "s2", 1, START + 9 * hour, START + 9 * hour),
        ("stuck", "suspect", "pm25", "s1", 6, START, START + 5 * hour),
    ]


def test_a_frame_without_findings_comes_back_as_it_was() -> None:
    frame = series([40.0, 45.0, None])
    found = quality.check(frame)
    assert found.frame.equals(frame)
    assert found.summary.is_empty()
    assert found.total() == 0
    assert quality.check(schema.empty()).frame.is_empty()


def test_a_frame_without_its_columns_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="needs the columns flag"):
        quality.check(series([1.0]).drop("flag"))


# -- what must hold whatever the data


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b", "c", "d", "e"]),
                st.sampled_from(["pm25", "pm10", "co", "ws"]),
                st.integers(0, 12),
                st.sampled_from([None, -50.0, -1.0, 0.0, 40.0, 40.0, 40.0, 300.0, 950.0, 30000.0]),
                st.sampled_from(["valid", "valid", "suspect", "invalid"]),
                st.sampled_from(["", "H", "H;QC:stuck"]),
            ),
            min_size=1,
            max_size=120,
        )
    )
    parts = [
        series([v], station=s, parameter=p, hours=[h], grade=g, flag=f) for s, p, h, v, g, f in rows
    ]
    return pl.concat(parts).with_row_index("row")


_RANK = {"valid": 0, "suspect": 1, "invalid": 2}


@settings(max_examples=60, deadline=None)
@given(frame=frames(), seed=st.integers(0, 2**16))
def test_row_order_changes_nothing_and_grades_only_get_worse(
    frame: pl.DataFrame, seed: int
) -> None:
    plain = quality.check(frame)
    mixed = quality.check(frame.sample(fraction=1, shuffle=True, seed=seed))
    assert mixed.frame.sort("row").equals(plain.frame)
    assert mixed.summary.equals(plain.summary)
    for before, after in zip(frame["grade"], plain.frame["grade"], strict=True):
        assert _RANK[after] >= _RANK[before]
    same = [c for c in frame.columns if c not in {"grade", "flag"}]
    assert plain.frame.select(same).equals(frame.select(same))


@settings(max_examples=30, deadline=None)
@given(frame=frames())
def test_judging_twice_changes_nothing_more(frame: pl.DataFrame) -> None:
    once = quality.check(frame).frame
    assert quality.check(once).frame.equals(once)


def test_a_year_of_minutes_and_one_old_value_need_no_dense_grid() -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(50, 5, 2000).round(1).tolist()
    frame = pl.concat([series(values), series([40.0], station="old", hours=[-24 * 365 * 40])])
    assert set(grades(frame)) == {"v"}


# -- thresholds


def test_every_shipped_threshold_says_where_it_is_from_and_speaks_of_a_parameter_in_its_unit() -> (
    None
):
    for threshold in quality.load_thresholds():
        assert threshold.source
        assert threshold.unit
        if threshold.parameter != "any":
            kept = PARAMETERS[threshold.parameter].unit
            assert threshold.unit in {kept, "1", "h"}, threshold


def test_range_thresholds_are_in_order() -> None:
    limits = quality.load_thresholds()
    for parameter in PARAMETERS:
        found = [
            limits.get("range", parameter, "1h", name)
            for name in ("invalid_below", "suspect_below", "suspect_above", "invalid_above")
        ]
        known = [v for v in found if v is not None]
        assert known == sorted(known), parameter


def test_a_local_file_changes_only_what_it_says(tmp_path: Any) -> None:
    path = tmp_path / "ours.toml"
    path.write_text("[range.pm25.any]\nsuspect_above = 500\n", encoding="utf-8")
    limits = quality.load_thresholds(path)
    assert limits.get("range", "pm25", "1h", "suspect_above") == 500.0
    assert limits.get("range", "pm25", "1h", "invalid_above") == 10000.0
    changed = [t for t in limits if t.status == "local"]
    assert [(t.name, t.unit, t.source) for t in changed] == [
        ("suspect_above", "µg/m³", "ours.toml")
    ]
    assert quality.check(series([600.0]), thresholds=limits).frame["grade"][0] == "suspect"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("[rage.pm25.any]\nx = 1\n", "quality.unknown_threshold", "no threshold rage.x"),
        ("[range.pm25.any]\nhours = 1\n", "quality.unknown_threshold", "range.suspect_above"),
        ('[rise.co.1h]\nrise = "4"\n', "quality.threshold_not_a_number", "must be a number"),
        (
            '[rise.co.1h]\nrise = {value = 4, unit = "µg/m³"}\n',
            "quality.threshold_unit",
            "this threshold is in mg/m³",
        ),
        ("[rise]\nco = 4\n", "quality.thresholds_shape", "rise.co must be a table"),
        ("[rise.co\n", "quality.thresholds_unreadable", "cannot be read"),
        ("schema = 9\n", "quality.thresholds_schema", "schema 9"),
    ],
)
def test_a_wrong_local_file_is_refused(tmp_path: Any, text: str, code: str, words: str) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidArgumentError) as error:
        quality.load_thresholds(path)
    assert error.value.code == code
    assert words in error.value.message
    assert "ours.toml" in error.value.message
