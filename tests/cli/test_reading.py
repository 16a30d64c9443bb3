"""What the reading commands show and say."""

from __future__ import annotations

import json
import math
from pathlib import Path

import polars as pl
import pytest

from lantian.cli.width import cells
from tests.cli.conftest import Lantian

READING = [
    ("history",),
    ("stations", "list"),
    ("value", "A", "pm25", "2016-01-15T16:00"),
    ("evaluate",),
    ("evaluate", "--period", "2016-Q1", "--edition", "2012,2026-transition"),
    ("evaluate", "--by", "day", "--period", "2016-01"),
    ("evaluate", "--by", "hour", "--period", "2016-01-15"),
    ("evaluate", "--by", "hour", "--period", "2016-01-15", "--city"),
    ("evaluate", "--city", "--by", "month"),
    ("rank", "--period", "2016-Q1"),
    ("rank", "--by", "month", "--key", "good_days", "--ties", "dense"),
    ("rank", "--cities", "--period", "last-quarter"),
    ("formats",),
    ("standards",),
    ("standards", "iaqi", "pm25", "80"),
    ("doctor",),
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_json_is_one_document_and_nothing_else(full: Lantian, command: tuple[str, ...]) -> None:
    result = full(*command, "--json")
    document = json.loads(result.stdout, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))
    assert set(document) >= {"kind", "lantian"}
    assert result.stderr == ""


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_tables_fit_the_terminal(
    full: Lantian, command: tuple[str, ...], lang: str, width: int
) -> None:
    result = full(*command, lang=lang, width=width)
    assert result.stdout
    for line in result.stdout.splitlines():
        assert cells(line) <= width, line


def test_piped_output_is_plain(full: Lantian) -> None:
    assert "\x1b" not in full("evaluate").stdout


def test_evaluate_gives_the_means_of_the_store(full: Lantian) -> None:
    document = full.json("evaluate", "--period", "2016-01", "--station", "A")
    (row,) = document["rows"]
    # every day holds each of the 24 values of the wave once: 35 + 0 … 23
    assert row["pm25_mean"] == pytest.approx(35 + 11.5, abs=1e-12)
    assert row["pm25_days"] == 31
    assert row["period"] == "2016-01"
    assert document["period"] == {"label": "2016-01", "start": "2016-01-01", "end": "2016-01-31"}
    assert document["units"] == {"concentrations": "µg/m³", "co": "mg/m³"}


def test_several_editions_stand_side_by_side(full: Lantian) -> None:
    document = full.json("evaluate", "--period", "2016-01", "--edition", "2012,2026-final")
    pairs = [(r["station"], r["edition"]) for r in document["rows"]]
    assert pairs == [(s, e) for s in "ABC" for e in ("2012", "2026-final")]
    shown = full("evaluate", "--period", "2016-01", "--edition", "2012,2026-final").stdout
    assert "Edition" in shown
    assert "2026 final" in shown


def test_insufficient_statistics_are_not_plain_numbers(full: Lantian) -> None:
    shown = full("evaluate", "--period", "2016-02").stdout
    line = next(line for line in shown.splitlines() if line.startswith("乙站"))
    assert "(" in line
    assert "In parentheses" in shown
    sufficient = next(line for line in shown.splitlines() if line.startswith("甲站"))
    assert "(" not in sufficient


def test_unranked_are_listed_apart_with_the_reason(full: Lantian) -> None:
    shown = full("rank", "--period", "2016-02").stdout
    ranked, apart = shown.split("Not ranked")
    assert "乙站" not in ranked
    assert "乙站" in apart
    assert "9 valid days, 25 needed" in apart
    rows = full.json("rank", "--period", "2016-02")["rows"]
    assert [(r["station"], r["rank"], r["excluded"]) for r in rows] == [
        ("C", 1, False), ("A", 2, False), ("B", None, True),
    ]  # fmt: skip
    assert "25 needed" in rows[-1]["reason_text"]


def test_a_table_says_what_it_is_of(full: Lantian) -> None:
    shown = full("evaluate", "--period", "2016-01").stdout
    for part in (
        "示例网, 2016-01-01 to 2016-01-31", "µg/m³", "mg/m³", "GB 3095-2012",
        "sum of six concentration/limit ratios", "3 stations, 93 judged days",
        "no confirmed source",
    ):  # fmt: skip
        assert part in shown


