"""A home in one file and back: every byte hashed, all of it or nothing.

The archive is a plain tar (Parquet is compressed already) or, by its name, a gzipped one. Its last
member, ``manifest.json``, lists every file with its SHA-256, so that an archive that was cut short
shows at once.

Not in it: other backups, locks and notes of running processes (``run/``), the queue of jobs, which
would be done twice, and ``secret_key`` and the sessions: whoever finds a backup must not be able to
sign sessions of the server in use, nor to go on in one. A home brought back makes a new key;
everybody signs in again, nothing else is lost.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from lantian.errors import DomainError, reason_of
from lantian.home import settings_file, web_settings
from lantian.home.database_copy import SQLITE, copy_database
from lantian.home.layout import BACKUPS, DERIVED, RUN, SECRET, STORE, UPLOADS
from lantian.i18n import gettext as _
from lantian.observations import space
from lantian.observations.files import settle, write_atomically
from lantian.observations.layout import Clock, utc_now
from lantian.observations.locking import HOLDER_FILE, LOCK_FILE, WriterLock
from lantian.observations.store import LOCK_TIMEOUT
from lantian.progress import Progress, silent

FORMAT = 1
MANIFEST = "manifest.json"
LAST = "last_backup.json"
JOBS = "jobs.sqlite3"
_GZIPPED = (".tar.gz", ".tgz")
_ENDINGS = (".tar", *_GZIPPED)
# A database is copied as of one moment, not as the bytes that happen to lie on the disk.
_NOT_COPIED = {
    SECRET, *(f"{name}{end}" for name in (SQLITE, JOBS) for end in ("", "-wal", "-shm", "-journal"))
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Backup:
    """One archive: where it is, what is in it, when the state was that.

    ``restored``: the home came from it, and none was made of the home since.
    """

    path: Path
    files: int
    bytes: int
    sha256: str
    made_at: datetime
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the home in the archive."""

    path: str
    bytes: int
    sha256: str


def default_name(now: datetime) -> str:
    """Return the file name of a backup made at ``now``."""
    return f"lantian-{now:%Y%m%d-%H%M%S}.tar"


def backup(
    home: Path,
    target: Path | None = None,
    *,
    actor: str,
    clock: Clock = utc_now,
    progress: Progress = silent,
    database: bool = True,
    environ: Mapping[str, str] | None = None,
) -> Backup:
    """Put a home into one archive, as it is at one moment.

    Nobody writes to the store meanwhile; reading goes on.

    Parameters
    ----------
    home
        Folder of the home; its layout may be of an earlier version.
    target
        File to write (``….tar``, or ``….tar.gz`` to compress), or a folder to put it in. Default:
        the folder ``backups`` of the home, which is left out of the archive. Folders outside the
        home must be there: where a disk is not mounted, none must be made in its place.
    database
        Whether the database of people and cases goes in too.
    environ
        May name the database (``LANTIAN_DATABASE_URL``); default: that of the process.

    Raises
    ------
    DomainError
        ``home.not_initialised``, ``backup.exists``, ``backup.no_folder``, ``backup.bad_name``,
        ``backup.broken_link``,
        ``backup.not_written``, ``backup.no_pg_dump``, ``backup.database``, ``store.locked``,
        ``store.disk_full``.
    """
    settings = settings_file.read(home)
    url = web_settings.load(home, os.environ if environ is None else environ).database_url
    now = clock()
    path = _target(home, target, now)
    draft = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            space.told(path.parent),
            _unchanging(home, actor, clock),
            tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as copies,
        ):
            files: dict[str, Path] = {}
            if database:
                # under the lock of the store: of a correction, the event is written first, so
                # that no value can be in the archive without the word it was changed on
                files = {f.name: f for f in copy_database(home, url, Path(copies))}
            # after the database: the evidence it speaks of was on the disk before it did
            files |= {f.relative_to(home).as_posix(): f for f in _files(home, exclude=path)}
            space.check(path.parent, sum(f.stat().st_size for f in files.values()))
            about = {"schema": settings.schema, "name": settings.name, "made_at": now.isoformat()}
            draft.touch(mode=0o600)  # it holds what people sign in with
            entries = _pack(files, draft, about, progress)
            settle(draft)
            draft.replace(path)
        settle(path.parent)
        made = Backup(path, len(entries), path.stat().st_size, _sha256(path), now)
        _remember(home, made)
    except OSError as error:
        raise DomainError(
            "backup.not_written",
            _("The backup cannot be written to {path}: {reason}.").format(
                path=path, reason=reason_of(error)
            ),
            {"path": str(path)},
        ) from error
    finally:
        with suppress(NotADirectoryError):  # then it was never begun
            draft.unlink(missing_ok=True)
    return made


