"""The database of people and cases in a backup: one moment of it, while it is written."""

from __future__ import annotations

import os
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lantian.errors import DomainError
from lantian.home import Home
from lantian.home.backup import backup
from lantian.home.restore import restore
from tests.home.conftest import clock

ENVIRON: dict[str, str] = {}


def database(folder: Path) -> sqlite3.Connection:
    made = sqlite3.connect(folder / "web.sqlite3", timeout=20, check_same_thread=False)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute("PRAGMA synchronous=OFF")
    return made


def rows(folder: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(folder / "web.sqlite3")) as kept:
        return kept.execute("SELECT a, b FROM pair ORDER BY a").fetchall()


@pytest.fixture
def served(home: Home) -> Home:
    with closing(database(home.path)) as db:
        db.execute("CREATE TABLE pair (a INTEGER, b INTEGER)")
        db.executemany("INSERT INTO pair VALUES (?, ?)", [(n, n) for n in range(1000)])
        db.commit()
    (home.path / "secret_key").write_text("s" * 64)
    (home.path / "jobs.sqlite3").write_bytes(b"queue")
    (home.path / "run").mkdir()
    (home.path / "run" / "status.json").write_text("{}")
    (home.path / "anchors").mkdir()
    (home.path / "anchors" / "audit.jsonl").write_text('{"number": 1}\n')
    return home


def test_home_and_database_come_back_and_nothing_that_must_not(
    served: Home, tmp_path: Path
) -> None:
    with closing(database(served.path)) as db:  # not yet written into the main file
        db.execute("INSERT INTO pair VALUES (5000, 5000)")
        db.commit()
        made = backup(served.path, tmp_path / "b.tar", actor="a", clock=clock, environ=ENVIRON)
    with tarfile.open(made.path) as archive:
        names = set(archive.getnames())
        text = made.path.read_bytes()
    assert {"web.sqlite3", "anchors/audit.jsonl", "settings.toml", "manifest.json"} <= names
    left_out = ("secret_key", "jobs.sqlite3", "run/", "-wal", "-shm")
    assert not [n for n in names for part in left_out if part in n]
    assert b"s" * 64 not in text
    back = restore(made.path, tmp_path / "new")
    assert back.dump is None
    assert rows(tmp_path / "new") == rows(served.path)
    assert len(rows(tmp_path / "new")) == 1001
    assert (tmp_path / "new" / "anchors" / "audit.jsonl").read_text() == '{"number": 1}\n'
    assert Home.open(tmp_path / "new").store.read().equals(served.store.read())
    assert not list(tmp_path.glob(".backup-*"))


