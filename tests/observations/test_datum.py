"""Coordinates from China's datums to WGS84."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.observations.datum import DATUMS, find_datum, from_wgs84, to_wgs84

LON = st.floats(73.5, 135.0)
LAT = st.floats(18.0, 53.5)


@given(lon=LON, lat=LAT, datum=st.sampled_from(DATUMS))
def test_inverse_meets_the_forward_function_to_a_millionth_of_a_degree(lon, lat, datum):
    x, y = to_wgs84(*from_wgs84([lon], [lat], datum), datum)
    assert abs(x[0] - lon) < 1e-8
    assert abs(y[0] - lat) < 1e-8


@given(lon=LON, lat=LAT)
def test_gcj02_shifts_by_hundreds_of_metres(lon, lat):
    x, y = from_wgs84([lon], [lat], "GCJ-02")
    metres = np.hypot((x[0] - lon) * 111_320 * np.cos(np.radians(lat)), (y[0] - lat) * 110_570)
    assert 20 < metres < 1200


def test_known_points():
    # Tiananmen, as the public conversion libraries give it: WGS84 116.3912022, 39.9075017
    x, y = from_wgs84([116.3912022], [39.9075017], "GCJ-02")
    assert x[0] == pytest.approx(116.3974424, abs=2e-5)
    assert y[0] == pytest.approx(39.9089046, abs=2e-5)
    x, y = from_wgs84([116.3912022], [39.9075017], "BD-09")
    assert x[0] == pytest.approx(116.4038, abs=2e-4)
    assert y[0] == pytest.approx(39.9152, abs=2e-4)


def test_cgcs2000_is_taken_as_wgs84():
    x, y = to_wgs84([112.95], [35.09], "CGCS2000")
    assert (x[0], y[0]) == (112.95, 35.09)


def test_nan_stays_nan_beside_good_positions():
    x, y = to_wgs84([np.nan, 112.95], [np.nan, 35.09], "GCJ-02")
    assert np.isnan(x[0])
    assert np.isfinite(x[1])
    assert np.isfinite(y[1])


def test_a_position_where_the_datum_is_not_defined_is_refused():
    with pytest.raises(InvalidArgumentError, match="outside China"):
        to_wgs84([1.0e6], [89.99], "GCJ-02")


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("wgs-84", "WGS84"),
        ("EPSG:4326", "WGS84"),
        ("CGCS 2000", "CGCS2000"),
        ("国家2000", "CGCS2000"),
        ("GCJ02", "GCJ-02"),
        ("火星坐标系", "GCJ-02"),
        ("bd09", "BD-09"),
        ("百度", "BD-09"),
    ],
)
def test_spellings(text, datum):
    assert find_datum(text) == datum


def test_unknown_datum_names_the_choices():
    with pytest.raises(UnknownNameError, match="WGS84, CGCS2000, GCJ-02, BD-09"):
        find_datum("Beijing54")
