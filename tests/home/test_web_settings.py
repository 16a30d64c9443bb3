"""How a home is served: file, environment, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lantian.errors import DomainError
from lantian.home.layout import Home
from lantian.home.web_settings import WebSettings, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Home.init(tmp_path / "home", name="Example").path


def _add(folder: Path, text: str) -> None:
    path = folder / "settings.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def test_a_home_that_says_nothing_is_served_with_the_defaults(folder: Path) -> None:
    assert load(folder, {}) == WebSettings()


def test_the_file_is_read_and_the_environment_wins(folder: Path) -> None:
    _add(folder, '[web]\nport = 9000\nhosts = ["air.example.org"]\nhttps = true\n')
    found = load(folder, {"LANTIAN_PORT": "9001", "LANTIAN_PROXIES": "10.0.0.1, 10.0.0.2"})
    assert (found.port, found.hosts, found.https) == (9001, ("air.example.org",), True)
    assert found.proxies == ("10.0.0.1", "10.0.0.2")


def test_settings_survive_a_change_of_the_evaluation(folder: Path) -> None:
    _add(folder, "[web]\n# the office's own port\nport = 9000\n")
    Home.open(folder).choose("rank_digits", 2)
    assert load(folder, {}).port == 9000
    assert "# the office's own port" in (folder / "settings.toml").read_text(encoding="utf-8")
    assert Home.open(folder).evaluation().rank_digits == 2


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[web]\nprot = 9000\n", "prot"),
        ('[web]\nport = "9000"\n', "port"),
        ("[web]\nport = 0\n", "port"),
        ("[web]\nport = true\n", "port"),
        ("[web]\nhosts = [1]\n", "hosts"),
        ('[web]\nlanguage = "fr"\n', "language"),
        ("[web]\nthreads = 0\n", "threads"),
        ("web = 3\n", "web"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(folder: Path, text: str, where: str) -> None:
    if text.startswith("web"):
        path = folder / "settings.toml"
        path.write_text(text + path.read_text(encoding="utf-8"), encoding="utf-8")
    else:
        _add(folder, text)
    with pytest.raises(DomainError) as caught:
        load(folder, {})
    assert caught.value.code == "web.bad_setting"
    assert where in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [("LANTIAN_PORT", "eighty"), ("LANTIAN_HTTPS", "maybe"), ("LANTIAN_LANGUAGE", "xx")],
)
def test_a_bad_environment_variable_is_refused(folder: Path, name: str, value: str) -> None:
    with pytest.raises(DomainError) as caught:
        load(folder, {name: value})
    assert caught.value.code == "web.bad_setting"


def test_secrets_are_not_shown() -> None:
    shown = repr(
        WebSettings(database_url="postgresql://u:hidden@h/d", email_url="smtp://u:hidden@h")
    )
    assert "hidden" not in shown