def test_left_out_columns_are_named(full: Lantian) -> None:
    shown = " ".join(full("evaluate", width=60).stdout.split())
    assert "Left out for want of room:" in shown
    assert "--json" in shown


def test_city_is_the_mean_without_the_control_station(full: Lantian) -> None:
    stations = {
        r["station"]: r["pm25_mean"] for r in full.json("evaluate", "--period", "2016-01")["rows"]
    }
    (city,) = full.json("evaluate", "--period", "2016-01", "--city")["rows"]
    assert city["station"] == "示例市"
    assert math.isclose(city["pm25_mean"], (stations["A"] + stations["B"]) / 2)


def test_hours_carry_values_and_indices(full: Lantian) -> None:
    rows = full.json("evaluate", "--by", "hour", "--period", "2016-01-15", "--station", "A")["rows"]
    assert len(rows) == 24
    assert rows[0]["time"] == "2016-01-14T17:00:00Z"  # 01:00 in Shanghai
    assert {"aqi", "category", "primary", "pm25", "o3"} <= set(rows[0])


def test_long_tables_are_cut_and_say_so(full: Lantian) -> None:
    shown = full("evaluate", "--by", "day").stdout
    assert "The last 200 of " in shown
    assert len(full.json("evaluate", "--by", "day")["rows"]) > 200


@pytest.mark.parametrize("what", ["measurements", "hourly", "daily", "periods", "ranking"])
def test_export_writes_what_was_asked(full: Lantian, what: str, tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    document = full.json("export", what, "-o", target, "--period", "2016-01")
    frame = pl.read_parquet(target)
    assert document["rows"] == frame.height
    expected = {
        "measurements": 3 * 31 * 24 * 6, "hourly": 3 * 31 * 24, "daily": 3 * 31, "periods": 3,
        "ranking": 3,
    }  # fmt: skip
    assert frame.height == expected[what]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "geojson"])
def test_export_knows_the_format_by_the_suffix(full: Lantian, suffix: str, tmp_path: Path) -> None:
    target = tmp_path / f"out.{suffix}"
    assert full.json("export", "stations", "-o", target)["format"] == suffix
    full("export", "stations", "-o", target, code=2)
    full("export", "stations", "-o", target, "--overwrite")


def test_report_writes_the_files_asked_for(full: Lantian, tmp_path: Path) -> None:
    html, pdf = tmp_path / "r.html", tmp_path / "r.pdf"
    document = full.json(
        "report", "--period", "2016-Q1", "-o", html, "-o", pdf, "--tables", tmp_path / "t"
    )
    assert document["files"] == [str(html), str(pdf)]
    assert "示例网" in html.read_text("utf-8")
    assert pdf.read_bytes().startswith(b"%PDF")
    assert (tmp_path / "t" / "ranking.csv").exists()


def test_report_takes_the_last_complete_month(full: Lantian, tmp_path: Path) -> None:
    document = full.json("report", "-o", tmp_path / "r.html")
    assert document["period"]["label"] == "2016-03"


def test_the_whole_of_the_standards_is_there(full: Lantian) -> None:
    document = full.json("standards")
    assert [e["id"] for e in document["editions"]] == ["2012", "2026-transition", "2026-final"]
    limits = {
        (r["pollutant"], r["averaging"], r["grade"], r["edition"]): r["limit"]
        for r in document["limits"]
    }
    assert limits["pm25", "year", 2, "2012"] == 35
    assert limits["pm25", "year", 2, "2026-final"] == 25


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("pm25", "75"), [100, 114, 114]),
        (("so2", "900", "--averaging", "1h"), [None, 200, 200]),
        (("pm25", "75.5"), [102, 115, 115]),  # rounds to 76, half to even
    ],
)
def test_iaqi_calculator(full: Lantian, args: tuple[str, ...], expected: list[int | None]) -> None:
    rows = full.json("standards", "iaqi", *args)["rows"]
    assert [r["iaqi"] for r in rows] == expected
