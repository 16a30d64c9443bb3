"""What a home does by the clock: a backup every night, old ones removed, small files merged."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

from lantian.errors import DomainError
from lantian.home import settings_file
from lantian.home.backup import Backup, backup
from lantian.home.layout import RUN, Home
from lantian.i18n import gettext as _
from lantian.observations import maintenance
from lantian.observations.files import write_atomically
from lantian.observations.layout import Clock, aware, utc_now
from lantian.progress import Progress, silent

TABLE = "backup"
PREFIX = "LANTIAN_BACKUP_"
ACTOR = "schedule"
_NOTE = "backup.json"
_NAME = re.compile(r"lantian-nightly-(\d{8}-\d{6})\.tar")
_STAMP = "%Y%m%d-%H%M%S"
_AGAIN = timedelta(minutes=30)  # after a failure: a full disk is not emptied in a minute
_DAY = timedelta(days=1)
_CROWDED = 32  # files of one month, from which on reading it gets slower


@dataclass(frozen=True)
class BackupPlan:
    """When a home is backed up and what is kept; each name is a key of ``[backup]``.

    Each is also read from the environment, as ``LANTIAN_BACKUP_<NAME>``.

    Parameters
    ----------
    at
        Local time of the network, ``02:30``; empty: never by itself.
    folder
        Where to; a relative path starts at the home.
    keep_daily, keep_weekly
        How many days and weeks (Monday to Sunday) the newest backup of each is kept.
    database
        Whether the database goes in too; no: it is backed up by other means.
    """

    at: str = "02:30"
    folder: str = "backups"
    keep_daily: int = 7
    keep_weekly: int = 4
    database: bool = True

    @property
    def time(self) -> time | None:
        """Return the time of day; None: never."""
        return time.fromisoformat(self.at) if self.at else None


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last time it was tried by the clock, and why it failed; empty: it did not."""

    at: datetime
    error: str


def plan_of(home: Home, environ: Mapping[str, str] | None = None) -> BackupPlan:
    """Return when and how a home is backed up; a simulated one is not, unless it says so.

    Raises
    ------
    DomainError
        ``backup.bad_setting``.
    """
    path = home.path / settings_file.FILE
    table = tomllib.loads(path.read_text(encoding="utf-8")).get(TABLE)
    if table is not None and not isinstance(table, dict):
        raise _bad(f"{path}: [{TABLE}]", _("it is no table"))
    given: dict[str, Any] = {}
    if table is None and home.settings.simulated:
        given["at"] = ""
    known = {f.name: type(f.default) for f in fields(BackupPlan)}
    for name, value in (table or {}).items():
        where = f"{path}: [{TABLE}] {name}"
        if name not in known:
            names = ", ".join(known)
            raise _bad(where, _("there is no such setting; known are {names}").format(names=names))
        if type(value) is not known[name]:
            raise _bad(where, _("“{value}” is of the wrong kind").format(value=value))
        given[name] = value
    for name, kind in known.items():
        text = (os.environ if environ is None else environ).get(PREFIX + name.upper())
        if text is not None:
            given[name] = _from_text(kind, text, PREFIX + name.upper())
    return _checked(BackupPlan(**given))


def folder_of(home: Home, plan: BackupPlan) -> Path:
    """Return the folder of the backups made by the clock."""
    return home.path / Path(plan.folder).expanduser()


def due_backup(home: Home, now: datetime, environ: Mapping[str, str] | None = None) -> bool:
    """Say whether a backup should be made now.

    It is when the last time it was planned for has passed and no backup made by the clock is
    younger, and the last failure is half an hour ago. So one that was missed, because the machine
    was off, is made up for.

    Raises
    ------
    DomainError
        ``backup.bad_setting``.
    """
    plan = plan_of(home, environ)
    if plan.time is None:
        return False
    tried = last_attempt(home)
    if tried is not None and tried.error and timedelta() <= now - tried.at < _AGAIN:
        return False
    slot = planned(plan.time, home.zone, now)
    if home.settings.created > slot:
        return False  # it did not exist yet
    return all(made < slot for made, _path in kept(folder_of(home, plan)))


def planned(at: time, zone: str, now: datetime) -> datetime:
    """Return the last moment [UTC] not after ``now`` at which it is ``at`` in ``zone``."""
    local = aware(now).astimezone(ZoneInfo(zone))
    today = datetime.combine(local.date(), at, ZoneInfo(zone))
    day = today if today <= local else datetime.combine(local.date() - _DAY, at, ZoneInfo(zone))
    return day.astimezone(UTC)


