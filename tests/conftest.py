"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]


def need(available: bool, what: str) -> None:
    """Skip with a line that says why, or fail where everything is required."""
    if available:
        return
    if os.environ.get("LANTIAN_REQUIRE_ALL") == "1":
        pytest.fail(f"{what} is required here (LANTIAN_REQUIRE_ALL=1) and missing")
    pytest.skip(f"{what} is not on this machine")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real measurements and reference numbers."""
    given = os.environ.get("LANTIAN_SHARED_DATA")
    folder = Path(given) if given else REPO.parent / "shared" / "data"
    need(folder.is_dir(), "the folder of shared data (LANTIAN_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def shared_facts(shared_data: Path) -> Path:
    """Return the folder of facts beside the shared data."""
    folder = shared_data.parent / "facts"
    need(folder.is_dir(), "the folder of facts beside the shared data")
    return folder
