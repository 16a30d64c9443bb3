"""One at a time: a lock in a folder that ends with the process that holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.supervisor.status import write_whole

# Whoever asks who holds a lock takes it for a moment; an owner waits that moment.
_MOMENT = 1.0


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lock."""

    pid: int
    host: str
    since: str


class Instance:
    """The right to be the one process ``name`` on a folder.

    The operating system drops the lock when its holder ends, also after ``kill -9``.

    Parameters
    ----------
    folder
        Made if it is not there.
    name
        Of the lock: ``<name>.lock``, beside it ``<name>.json`` says who holds it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self._lock = FileLock(folder / f"{name}.lock")

    @contextmanager
    def held(self, timeout: float = _MOMENT) -> Iterator[None]:
        """Hold the lock.

        Parameters
        ----------
        timeout
            How long to wait for the one before to end [s].

        Raises
        ------
        DomainError
            ``supervisor.running``: another process holds it, named by its number.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=timeout)
        except Timeout as error:
            raise self._taken() from error
        try:
            me = Holder(
                os.getpid(), socket.gethostname(), datetime.now(UTC).isoformat("T", "seconds")
            )
            write_whole(self._about, json.dumps(asdict(me)))
            yield
        finally:
            self._lock.release()

    @property
    def _about(self) -> Path:
        return self.folder / f"{self.name}.json"

    def _taken(self) -> DomainError:
        known = _read(self._about)
        shown = {"pid": "?", "host": "?", "since": "?"} if known is None else asdict(known)
        return DomainError(
            "supervisor.running",
            _(
                "It is running already: {name}, process {pid} on {host}, since {since}. Stop that "
                "one first (kill {pid})."
            ).format(name=self.name, **shown),
            {"name": self.name, "folder": str(self.folder), **shown},
        )


def holder(folder: Path, name: str) -> Holder | None:
    """Return who holds the lock ``name`` of a folder now; None: nobody.

    A holder that has not signed yet has the number 0.
    """
    path = folder / f"{name}.lock"
    if not path.exists():
        return None
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _read(folder / f"{name}.json") or Holder(0, "?", "?")
    lock.release()
    return None


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None  # not signed yet, or by something else
