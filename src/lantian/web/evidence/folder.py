"""Where evidence lies: a file for each content, named by its SHA-256; never written twice.

Small pictures are derived and lie elsewhere: they are made again when they are missing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from lantian.errors import DomainError
from lantian.home.layout import DERIVED, EVIDENCE
from lantian.i18n import gettext as _
from lantian.observations import space
from lantian.observations.files import settle
from lantian.web.evidence.checking import shrink, too_large
from lantian.web.evidence.limits import LIMITS
from lantian.web.evidence.models import File


@dataclass(frozen=True)
class Draft:
    """A file that was received and is not kept yet: its folder, digest and size [bytes]."""

    folder: Path
    sha256: str
    size: int

    @property
    def path(self) -> Path:
        """Return the file itself."""
        return self.folder / "file"

    @property
    def thumbnail(self) -> Path:
        """Return where its small picture goes."""
        return self.folder / "small"


def root() -> Path:
    """Return the folder of evidence."""
    home: Path = settings.HOME.path
    return home / EVIDENCE


def path_of(sha256: str) -> Path:
    """Return where the file of a digest lies."""
    return root() / sha256[:2] / sha256


def thumbnail_of(sha256: str) -> Path:
    """Return where its small picture lies."""
    home: Path = settings.HOME.path
    return home / DERIVED / EVIDENCE / sha256[:2] / f"{sha256}.jpg"


def copy_of(sha256: str) -> Path:
    """Return where its copy without what the camera wrote lies."""
    return thumbnail_of(sha256).with_name(f"{sha256}-copy.jpg")


@contextmanager
def received(chunks: Iterable[bytes], name: str) -> Iterator[Draft]:
    """Write what is sent to the disk; nothing of it is left unless it is kept.

    Raises
    ------
    InvalidArgumentError
        ``evidence.too_large``: it is not read to its end then.
    DomainError
        ``store.disk_full``.
    """
    folder = root() / f".draft-{uuid.uuid4().hex}"
    root().mkdir(mode=0o700, exist_ok=True)
    space.check(root(), 2 * LIMITS.bytes)
    folder.mkdir(mode=0o700)
    try:
        digest, size = hashlib.sha256(), 0
        handle = os.open(folder / "file", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target, space.told(folder):
            for chunk in chunks:
                size += len(chunk)
                if size > LIMITS.bytes:
                    raise too_large(name, LIMITS.bytes)
                digest.update(chunk)
                target.write(chunk)
        yield Draft(folder, digest.hexdigest(), size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(draft: Draft) -> None:
    """Put a received file where it belongs: it is on the disk before it has its name."""
    target = path_of(draft.sha256)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    if not (target.is_file() and target.stat().st_size == draft.size):
        settle(draft.path)
        draft.path.replace(target)
        settle(target.parent)
        settle(root())
    if draft.thumbnail.is_file():
        small = thumbnail_of(draft.sha256)
        small.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.thumbnail.replace(small)


def read(file: File) -> bytes:
    """Return what a file holds, after a look that it is what was stored.

    Raises
    ------
    DomainError
        ``evidence.lost``, ``evidence.changed``.
    """
    try:
        data = path_of(file.sha256).read_bytes()
    except FileNotFoundError as error:
        raise DomainError(
            "evidence.lost",
            _("The file {sha256} is missing on the disk. Bring it back from a backup.").format(
                sha256=file.sha256
            ),
        ) from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise DomainError(
            "evidence.changed",
            _(
                "The file {sha256} is not what was stored: somebody or the disk changed it. Bring "
                "it back from a backup."
            ).format(sha256=file.sha256),
        )
    return data


def read_small(file: File) -> bytes:
    """Return the small picture of a picture, made again where it is missing."""
    return small_path(file).read_bytes()


def small_path(file: File) -> Path:
    """Return where the small picture of a picture lies, made again where it is missing."""
    return _derived(file, thumbnail_of(file.sha256), LIMITS.thumbnail)


def read_copy(file: File) -> bytes:
    """Return a picture upright and without what the camera wrote, made where it is missing."""
    return _derived(file, copy_of(file.sha256), LIMITS.copy_side).read_bytes()


def _derived(file: File, path: Path, side: int) -> Path:
    if not path.is_file():
        read(file)  # of nothing but what was stored
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
        try:
            shrink(path_of(file.sha256), draft, side)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    return path


def sound(path: Path) -> bool:
    """Say whether a file holds what its name says; read in pieces."""
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest() == path.name
