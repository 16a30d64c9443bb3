"""What the tests of several pages serve."""

from __future__ import annotations

import pytest

from lantian.home.layout import Home
from lantian.network import Network
from tests.web.air.steady import steady_path
from tests.web.conftest import serve


@pytest.fixture
def steady(
    db: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Network:
    """Serve the town whose air stands still; its store is shared: do not change it."""
    return serve(monkeypatch, Home.open(steady_path(tmp_path_factory)))
