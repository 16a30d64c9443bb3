from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import lantian.observations as obs
from lantian.errors import BadInputError, DomainError

VIIRS = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,"
    "version,bright_ti5,frp,daynight\n"
    "35.1,113.2,325.6,0.42,0.36,2026-06-12,345,N,VIIRS,n,2.0NRT,290.3,15.2,D\n"
    "35.2,113.3,331.2,0.42,0.36,2026-06-12,1805,N,VIIRS,h,2.0NRT,291.1,22.8,N\n"
)
MODIS = (
    "latitude,longitude,brightness,scan,track,acq_date,acq_time,satellite,instrument,confidence,"
    "version,bright_t31,frp,daynight\n"
    "35.1,113.2,325.6,1.1,1.0,2026-06-12,0005,Terra,MODIS,29,6.1NRT,290.3,15.2,D\n"
    "35.1,113.2,325.6,1.1,1.0,2026-06-12,0005,Terra,MODIS,30,6.1NRT,290.3,15.2,D\n"
    "35.1,113.2,325.6,1.1,1.0,2026-06-12,0005,Terra,MODIS,80,6.1NRT,290.3,,N\n"
)


def put(folder: Path, text: str) -> Path:
    path = folder / "fires.csv"
    path.write_text(text)
    return path


def test_fire_spots_are_no_measurements(tmp_path: Path) -> None:
    path = put(tmp_path, VIIRS)
    assert obs.detect(path) == "firms"
    with pytest.raises(
        DomainError, match=r"holds fire spots, not measurements; they cannot be imported"
    ) as e:
        obs.read(path)
    assert e.value.code == "read.not_measurements"


def test_viirs(tmp_path: Path) -> None:
    frame = obs.read_firms(put(tmp_path, VIIRS))
    assert frame["time"].to_list() == [
        datetime(2026, 6, 12, 3, 45, tzinfo=UTC),
        datetime(2026, 6, 12, 18, 5, tzinfo=UTC),
    ]
    assert frame["confidence"].to_list() == ["nominal", "high"]
    assert frame["confidence_percent"].to_list() == [None, None]
    assert frame["pixel_m"].to_list() == [375.0, 375.0]
    assert frame["day"].to_list() == [True, False]
    assert frame.row(0)[:2] == (35.1, 113.2)


def test_modis(tmp_path: Path) -> None:
    frame = obs.read_firms(put(tmp_path, MODIS))
    assert frame["confidence"].to_list() == ["low", "nominal", "high"]
    assert frame["confidence_percent"].to_list() == [29.0, 30.0, 80.0]
    assert frame["pixel_m"].to_list() == [1000.0] * 3
    assert frame["frp"].to_list() == [15.2, 15.2, None]


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        ("35.1", "95.1", "read.bad_position", "latitude"),
        ("113.2", "x", "read.not_a_number", "longitude"),
        ("2026-06-12,345", "2026-06-32,345", "read.bad_time", "acq_date"),
        (",345,", ",2460,", "read.bad_time", "acq_date"),
        (",n,", ",maybe,", "read.bad_confidence", "confidence"),
    ],
)
def test_bad_spots(tmp_path: Path, old: str, new: str, code: str, column: str) -> None:
    with pytest.raises(BadInputError) as caught:
        obs.read_firms(put(tmp_path, VIIRS.replace(old, new, 1)))
    assert (caught.value.problems[0].code, caught.value.problems[0].column) == (code, column)
    assert caught.value.problems[0].line == 2


def test_other_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="lacks the columns latitude"):
        obs.read_firms(put(tmp_path, "a,b\n1,2\n"))
