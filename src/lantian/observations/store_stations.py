"""The station register of a store, in versions."""

from __future__ import annotations

import polars as pl

from lantian.observations import layout
from lantian.observations.layout import Clock, utc_now
from lantian.observations.register import RegisterVersion
from lantian.observations.store_folder import StoreFolder, not_as_shown


class StoreStations(StoreFolder):
    """Which stations there are; every version that was saved stays readable."""

    def stations(self, version: int | None = None) -> pl.DataFrame | None:
        """Return the station register in force, or an earlier version; None if never saved."""
        number = self._register.latest() if version is None else version
        return self._register.read(number) if number else None

    def save_stations(
        self,
        frame: pl.DataFrame,
        actor: str,
        clock: Clock = utc_now,
        *,
        event: int | None = None,
        standing: int | None = None,
    ) -> int:
        """Save the register and return its version; the earlier ones stay readable.

        Parameters
        ----------
        event
            Number of the entry of the audit log that was written before.
        standing
            Version the change was made to; nothing is saved if another one is in force by now.

        Raises
        ------
        DomainError
            ``store.not_as_shown``.
        """
        with self._lock.held("stations", actor, clock):
            if standing is not None and standing != self._register.latest():
                raise not_as_shown()
            return self._register.save(frame, actor, layout.aware(clock()), event)

    def withdraw_stations(self, version: int, actor: str, clock: Clock = utc_now) -> None:
        """Take back the register saved last, of an import whose values failed to land.

        Raises
        ------
        DomainError
            ``store.no_such_register``: it is not the last one.
        """
        with self._lock.held("stations", actor, clock):
            self._register.withdraw(version)

    def station_versions(self) -> list[RegisterVersion]:
        """Return who saved the register when, oldest first."""
        return self._register.versions()

    def stations_mark(self) -> tuple[int, int]:
        """Return what changes whenever the station register does; costs a look at its folder."""
        return self._register.mark()
