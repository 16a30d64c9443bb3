"""One writer at a time, over all processes of the machine; the lock dies with its holder."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations import space
from lantian.observations.files import write_atomically

LOCK_FILE = "writer.lock"
HOLDER_FILE = "writer.json"


class WriterLock:
    """The right to write to a store, held by one process at a time.

    The operating system drops the lock when its holder ends, however it ends. The file beside it,
    which says who holds it, is only read when the lock cannot be had, so a stale one does no harm.
    The lock may be taken again by the same thread that holds it.

    Parameters
    ----------
    folder
        The store.
    timeout
        How long to wait for another writer [s].
    """

    def __init__(self, folder: Path, timeout: float) -> None:
        self._folder = folder
        self._timeout = timeout
        self._lock = FileLock(folder / LOCK_FILE)

    @contextmanager
    def held(self, what: str, actor: str, clock: Callable[[], datetime]) -> Iterator[None]:
        """Hold the lock for ``what``, a word or two shown to whoever waits.

        Raises
        ------
        DomainError
            ``store.locked``: another writer did not finish in time.
        """
        try:
            self._lock.acquire(timeout=self._timeout)
        except Timeout as error:
            raise self._busy() from error
        try:
            if self._lock.lock_counter == 1:
                self._sign(what, actor, clock)
            yield
        finally:
            self._lock.release()

    def _sign(self, what: str, actor: str, clock: Callable[[], datetime]) -> None:
        holder = {
            "what": what,
            "actor": actor,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": clock().isoformat(timespec="seconds"),
        }
        with space.told(self._folder):
            write_atomically(self._folder / HOLDER_FILE, json.dumps(holder).encode())

    def _busy(self) -> DomainError:
        try:
            holder = json.loads((self._folder / HOLDER_FILE).read_bytes())
        except (OSError, ValueError):
            # Its holder has the lock but has not signed yet.
            holder = dict.fromkeys(("what", "actor", "pid", "host", "since"), "?")
        return DomainError(
            "store.locked",
            _(
                "Somebody else is writing to the store: {what} by {actor}, process {pid} on "
                "{host}, since {since}. Waited {seconds:g} s. Try again when it has finished."
            ).format(seconds=self._timeout, **holder),
            {**holder, "path": str(self._folder)},
        )
