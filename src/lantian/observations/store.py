"""The store of measurements: append-only, every change with who, when and why."""

from __future__ import annotations

from pathlib import Path

from lantian.observations.creation import create
from lantian.observations.layout import Clock, utc_now
from lantian.observations.store_decisions import StoreDecisions
from lantian.observations.store_folder import LOCK_TIMEOUT, not_as_shown
from lantian.observations.store_history import StoreHistory
from lantian.observations.store_reading import StoreReading
from lantian.observations.store_stations import StoreStations

__all__ = ["LOCK_TIMEOUT", "Store", "not_as_shown"]


class Store(StoreReading, StoreHistory, StoreDecisions, StoreStations):
    """Measurements in a folder. Make one with `create`, then `open` it.

    Nothing is ever overwritten or deleted: a changed value is a further row, and the newest one
    whose batch was not undone is the one that counts. Any number of processes may read while one
    writes; a writer waits for the one before it. One Store may serve many threads.

    Parameters
    ----------
    path
        The folder; it must exist.
    lock_timeout
        How long a write waits for another writer [s].
    """

    @classmethod
    def create(cls, path: Path | str, *, zone: str, clock: Clock = utc_now) -> Store:
        """Make an empty store and open it.

        Parameters
        ----------
        path
            A folder that does not exist or is empty.
        zone
            IANA time zone of the network, whose local days and months count.

        Raises
        ------
        DomainError
            ``store.exists``: there is something at ``path``.
        """
        create(Path(path), zone, clock())
        return cls(Path(path))

    @classmethod
    def open(cls, path: Path | str, *, lock_timeout: float = LOCK_TIMEOUT) -> Store:
        """Open an existing store.

        Raises
        ------
        DomainError
            ``store.not_found``, ``store.too_new``, ``store.damaged`` or ``store.history_lost``.
        """
        return cls(Path(path), lock_timeout=lock_timeout)
