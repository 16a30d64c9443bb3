"""A small home and a way to run the command line in it."""

from __future__ import annotations

import contextvars
import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lantian.cli import cli
from lantian.cli.state import State

HEADER = "监测时间,站点名称,PM2.5(μg/m³),PM10(μg/m³),SO2(μg/m³),NO2(μg/m³),CO(mg/m³),O3(μg/m³)"
NOW = datetime.fromisoformat("2016-04-15T10:00:00+08:00")
STATIONS = {"A": "甲站", "B": "乙站", "C": "丙站"}


@dataclass
class Lantian:
    """Runs the command line in a home; ``result`` is that of the last run."""

    home: Path
    now: datetime = NOW
    result: Result | None = None

    def __call__(self, *args: object, code: int = 0, lang: str = "en", width: int = 120) -> Result:
        env = {
            "LANTIAN_HOME": str(self.home),
            "LANTIAN_LANG": lang,
            "LANTIAN_ACTOR": "测试员",
            "LANTIAN_DEBUG": None,
            "COLUMNS": str(width),
        }
        # a context of its own: the language must not leak into other tests
        result = contextvars.copy_context().run(
            CliRunner().invoke,
            cli,
            [str(a) for a in args],
            env=env,
            obj=State(now=lambda: self.now),
        )
        assert result.exit_code == code, (args, result.exit_code, result.stdout, result.stderr)
        self.result = result
        return result

    def json(self, *args: object, code: int = 0) -> Any:
        """Run with ``--json`` and return what is on standard output."""
        return json.loads(self(*args, "--json", code=code).stdout)

    def error(self, *args: object, code: int) -> Any:
        """Run with ``--json`` and return the error on standard error; nothing on output."""
        result = self(*args, "--json", code=code)
        assert result.stdout == ""
        return json.loads(result.stderr)["error"]


def rows(station: str, start: datetime, hours: int, shift: float = 0.0) -> list[str]:
    """Return rows of a vendor's table; the values repeat no hour and stay plausible."""
    made = []
    for h in range(1, hours + 1):
        time = start + timedelta(hours=h)
        wave = (h * 7 + (h - 1) // 24 * 3) % 24  # each value once a day
        made.append(
            f"{time:%Y-%m-%d %H:%M},{station},{35 + wave + shift},{60 + 2 * wave + shift},"
            f"{8 + wave % 9},{20 + wave},{(6 + wave % 11) / 10},{40 + 3 * wave}"
        )
    return made


def write_table(path: Path, lines: list[str], header: str = HEADER) -> Path:
    """Write a vendor's CSV file."""
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def write_register(path: Path) -> Path:
    """Write a station list; C is the control station."""
    lines = ["station,name,city,kind,control,lon,lat,datum"]
    for n, (station, name) in enumerate(STATIONS.items()):
        control = "Y" if station == "C" else "N"
        lines.append(f"{station},{name},示例市,national,{control},{114 + n / 10},35.5,WGS84")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a home with three stations and the first quarter of 2016; B lacks most of February."""
    folder = tmp_path_factory.mktemp("cli")
    lantian = Lantian(folder / "home")
    lantian("init", "--name", "示例网")
    lantian("stations", "import", write_register(folder / "stations.csv"))
    start = datetime(2016, 1, 1)
    lines = rows("甲站", start, 91 * 24) + rows("丙站", start, 91 * 24, shift=-20)
    lines += rows("乙站", start, 40 * 24, shift=9)
    lines += rows("乙站", datetime(2016, 3, 1), 31 * 24, shift=9)
    lantian("import", write_table(folder / "hourly.csv", lines))
    return lantian.home


@pytest.fixture
def full(made_home: Path) -> Lantian:
    """Return the command line in the home with data; for reading only."""
    return Lantian(made_home)


@pytest.fixture
def changing(made_home: Path, tmp_path: Path) -> Lantian:
    """Return the command line in a copy of the home with data."""
    shutil.copytree(made_home, tmp_path / "home")
    return Lantian(tmp_path / "home")


@pytest.fixture
def empty(tmp_path: Path) -> Lantian:
    """Return the command line in a home without data."""
    lantian = Lantian(tmp_path / "home")
    lantian("init", "--name", "空网")
    return lantian


@pytest.fixture
def homeless(tmp_path: Path) -> Lantian:
    """Return the command line without a home."""
    return Lantian(tmp_path / "home")
