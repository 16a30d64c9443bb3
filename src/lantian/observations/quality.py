"""Quality control: which measurements are suspect or invalid, and by which rule.

The rules (``quality_rules``) judge hours, not rows: a gap breaks a run, and a value is compared
with the value one period before it, never with the row that happens to stand above it. A grade only
ever gets worse, values are never changed, and the order of the rows changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations import quality_rules as rules
from lantian.observations.quality_columns import Columns
from lantian.observations.quality_marks import INVALID, SUMMARY, TOKENS, Bits, graded, summary
from lantian.observations.quality_neighbours import neighbour_stations
from lantian.observations.quality_rules import Bools, Floats, Ints, Series
from lantian.observations.quality_thresholds import Rule, Threshold, Thresholds, load_thresholds
from lantian.observations.schema import LONG

__all__ = ["Findings", "Threshold", "Thresholds", "check", "load_thresholds", "period_seconds"]

# Judged together: the part and the whole.
PARTICLES = ("pm25", "pm10")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Findings:
    """The judged rows and what was found.

    Parameters
    ----------
    frame
        The rows given, in their order, with ``grade`` and ``flag`` changed where a rule found
        something: ``QC:stuck`` is appended to the flag after a ``;``.
    summary
        ``rule, grade, parameter, station, count, first, last``: how many values a rule marked,
        sorted. ``grade`` is invalid where any rule made them so.
    """

    frame: pl.DataFrame
    summary: pl.DataFrame

    def total(self) -> int:
        """Return how many times a rule marked a value."""
        return int(self.summary["count"].sum())


def check(
    frame: pl.DataFrame,
    register: pl.DataFrame | None = None,
    thresholds: Thresholds | None = None,
    *,
    around: pl.DataFrame | None = None,
) -> Findings:
    """Judge measurements by range, rise, stuck values, PM10 < PM2.5 and neighbouring stations.

    Parameters
    ----------
    frame
        Long frame (``schema.LONG``). Missing values and values that are already invalid are left
        as they are and no rule compares with them.
    register
        Station register; its coordinates (WGS84 degrees), or without them ``city`` or
        ``network``, say which stations are neighbours. Without a register all stations of a
        small frame are.
    thresholds
        Thresholds in force; default: the shipped ones.
    around
        Further measurements to compare with, which are not judged themselves: the hours before
        and after, and stations near by. Same columns; no key of ``frame``.

    Returns
    -------
    Findings
        The same rows, graded, and a summary.

    Notes
    -----
    Suspect values are counted in every mean, invalid ones never. Only what no air and no
    instrument can have is made invalid; see ``data/quality.toml`` for every threshold.
    """
    limits = load_thresholds() if thresholds is None else thresholds
    absent = [c for c in LONG if c not in frame.columns]
    if absent:
        raise InvalidArgumentError(
            "schema.missing_column",
            _("A table of measurements needs the columns {names}.").format(names=", ".join(absent)),
            {"columns": absent},
        )
    if frame.is_empty():
        return Findings(frame, pl.DataFrame(schema=SUMMARY))
    together = frame if around is None else pl.concat([frame.select(*LONG), around.select(*LONG)])
    bits = np.zeros(together.height, dtype=np.uint8)
    columns = Columns.of(together)
    near = neighbour_stations(
        columns.stations,
        register,
        radius=limits.general("neighbours", "radius"),
        most=int(limits.general("neighbours", "maximum")),
    )
    # parameter by parameter: small arrays stay in the cache and the memory is used again; the
    # rows of two parameters are never the same, so the order of the threads changes nothing
    groups = _together(columns.parameters)
    with ThreadPoolExecutor(max(1, min(len(groups), os.cpu_count() or 1))) as pool:
        for rows, marks in pool.map(lambda group: _judged(columns, group, near, limits), groups):
            bits[rows] = marks
    bits = bits[: frame.height]
    return Findings(graded(frame, bits), summary(columns, bits))


def _judged(
    columns: Columns, parameters: list[str], near: Ints, limits: Thresholds
) -> tuple[Ints, Bits]:
    """Return the rows of some parameters and the bits found for them."""
    chosen = np.isin(columns.parameters, parameters)
    rows = np.flatnonzero(chosen[columns.parameter])
    job = _Job(columns, rows, limits)
    job.ranges()
    job.sort()
    job.rises()
    job.stuck()
    job.particles()
    job.neighbours(near)
    return rows, job.bits


def period_seconds(period: str) -> int:
    """Return the length of an averaging period such as ``1h`` or ``10m`` [s]; 0 for others.

    ``0`` is returned for ``month``, ``year`` and texts that are no length: no two of them are
    one period apart.
    """
    number, unit = period[:-1], period[-1:]
    return int(number) * _SECONDS[unit] if number.isdigit() and unit in _SECONDS else 0


def _together(parameters: Sequence[str]) -> list[list[str]]:
    """Return the parameters in groups that must be judged together."""
    particles = [p for p in parameters if p in PARTICLES]
    groups = [[p] for p in parameters if p not in particles]
    return [particles, *groups] if particles else groups


class _Job:
    """The judging of some rows: their arrays, and the bits found so far."""

    def __init__(self, columns: Columns, rows: Ints, limits: Thresholds) -> None:
        self.limits = limits
        self.bits = np.zeros(len(rows), dtype=np.uint8)
        self.value: Floats = columns.value[rows]
        self.time: Ints = columns.time[rows] // 1_000_000
        invalid = np.array([g == "invalid" for g in columns.grades])
        self.barred: Bools = invalid[columns.grade[rows]] | np.isnan(self.value)
        self._number(columns, rows)

    def _number(self, columns: Columns, rows: Ints) -> None:
        """Give every station × parameter × period a dense number, and the tables by it."""
        n_parameters, n_periods = len(columns.parameters), len(columns.periods)
        kinds = n_parameters * n_periods
        kind = columns.parameter[rows].astype(np.int64) * n_periods + columns.period[rows]
        packed = columns.station[rows] * kinds + kind
        present = np.zeros(len(columns.stations) * kinds, dtype=np.bool_)
        present[packed] = True
        self.series: Ints = (np.cumsum(present) - 1)[packed]
        used = np.flatnonzero(present)
        self.stations = len(columns.stations)
        self.station_of, self.kind_of = used // kinds, used % kinds
        self.parameters = [columns.parameters[k // n_periods] for k in self.kind_of]
        self.periods = [columns.periods[k % n_periods] for k in self.kind_of]
        self.step = np.array([period_seconds(p) for p in self.periods], dtype=np.int64)

    def _per_series(self, rule: Rule, name: str) -> Floats:
        get = self.limits.get
        found = (get(rule, p, t, name) for p, t in zip(self.parameters, self.periods, strict=True))
        return np.array([np.nan if v is None else v for v in found], dtype=np.float64)

    def _mark(self, token: str, rows: Ints | Bools, *, invalid: bool = False) -> None:
        self.bits[rows] |= np.uint8((1 << TOKENS.index(token)) | (INVALID if invalid else 0))

    def ranges(self) -> None:
        """Mark impossible values invalid and implausible ones suspect; NaN compares false."""
        for grade, invalid in (("suspect", False), ("invalid", True)):
            low = self._per_series("range", f"{grade}_below")
            high = self._per_series("range", f"{grade}_above")
            found = rules.out_of(self.value, low[self.series], high[self.series])
            # infinity is no concentration, whatever the thresholds say
            self._mark("range", found | (np.isinf(self.value) & invalid), invalid=invalid)
            if invalid:
                self.barred |= found | np.isinf(self.value)

    def sort(self) -> None:
        """Sort the usable values by series and time, equal rows taken together."""
        rows = np.flatnonzero(~self.barred)
        series, time, value = self.series[rows], self.time[rows], self.value[rows]
        self.same: Ints | None = None
        order = rules.order_of(series, time, len(self.step))
        if order is None:
            # one hour twice: the order of the values decides, never that of the rows
            order = np.lexsort((value, time, series))
            key = np.stack([series[order], time[order]])
            new = np.ones(len(order), dtype=np.bool_)
            new[1:] = np.any(key[:, 1:] != key[:, :-1], axis=0) | (np.diff(value[order]) != 0)
            self.same = np.cumsum(new) - 1
            self.rows, order = rows[order], order[new]
        else:
            self.rows = rows[order]
        self.data = Series(series[order], time[order], value[order], self.step)

    def _mark_sorted(self, token: str, found: Bools, *, invalid: bool = False) -> None:
        self._mark(
            token, self.rows[found if self.same is None else found[self.same]], invalid=invalid
        )

    def rises(self) -> None:
        """Mark steps that are too large from one period to the next."""
        up, down = self._per_series("rise", "rise"), self._per_series("rise", "fall")
        self._mark_sorted("rise", rules.rises(self.data, up, down))

    def stuck(self) -> None:
        """Mark runs of equal values that are too long."""
        above, below = self._per_series("stuck", "above"), self._per_series("stuck", "below")
        length = rules.runs(self.data, above, below)
        for name, invalid in (("hours", False), ("invalid_hours", True)):
            # thresholds are hours of the clock; a run of n values spans n periods
            hours = self._per_series("stuck", name) * 3600.0
            seconds = length * self.step[self.data.series]
            found = (length > 1) & (seconds >= hours[self.data.series])
            self._mark_sorted("stuck", found, invalid=invalid)

    def particles(self) -> None:
        """Mark both PM2.5 and PM10 where the part exceeds the whole."""
        number = {
            (s, p, t): i
            for i, (s, p, t) in enumerate(
                zip(self.station_of, self.parameters, self.periods, strict=True)
            )
        }
        partner = np.full(len(self.parameters), -1, dtype=np.int64)
        for (station, parameter, period), i in number.items():
            if parameter == "pm25":
                partner[i] = number.get((station, "pm10", period), -1)
        relative = self._per_series("particles", "relative")
        absolute = self._per_series("particles", "absolute")
        fine, coarse = rules.pairs(self.data, partner)
        of = self.data.series[fine]
        bound = self.data.value[coarse] * (1.0 + relative[of]) + absolute[of]
        more = self.data.value[fine] > bound
        found = np.zeros(len(self.data.value), dtype=np.bool_)
        found[fine[more]] = True
        found[coarse[more]] = True
        self._mark_sorted("particles", found)

    def neighbours(self, near: Ints) -> None:
        """Mark values far from those of the neighbouring stations of the same hour."""
        if near.shape[1] == 0:
            return
        # from neighbouring stations to the neighbouring series of the same parameter and period
        table = np.full((self.stations, int(self.kind_of.max()) + 1), -1, dtype=np.int64)
        table[self.station_of, self.kind_of] = np.arange(len(self.kind_of))
        others = near[self.station_of]
        series = np.where(others >= 0, table[others, self.kind_of[:, None]], -1)
        found = rules.spikes(
            self.data,
            series,
            self.kind_of,
            sigmas=self._per_series("neighbours", "sigmas"),
            floor=self._per_series("neighbours", "floor"),
            minimum=int(self.limits.general("neighbours", "minimum")),
        )
        self._mark_sorted("neighbours", found)
