"""What is known about the simulated county and hidden from those who only see its measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from lantian.errors import UnknownNameError
from lantian.i18n import gettext as _
from lantian.observations.schema import TIME
from lantian.twin import places
from lantian.twin.clock import HOUR, Month, beginning, months_of
from lantian.twin.happenings import Happening
from lantian.twin.months import block
from lantian.twin.plan import POLLUTANTS, Floats, emissions, section, stations

BACKGROUND = "background"
DUST = "dust"
EVENTS: dict[str, pl.DataType] = {
    "event": pl.String(),
    "family": pl.String(),
    "kind": pl.String(),
    "station": pl.String(),
    "parameters": pl.String(),
    "emission": pl.String(),
    "start": TIME,
    "end": TIME,
    "hours": pl.Int64(),
    "size": pl.Float64(),
    "decision": pl.String(),
    "source": pl.String(),
}


@dataclass(frozen=True)
class Truth:
    """The truth from hour ``first`` to before hour ``stop`` (numbered from the epoch)."""

    seed: int
    zone: str
    first: int
    stop: int

    @property
    def emissions(self) -> pl.DataFrame:
        """Return the sources with place [° WGS84] and rates [kg/h]."""
        return places.sources()

    @property
    def events(self) -> pl.DataFrame:
        """Return everything injected that touches the period, by start.

        ``event`` (an id that never changes), ``family`` (``air emission instrument``), ``kind``,
        ``station`` and ``emission`` (null: all), ``parameters`` (separated by blanks; empty: all),
        ``start``, ``end`` [UTC]: it touches the hours labelled after ``start`` up to ``end``,
        ``size`` (a factor or an amount in the unit of the parameter, by kind), ``decision``
        (sand-dust only). Single missing hours and the weekly calibration are not listed.
        """
        found: dict[tuple[object, ...], Happening] = {}
        for month in self._months():
            made = block(self.seed, month.year, month.month)
            for h in (*made.happenings, *made.faults):
                if h.start < self.stop and h.stop > self.first:
                    found[h.kind, h.start, h.station, h.emission] = h
        rows = [self._row(h) for h in found.values()]
        return pl.DataFrame(rows, schema=EVENTS).sort("start", "event")

    @property
    def dust_days(self) -> pl.DataFrame:
        """Return the sand-dust days: ``start``, ``end`` (local dates), ``decision``, ``source``."""
        dust = self.events.filter(pl.col("kind") == "dust")
        local = pl.col("start").dt.convert_time_zone(self.zone).dt.date()
        # the label at midnight belongs to the day it ends
        last = (pl.col("end") - pl.duration(hours=1)).dt.convert_time_zone(self.zone).dt.date()
        return dust.select(local.alias("start"), last.alias("end"), "decision", "source")

    def contributions(
        self, parameter: str, *, station_ids: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return who made how much of a pollutant, hour by hour.

        Parameters
        ----------
        parameter
            One of the six pollutants.
        station_ids
            None: all.

        Returns
        -------
        polars.DataFrame
            ``station, time`` [UTC, end of the hour], ``emission`` (``background``, ``dust`` or the
            id of a source), ``value`` [µg/m³; CO mg/m³], unrounded. The sum over ``emission`` is
            what a perfect instrument would have shown; a source that emits none of it has no rows.

        Raises
        ------
        UnknownNameError
            ``twin.unknown_pollutant``, ``twin.unknown_station``.
        """
        if parameter not in POLLUTANTS:
            raise UnknownNameError(
                "twin.unknown_pollutant",
                _("There is no pollutant '{name}'; use one of {names}.").format(
                    name=parameter, names=", ".join(POLLUTANTS)
                ),
            )
        known = [s.id for s in stations()]
        wanted = known if station_ids is None else list(station_ids)
        for name in wanted:
            if name not in known:
                raise UnknownNameError(
                    "twin.unknown_station",
                    _("The simulated county has no station '{name}'.").format(name=name),
                )
        columns = [known.index(name) for name in wanted]
        parts = [self._of_month(month, parameter, columns) for month in self._months()]
        labels = [BACKGROUND, DUST, *(e.id for e in emissions() if e.rate.get(parameter))]
        whole = np.concatenate(parts, axis=2)  # (labels, stations, hours)
        hours = whole.shape[2]
        start = beginning(self.zone) + (self.first + 1) * HOUR
        times = pl.datetime_range(
            start, start + (hours - 1) * HOUR, interval="1h", time_unit="us", eager=True
        )
        index = np.arange(whole.size)
        return pl.DataFrame(
            {
                "station": pl.Series(wanted, dtype=pl.String).gather(index // hours % len(wanted)),
                "time": times.gather(index % hours).cast(TIME),
                "emission": pl.Series(labels).gather(index // (hours * len(wanted))),
                "value": whole.ravel(),
            }
        ).sort("station", "time", maintain_order=True)

    def _months(self) -> list[Month]:
        return months_of(self.first, self.stop)

    def _of_month(self, month: Month, parameter: str, columns: list[int]) -> Floats:
        pure = block(self.seed, month.year, month.month).air
        kept = [i for i, e in enumerate(emissions()) if e.rate.get(parameter)]
        layers = [pure.background[parameter], pure.dust[parameter]]
        every = pure.from_sources(parameter)
        layers += [every[i] for i in kept]
        low = max(0, self.first - month.hour)
        high = min(month.hours, self.stop - month.hour)
        return np.stack([layer[low:high, columns].T for layer in layers])

    def _row(self, happening: Happening) -> dict[str, object]:
        zero: datetime = beginning(self.zone)
        whom = happening.station or happening.emission or "all"
        return {
            "event": f"sim-{happening.kind}-{happening.start}-{whom}",
            "family": happening.family,
            "kind": happening.kind,
            "station": happening.station,
            "parameters": " ".join(happening.parameters),
            "emission": happening.emission,
            "start": zero + happening.start * HOUR,
            "end": zero + happening.stop * HOUR,
            "hours": happening.hours,
            "size": round(happening.size, 4),
            "decision": happening.decision,
            "source": section("county")["source"],
        }
