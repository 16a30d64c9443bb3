"""In what condition an installation is: what the page of the system shows."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

import lantian
from lantian.errors import DomainError
from lantian.home import clock, schedule
from lantian.home.backup import Backup, last_backup
from lantian.home.doctor import examine
from lantian.home.findings import Finding
from lantian.home.layout import RUN, STORE
from lantian.standards import Choice
from lantian.supervisor.status import ChildStatus, Status, read_status
from lantian.web.audit import anchors, chain
from lantian.web.audit.anchors import Anchor
from lantian.web.core import upkeep
from lantian.web.core.air import network

STATUS = "status.json"
SPEEDS = (
    0.0,
    1.0,
    60.0,
    600.0,
)  # simulated seconds in one: standing, real, an hour a minute, fastest
_ORDER = {"fail": 0, "warn": 1, "ok": 2}


@dataclass(frozen=True)
class Storage:
    """A place where data lie: its size [bytes] and, of the store, what is in it."""

    path: Path
    bytes: int
    files: int


@dataclass(frozen=True)
class Chain:
    """The audit log: its last event, and what of it is kept outside the database."""

    events: int
    last: datetime | None
    anchors: int
    anchored: Anchor | None
    file: Path
    problem: str


@dataclass(frozen=True)
class Condition:
    """What can be said at once; findings are looked for separately, for they take longer."""

    version: str
    python: str
    started: datetime | None
    store: Storage
    database: str
    database_bytes: int | None
    stations: int
    processes: Status | None
    backup: Backup | None
    backup_problem: str
    plan: schedule.BackupPlan
    failed: schedule.Attempt | None
    chain: Chain
    doubts: Sequence[Choice]
    demo: clock.Simulation | None

    @property
    def children(self) -> Sequence[ChildStatus]:
        """Return the processes the supervisor runs."""
        return self.processes.children if self.processes else ()


def condition() -> Condition:
    """Return in what condition the installation is."""
    home = settings.HOME
    backup, problem = _backup(home.path)
    status = read_status(home.path / RUN / STATUS)
    tried = schedule.last_attempt(home)
    return Condition(
        version=lantian.__version__,
        python=platform.python_version(),
        started=datetime.fromisoformat(status.started) if status else None,
        store=_size(home.path / STORE),
        database=connection.vendor,
        database_bytes=_database_bytes(),
        stations=network().stations().height,
        processes=status,
        backup=backup,
        backup_problem=problem,
        plan=schedule.plan_of(home),
        failed=tried if tried and tried.error else None,
        chain=_chain(),
        doubts=network().settings.in_doubt(),
        demo=clock.read(home.path) if home.settings.simulated else None,
    )


def findings() -> list[Finding]:
    """Return what the doctor finds in the home and what only its web knows, the worst first."""
    home = settings.HOME
    found = examine(home.path, clock=timezone.now, more=upkeep.findings).findings
    return sorted(found, key=lambda f: _ORDER[f.state])


def _size(folder: Path) -> Storage:
    files = [f.stat().st_size for f in folder.rglob("*") if f.is_file()]
    return Storage(folder, sum(files), len(files))


def _database_bytes() -> int | None:
    """Return how large the database is; None where the server does not say."""
    if connection.vendor == "sqlite":
        return _bytes_of(Path(str(connection.settings_dict["NAME"])))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _bytes_of(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _backup(home: Path) -> tuple[Backup | None, str]:
    try:
        return last_backup(home), ""
    except (ValueError, KeyError) as error:
        return None, str(error)


def _chain() -> Chain:
    path = anchors.path_of(settings.HOME)
    head = chain.head()
    kept: list[Anchor] = []
    problem = ""
    if path.exists():
        try:
            kept = anchors.read(path)
        except DomainError as error:
            problem = error.message
    number, _hash, at = head or (0, "", None)
    return Chain(number, at, len(kept), kept[-1] if kept else None, path, problem)
