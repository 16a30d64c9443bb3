"""The open folder of a store: its zone, its measurements, its stations and who may write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations import layout, space
from lantian.observations.creation import settings
from lantian.observations.layout import Clock, utc_now
from lantian.observations.locking import WriterLock
from lantian.observations.reading import Reader
from lantian.observations.register import RegisterFiles
from lantian.observations.table import MeasurementTable

LOCK_TIMEOUT = 60.0


class StoreFolder:
    """An open folder of measurements: what reading, changing and looking back of a store share.

    Parameters
    ----------
    path
        The folder; it must exist.
    lock_timeout
        How long a write waits for another writer [s].
    """

    def __init__(self, path: Path, *, lock_timeout: float = LOCK_TIMEOUT) -> None:
        self.path = path
        self.zone: str = settings(path)["zone"]
        self.table = MeasurementTable(path)
        self._lock = WriterLock(path, lock_timeout)
        self._register = RegisterFiles(path / layout.STATIONS_FOLDER)

    def check_space(self, n_bytes: int) -> None:
        """Make sure that ``n_bytes`` more fit on the disk, before long work is begun.

        Measurements take less room stored than in any text file, so the size of the file to be
        imported is a safe number to ask for.

        Raises
        ------
        DomainError
            ``store.disk_full``.
        """
        space.check(self.path, n_bytes)

    @contextmanager
    def writing(self, what: str, actor: str, clock: Clock = utc_now) -> Iterator[None]:
        """Hold the writer lock, for several changes in a row or a consistent copy of the folder.

        Raises
        ------
        DomainError
            ``store.locked``.
        """
        with self._lock.held(what, actor, clock):
            self.table.tidy()
            yield

    def _reader(self, as_of: datetime | None = None) -> Reader:
        return Reader(self.table, self.table.snapshot(), self.zone, as_of)


def not_as_shown() -> DomainError:
    """Return the error of a change that is no longer the one somebody agreed to."""
    return DomainError(
        "store.not_as_shown",
        _(
            "The store has changed since this was shown, and something else would happen now. "
            "Nothing was changed; look again."
        ),
    )
