"""The world of the cases."""

from __future__ import annotations

import pytest

from tests.web.cases import world as worlds


@pytest.fixture
def world(db: None) -> worlds.World:
    """Return a county with its units; people are made when asked for."""
    return worlds.make()
