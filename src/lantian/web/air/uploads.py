"""Files people send, kept aside until they are taken in, discarded or too old.

An upload is a folder ``uploads/<token>/`` of the home: the files, ``state.json``, ``progress.json``
and, after the check, ``bad.csv``. All of its state is there, so that any process can go on with it.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from filelock import FileLock, Timeout

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.home.layout import UPLOADS
from lantian.i18n import gettext as _
from lantian.observations import space
from lantian.observations.files import write_atomically
from lantian.observations.import_files import SUFFIXES
from lantian.web.air.unpacking import suffix_of, unpack
from lantian.web.audit.actors import Actor

Phase = Literal["uploaded", "checking", "checked", "landing", "landed", "failed"]

LIFE = timedelta(hours=24)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_NAME_LENGTH = 120
_STATE, _PROGRESS, _LOCK, BAD = "state.json", "progress.json", "running.lock", "bad.csv"


@dataclass(frozen=True)
class Choices:
    """What the person says of the files.

    Parameters
    ----------
    calibre
        ``realtime`` or ``audited``.
    network
        Where stations that are not in the register belong; empty: they are not entered.
    zone, datum, station, period
        Of times, positions, a file that names no station, and values that state no period; empty:
        that of the network, none, none, one hour.
    accept
        Codes of doubts the person has looked at.
    """

    calibre: str = "realtime"
    network: str = ""
    zone: str = ""
    datum: str = ""
    station: str = ""
    period: str = "1h"
    accept: Sequence[str] = ()


@dataclass(frozen=True)
class Upload:
    """Files sent together, and how far they are.

    Parameters
    ----------
    purpose
        ``data``, or what else waits to be taken in: ``stations``, ``territories``.
    report
        What the last check found; see ``upload_report.document``.
    error
        Why the last step failed: ``code``, ``message``, ``problems``.
    stale
        The store changed between the check and the taking in, and this is a new check.
    event, batch
        Of the audit log and of the store, once the files were taken in.
    """

    token: str
    owner: int | None
    owner_name: str
    created: str
    files: Sequence[Mapping[str, Any]]
    purpose: str = "data"
    phase: Phase = "uploaded"
    choices: Choices = field(default_factory=Choices)
    report: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    stale: bool = False
    skip: bool = False
    event: int | None = None
    batch: int | None = None

    @property
    def folder(self) -> Path:
        """Return where it lies."""
        return _root() / self.token

    @property
    def created_at(self) -> datetime:
        """Return when the files came."""
        return datetime.fromisoformat(self.created)

    @property
    def refused(self) -> bool:
        """Say whether nothing of it can be taken in as it is."""
        if self.phase != "checked" or self.report is None:
            return self.phase == "failed"
        some = any(self.report[n] for n in ("new", "changed", "stations_new", "stations_changed"))
        return bool(self.report["problems_total"]) and not some

    def paths(self) -> list[Path]:
        """Return the files, in the order sent."""
        return [self.folder / str(one["path"]) for one in self.files]


def receive(
    sent: Iterable[UploadedFile],
    choices: Choices,
    actor: Actor,
    now: datetime,
    *,
    purpose: str = "data",
) -> Upload:
    """Put files aside, archives unpacked, and return the upload; all of them or none.

    Raises
    ------
    InvalidArgumentError
        ``upload.nothing``, ``upload.too_large``, ``upload.unknown_suffix``.
    BadInputError
        ``upload.bad_archive``, ``read.too_large``.
    DomainError
        ``store.disk_full``.
    """
    files = list(sent)
    if not files:
        raise InvalidArgumentError("upload.nothing", _("Choose at least one file."))
    most = limit_bytes()
    total = sum(one.size or 0 for one in files)
    if total > most:
        raise too_large(most)
    expire(now)
    _root().mkdir(exist_ok=True)
    space.check(_root(), 2 * total)
    token = secrets.token_urlsafe(16)
    folder = _root() / f".{token}"
    try:
        folder.mkdir()
        kept: list[Path] = []
        for number, one in enumerate(files):
            kept += _put(one, folder / str(number), most)
        listed = [
            {"path": p.relative_to(folder).as_posix(), "name": p.name, "bytes": p.stat().st_size}
            for p in kept
        ]
        upload = Upload(
            token,
            actor.id,
            actor.name,
            now.isoformat(timespec="seconds"),
            listed,
            purpose,
            choices=choices,
        )
        write_atomically(folder / _STATE, _as_json(upload))
        folder.rename(upload.folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return upload


def limit_bytes() -> int:
    """Return how large one upload may be, packed and unpacked [bytes]."""
    return int(settings.WEB.upload_mb) * 1024**2


def too_large(most: int) -> InvalidArgumentError:
    """Return the error for files that are larger than ``most`` bytes together."""
    return InvalidArgumentError(
        "upload.too_large",
        _(
            "The files are larger than {most} MB together. Send them in parts, or import them on "
            "the machine: lantian import."
        ).format(most=f"{most // 1024**2:,}"),
    )


def find(token: str, purpose: str = "data") -> Upload:
    """Return an upload.

    Raises
    ------
    UnknownNameError
        ``upload.unknown``: it was discarded or is too old.
    """
    path = _root() / token / _STATE
    known = bool(_TOKEN.fullmatch(token)) and path.is_file()
    found = _from_json(json.loads(path.read_bytes())) if known else None
    if found is None or found.purpose != purpose:
        raise UnknownNameError(
            "upload.unknown",
            _("These files are no longer here: they were discarded, or are older than a day."),
        )
    return found


def waiting() -> list[Upload]:
    """Return the uploads that wait for somebody, newest first."""
    found = [
        _from_json(json.loads(path.read_bytes()))
        for path in _root().glob(f"*/{_STATE}")
        if _TOKEN.fullmatch(path.parent.name)
    ]
    return sorted(
        (one for one in found if one.phase != "landed" and one.purpose == "data"),
        key=lambda u: u.created,
        reverse=True,
    )


def save(upload: Upload, **changes: Any) -> Upload:  # noqa: ANN401 - fields of Upload
    """Keep an upload with some fields changed, and return it."""
    changed = replace(upload, **changes)
    write_atomically(changed.folder / _STATE, _as_json(changed))
    return changed


def discard(upload: Upload) -> None:
    """Delete an upload nobody works on.

    Raises
    ------
    InvalidArgumentError
        ``upload.running``.
    """
    if running(upload):
        raise InvalidArgumentError(
            "upload.running", _("The files are being worked on. Wait until that is over.")
        )
    shutil.rmtree(upload.folder)


def discard_refused() -> int:
    """Delete the uploads of which nothing can be taken in; return how many they were."""
    gone = [one for one in waiting() if one.refused and not running(one)]
    for one in gone:
        shutil.rmtree(one.folder)
    return len(gone)


def drop_files(upload: Upload) -> None:
    """Delete the files themselves: they are taken in."""
    for one in upload.files:
        top = str(one["path"]).partition("/")[0]
        shutil.rmtree(upload.folder / top, ignore_errors=True)


def expire(now: datetime) -> None:
    """Delete uploads older than :data:`LIFE` that nobody works on, and what a kill left."""
    for folder in _root().glob("*"):
        state = folder / _STATE
        if folder.name.startswith("."):
            made = datetime.fromtimestamp(folder.stat().st_mtime, tz=now.tzinfo)
            if now - made > LIFE:
                shutil.rmtree(folder, ignore_errors=True)
        elif state.is_file():
            upload = _from_json(json.loads(state.read_bytes()))
            if now - upload.created_at > LIFE and not running(upload):
                shutil.rmtree(folder, ignore_errors=True)


def lock(upload: Upload) -> FileLock:
    """Return the lock whoever works on an upload holds; the system drops it with the process."""
    return FileLock(upload.folder / _LOCK, timeout=0, thread_local=False)


def running(upload: Upload) -> bool:
    """Say whether somebody works on it right now."""
    try:
        with lock(upload):
            return False
    except Timeout:
        return True


def tell(upload: Upload, task: str, done: int, total: int) -> None:
    """Keep how far the work on an upload is."""
    text = json.dumps({"task": task, "done": done, "total": total}, ensure_ascii=False)
    (upload.folder / f".{_PROGRESS}").write_text(text, encoding="utf-8")
    (upload.folder / f".{_PROGRESS}").replace(upload.folder / _PROGRESS)


def told(upload: Upload) -> dict[str, Any]:
    """Return how far the work is: ``task``, ``done``, ``total``."""
    path = upload.folder / _PROGRESS
    if not path.is_file():
        return {"task": "", "done": 0, "total": 0}
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def _put(one: UploadedFile, folder: Path, most: int) -> list[Path]:
    """Write one file, or the files of an archive, into a folder of its own."""
    folder.mkdir()
    name = _name(one.name or "")
    path = folder / name
    last = suffix_of(name)
    if last != ".zip" and last not in SUFFIXES:
        raise InvalidArgumentError(
            "upload.unknown_suffix",
            _("Files like {file} are not read here; there are {known}, also as .gz.").format(
                file=name, known=", ".join(sorted({*SUFFIXES, ".zip"}))
            ),
        )
    with path.open("wb") as target:
        for chunk in one.chunks():
            target.write(chunk)
    if last != ".zip":
        return [path]
    found = unpack(path, folder, most)
    path.unlink()
    return found


def _name(given: str) -> str:
    """Return a name that can be a file's: no folder, no control characters, not too long."""
    bare = given.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in bare if c.isprintable() and c not in '<>:"|?*').strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[:_NAME_LENGTH]}{dot}{suffix}" if stem else plain or "file"


def _root() -> Path:
    home: Path = settings.HOME.path
    return home / UPLOADS


def _as_json(upload: Upload) -> bytes:
    return json.dumps(asdict(upload), ensure_ascii=False).encode()


def _from_json(data: dict[str, Any]) -> Upload:
    return Upload(**{**data, "choices": Choices(**data["choices"])})
