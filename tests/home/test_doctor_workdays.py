"""The doctor says when the holidays of a year are not known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lantian.home import Home
from lantian.home.doctor_workdays import finding
from lantian.workdays import published

KNOWN = max(published((12, 29)).years)


def write(home: Home, text: str) -> None:
    folder = home.path / "rules"
    folder.mkdir(exist_ok=True)
    (folder / "workdays.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("day", "state"), [((KNOWN, 11, 30), "ok"), ((KNOWN, 12, 5), "warn")])
def test_a_year_that_begins_soon_and_is_not_known(
    home: Home, day: tuple[int, int, int], state: str
) -> None:
    found = finding(home, datetime(*day, 4, tzinfo=UTC))
    assert (found.id, found.state) == ("workdays.years", state)
    assert bool(found.fix) == (state != "ok")
    if state == "warn":
        assert str(KNOWN + 1) in found.message
        assert f"days of {KNOWN + 1}" in found.fix


def test_the_year_itself_is_not_known(home: Home) -> None:
    found = finding(home, datetime(KNOWN + 2, 3, 1, tzinfo=UTC))
    assert found.state == "warn", "deadlines are provisional, the desk goes on"
    assert str(KNOWN + 2) in found.message


def test_a_year_the_office_listed(home: Home) -> None:
    write(home, f"complete = [{KNOWN + 1}]")
    found = finding(home, datetime(KNOWN, 12, 5, tzinfo=UTC))
    assert (found.state, found.message) == ("ok", f"known up to {KNOWN + 1}")


def test_the_local_day_counts(home: Home) -> None:
    still = datetime(KNOWN, 12, 1, 15, 59, tzinfo=UTC)  # 23:59 in the zone of the home
    next_day = datetime(KNOWN, 12, 1, 16, 1, tzinfo=UTC)
    assert [finding(home, t).state for t in (still, next_day)] == ["ok", "warn"]


def test_a_file_that_cannot_be_used(home: Home) -> None:
    write(home, "hours = 8")
    found = finding(home, datetime(KNOWN, 6, 1, tzinfo=UTC))
    assert found.state == "fail"
    assert "hours is a list" in found.message
    assert "rules/workdays.toml" in found.fix
