"""The simulated county that the web tests look at, made once for all test processes."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from lantian.home.layout import Home
from lantian.twin import simulate

NOW = datetime(2026, 11, 23, 0, 16, tzinfo=UTC)  # 08:16 in the county
DAYS = 45


def CLOCK() -> datetime:  # noqa: N802 - the time that stands still
    return NOW


def county_home(factory: pytest.TempPathFactory) -> Home:
    """Return a copy, of this process alone, of a home with :data:`DAYS` days of the county."""
    shared = factory.getbasetemp().parent / "lantian-county"
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            _make(shared.with_suffix(".part"))
            shared.with_suffix(".part").rename(shared)
    mine = factory.mktemp("county") / "home"
    shutil.copytree(shared, mine)
    return Home.open(mine)


def _make(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    county = simulate(seed=1, end=NOW, years=1)
    home = Home.init(path, name=county.name, clock=CLOCK, simulated=True)
    home.store.save_stations(county.register, "tests", CLOCK)
    home.store.append(
        county.hours(NOW - timedelta(days=DAYS), NOW),
        calibre="realtime",
        actor="tests",
        clock=CLOCK,
    )
