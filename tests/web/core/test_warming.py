"""A server reads ahead, and one that cannot still serves."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.template import engines
from jinja2 import Environment

from lantian.errors import DomainError
from lantian.network import Network
from lantian.web.core import warming
from lantian.web.core.jinja import CompiledTemplates


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


def test_compiled_templates_are_kept_for_the_next_start(
    served: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del served
    compiled: list[str] = []
    original = Environment.compile

    def counted(self: Environment, source: str, name: str, *rest: object) -> object:
        compiled.append(name)
        return original(self, source, name, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(Environment, "compile", counted)
    for _start in range(2):
        environment = engines["jinja2"].env.overlay(
            bytecode_cache=CompiledTemplates(str(tmp_path)), cache_size=0
        )
        environment.get_template("core/message.html.j2")
    assert compiled.count("core/message.html.j2") == 1


def test_a_full_disk_does_not_break_a_page(
    served: Network, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    del served
    environment = engines["jinja2"].env.overlay(
        bytecode_cache=CompiledTemplates(str(tmp_path / "gone")), cache_size=0
    )
    with caplog.at_level(logging.WARNING):
        assert environment.get_template("core/message.html.j2").name == "core/message.html.j2"
    assert "could not be kept" in caplog.text
