"""The doctor says whether the catalogue and the ladder of a home can be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from lantian.home import Home
from lantian.home.findings import Finding
from lantian.i18n import activate
from lantian.web.cases import ladder
from lantian.web.cases.case_data import findings
from lantian.web.cases.catalogue_reading import SHIPPED, shipped
from lantian.web.cases.catalogue_versions import FOLDER, errors, seal, versions

TEXT = SHIPPED.read_text("utf-8").replace('version = "1"', 'version = "county-2"')


@pytest.fixture
def home(tmp_path: Path) -> Home:
    activate("en")
    return Home.init(tmp_path / "home", name="Test")


def write(home: Home, path: Path, text: str) -> None:
    (home.path / path).parent.mkdir(parents=True, exist_ok=True)
    (home.path / path).write_text(text, encoding="utf-8")


def found(home: Home) -> dict[str, Finding]:
    return {f.id: f for f in findings(home)}


def test_what_is_shipped_is_in_order(home: Home) -> None:
    assert {f.id: f.state for f in findings(home)} == {
        "cases.catalogue": "ok",
        "cases.ladder": "ok",
    }
    assert found(home)["cases.catalogue"].message == "version 1, 45 problem types"


def test_a_version_half_written_stops_nobody_and_is_told(home: Home) -> None:
    write(home, FOLDER / "mine.toml", TEXT.replace('sector = "coal"', 'sector = "peat"'))
    assert versions(home.path) == (shipped(),)
    [error] = errors(home.path)
    assert error.total == 3
    catalogue = found(home)["cases.catalogue"]
    assert catalogue.state == "fail"
    assert "mine.toml:types.loose_coal_sold.sector: it must be one of" in catalogue.message
    assert "version 1 stays in force" in catalogue.fix


def test_a_used_version_that_was_broken_is_missed(home: Home) -> None:
    write(home, FOLDER / "mine.toml", TEXT)
    seal(home.path, "county-2")
    write(home, FOLDER / "mine.toml", TEXT + "\n[types.more]\n")
    catalogue = found(home)["cases.catalogue"]
    assert catalogue.state == "fail"
    assert "county-2" in catalogue.message
    assert "no case can be opened" in catalogue.fix


def test_a_ladder_that_cannot_be_used(home: Home) -> None:
    write(home, ladder.FILE, "schema = 1")
    broken = found(home)["cases.ladder"]
    assert broken.state == "fail"
    assert broken.fix == "Correct rules/ladder.toml in the home."