def run_backup(
    home: Home,
    now: datetime,
    *,
    progress: Progress = silent,
    environ: Mapping[str, str] | None = None,
) -> Backup:
    """Back the home up as planned, and remove what is older than is kept.

    Raises
    ------
    DomainError
        As :func:`lantian.home.backup.backup`; it is noted for :func:`last_attempt`.
    """
    plan = plan_of(home, environ)
    folder = folder_of(home, plan)
    name = f"lantian-nightly-{aware(now):{_STAMP}}.tar"
    try:
        made = backup(
            home.path,
            folder / name,
            actor=ACTOR,
            clock=lambda: now,
            progress=progress,
            database=plan.database,
            environ=environ,
        )
    except DomainError as error:
        _note(home, now, error.message)
        raise
    _note(home, now, "")
    for path in surplus(kept(folder), plan, home.zone):
        path.unlink()
    return made


def kept(folder: Path) -> list[tuple[datetime, Path]]:
    """Return the backups made by the clock and when, oldest first; those of people are not."""
    found = []
    for path in folder.glob("lantian-nightly-*.tar") if folder.is_dir() else ():
        if name := _NAME.fullmatch(path.name):
            found.append((datetime.strptime(name[1], _STAMP).replace(tzinfo=UTC), path))
    return sorted(found)


def surplus(backups: Sequence[tuple[datetime, Path]], plan: BackupPlan, zone: str) -> list[Path]:
    """Return the backups that need not be kept: neither the newest of a day nor of a week kept."""
    local = ZoneInfo(zone)
    by_day = {made.astimezone(local).date(): path for made, path in backups}
    by_week = {made.astimezone(local).isocalendar()[:2]: path for made, path in backups}
    wanted = {by_day[day] for day in sorted(by_day)[-plan.keep_daily :]}
    if plan.keep_weekly:
        wanted |= {by_week[week] for week in sorted(by_week)[-plan.keep_weekly :]}
    return [path for _made, path in backups if path not in wanted]


def last_attempt(home: Home) -> Attempt | None:
    """Return how the last backup by the clock went; None: there was none."""
    try:
        kept_note = json.loads((home.path / RUN / _NOTE).read_bytes())
        return Attempt(datetime.fromisoformat(kept_note["at"]), str(kept_note["error"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # never tried, or the notes were deleted


def run_due(
    home: Home, clock: Clock = utc_now, *, environ: Mapping[str, str] | None = None
) -> Backup | None:
    """Do what is due; to be called every minute or so by one process of the home.

    Nothing is done while another call is still at it.

    Returns
    -------
    Backup or None
        The backup made, if one was due.

    Raises
    ------
    DomainError
        As :func:`run_backup`.
    """
    (home.path / RUN).mkdir(exist_ok=True)
    lock = FileLock(home.path / RUN / "schedule.lock", timeout=0)
    try:
        with lock:
            return _do_due(home, clock, environ)
    except Timeout:
        return None


def _do_due(home: Home, clock: Clock, environ: Mapping[str, str] | None) -> Backup | None:
    now = clock()
    if is_crowded(home):
        maintenance.compact(home.store, fewest=_CROWDED, clock=clock)
        maintenance.clean(home.store)  # by the clock of the machine, as that of the files is
    if not due_backup(home, now, environ):
        return None
    return run_backup(home, now, environ=environ)


def is_crowded(home: Home) -> bool:
    """Say whether some month is in so many small files that reading it is slow."""
    files = home.store.table.snapshot().files
    return any(len(found) >= _CROWDED for found in files.values())


def _note(home: Home, now: datetime, error: str) -> None:
    (home.path / RUN).mkdir(exist_ok=True)
    text = json.dumps({"at": aware(now).isoformat(), "error": error}, ensure_ascii=False)
    write_atomically(home.path / RUN / _NOTE, text.encode())


def _from_text(kind: type, text: str, where: str) -> object:
    if kind is bool and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    if kind is int and text.strip().isdecimal():
        return int(text)
    if kind is str:
        return text
    raise _bad(where, _("“{value}” is of the wrong kind").format(value=text))


def _checked(plan: BackupPlan) -> BackupPlan:
    try:
        made = plan.time
    except ValueError as error:
        raise _bad("at", _("a time is written as 02:30")) from error
    if made is not None and made.tzinfo is not None:
        raise _bad("at", _("it is the local time of the network, without an offset"))
    if plan.keep_daily < 1 or plan.keep_weekly < 0:
        raise _bad("keep_daily, keep_weekly", _("at least one day is kept"))
    if not plan.folder:
        raise _bad("folder", _("it is missing"))
    return plan


def _bad(where: str, reason: str) -> DomainError:
    return DomainError(
        "backup.bad_setting",
        _("The setting {where} cannot be used: {reason}.").format(where=where, reason=reason),
        {"where": where},
    )
