"""Every confirmed case of the facts, one by one, with its clause in the id."""

from __future__ import annotations

import csv
import json
import math
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

import lantian.evaluation as ev
from lantian import standards
from lantian.standards import statistics
from tests.conftest import REPO, need

EDITION = {"HJ633-2012": "2012", "HJ633-2026": "2026-transition"}
NAME = {"SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3", "PM10": "pm10", "PM2.5": "pm25"}


def _cases(kind: str) -> list[object]:
    data = os.environ.get("LANTIAN_SHARED_DATA")
    facts = (Path(data) if data else REPO.parent / "shared" / "data").parent / "facts"
    file = facts / "standards_cases.csv"
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["kind"] == kind]
    return [
        pytest.param(r, id=f"{r['case_id']} {r['edition']} {r['mode']} {r['pollutant']}".strip())
        for r in rows
        if r["status"].startswith("confirmed")
    ]


def test_the_cases_are_there(shared_facts: Path) -> None:
    assert len(_cases("IAQI")) > 400
    need((shared_facts / "standards_cases.csv").is_file(), "standards_cases.csv")


@pytest.mark.parametrize("case", _cases("IAQI"))
def test_iaqi(case: dict[str, str]) -> None:
    pollutant = NAME[case["pollutant"].split("_")[0]]
    averaging = case["bp_column"]
    for edition in [EDITION[case["edition"]]]:
        found = standards.iaqi(
            pollutant, float(case["raw_concentration"]), averaging=averaging, edition=edition
        )
        expected = case["expected_iaqi"]
        if expected == "USE_SO2_24H":  # 2012, note to table 1: the 1 h index is not computed
            assert math.isnan(found)
        else:
            assert found == float(expected)


@pytest.mark.parametrize("case", _cases("AQI"))
def test_aqi(case: dict[str, str]) -> None:
    edition = EDITION[case["edition"]]
    given = {NAME[k]: float(v) for k, v in json.loads(case["inputs_json"]).items() if k in NAME}
    expected = json.loads(case["expected_json"])
    day = {f"{p}" if p != "o3" else "o3_mda8": [v] for p, v in given.items()}
    frame = pl.DataFrame({"station": ["a"], "date": ["2026-06-01"], **day}).with_columns(
        pl.col("date").str.to_date()
    )
    judged = ev.judge(frame, edition=edition).row(0, named=True)
    assert judged["aqi"] == expected["aqi"]
    assert set(judged["primary"]) == {NAME[p] for p in expected["primary"]}
    for name, value in expected.get("iaqi", {}).items():
        assert judged[f"iaqi_{NAME[name]}"] == value


@pytest.mark.parametrize("case", _cases("GBT8170"))
def test_rounding(case: dict[str, str]) -> None:
    given = json.loads(case["inputs_json"])
    expected = json.loads(case["expected_json"])["value"]
    quantum = given["quantum"]
    digits = len(quantum.split(".")[1]) if "." in quantum else 1 - len(quantum)
    assert standards.round_half_even(given["x"], digits) == type(standards.round_half_even("1"))(
        expected
    )
    assert standards.round_half_even(float(given["x"]), digits) == float(expected)


def _percentile(given: dict[str, object]) -> float:
    text = str(given["values"])
    if ".." in text:
        head, last = text.split("..")
        firsts = [int(x) for x in head.split(",")]
        step = firsts[1] - firsts[0] if len(firsts) > 1 else 1
        values = [float(x) for x in range(firsts[0], int(last) + 1, step)]
    else:
        values = [float(x) for x in text.split(",")]
    assert len(values) == given["n"]
    return ev.percentile(values, float(str(given["p"])))


