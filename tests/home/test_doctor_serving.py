"""The doctor on a home that is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lantian.home import Home, doctor_serving, schedule
from lantian.home.doctor import examine
from lantian.home.findings import Finding
from lantian.supervisor import ChildStatus, Instance, Status
from lantian.supervisor.status import write_status
from tests.home.conftest import NOW, clock

NONE: dict[str, str] = {}


@pytest.fixture
def served(home: Home) -> Home:
    (home.path / "web.sqlite3").write_bytes(b"")
    (home.path / "secret_key").write_text("s" * 64)
    (home.path / "secret_key").chmod(0o600)
    (home.path / "run").mkdir()
    return home


def found(home: Home, name: str, environ: dict[str, str] | None = None) -> Finding:
    [one] = [f for f in doctor_serving.findings(home, environ or NONE) if f.id == name]
    assert bool(one.fix) == (one.state != "ok")
    return one


def test_a_home_that_was_never_served_is_not_asked(home: Home) -> None:
    assert doctor_serving.findings(home, NONE) == []
    assert doctor_serving.findings(home, {"LANTIAN_DATABASE_URL": "postgresql://a/b"}) != []


def test_the_order_and_the_ids_stay(served: Home) -> None:
    ids = [f.id for f in doctor_serving.findings(served, NONE)]
    assert ids == [
        "web.settings", "web.https", "web.secret", "serve.running", "serve.worker",
        "backup.schedule",
    ]  # fmt: skip
    more = Finding("x.y", "fail", "t", "m", "f")
    diagnosis = examine(served.path, clock=clock, environ=NONE, more=lambda _home: [more])
    assert [f.id for f in diagnosis.findings][-7:] == [*ids, "x.y"]
    assert diagnosis.state == "fail"


def test_settings_that_cannot_be_read_are_said_once(served: Home) -> None:
    bad = {"LANTIAN_PORT": "many"}
    [only] = doctor_serving.findings(served, bad)
    assert (only.id, only.state) == ("web.settings", "fail")
    assert "LANTIAN_PORT" in only.message


@pytest.mark.parametrize(
    ("environ", "state"),
    [
        ({}, "ok"),
        ({"LANTIAN_BIND": "127.0.0.2"}, "ok"),
        ({"LANTIAN_BIND": "0.0.0.0"}, "fail"),
        ({"LANTIAN_BIND": "192.168.1.5"}, "fail"),
        # a proxy on the same machine and a name, but nobody said https
        ({"LANTIAN_HOSTS": "air.example"}, "fail"),
        ({"LANTIAN_HOSTS": "air.example", "LANTIAN_HTTPS": "1"}, "fail"),
        (
            {"LANTIAN_HOSTS": "air.example", "LANTIAN_HTTPS": "1", "LANTIAN_PROXIES": "127.0.0.1"},
            "ok",
        ),
    ],
)
def test_encryption_where_others_reach_it(
    served: Home, environ: dict[str, str], state: str
) -> None:
    assert found(served, "web.https", environ).state == state


def test_a_secret_others_can_read(served: Home) -> None:
    path = served.path / "secret_key"
    assert found(served, "web.secret").state == "ok"
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        one = found(served, "web.secret")
        assert one.state == "fail"
        assert f"{mode:04o}" in one.message
        assert "chmod 600" in one.fix
    assert found(served, "web.secret", {"LANTIAN_SECRET_KEY": "k"}).state == "ok"
    path.unlink()
    assert found(served, "web.secret").state == "ok"


def status(home: Home, pid: int, **child: object) -> None:
    about = {
        "name": "web", "pid": 7, "state": "running", "restarts": 0, "since": "", "ended": "",
        "last_lines": (), **child,
    }  # fmt: skip
    one = ChildStatus(**about)  # type: ignore[arg-type]
    write_status(home.path / "run" / "status.json", Status(pid, "", "", (one,)))


def test_whether_it_runs_and_how_it_is(served: Home) -> None:
    run = served.path / "run"
    assert found(served, "serve.running").state == "warn"
    assert found(served, "serve.worker").state == "ok"
    with Instance(run, "serve").held():
        pid = json.loads((run / "serve.json").read_text())["pid"]
        assert found(served, "serve.running").state == "ok"
        assert str(pid) in found(served, "serve.running").message
        assert found(served, "serve.worker").state == "fail"
        with Instance(run, "worker").held():
            assert found(served, "serve.worker").state == "ok"
        status(served, pid, restarts=3)
        assert "3 restarts" in found(served, "serve.running").message
        status(served, pid, state="failing", ended="exit 7", last_lines=("a", "no database", "b"))
        one = found(served, "serve.running")
        assert one.state == "fail"
        assert "exit 7" in one.message
        assert "no database / b" in one.message
        # what a supervisor before this one left says nothing
        status(served, pid + 1, state="failing", ended="exit 7")
        assert found(served, "serve.running").state == "ok"
    with Instance(run, "web-8000").held():
        assert found(served, "serve.running").state == "ok"
        assert found(served, "serve.worker").state == "fail"


def test_the_scheduled_backup(
    served: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = found(served, "backup.schedule")
    assert one.state == "warn"
    assert "same disk" in one.message
    monkeypatch.setattr(doctor_serving, "_same_disk", lambda _home, _folder: False)
    assert found(served, "backup.schedule").state == "ok"
    assert found(served, "backup.schedule", {"LANTIAN_BACKUP_AT": ""}).state == "warn"
    assert found(served, "backup.schedule", {"LANTIAN_BACKUP_AT": "noon"}).state == "fail"
    schedule._note(served, NOW, "the disk is full")
    assert found(served, "backup.schedule").state == "fail"
    assert found(served, "backup.schedule").message == "the disk is full"


def test_the_clock_of_a_demo_is_its_own(tmp_path: Path) -> None:
    from datetime import timedelta  # noqa: PLC0415

    from lantian.home import clock as c  # noqa: PLC0415

    demo = Home.init(tmp_path / "demo", name="x", clock=clock, simulated=True)
    c.write(demo.path, c.Simulation(1, 60.0, NOW, NOW + timedelta(days=3)))
    by_id = {f.id: f for f in examine(demo.path, clock=clock, environ=NONE).findings}
    assert by_id["clock.sane"].message.startswith("2026-03-04T08:00")
    assert by_id["backup.age"].state == "ok"
