"""A small home to save, break and bring back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lantian.home import Home
from lantian.observations import schema

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def sample(value: float = 30.0, hours: int = 48) -> pl.DataFrame:
    return schema.conform(
        pl.DataFrame(
            {
                "station": "s1",
                "parameter": "pm25",
                "period": "1h",
                "time": [NOW - timedelta(hours=h) for h in range(hours)],
                "value": value,
                "unit": "µg/m³",
            }
        )
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.init(tmp_path / "home", name="测试县", clock=clock)
    made.store.append(sample(), calibre="realtime", actor="a", clock=clock)
    return made


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    def of(folder: Path) -> dict[str, bytes]:
        return {
            p.relative_to(folder).as_posix(): p.read_bytes()
            for p in sorted(folder.rglob("*"))
            if p.is_file()
        }

    return of
