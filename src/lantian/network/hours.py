"""The hours of a network: any, the newest, and the stored values behind them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import polars as pl

import lantian.evaluation as ev
from lantian.network import newest, recent, window
from lantian.network.foundation import Foundation, Names, listed
from lantian.network.recent import Recent
from lantian.observations.layout import CalibreChoice
from lantian.observations.reading import Selection

_VALUES = (
    "station", "parameter", "time", "value", "unit", "flag", "grade", "source", "batch",
    "recorded", "calibre",
)  # fmt: skip


class Hours(Foundation):
    """The hours of a network; see :class:`lantian.network.Network`."""

    def latest_hour(self) -> datetime | None:
        """Return the newest hour label, not after the present, with a value of a pollutant."""
        now = self.now()
        return self._once(
            ("latest", self.stamp(), now.replace(minute=0, second=0, microsecond=0)),
            lambda: newest.latest_hour(self._store, now, self._calibre(None)),
        )

    def hours(
        self,
        start: datetime,
        end: datetime,
        *,
        stations: Names = None,
        calibre: CalibreChoice | None = None,
    ) -> pl.DataFrame:
        """Return the hourly table of the labels after ``start`` up to ``end``.

        With weather where it was measured; see :func:`lantian.evaluation.hourly`.
        """
        chosen = self._calibre(calibre)
        wanted = Selection(listed(stations), None, start, end, "1h", chosen)
        return self._once(
            ("hours", self._hours_stamp(start, end), start, end, wanted.stations, chosen),
            lambda: ev.hourly_from_store(self._store, wanted),
        )

    def recent(self, hours: int = 48, until: datetime | None = None) -> Recent:
        """Return the newest hours, judged; see :class:`Recent`.

        Parameters
        ----------
        until
            The last label. Default: the last full hour, or where nothing was measured in the
            ``hours`` before it, the newest one with a value.
        """
        now = self.now()
        last = (until or self._last_label(now, hours)).astimezone(UTC)
        basis = self._basis.read()
        question = (
            "recent",
            self._hours_stamp(*window.reach(last, max(hours, window.USUAL))),
            hours,
            last,
            window.half_hour(now, last),
        )

        def work() -> Recent:
            if hours < window.USUAL:  # one reading and judging serves all who look at fewer
                return recent.newest_of(self.recent(window.USUAL, last), hours)
            before = window.days_of_memory(last, self.zone)
            days = self._kept.days(*before, calibre=self._calibre(None), settings=basis.settings)
            rows = self._newest.window(last, hours, self._calibre(None), days)
            return recent.recent_of(
                rows, self.stations(), now=now, zone=self.zone, settings=basis.settings
            )

        return self._once(question, work)

    def values(
        self,
        station: str,
        parameter: str | Collection[str],
        start: datetime,
        end: datetime,
        *,
        calibre: CalibreChoice | None = None,
    ) -> pl.DataFrame:
        """Return the stored hourly values of one station, as they count now.

        Parameters
        ----------
        parameter
            One, or several.

        Returns
        -------
        polars.DataFrame
            ``station parameter time value unit flag grade source batch recorded calibre``, labels
            after ``start`` up to ``end``, by parameter and time.
        """
        chosen = self._calibre(calibre)
        wanted = (parameter,) if isinstance(parameter, str) else tuple(sorted(set(parameter)))
        key = ("values", self._hours_stamp(start, end), station, wanted, start, end, chosen)
        return self._once(
            key,
            lambda: self._store.read(
                start=start,
                end=end,
                stations=(station,),
                parameters=wanted,
                calibre=chosen,
            ).select(_VALUES),
        )

    def _last_label(self, now: datetime, hours: int) -> datetime:
        full = now.replace(minute=0, second=0, microsecond=0)
        known = self.latest_hour()
        return full if known is None or known > full - timedelta(hours=hours) else known
