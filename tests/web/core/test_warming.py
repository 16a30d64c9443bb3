"""A server reads ahead, and one that cannot still serves."""

from __future__ import annotations

import logging

import pytest
from django.template import engines

from lantian.errors import DomainError
from lantian.network import Network
from lantian.web.core import warming


@pytest.mark.parametrize("home", ["served", "empty"])
def test_every_template_compiles_and_the_air_is_read(
    request: pytest.FixtureRequest, home: str
) -> None:
    request.getfixturevalue(home)
    warming.begin().join(60)
    environment = engines["jinja2"].env
    assert len(environment.cache) >= len(environment.list_templates(extensions=["j2"])) > 50


def test_what_cannot_be_read_ahead_is_left_to_the_page(
    served: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def damaged() -> None:
        raise DomainError("store.damaged", "The store is damaged.")

    monkeypatch.setattr(served, "recent", damaged)
    with caplog.at_level(logging.WARNING):
        warming.warm()
    assert "The store is damaged." in caplog.text
