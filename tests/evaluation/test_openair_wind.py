"""Wind as vectors and sectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import InvalidArgumentError
from lantian.evaluation import wind


@given(speed=st.floats(0.1, 60), direction=st.floats(0.001, 360))
def test_components_and_back(speed: float, direction: float) -> None:
    u, v = wind.components(np.array([speed]), np.array([direction]))
    assert np.hypot(u, v)[0] == pytest.approx(speed)
    assert wind.direction_of(u, v)[0] == pytest.approx(direction, abs=1e-9)


def test_an_east_wind_comes_from_the_east() -> None:
    u, v = wind.components(np.array([3.0]), np.array([90.0]))
    assert u[0] == pytest.approx(3.0)
    assert v[0] == pytest.approx(0.0, abs=1e-12)


def test_vector_mean_of_calms_and_gaps() -> None:
    speed = np.array([2.0, 0.0, 2.0, np.nan])
    direction = np.array([90.0, 0.0, np.nan, 90.0])
    # The calm counts as no wind for the speed and not at all for the direction.
    mean, strength = wind.vector_mean(speed, direction)
    assert mean == pytest.approx(90.0)
    assert strength == pytest.approx(1.0)
    as_written, _strength = wind.vector_mean(speed, direction, calm=None)
    assert as_written == pytest.approx(np.degrees(np.arctan2(2, 1)))
    nothing = wind.vector_mean(np.array([np.nan]), np.array([np.nan]))
    assert np.isnan(nothing).all()


@pytest.mark.parametrize("sectors", [4, 8, 12, 16, 36])
def test_sectors_are_symmetric_about_north(sectors: int) -> None:
    # A non-parametric regression of openair wraps direction on one side of north only and comes
    # out lopsided. Here 355° and 5° lie equally far from north, and mirrored winds in mirrored
    # sectors.
    angles = np.arange(0.25, 180, 0.5)
    right = wind.sector_index(angles, sectors)
    left = wind.sector_index(360.0 - angles, sectors)
    on_border = np.isclose((angles / (360 / sectors) - 0.5) % 1, 0)
    assert ((right + left)[~on_border] % sectors == 0).all()


def test_borders_belong_to_the_sector_before() -> None:
    index = wind.sector_index(np.array([0.0, 360.0, 11.25, 11.26, 348.75, 348.76, np.nan]))
    assert index.tolist() == [0, 0, 0, 1, 15, 0, -1]


def test_names_of_the_sixteen_points() -> None:
    assert [wind.sector_name(k) for k in (0, 4, 5, 15)] == ["北", "东", "东东南", "北西北"]
    assert wind.sector_name(1, 8, language="en") == "NE"
    assert wind.sector_name(0, 36) == "360°"
    assert wind.sector_centre(0) == 360.0
    assert wind.sector_centre(1) == 22.5


def test_too_few_sectors_are_told() -> None:
    with pytest.raises(InvalidArgumentError, match="between 4 and 360"):
        wind.sector_index(np.array([1.0]), 3)
