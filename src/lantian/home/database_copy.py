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
    except sqlite3.Error as error:
        raise _failed(str(source), str(error)) from error
    return target


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
    parts = urlsplit(url)
    named = {
        "PGHOST": parts.hostname, "PGPORT": parts.port, "PGUSER": parts.username,
        "PGPASSWORD": parts.password,  # the environment: others could read it on the command line
    }  # fmt: skip
    environment = {k: unquote(str(v)) for k, v in named.items() if v is not None}
    database = unquote(parts.path.lstrip("/"))
    done = subprocess.run(  # noqa: S603 - the program found above, arguments of our own
        [program, "--format=custom", "--no-owner", f"--file={target}", database],
        env={"PATH": str(Path(program).parent), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise _failed("pg_dump", done.stderr.strip().splitlines()[-1] if done.stderr else "?")
    return target


def _failed(what: str, reason: str) -> DomainError:
    return DomainError(
        "backup.database",
        _("The database cannot be copied ({what}): {reason}. Nothing was backed up.").format(
            what=what, reason=reason
        ),
        {"what": what},
    )
