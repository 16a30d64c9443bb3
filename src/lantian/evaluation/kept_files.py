"""Derived tables on disk: one month a file, with what it was made from and a digest of itself.

A file is a line of JSON and then an Arrow file, whose SHA-256 stands in the line. It is written
beside its name and renamed, so that a reader sees it whole or not at all; what is damaged none the
less shows by its digest and is made anew. Everything here may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from lantian.i18n import gettext as _
from lantian.observations.files import temporary_beside

_SUFFIX = ".days"
_PATIENCE = 300.0  # s: longer than a month of the nation takes to judge

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Origin:
    """What a derived month was made from.

    Parameters
    ----------
    table
        Identity of the table of measurements.
    events, at
        The number of events of the ledger it has taken in, and when the last of them was (ISO).
    rules
        What stands for everything else: settings, zone, sand-dust, code.
    """

    table: str
    events: int
    at: str
    rules: str


def read(path: Path) -> tuple[Origin, pl.DataFrame] | None:
    """Return a derived month; None if there is none, or none that can be trusted."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        _distrust(path, error)
        return None
    head, _newline, body = data.partition(b"\n")
    try:
        origin, digest = _about(head)
        if digest != hashlib.sha256(body).hexdigest():
            raise ValueError(_("its digest is wrong"))
    except (ValueError, KeyError, TypeError) as error:
        _distrust(path, error)
        return None
    return origin, pl.read_ipc(BytesIO(body))


def write(path: Path, origin: Origin, frame: pl.DataFrame) -> None:
    """Write a derived month; where that fails, say so in the log: it can be made again."""
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    body = buffer.getvalue()
    about = {**asdict(origin), "sha256": hashlib.sha256(body).hexdigest()}
    temporary = temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(json.dumps(about).encode() + b"\n" + body)
        temporary.replace(path)
    except OSError as error:
        log.warning(_("The derived table %s was not written: %s"), path, error)
        with suppress(OSError):  # there may be no folder it could lie in
            temporary.unlink(missing_ok=True)


def _about(head: bytes) -> tuple[Origin, str]:
    """Return what the first line of a derived month says, and the digest it gives."""
    about = dict(json.loads(head))
    return Origin(about["table"], about["events"], about["at"], about["rules"]), about["sha256"]


def file_of(folder: Path, month: str, *, dust: bool) -> Path:
    """Return where a derived month lies."""
    return folder / f"{month}{'-dust' if dust else ''}{_SUFFIX}"


@contextmanager
def making(path: Path) -> Iterator[None]:
    """Hold the right to make one derived month, so that it is not made twice at once.

    Where the right cannot be had, the work is done all the same: it is only done twice.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_PATIENCE)
    except (OSError, Timeout) as error:
        log.warning(_("The derived table %s is made without its lock: %s"), path, error)
    try:
        yield
    finally:
        lock.release()


def _distrust(path: Path, error: Exception) -> None:
    log.warning(_("The derived table %s is damaged (%s) and is made anew."), path, error)
