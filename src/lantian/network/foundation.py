"""What every question about a network's air stands on: what it is, and what was answered before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from datetime import UTC, date, datetime
from typing import TypeVar

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.kept import KeptDays
from lantian.evaluation.register import DESCRIBED, described
from lantian.home.layout import DERIVED, Home
from lantian.network.answers import Answers
from lantian.network.basis import Basis, BasisReader
from lantian.network.newest import NewestRows
from lantian.observations.layout import CalibreChoice, months_between, utc_now
from lantian.observations.resolve import readable
from lantian.standards import Settings

Answer = TypeVar("Answer")
Names = Collection[str] | None


class Foundation:
    """What a network is; see :class:`lantian.network.Network`.

    Parameters
    ----------
    home
        Whose air it is.
    clock
        Gives the present [UTC].
    """

    def __init__(self, home: Home, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.home = home
        self._clock = clock
        self._store = home.store
        self._basis = BasisReader(home)
        self._answers = Answers()
        self._newest = NewestRows(self._store)
        self._kept = KeptDays(self._store, home.path / DERIVED)

    # -- what it is

    @property
    def name(self) -> str:
        """Name of the network."""
        return self._basis.read().name

    @property
    def zone(self) -> str:
        """Time zone whose days are evaluated."""
        return self.home.zone

    @property
    def simulated(self) -> bool:
        """Whether the home, or any station of its register, is simulated."""
        return self._basis.read().simulated

    @property
    def settings(self) -> Settings:
        """The choices of evaluation in force."""
        return self._basis.read().settings

    def now(self) -> datetime:
        """Return the present [UTC]."""
        return self._clock().astimezone(UTC)

    def stamp(self, start: date | None = None, end: date | None = None) -> str:
        """Return a short text that changes whenever an answer about these local days may.

        That is when a value of them, the register, a dust decision or a setting changes. None:
        without bound.
        """
        return self._stamp(self._basis.read(), start, end)

    def calibres(self) -> list[str]:
        """Return what kinds of hourly values are stored: ``realtime``, ``audited``."""
        ledger = self._store.table.snapshot().ledger
        return [c for c in ("realtime", "audited") if ledger.months("1h", c)]

    def stations(self) -> pl.DataFrame:
        """Return the stations of the network; see :func:`lantian.evaluation.register.described`.

        Returns
        -------
        polars.DataFrame
            ``station name city town kind control assessed operator lon lat start end``; no rows
            where no register was saved.
        """
        basis = self._basis.read()
        if basis.register is None:
            return pl.DataFrame(schema=DESCRIBED)
        register = basis.register
        return self._once(
            ("stations", self._stamp(basis, None, None)),
            lambda: described(register, basis.name, measured=self._measured(basis)),
        )

    def extent(self) -> tuple[date, date] | None:
        """Return the first and last local day with a value of the six pollutants."""
        basis = self._basis.read()
        return self._once(
            ("extent", self._stamp(basis, None, None)),
            lambda: self._kept.extent(calibre=self._calibre(None), settings=basis.settings),
        )

    # -- inside

    def _once(self, question: Hashable, work: Callable[[], Answer]) -> Answer:
        with readable():
            return self._answers.get(question, work)

    def _stamp(self, basis: Basis, start: date | None, end: date | None) -> str:
        bounds = ev.local_days(start, end, self.zone)
        return self._changed(basis, bounds.start, bounds.end)

    def _hours_stamp(self, start: datetime, end: datetime) -> str:
        return self._changed(self._basis.read(), start, end)

    def _changed(self, basis: Basis, after: datetime | None, until: datetime | None) -> str:
        """Return what changes with the basis or a value labelled after one time up to another."""
        ledger = self._store.table.snapshot().ledger
        months = None
        if after is not None and until is not None:
            months = months_between(after, until, "1h", self.zone)
        at = ledger.last_change(months, after, until)
        return f"{basis.token}-{0 if at is None else int(at.timestamp() * 1_000_000):x}"

    def _calibre(self, given: CalibreChoice | None) -> CalibreChoice | None:
        """Return the calibre meant: the one given, the only one stored, else audited first."""
        return given or ("prefer-audited" if len(self.calibres()) > 1 else None)

    def _measured(self, basis: Basis) -> pl.Series:
        """Return the stations with values, where it matters which have any."""
        register = basis.register
        if register is None or "network" not in register or basis.name not in register["network"]:
            return pl.Series("station", [], pl.String)
        return self._kept.stations(calibre=self._calibre(None), settings=basis.settings)


def listed(stations: Names) -> tuple[str, ...] | None:
    """Return stations in one order, so that they make one question."""
    return None if stations is None else tuple(sorted(set(stations)))
