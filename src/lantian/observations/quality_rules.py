"""The rules of quality control on sorted arrays: each says which values are suspect or invalid.

All rules see the usable values only (present, not invalid) of all series one after another, sorted
by series and time, each (series, time) once per distinct value. A gap is an hour that is not there,
so neighbours in the array are neighbours in time only where the step says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Memory bound of the neighbour rule: candidates × neighbours held at once.
_CELLS = 4_000_000
# Median absolute deviation of a normal distribution to its standard deviation.
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class Series:
    """Usable values of all series, sorted by ``series`` and ``time``.

    Parameters
    ----------
    series
        Dense number of station × parameter × period, ``(n,)``.
    time
        End of the averaging period [s since 1970], ``(n,)``.
    value
        In the unit of the parameter, no NaN, ``(n,)``.
    step
        Length of the averaging period of each series [s], ``(n_series,)``.
    """

    series: Ints
    time: Ints
    value: Floats
    step: Ints

    def follows(self) -> Bools:
        """Return where a value is exactly one period after the one before it, ``(n,)``."""
        result = np.zeros(len(self.series), dtype=np.bool_)
        if len(result) > 1:
            result[1:] = (self.series[1:] == self.series[:-1]) & (
                np.diff(self.time) == self.step[self.series[1:]]
            )
        return result


def order_of(series: Ints, time: Ints, n_series: int) -> Ints | None:
    """Return the order that sorts by series, then time, or None when a pair comes twice.

    Hours that fill most of the rectangle series × time are laid out in it, which is several times
    faster than a sort.
    """
    if len(series) == 0:
        return np.zeros(0, dtype=np.int64)
    since = time - time.min()
    for unit in (3600, 60, 1):
        if not np.any(since % unit):
            since = since // unit
            break
    span = int(since.max()) + 1
    cell = series * span + since
    if n_series * span <= 4 * len(cell):
        place = np.full(n_series * span, -1, dtype=np.int64)
        place[cell] = np.arange(len(cell))
        order: Ints = place[place >= 0]
        return order if len(order) == len(cell) else None
    order = np.argsort(cell, kind="stable")
    return None if np.any(np.diff(cell[order]) == 0) else order


def out_of(value: Floats, low: Floats, high: Floats) -> Bools:
    """Return where ``value`` lies outside [low, high]; a NaN bound does not bind, ``(n,)``."""
    return (value < low) | (value > high)


def rises(data: Series, rise: Floats, fall: Floats) -> Bools:
    """Return the values that stand too far above (or below) the value one period before.

    Parameters
    ----------
    rise, fall
        Largest plausible step up and down per series, in the unit of the series, ``(n_series,)``;
        NaN: not judged.
    """
    change = np.zeros(len(data.value))
    if len(change) > 1:
        change[1:] = np.diff(data.value)
    change[~data.follows()] = 0.0
    return out_of(change, -fall[data.series], rise[data.series])


def runs(data: Series, above: Floats, below: Floats) -> Ints:
    """Return for each value the length of the run of equal values it is in [periods], ``(n,)``.

    Runs end at gaps. Values not strictly between ``above`` and ``below`` of their series
    (``(n_series,)``, NaN: no bound) are in no run: 0.
    """
    n = len(data.value)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    begins = ~data.follows()
    begins[1:] |= data.value[1:] != data.value[:-1]
    number = np.cumsum(begins) - 1
    length = np.bincount(number)[number]
    left_out = (data.value <= above[data.series]) | (data.value >= below[data.series])
    result: Ints = np.where(left_out, 0, length).astype(np.int64)
    return result


def pairs(data: Series, partner: Ints) -> tuple[Ints, Ints]:
    """Return positions (i, j) of values of the same time in a series and its partner.

    Parameters
    ----------
    partner
        Number of the partner of each series, -1 where it has none, ``(n_series,)``.
    """
    span = np.int64(data.time.max() - data.time.min() + 1) if len(data.time) else np.int64(1)
    first = data.time.min() if len(data.time) else np.int64(0)
    key = data.series * span + (data.time - first)
    mine = np.flatnonzero(partner[data.series] >= 0)
    wanted = partner[data.series[mine]] * span + (data.time[mine] - first)
    there = _find(key, wanted)
    return mine[there >= 0], there[there >= 0]


def _find(key: Ints, wanted: Ints) -> Ints:
    """Return the position of each wanted key in the sorted ``key``, -1 where absent."""
    if len(key) == 0:
        return np.full(wanted.shape, -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where(key[at] == wanted, at, -1)


def spikes(
    data: Series,
    neighbours: Ints,
    kind: Ints,
    *,
    sigmas: Floats,
    floor: Floats,
    minimum: int,
) -> Bools:
    """Return the values far from the median of the neighbouring stations of the same time.

    A value is far when |value - median| exceeds both ``floor`` and ``sigmas`` times the robust
    standard deviation (1.4826 × median absolute deviation) of the neighbours, which do not include
    the value itself, and at least ``minimum`` neighbours have a value.

    Parameters
    ----------
    neighbours
        Numbers of the neighbouring series of each series, padded with -1, ``(n_series, k)``.
    kind
        Number of parameter × period of each series, ``(n_series,)``.
    sigmas, floor
        Per series; floor in the unit of the series; NaN: not judged, ``(n_series,)``.
    """
    result = np.zeros(len(data.value), dtype=np.bool_)
    if neighbours.shape[1] < minimum or len(data.value) == 0:
        return result
    span = np.int64(data.time.max() - data.time.min() + 1)
    key = data.series * span + (data.time - data.time.min())
    suspects = _candidates(data, kind, floor)
    per_chunk = max(1, _CELLS // neighbours.shape[1])
    for begin in range(0, len(suspects), per_chunk):
        rows = suspects[begin : begin + per_chunk]
        others = neighbours[data.series[rows]]
        wanted = others * span + (data.time[rows] - data.time.min())[:, None]
        there = np.where(others >= 0, _find(key, wanted), -1)
        values = np.where(there >= 0, data.value[there], np.nan)
        enough = (there >= 0).sum(axis=1) >= minimum
        rows, values = rows[enough], values[enough]
        median = _median(values)
        spread = _MAD_TO_SIGMA * _median(np.abs(values - median[:, None]))
        distance = np.abs(data.value[rows] - median)
        of = data.series[rows]
        result[rows] = (distance > floor[of]) & (distance > sigmas[of] * spread)
    return result


def _candidates(data: Series, kind: Ints, floor: Floats) -> Ints:
    """Return the values that differ from some value of the same kind and time by more than floor.

    Only these can differ from a median by as much: it saves comparing the quiet hours.
    """
    judged = np.flatnonzero(~np.isnan(floor[data.series]))
    if len(judged) == 0:
        return judged
    of = data.series[judged]
    hour = _hours(data, judged)
    span = hour.max() + 1
    number, groups = _dense(kind[of] * span + hour)
    value = data.value[judged]
    low = np.full(groups, np.inf)
    high = np.full(groups, -np.inf)
    np.minimum.at(low, number, value)
    np.maximum.at(high, number, value)
    far = np.maximum(value - low[number], high[number] - value) > floor[of]
    result: Ints = judged[far]
    return result


def _hours(data: Series, judged: Ints) -> Ints:
    """Return times counted in periods from the first when all are whole ones, else in seconds."""
    seconds = data.time[judged] - data.time[judged].min()
    step = data.step[data.series[judged]].min()
    whole = step > 0 and not np.any(seconds % step)
    result: Ints = seconds // step if whole else seconds
    return result


def _dense(key: Ints) -> tuple[Ints, int]:
    """Return keys as small numbers and how many there may be."""
    if key.max() < 4 * len(key):
        return key, int(key.max()) + 1
    distinct, number = np.unique(key, return_inverse=True)
    return number.astype(np.int64), len(distinct)


def _median(values: Floats) -> Floats:
    """Return the median of each row without its NaN, ``(n,)``; rows hold at least one number."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = np.sum(~np.isnan(ordered), axis=1)
    row = np.arange(len(ordered))
    upper = ordered[row, count // 2]
    lower = ordered[row, (count - 1) // 2]
    result: Floats = (lower + upper) / 2.0
    return result
