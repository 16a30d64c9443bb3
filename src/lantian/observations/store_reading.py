"""Reading a store: the values that count, now or at a moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import polars as pl

from lantian.observations.layout import CalibreChoice
from lantian.observations.log import Reach
from lantian.observations.reading import Selection, in_order
from lantian.observations.resolve import readable
from lantian.observations.schema import Calibre
from lantian.observations.store_folder import StoreFolder


class StoreReading(StoreFolder):
    """What of a store counts; any number of processes may read while one writes."""

    def read(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        stations: Collection[str] | None = None,
        parameters: Collection[str] | None = None,
        period: str = "1h",
        calibre: CalibreChoice | None = None,
        as_of: datetime | None = None,
    ) -> pl.DataFrame:
        """Return measurements, the latest visible revision of each, by station, parameter, time.

        Parameters
        ----------
        start, end
            Labels (end of the period) after ``start`` up to and including ``end``, with a zone.
        stations, parameters
            None: all.
        calibre
            ``prefer-audited``: the audited value where there is one. None: the only one stored.
        as_of
            As it stood at this moment.

        Returns
        -------
        polars.DataFrame
            The long columns, then ``calibre``, ``batch`` and ``recorded`` (UTC).

        Raises
        ------
        DomainError
            ``store.calibre_needed``: real-time and audited values are both stored.
        """
        selection = Selection(stations, parameters, start, end, period, calibre)
        with readable():
            return in_order(self.scan(selection, as_of=as_of).collect())

    def scan(self, selection: Selection, *, as_of: datetime | None = None) -> pl.LazyFrame:
        """Return what `read` returns, lazily and in no promised order."""
        return self._reader(as_of).rows(selection)

    def calibres(
        self, period: str = "1h", choice: CalibreChoice | None = None
    ) -> tuple[Calibre, ...]:
        """Return which calibres a choice reads, the one that wins last.

        Raises
        ------
        DomainError
            ``store.calibre_needed``: both are stored and none was chosen.
        """
        return self._reader().calibres(period, choice)

    def months(
        self,
        period: str = "1h",
        calibre: CalibreChoice | None = None,
        *,
        as_of: datetime | None = None,
    ) -> list[str]:
        """Return the local months (``2016-01``) with visible values, in order."""
        return self._reader(as_of).months(period, calibre)

    def months_of(self, selection: Selection) -> list[str]:
        """Return the local months in which selected values may be, in order."""
        return self._reader().months_of(selection)

    def layers(
        self,
        month: str,
        *,
        period: str = "1h",
        calibre: CalibreChoice | None = None,
        as_of: datetime | None = None,
        reach: Reach | None = None,
    ) -> tuple[pl.LazyFrame | None, pl.LazyFrame | None]:
        """Return the visible rows of a local month unresolved: first values, then revisions.

        Of the first, each key is there once. Rows of the second replace them, and replace each
        other in the order they come in: the last one of a key counts. A key may be in the second
        only. The columns are those of `layout.FILE_SCHEMA`; select what is needed. With ``reach``
        rows outside it may be left out.
        """
        return self._reader(as_of).layers(month, period, calibre, reach)

    def periods(self) -> list[str]:
        """Return the averaging periods stored."""
        return self.table.snapshot().ledger.periods()
