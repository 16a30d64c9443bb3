"""The page of the system: what it says, and the clock of a demo."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

import lantian
from lantian.home import clock
from lantian.home.backup import backup
from lantian.home.layout import Home
from lantian.network import Network
from lantian.supervisor.status import ChildStatus, Status, write_status
from lantian.web.accounts import gate
from lantian.web.audit.models import Event
from tests.web.conftest import serve
from tests.web.world import NOW


@pytest.fixture
def own(county: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Serve a copy of the county that a test may change."""
    shutil.copytree(county.path, tmp_path / "home")
    home = Home.open(tmp_path / "home")
    clock.write(home.path, clock.Simulation(1, 0.0, NOW, NOW))
    return serve(monkeypatch, home)


def page(client: Client, name: str = "core:system", **headers: str) -> str:
    answer = client.get(reverse(name), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_what_runs_here(own: Network, sign_in: Callable[..., Client]) -> None:
    run = settings.HOME.path / "run"
    run.mkdir(exist_ok=True)
    since = NOW.isoformat()
    child = ChildStatus("worker", 4242, "failing", 7, since, "exit 3", ("no space",))
    write_status(run / "status.json", Status(1, since, since, (child,)))
    text = page(sign_in("administrator"))
    for said in (
        lantian.__version__,
        str(settings.HOME.path),
        "SQLite",
        "worker",
        "4242",
        "exit 3",
    ):
        assert said in text
    for choice in own.settings.in_doubt():
        assert choice.name in text


def test_without_a_supervisor_it_says_how_to_start_one(
    own: Network, sign_in: Callable[..., Client]
) -> None:
    assert "lantian serve" in page(sign_in("administrator"))


def test_the_last_backup_is_shown_or_its_absence(
    own: Network, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("administrator", lang="en")
    assert "never" in page(client)
    made = backup(
        settings.HOME.path, actor="tests", clock=lambda: datetime(2026, 11, 22, tzinfo=UTC)
    )
    text = page(client)
    assert made.path.name in text
    assert "2026-11-22 08:00" in text


def test_findings_have_ids_and_fixes(own: Network, sign_in: Callable[..., Client]) -> None:
    client = sign_in("administrator")
    piece = page(client, "core:system-findings", **{"HX-Request": "true"})
    assert "<html" not in piece
    for finding in ("home.opens", "store.ledger", "backup.age", "database.current", "web.deploy"):
        assert finding in piece
    assert "[evaluation]" in piece  # what to do about standards.unverified
    assert "<html" in page(client, "core:system-findings")


def test_the_clock_of_a_demo_can_be_sped_up_and_that_is_logged(
    own: Network, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("administrator")
    answer = client.post(reverse("core:system-speed"), {"speed": "60"})
    assert answer["Location"] == reverse("core:system")
    kept = clock.read(settings.HOME.path)
    assert kept is not None
    assert kept.speed == 60.0
    event = Event.objects.latest("id")
    assert event.action == "core.clock_changed"
    assert json.loads(event.data) == {"before": 0.0, "after": 60.0}
    assert event.actor_name.startswith("administrator")


@pytest.mark.parametrize("speed", ["", "fast", "-1", "601", "nan", "inf"])
def test_other_speeds_are_refused(own: Network, sign_in: Callable[..., Client], speed: str) -> None:
    before = clock.read(settings.HOME.path)
    answer = sign_in("administrator").post(
        reverse("core:system-speed"), {"speed": speed}, follow=True
    )
    assert answer.status_code == 200
    assert 'class="banner error"' in answer.content.decode()
    assert clock.read(settings.HOME.path) == before
    assert not Event.objects.filter(action="core.clock_changed").exists()


def test_a_real_home_has_no_such_clock(
    empty: Network, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not empty.simulated
    monkeypatch.setattr(gate, "_detour", lambda *_a: None)  # the second factor given
    client = sign_in("administrator")
    assert reverse("core:system-speed") not in page(client)
    answer = client.post(reverse("core:system-speed"), {"speed": "60"})
    assert answer.status_code == 400
    assert "home.not_simulated" in answer.content.decode()
    assert not Event.objects.filter(action="core.clock_changed").exists()
