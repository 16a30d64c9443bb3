"""The simulated county: the same seed gives the same county, hour for hour, for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS as UNITS
from lantian.observations.schema import LONG, TIME
from lantian.progress import Progress, silent
from lantian.twin import places
from lantian.twin.clock import HOUR, beginning, hours_before, months_of
from lantian.twin.months import block
from lantian.twin.plan import PARAMETERS, Floats, section, stations
from lantian.twin.truth import Truth

_SEEDS = 2**64


@dataclass(frozen=True)
class County:
    """A simulated county from ``start`` to ``end`` [UTC, labels: start < t <= end].

    Nothing of it was measured: the name, the register's operator and the ``source`` of every value
    say so.
    """

    seed: int
    start: datetime
    end: datetime
    zone: str

    @property
    def name(self) -> str:
        """Return the name of the county."""
        name: str = section("county")["name"]
        return name

    @cached_property
    def register(self) -> pl.DataFrame:
        """Return the station register, columns as ``observations`` keeps them."""
        return places.register()

    @cached_property
    def territories(self) -> Mapping[str, Any]:
        """Return county and towns as GeoJSON polygons, WGS84."""
        return places.territories()

    @cached_property
    def truth(self) -> Truth:
        """Return what is hidden in the measurements of the period: sources, events, shares."""
        return Truth(
            self.seed,
            self.zone,
            hours_before(self.start, self.zone),
            hours_before(self.end, self.zone),
        )

    @cached_property
    def measurements(self) -> pl.DataFrame:
        """Return every hour of the period as a long frame."""
        return self.hours(self.start, self.end)

    def hours(self, start: datetime, end: datetime, *, progress: Progress = silent) -> pl.DataFrame:
        """Return the hours labelled after ``start`` up to ``end``; also beyond the county's end.

        Returns
        -------
        polars.DataFrame
            ``observations.schema.LONG``, by station, parameter and time. Pollutants in whole
            µg/m³ (CO: 0.1 mg/m³) as instruments report them, faults included, grade ``valid``: to
            find them is the work of quality control. What did not arrive has no row.

        Raises
        ------
        InvalidArgumentError
            ``twin.naive_time``, ``twin.before_epoch``.
        """
        first, stop = hours_before(start, self.zone), hours_before(end, self.zone)
        months = months_of(first, stop)
        parts = []
        for number, month in enumerate(months):
            progress(_("Making the simulated county"), number, len(months))
            low, high = max(0, first - month.hour), min(month.hours, stop - month.hour)
            parts.append(block(self.seed, month.year, month.month).reported[:, :, low:high])
        if not parts:
            return pl.DataFrame(schema=LONG)
        progress(_("Making the simulated county"), len(months), len(months))
        return self._long(np.concatenate(parts, axis=2), first)

    def _long(self, values: Floats, first: int) -> pl.DataFrame:
        count = values.shape[2]
        start = beginning(self.zone) + (first + 1) * HOUR
        times = (
            pl.datetime_range(
                start, start + (count - 1) * HOUR, interval="1h", time_unit="us", eager=True
            )
            .to_physical()
            .to_numpy()
        )
        flat = values.ravel()
        (here,) = np.nonzero(~np.isnan(flat))
        here = here.astype(np.uint32)
        row = here // np.uint32(count)
        parameter = row % np.uint32(len(PARAMETERS))
        columns = {
            "station": _named([s.id for s in stations()], row // np.uint32(len(PARAMETERS))),
            "parameter": _named(PARAMETERS, parameter),
            "time": pl.Series(times[here % np.uint32(count)]).cast(TIME),
            "value": pl.Series(flat[here]),
            "unit": _named([UNITS[p].unit for p in PARAMETERS], parameter),
        }
        constant = {"period": "1h", "flag": "", "grade": "valid"}
        constant["source"] = section("county")["source"]
        return (
            pl.DataFrame(columns)
            .with_columns(pl.lit(v).alias(k) for k, v in constant.items())
            .select(list(LONG))
        )


def _named(names: Iterable[str], codes: npt.NDArray[np.integer]) -> pl.Series:
    return pl.Series(list(names), dtype=pl.String).gather(pl.Series(codes))


def simulate(*, seed: int, end: datetime, years: int = 2, zone: str = "Asia/Shanghai") -> County:
    """Return a simulated county.

    Parameters
    ----------
    seed
        0 … 2⁶⁴ - 1. The same seed gives the same hours whatever ``end`` and ``years`` are.
    end
        The last moment, with a time zone; the part of an hour that has begun is left out.
    years
        How many years up to ``end``.
    zone
        The local time in which its days pass; it keeps standard time all year.

    Returns
    -------
    County
        Its hours are made when they are asked for.

    Raises
    ------
    InvalidArgumentError
        ``twin.bad_seed``, ``twin.bad_years``, ``twin.naive_time``, ``twin.before_epoch``,
        ``twin.unknown_zone``.
    """
    if not 0 <= seed < _SEEDS:
        raise InvalidArgumentError(
            "twin.bad_seed",
            _("The seed must be a whole number from 0 to 2⁶⁴ - 1, not {seed}.").format(seed=seed),
        )
    if years < 1:
        raise InvalidArgumentError(
            "twin.bad_years", _("At least one year is simulated, not {years}.").format(years=years)
        )
    last = beginning(zone) + hours_before(end, zone) * HOUR
    try:
        first = last.replace(year=last.year - years)
    except ValueError:  # 29 February
        first = last.replace(year=last.year - years, day=28)
    hours_before(first, zone)
    return County(seed, first, last, zone)
