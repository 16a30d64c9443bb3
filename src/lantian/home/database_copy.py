"""A consistent copy of the database of people and cases while it is in use."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lantian.errors import DomainError
from lantian.i18n import gettext as _

SQLITE = "web.sqlite3"
POSTGRES_DUMP = "web.pgdump"
# Whoever finds a backup must not be able to go on in the place of somebody who is signed in.
_NOT_KEPT = ("django_session", "accounts_signin")
_PAGES = 2_000  # copied between two looks at the lock, so that writers get their turn
_PAUSE = 0.01


def copy_database(home: Path, url: str, folder: Path) -> list[Path]:
    """Copy the database into a folder as it is at one moment.

    Parameters
    ----------
    url
        ``postgresql://…``; empty: SQLite in the home.

    Returns
    -------
    list of Path
        The files made: ``web.sqlite3`` or ``web.pgdump``; none when there is no database yet.

    Raises
    ------
    DomainError
        ``backup.no_pg_dump``, ``backup.database`` when it cannot be read.
    """
    if url:
        return [_dump(url, folder / POSTGRES_DUMP)]
    source = home / SQLITE
    return [_copy(source, folder / SQLITE)] if source.is_file() else []


def check_database(path: Path) -> bool:
    """Say whether a SQLite file is whole."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
            return bool(database.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False


def _copy(source: Path, target: Path) -> Path:
    try:
        with (
            closing(sqlite3.connect(source, timeout=20)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy, pages=_PAGES, sleep=_PAUSE)
            # the copy is one file: whoever opens it first turns the log on again
            copy.execute("PRAGMA journal_mode=DELETE")
            _forget_sessions(copy)
    except sqlite3.Error as error:
        raise _failed(str(source), str(error)) from error
    return target


def _forget_sessions(copy: sqlite3.Connection) -> None:
    copy.execute("PRAGMA secure_delete=ON")
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    with copy:
        for table in _NOT_KEPT:
            if table in tables:
                copy.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of our own


def _dump(url: str, target: Path) -> Path:
    program = shutil.which("pg_dump")
    if program is None:
        raise DomainError(
            "backup.no_pg_dump",
            _(
                "The database is on a PostgreSQL server, and the program pg_dump is not installed "
                "here. Install the PostgreSQL client of the server's version, or back the database "
                "up by other means and run with --no-database."
            ),
        )
    address, password = _without_password(url)
    left_out = [f"--exclude-table-data={table}" for table in _NOT_KEPT]
    done = subprocess.run(  # noqa: S603 - the program found above, arguments of our own
        [program, "--format=custom", "--no-owner", *left_out, f"--file={target}", address],
        env={"PATH": str(Path(program).parent), **({"PGPASSWORD": password} if password else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise _failed("pg_dump", done.stderr.strip().splitlines()[-1] if done.stderr else "?")
    return target


def _without_password(url: str) -> tuple[str, str]:
    """Return the address for the command line, which others can read, and the password.

    The rest is for libpq to read, which knows more of it: the folder of a socket, ``sslmode``.
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    query = f"?{parts.query}" if parts.query else ""
    bare = f"postgresql://{user.partition(':')[0]}{at}{host}{parts.path}{query}"
    return bare, unquote(parts.password or "")


def _failed(what: str, reason: str) -> DomainError:
    return DomainError(
        "backup.database",
        _("The database cannot be copied ({what}): {reason}. Nothing was backed up.").format(
            what=what, reason=reason
        ),
        {"what": what},
    )