def remember_restored(home: Path, archive: Path, files: int, made_at: datetime) -> None:
    """Note in a restored home which backup it came from.

    Raises
    ------
    OSError
        The archive cannot be read, or the note not written.
    """
    size = archive.stat().st_size
    _remember(home, Backup(archive, files, size, _sha256(archive), made_at, restored=True))


def _remember(home: Path, made: Backup) -> None:
    path, made_at = str(made.path.resolve()), made.made_at.isoformat()
    noted = {**asdict(made), "path": path, "made_at": made_at}
    write_atomically(home / LAST, json.dumps(noted).encode())


def last_backup(home: Path) -> Backup | None:
    """Return the last backup of this home, or that it came from; None if there was none."""
    try:
        kept = json.loads((home / LAST).read_bytes())
    except FileNotFoundError:
        return None
    made_at = datetime.fromisoformat(kept["made_at"])
    return Backup(
        Path(kept["path"]), kept["files"], kept["bytes"], kept["sha256"], made_at,
        restored=kept.get("restored", False),
    )  # fmt: skip


@contextmanager
def _unchanging(home: Path, actor: str, clock: Clock) -> Iterator[None]:
    """Keep writers out of the store; a home without one has none to keep out."""
    if not (home / STORE).is_dir():
        yield
        return
    with WriterLock(home / STORE, LOCK_TIMEOUT).held("backup", actor, clock):
        yield


def _target(home: Path, target: Path | None, now: datetime) -> Path:
    path = home / BACKUPS if target is None else target
    if target is None or path.is_dir():
        path = path / default_name(now)
    inside = path.resolve().is_relative_to(home.resolve())
    if not inside and not path.parent.is_dir():
        raise DomainError(
            "backup.no_folder",
            _("There is no folder {path}. Is the disk mounted? Else make the folder first.").format(
                path=path.parent
            ),
            {"path": str(path.parent)},
        )
    if not path.name.lower().endswith(_ENDINGS):
        raise DomainError(
            "backup.bad_name",
            _(
                "{path} is no folder that is there (is the disk mounted?), and no name of a "
                "backup: that ends in .tar or .tar.gz."
            ).format(path=path),
            {"path": str(path)},
        )
    if path.exists():
        raise DomainError(
            "backup.exists",
            _("{path} exists already; a backup never replaces one. Choose another name.").format(
                path=path
            ),
            {"path": str(path)},
        )
    return path


def _files(home: Path, exclude: Path) -> list[Path]:
    """Return the files that make up the state: no locks, drafts, other backups or derived.

    Databases are left out: a file that is being written is copied in another way.
    """
    left_out = {LOCK_FILE, HOLDER_FILE, LAST}
    return [
        path
        for top in sorted(home.iterdir())
        if top.name not in {BACKUPS, DERIVED, RUN, UPLOADS, *_NOT_COPIED}
        for path in _walk(top, frozenset({home.resolve()}))
        if path.name not in left_out and path.resolve() != exclude.resolve()
    ]


def _walk(path: Path, above: frozenset[Path]) -> Iterator[Path]:
    """Return a file, or those under a folder in order; where a link leads is part of the home.

    A store moved to a larger disk and linked to would else be missing from the backup unseen.

    Parameters
    ----------
    above
        The folders it lies in, resolved: a link back to one of them is not followed.
    """
    if path.name.startswith("."):
        return  # a draft; in the log of the table, a checksum, which is not needed
    if path.is_dir():
        real = path.resolve()
        if real not in above:
            for inner in sorted(path.iterdir()):
                yield from _walk(inner, above | {real})
    elif path.is_file():
        yield path
    elif path.is_symlink():
        raise DomainError(
            "backup.broken_link",
            _(
                "{path} is a link to something that is not there, so the backup would not be "
                "whole. Mount the disk it leads to, or remove the link."
            ).format(path=path),
            {"path": str(path)},
        )


def _pack(
    files: Mapping[str, Path],
    draft: Path,
    about: Mapping[str, object],
    progress: Progress,
) -> list[Entry]:
    mode: Literal["w", "w:gz"] = "w:gz" if _is_gzipped(draft) else "w"
    entries = []
    with tarfile.open(draft, mode, dereference=True) as archive:
        for done, (name, path) in enumerate(files.items()):
            progress(_("Backing up"), done, len(files))
            member = archive.gettarinfo(str(path), name)
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            with path.open("rb") as raw:
                hashed = _Hashing(raw)
                archive.addfile(member, hashed)
            entries.append(Entry(name, member.size, hashed.digest()))
        listed = [asdict(entry) for entry in entries]
        manifest = {"format": FORMAT, **about, "files": listed}
        data = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    progress(_("Backing up"), len(files), len(files))
    return entries


def _is_gzipped(draft: Path) -> bool:
    # the draft is named after the target, ".<name>-<hex>"
    return draft.name.rpartition("-")[0].lower().endswith(_GZIPPED)


class _Hashing(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self._hash.update(data)
        return data

    def digest(self) -> str:
        return self._hash.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()
