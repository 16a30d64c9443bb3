"""What every test may ask for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import django
import pytest

from lantian.home.layout import VARIABLE, Home

REPO = Path(__file__).resolve().parents[1]


def need(available: bool, what: str) -> None:
    """Skip with a line that says why, or fail where everything is required."""
    if available:
        return
    if os.environ.get("LANTIAN_REQUIRE_ALL") == "1":
        pytest.fail(f"{what} is required here (LANTIAN_REQUIRE_ALL=1) and missing")
    pytest.skip(f"{what} is not on this machine")


def _set_django_up() -> None:
    """Give Django a home of this process, and leave the environment as the other tests expect."""
    home = Path(tempfile.mkdtemp(prefix="lantian-web-")) / "home"
    Home.init(home, name="tests")
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "lantian.web.core.settings"
    django.setup()
    os.environ.pop(VARIABLE) if before is None else os.environ.__setitem__(VARIABLE, before)
    del os.environ["DJANGO_SETTINGS_MODULE"]  # a process started from here has no home yet


_set_django_up()


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
