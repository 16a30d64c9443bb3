"""A home from a backup: verified byte by byte before anything stands in its place."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import lzma
import shutil
import tarfile
import uuid
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from lantian.errors import DomainError, reason_of
from lantian.home import settings_file
from lantian.home.backup import FORMAT, MANIFEST, remember_restored
from lantian.home.database_copy import POSTGRES_DUMP, SQLITE, check_database
from lantian.home.layout import EVIDENCE, STORE, entries
from lantian.i18n import gettext as _
from lantian.observations import space
from lantian.observations.files import settle
from lantian.observations.store import Store
from lantian.progress import Progress, silent

_CHUNK = 1 << 20
# What the modules that decompress raise for bytes that do not add up.
_BROKEN = (zlib.error, lzma.LZMAError, gzip.BadGzipFile)
_IMPOSSIBLE = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}
_DRAFT = ".restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: where, how much, and the moment its state is of.

    ``dump`` is a copy of a PostgreSQL database, which has to be put into a server by hand.
    """

    path: Path
    files: int
    bytes: int
    made_at: datetime
    dump: Path | None = None


def restore(archive: Path, path: Path, *, progress: Progress = silent) -> Restored:
    """Make a home from a backup in a folder that does not exist or is empty.

    Every file is compared with the SHA-256 in the manifest and the store is opened once before
    the folder becomes a home. On any error the folder is left as it was.

    Raises
    ------
    DomainError
        ``restore.not_empty``, ``restore.not_found``, ``restore.not_a_backup``,
        ``restore.damaged``, ``restore.too_new``, ``restore.not_written``, ``home.too_new``,
        ``store.disk_full``.
    """
    if not archive.is_file():
        raise DomainError(
            "restore.not_found",
            _("There is no backup at {path}.").format(path=archive),
            {"path": str(archive)},
        )
    existed = _refuse_occupied(path)
    # On a disk of its own the folder cannot be renamed into place, so the draft lies inside.
    inside = path.is_mount()
    draft = (path if inside else path.parent) / f"{_DRAFT}{uuid.uuid4().hex}"
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        with space.told(draft.parent):
            space.check(draft.parent, archive.stat().st_size)
            draft.mkdir()
            manifest = _unpack(archive, draft, progress)
        _verify(archive, draft, manifest)
        made_at = datetime.fromisoformat(manifest["made_at"])
        remember_restored(draft, archive, len(manifest["files"]), made_at)
        _move(draft, path, inside)
    except OSError as error:
        raise DomainError(
            "restore.not_written",
            _("The backup cannot be restored to {path}: {reason}.").format(
                path=path, reason=reason_of(error)
            ),
            {"path": str(path)},
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if not existed and not (path / settings_file.FILE).exists():
            with suppress(OSError):  # it was never made
                path.rmdir()
    dump = path / POSTGRES_DUMP
    return Restored(
        path,
        len(manifest["files"]),
        sum(entry["bytes"] for entry in manifest["files"]),
        made_at,
        dump if dump.is_file() else None,
    )


def _refuse_occupied(path: Path) -> bool:
    """Say whether there is an empty folder; what a killed restore left there does not count."""
    if not path.exists():
        return False
    if path.is_dir():
        for leftover in entries(path):
            if leftover.name.startswith(_DRAFT):
                shutil.rmtree(leftover)
        if not entries(path):
            return True
    raise DomainError(
        "restore.not_empty",
        _("{path} is not empty. A backup is restored into an empty folder only.").format(path=path),
        {"path": str(path)},
    )


def _unpack(archive: Path, draft: Path, progress: Progress) -> dict[str, Any]:
    """Write the files of the archive and return the manifest with the hashes seen, as ``seen``."""
    seen: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    total = archive.stat().st_size
    try:
        with archive.open("rb") as raw, tarfile.open(fileobj=raw, mode="r:*") as tar:
            for member in tar:
                progress(_("Restoring"), min(raw.tell(), total), total)
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or not _safe(member.name):
                    raise _not_a_backup(archive)
                if member.name == MANIFEST:
                    manifest = _checked(json.load(content))
                    continue
                seen[member.name] = _write(content, draft / member.name)
    except (tarfile.ReadError, EOFError, ValueError, *_BROKEN) as error:
        if not seen and not isinstance(error, EOFError):
            raise _not_a_backup(archive) from error
        raise _damaged(archive, []) from error
    except OSError as error:
        # two members in one place, or a name no file can have: not what a backup holds
        if error.errno in _IMPOSSIBLE:
            raise _damaged(archive, []) from error
        raise
    progress(_("Restoring"), total, total)
    if manifest is None:
        raise _damaged(archive, []) if seen else _not_a_backup(archive)
    return {**manifest, "seen": seen}


def _write(content: IO[bytes], target: Path) -> str:
    """Write one file, which must not be there yet, and return its SHA-256."""
    private = target.name == SQLITE or EVIDENCE in target.parts[-3:-1]
    target.parent.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    target.touch(mode=0o600 if private else 0o666, exist_ok=False)
    with target.open("wb") as out:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
    settle(target)
    return digest.hexdigest()


def _checked(manifest: object) -> dict[str, Any]:
    """Return the manifest; raise ValueError when it lacks what the rest of this module takes."""
    if not isinstance(manifest, dict):
        raise ValueError("no table")
    if manifest.get("format") != FORMAT:
        return manifest  # of another version, which may write it in another way
    try:
        datetime.fromisoformat(manifest["made_at"])
        sound = all(
            isinstance(entry["path"], str)
            and isinstance(entry["sha256"], str)
            and isinstance(entry["bytes"], int)
            for entry in manifest["files"]
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not complete") from error
    if not sound:
        raise ValueError("wrong types")
    return manifest


def _safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def _verify(archive: Path, draft: Path, manifest: dict[str, Any]) -> None:
    if manifest.get("format") != FORMAT:
        raise DomainError(
            "restore.too_new",
            _("{file} was made by another version of Lantian (format {format}). Update it.").format(
                file=archive.name, format=manifest.get("format")
            ),
            {"format": manifest.get("format")},
        )
    expected = {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    seen = manifest["seen"]
    wrong = sorted(n for n in expected.keys() | seen.keys() if expected.get(n) != seen.get(n))
    if wrong:
        raise _damaged(archive, wrong)
    settings_file.read(draft)
    if (draft / STORE).is_dir():
        Store.open(draft / STORE)
    if (draft / SQLITE).is_file() and not check_database(draft / SQLITE):
        raise _damaged(archive, [SQLITE])


def _move(draft: Path, path: Path, inside: bool) -> None:
    if not inside:
        draft.replace(path)  # onto an empty folder or nothing: one step
        settle(path.parent)
        return
    # the settings last: only they make the folder a home
    for child in sorted(entries(draft), key=lambda p: p.name == settings_file.FILE):
        child.replace(path / child.name)
    settle(path)


def _not_a_backup(archive: Path) -> DomainError:
    return DomainError(
        "restore.not_a_backup",
        _("{file} is not a backup made by Lantian.").format(file=archive.name),
        {"file": str(archive)},
    )


def _damaged(archive: Path, wrong: Sequence[str]) -> DomainError:
    which = ", ".join(wrong[:5])
    message = (
        _("The backup {file} is damaged in {names}; nothing was restored. Use another one.").format(
            file=archive.name, names=which
        )
        if wrong
        else _(
            "The backup {file} ends early or is damaged; nothing was restored. Use another one."
        ).format(file=archive.name)
    )
    return DomainError("restore.damaged", message, {"file": str(archive), "wrong": list(wrong)})