@pytest.mark.parametrize("case", _cases("HJ663"))
def test_hj663(case: dict[str, str]) -> None:
    given, expected = json.loads(case["inputs_json"]), json.loads(case["expected_json"])
    mode = case["mode"]
    if mode == "percentile":
        assert _percentile(given) == float(expected["value"])
    elif mode == "composite_index":
        values = {NAME[p]: float(v) for p, v in given["conc"].items()}
        limits = {NAME[p]: float(v) for p, v in given["limits"].items()}
        assert limits == dict(statistics.METHODS["sum_equal_2012"].limits)
        index = ev.composite_index(values, method="sum_equal_2012")
        assert standards.round_half_even(index, 2) == float(expected["index"])
    elif mode == "attainment_rate":
        days = given.get("days", given.get("good_days"))
        assert ev.ratio_percent(days, given["valid_days"]) == float(expected["percent"])
    elif mode == "city_mean":
        found = sum(given["stations"]) / len(given["stations"])
        assert f"{found:.4f}" == expected["mean"]
        assert standards.round_half_even(found) == float(expected["reported"])
    elif mode == "validity":
        assert _VALIDITY[given["stat"]](given) is expected["valid"]
    else:
        pytest.fail(f"no test for the mode {mode}")


def _hours(column: str, values: dict[int, float]) -> pl.DataFrame:
    """One station's day; keys are hour labels 1 … 24 of 2026-06-01, local time."""
    midnight = datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    times = [midnight + timedelta(hours=h) for h in values]
    return pl.DataFrame(
        {"station": "a", "time": times, column: list(values.values())},
        schema_overrides={"time": pl.Datetime("us", "UTC"), column: pl.Float64},
    )


def _day_valid(given: dict[str, int]) -> bool:
    day = ev.daily(_hours("pm25", dict.fromkeys(range(1, given["valid_hours"] + 1), 10.0)))
    return bool(day["valid_pm25"].item())


def _window_valid(given: dict[str, int]) -> bool:
    """Only the first window, 01:00 … 08:00, holds all the hours given (03:00 … at the latest)."""
    first = 8 - given["valid_hours"]
    hours = {h: 10.0 for h in range(1, 9) if h <= given["valid_hours"]}
    assert first >= 0
    found = int(ev.daily(_hours("o3", hours))["n_o3"].item())
    assert found in (0, 1)
    return found == 1


def _mda8_valid(given: dict[str, int]) -> bool:
    """Hours from 01:00 on, so many that exactly the windows asked for are valid."""
    hours = given["valid_8h"] + 5
    day = ev.daily(_hours("o3", {h: float(given["max_8h"]) for h in range(1, hours + 1)}))
    assert day["n_o3"].item() == given["valid_8h"]
    return bool(day["valid_o3"].item())


def _days_table(days: list[date]) -> pl.DataFrame:
    return pl.DataFrame({"station": "a", "date": days, "pm25": 10.0})


def _month_valid(given: dict[str, int]) -> bool:
    days = [date(2026, given["month"], 1 + i) for i in range(given["valid_days"])]
    return bool(ev.period(_days_table(days), by="month")["pm25_valid"].item())


def _year_valid(given: dict[str, int]) -> bool:
    every = [date(2025, 1, 1) + timedelta(days=i) for i in range(365)]
    # January holds 31 days: taking five out leaves 26, one too few; elsewhere none is below
    out = 365 - given["valid_days"]
    dropped = set(every[:5]) if not given["min_month_ok"] else set()
    spare = iter(d for d in every if d.day <= (4 if d.month in _LONG else 3))
    while len(dropped) < out:
        dropped.add(next(d for d in spare if d not in dropped))
    days = [d for d in every if d not in dropped]
    assert len(days) == given["valid_days"]
    return bool(ev.period(_days_table(days), by="year")["pm25_valid"].item())


_LONG = (1, 3, 5, 7, 8, 10, 12)
_VALIDITY = {
    "24h": _day_valid,
    "8h": _window_valid,
    "O3_MDA8": _mda8_valid,
    "month": _month_valid,
    "year": _year_valid,
}