def test_a_copy_taken_while_others_write_is_of_one_moment(served: Home, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        with closing(database(served.path)) as db:
            number = 10_000
            while not stop.is_set():
                number += 1
                with db:  # always both or none
                    db.execute("INSERT INTO pair VALUES (?, 0)", (number,))
                    db.execute("UPDATE pair SET b = a WHERE a = ?", (number,))
                written.append(number)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for n in range(5):
            seen = len(written)
            archive = backup(
                served.path, tmp_path / f"{n}.tar", actor="a", clock=clock, environ=ENVIRON
            ).path
            restore(archive, tmp_path / f"new{n}")
            found = rows(tmp_path / f"new{n}")
            assert all(a == b for a, b in found)
            assert len(found) >= 1000 + seen
    finally:
        stop.set()
        thread.join()
    assert written


def test_a_database_that_is_damaged_is_seen(served: Home, tmp_path: Path) -> None:
    data = bytearray((served.path / "web.sqlite3").read_bytes())
    data[100:4000] = b"\xff" * 3900
    (served.path / "web.sqlite3").write_bytes(data)
    with pytest.raises(DomainError) as error:
        backup(served.path, tmp_path / "b.tar", actor="a", clock=clock, environ=ENVIRON)
    assert error.value.code == "backup.database"
    assert not list(tmp_path.glob("*.tar"))


def test_without_the_database(served: Home, tmp_path: Path) -> None:
    made = backup(
        served.path, tmp_path / "b.tar", actor="a", clock=clock, environ=ENVIRON, database=False
    )
    restore(made.path, tmp_path / "new")
    assert not (tmp_path / "new" / "web.sqlite3").exists()


PG_DUMP = """#!/bin/sh
[ "$PGPASSWORD" = "se cret" ] || exit 9
for word in "$@"; do
  case "$word" in
    --file=*) file="${word#--file=}" ;;
    *se?20cret*) exit 8 ;;
  esac
  last="$word"
done
printf '%s' "$*" > "$file"
printf '\n%s' "$last" >> "$file"
"""
URL = "postgresql://lan%40tian:se%20cret@db:5433/air"
SOCKET = "postgresql:///air?host=/run/postgresql&sslmode=verify-full"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(text: str) -> None:
        (folder / "pg_dump").write_text(text)
        (folder / "pg_dump").chmod(0o755)

    return put


def test_a_postgresql_database_is_dumped_by_its_own_program(
    home: Home, tmp_path: Path, programs: Callable[[str], None]
) -> None:
    programs(PG_DUMP)
    environ = {"LANTIAN_DATABASE_URL": URL}
    made = backup(home.path, tmp_path / "b.tar", actor="a", clock=clock, environ=environ)
    back = restore(made.path, tmp_path / "new")
    assert back.dump == tmp_path / "new" / "web.pgdump"
    words, address = back.dump.read_text().split("\n")
    assert address == "postgresql://lan%40tian@db:5433/air"
    assert "--exclude-table-data=django_session --exclude-table-data=accounts_signin" in words


def test_the_dump_reaches_the_server_as_the_pages_do(
    home: Home, tmp_path: Path, programs: Callable[[str], None]
) -> None:
    """The folder of a socket and ``sslmode`` are part of the address."""
    programs(PG_DUMP.replace('"se cret"', '""'))
    environ = {"LANTIAN_DATABASE_URL": SOCKET}
    made = backup(home.path, tmp_path / "b.tar", actor="a", clock=clock, environ=environ)
    dump = restore(made.path, tmp_path / "new").dump
    assert dump is not None
    assert dump.read_text().split("\n")[1] == SOCKET


def test_a_database_that_comes_back_is_its_owners_alone(served: Home, tmp_path: Path) -> None:
    made = backup(served.path, tmp_path / "b.tar", actor="a", clock=clock, environ=ENVIRON)
    restore(made.path, tmp_path / "again")
    assert stat.S_IMODE((tmp_path / "again" / "web.sqlite3").stat().st_mode) == 0o600


def test_nobody_can_go_on_in_a_session_found_in_a_backup(served: Home, tmp_path: Path) -> None:
    key = "k" * 32
    with closing(database(served.path)) as db:
        db.execute("CREATE TABLE django_session (session_key TEXT, session_data TEXT)")
        db.execute("CREATE TABLE accounts_signin (session_key TEXT)")
        db.execute("INSERT INTO django_session VALUES (?, 'data')", (key,))
        db.execute("INSERT INTO accounts_signin VALUES (?)", (key,))
        db.commit()
        made = backup(served.path, tmp_path / "b.tar", actor="a", clock=clock, environ=ENVIRON)
        assert db.execute("SELECT session_key FROM django_session").fetchall() == [(key,)]
    assert key.encode() not in made.path.read_bytes()
    assert made.path.stat().st_mode & 0o077 == 0
    restore(made.path, tmp_path / "new")
    assert len(rows(tmp_path / "new")) == 1000


def test_what_to_do_where_it_cannot_be_dumped(
    home: Home, tmp_path: Path, programs: Callable[[str], None]
) -> None:
    environ = {"LANTIAN_DATABASE_URL": URL}
    with pytest.raises(DomainError, match="--no-database") as error:
        backup(home.path, tmp_path / "b.tar", actor="a", clock=clock, environ=environ)
    assert error.value.code == "backup.no_pg_dump"
    programs("#!/bin/sh\necho 'first' >&2\necho 'connection refused' >&2\nexit 1\n")
    with pytest.raises(DomainError, match="connection refused") as error:
        backup(home.path, tmp_path / "b.tar", actor="a", clock=clock, environ=environ)
    assert error.value.code == "backup.database"
    assert "se cret" not in error.value.message
    assert not list(tmp_path.glob("*.tar"))
    assert not list(tmp_path.glob(".*"))
    made = backup(
        home.path, tmp_path / "b.tar", actor="a", clock=clock, environ=environ, database=False
    )
    assert made.files > 1
    assert os.environ["PATH"] == str(tmp_path / "bin")
