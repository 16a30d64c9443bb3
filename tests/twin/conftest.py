from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lantian import twin

END = datetime(2026, 11, 23, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def county() -> twin.County:
    return twin.simulate(seed=1, end=END)
