"""The parts that every command uses: widths, periods, options, languages."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.cli.output import plain
from lantian.cli.tables import Column, Table, render
from lantian.cli.when import local, moment, period
from lantian.cli.width import cells, wrap
from lantian.errors import InvalidArgumentError
from tests.cli.conftest import Lantian

TODAY = date(2026, 3, 17)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2016", "2016-01-01", "2016-12-31"),
        ("2016-H2", "2016-07-01", "2016-12-31"),
        ("2016-Q1", "2016-01-01", "2016-03-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2016-01-15", "2016-01-15", "2016-01-15"),
        ("2016-01-15..2016-02-14", "2016-01-15", "2016-02-14"),
        ("today", "2026-03-17", "2026-03-17"),
        ("yesterday", "2026-03-16", "2026-03-16"),
        ("this-week", "2026-03-16", "2026-03-22"),
        ("last-week", "2026-03-09", "2026-03-15"),
        ("this-month", "2026-03-01", "2026-03-31"),
        ("last-month", "2026-02-01", "2026-02-28"),
        ("this-quarter", "2026-01-01", "2026-03-31"),
        ("last-quarter", "2025-10-01", "2025-12-31"),
        ("this-year", "2026-01-01", "2026-12-31"),
        ("last-year", "2025-01-01", "2025-12-31"),
        ("last-30-days", "2026-02-15", "2026-03-16"),
        ("LAST-MONTH", "2026-02-01", "2026-02-28"),
    ],
)
def test_periods(text: str, start: str, end: str) -> None:
    found = period(text, TODAY)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "soon", "2016-13", "last-decade", "last-0-days", "2016..2017"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="last-month"):
        period(text, TODAY)


def test_a_reversed_period_says_so() -> None:
    with pytest.raises(InvalidArgumentError, match=r"ends .* before it starts"):
        period("2016-02-14..2016-01-15", TODAY)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2016-01-15T16:00", "2016-01-15T08:00"),
        ("2016-01-15 16:00", "2016-01-15T08:00"),
        ("2016-01-15T24:00", "2016-01-15T16:00"),
        ("2016-01-15", "2016-01-14T16:00"),
        ("2016-01-15T16:00Z", "2016-01-15T16:00"),
        ("2016-01-15T16:00+01:00", "2016-01-15T15:00"),
    ],
)
def test_times_are_local_unless_they_say_otherwise(text: str, utc: str) -> None:
    found = moment(text, "Asia/Shanghai")
    assert found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == utc
    assert local(found, "UTC") == utc.replace("T", " ")


def test_wide_characters_take_two_columns() -> None:
    assert cells("空气 air µg/m³") == 4 + 10


@given(st.text(alphabet="ab 空气，。（）(),µ", max_size=80), st.integers(4, 40))
def test_wrapped_text_fits_and_loses_nothing(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        # only what may not be parted is wider: a word, or a character and its punctuation
        assert cells(line) <= width or " " not in line.strip()


@given(
    st.lists(st.lists(st.text("ab 空", max_size=30), min_size=4, max_size=4), max_size=5),
    st.integers(30, 140),
)
def test_a_table_never_is_wider_than_the_terminal(rows: list[list[str]], width: int) -> None:
    columns = [
        Column("0", "一", wraps=True),
        Column("1", "two\nlines", "right", 3),
        Column("2", "three", "right", 1),
        Column("3", "四", wraps=True, priority=2),
    ]
    table = Table(columns, [dict(zip("0123", row, strict=True)) for row in rows])
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setenv("COLUMNS", str(width))
        patch.setattr("click.echo", lambda text="", **_more: written.append(text))
        render(table)
    for line in written:
        assert cells(click.unstyle(line)) <= width


def test_json_holds_no_nan() -> None:
    assert plain({"a": float("nan"), "b": [float("inf"), 1.5]}) == {"a": None, "b": [None, 1.5]}
    assert plain(datetime(2016, 1, 1, tzinfo=UTC)) == "2016-01-01T00:00:00Z"
    assert plain(date(2016, 1, 1)) == "2016-01-01"


@pytest.mark.parametrize("place", ["before", "after"])
def test_common_options_stand_anywhere(made_home: Path, tmp_path: Path, place: str) -> None:
    lantian = Lantian(tmp_path / "elsewhere")
    given_home = ("--home", made_home, "--lang", "zh")
    args = (*given_home, "history") if place == "before" else ("history", *given_home)
    assert "批次" in lantian(*args).stdout


def test_quiet_leaves_only_the_result(full: Lantian) -> None:
    assert "µg/m³" in full("evaluate", "-q").stdout
    assert "Judged by" not in full("evaluate", "-q").stdout


def test_language_follows_the_environment(full: Lantian) -> None:
    assert "Exit status" in full("--help").stdout
    assert "退出状态" in full("--help", lang="zh").stdout
    assert "退出状态" in full("--lang=zh", "--help").stdout


def test_version(full: Lantian) -> None:
    assert full("--version").stdout.startswith("lantian 0.")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from lantian.cli import cli\n"
        "try:\n    cli.main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'polars', 'numpy', 'rich', 'deltalake'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
