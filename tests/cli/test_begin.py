"""A home with somebody who may sign in, made on a terminal and in a script, kept and upgraded."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Lantian
from tests.cli.processes import environment, run

PASSWORD = "一片蓝天 above 40"


def people(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "web.sqlite3")) as database:
        found = database.execute("SELECT name FROM accounts_user").fetchall()
        return [name for (name,) in found]


def talk(home: Path, *answers: tuple[str, str], command: tuple[str, ...] = ("init",)) -> str:
    """Run a command on a terminal, answering what is asked; return what it showed."""
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lantian", *command],
        env=environment(home),
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    )
    os.close(inner)
    shown, waiting = "", list(answers)
    deadline = time.monotonic() + 180
    seen = 0
    try:
        while process.poll() is None or select.select([outer], [], [], 0.2)[0]:
            assert time.monotonic() < deadline, shown
            if not select.select([outer], [], [], 0.2)[0]:
                continue
            try:
                shown += os.read(outer, 4096).decode()
            except OSError:  # the terminal closes with the process
                break
            if waiting and (at := shown.find(waiting[0][0], seen)) >= 0:
                seen = at + len(waiting[0][0])
                time.sleep(0.5)  # what was typed before the echo is off is thrown away
                os.write(outer, f"{waiting.pop(0)[1]}\n".encode())
        assert process.wait(30) == 0, shown
    finally:
        os.close(outer)
        if process.poll() is None:
            process.kill()
            process.wait()
    assert not waiting, shown
    return shown


def test_on_a_terminal_it_asks_and_never_shows_the_password(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shown = talk(
        home,
        ("Name of the network", "示范县"),
        ("first administrator", "管理员甲"),
        ("Password", "short"),
        ("Once more", "short"),
        ("Password", PASSWORD),
        ("Once more", PASSWORD),
    )
    assert "too short" in shown
    assert "The home of 示范县 is made" in shown
    assert "lantian serve" in shown
    assert "administrator NAME" not in shown
    assert PASSWORD not in shown
    assert people(home) == ["管理员甲"]
    assert (home / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("begin") / "home"
    args = ("init", "--name", "县", "--administrator", "甲", "--json")
    said = run(*args, home=home, LANTIAN_ADMIN_PASSWORD=PASSWORD)
    assert json.loads(said)["administrator"] == "甲"
    return home


def test_in_a_script_the_password_comes_from_the_environment(served: Path) -> None:
    assert people(served) == ["甲"]
    assert stat.S_IMODE((served / "web.sqlite3").stat().st_mode) == 0o600
    said = run("administrator", "甲", home=served, code=2, LANTIAN_ADMIN_PASSWORD=PASSWORD)
    assert "甲" in said
    assert people(served) == ["甲"]


def test_without_a_terminal_nothing_is_asked(homeless: Lantian) -> None:
    error = homeless.error("init", "--name", "县", "--administrator", "乙", code=2)
    assert error["code"] == "cli.usage_no_password"
    assert "LANTIAN_ADMIN_PASSWORD" in error["message"]
    assert "--name" in Lantian(homeless.home / "other")("init", code=2).stderr
    assert "administrator NAME" in Lantian(homeless.home.parent / "h")("init", "--name", "x").stdout


def test_without_an_administrator_that_is_said(homeless: Lantian) -> None:
    said = homeless("init", "--name", "x").stdout
    assert "the first administrator: nobody may sign in yet" in said


def must_change(home: Path) -> list[bool]:
    with closing(sqlite3.connect(home / "web.sqlite3")) as database:
        found = database.execute("SELECT must_change_password FROM accounts_user").fetchall()
        return [bool(must) for (must,) in found]


def hashed(home: Path) -> str:
    with closing(sqlite3.connect(home / "web.sqlite3")) as database:
        return str(database.execute("SELECT password FROM accounts_user").fetchone()[0])


def test_an_administrator_is_let_in_again(served: Path) -> None:
    new = "另一片蓝天 above 60"
    before = hashed(served)
    given = {"LANTIAN_ADMIN_PASSWORD": new}
    said = run("administrator", "甲", "--reset", home=served, code=2, **given)
    assert "Add --yes" in said
    assert hashed(served) == before
    said = run("administrator", "乙", "--reset", "--yes", home=served, code=2, **given)
    assert "There is no administrator “乙”" in said
    said = run("administrator", "甲", "--reset", "--yes", home=served, **given)
    assert "甲 may sign in and administer 县." in said
    assert "The second factor is off." in said
    assert hashed(served) != before
    assert must_change(served) == [True]  # it stood in a script


def test_a_lost_password_is_typed_anew_on_a_terminal(served: Path) -> None:
    talk(
        served,
        ("Go on?", "y"),
        ("Password", PASSWORD),
        ("Once more", PASSWORD),
        command=("administrator", "甲", "--reset"),
    )
    assert must_change(served) == [False]


def test_the_doctor_looks_into_the_web_too(served: Path) -> None:
    told = {
        "LANTIAN_HTTPS": "true", "LANTIAN_HOSTS": "air.example", "LANTIAN_PROXIES": "127.0.0.1",
    }  # fmt: skip
    rows = json.loads(run("doctor", "--json", home=served, **told))["rows"]
    by_id = {r["id"]: r for r in rows}
    for name in ("database.reachable", "database.current", "audit.chain", "web.deploy"):
        assert by_id[name]["state"] == "ok", by_id[name]
    assert by_id["web.https"]["state"] == "ok"
    with closing(sqlite3.connect(served / "web.sqlite3")) as database:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in database.execute(triggers).fetchall():
            database.execute(f"DROP TRIGGER {name}")  # whoever owns the file can do that
        database.execute("UPDATE audit_event SET actor_name = 'somebody else' WHERE id = 1")
        database.commit()
    bad = {"LANTIAN_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/none"}
    rows = json.loads(run("doctor", "--json", home=served, code=5))["rows"]
    assert {r["id"]: r["state"] for r in rows}["audit.chain"] == "fail"
    rows = json.loads(run("doctor", "--json", home=served, code=5, **bad))["rows"]
    assert {r["id"]: r["state"] for r in rows}["database.reachable"] == "fail"


def test_an_upgrade_brings_the_database_up_after_a_backup(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run("init", "--name", "县", home=home)
    sqlite3.connect(home / "web.sqlite3").close()
    (home / "web.sqlite3").touch()
    done = json.loads(run("upgrade", "--json", home=home))
    assert any(step.startswith("accounts.0001") for step in done["database"])
    assert Path(done["backup"]).is_file()
    assert people(home) == []
    again = json.loads(run("upgrade", "--json", home=home))
    assert (again["database"], again["backup"]) == ([], None)
    assert re.search("up to date", run("upgrade", home=home))
