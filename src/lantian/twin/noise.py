"""Chance that depends on nothing but seed and place in time.

Each day, month or year has a generator of its own (Philox, a counter-based one, keyed by seed,
stream and number), so that any hour can be made without those before it, and always the same.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from lantian.twin.plan import Floats


class Stream(IntEnum):
    """What the chance is for. Numbers are never given anew: they are part of the data."""

    REGION = 1
    STATIONS = 2
    MISSING = 3
    ACTIVITY = 4
    YEAR = 5
    EPISODES = 6
    RELEASES = 7
    FAULTS = 8
    BORDERS = 9
    FIRES = 10
    ARRIVALS = 11


def generator(seed: int, stream: Stream, number: int) -> np.random.Generator:
    """Return the generator of one day, month or year."""
    key = np.array([seed, (int(stream) << 40) | number], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def daily_normals(seed: int, stream: Stream, days: range, shape: tuple[int, ...]) -> Floats:
    """Return standard normal values of each hour, ``(24 × len(days), *shape)``."""
    parts = [generator(seed, stream, day).standard_normal((24, *shape)) for day in days]
    return np.concatenate(parts)


def weathered(white: Floats, hours: float, memory: int) -> Floats:
    """Return a smooth series of variance 1 from white noise.

    Parameters
    ----------
    white
        ``(memory + n,)`` hourly values.
    hours
        The series remembers about twice as long.
    memory
        Hours of the past that count; as many values at the beginning are used up.

    Returns
    -------
    ndarray
        ``(n,)``.
    """
    age = np.arange(memory + 1, dtype=np.float64)
    kernel = (age + 1.0) * np.exp(-age / hours)
    kernel /= np.sqrt(np.sum(kernel**2))
    return np.convolve(white, kernel, mode="valid")


def fading(white: Floats, hours: float, lead: int) -> Floats:
    """Return first-order noise of variance 1 along axis 0, without the ``lead`` hours it needs."""
    keep = float(np.exp(-1.0 / hours))
    add = float(np.sqrt(1.0 - keep**2))
    state = white[0]
    rest = []
    for number, value in enumerate(white):
        state = keep * state + add * value
        if number >= lead:
            rest.append(state)
    return np.array(rest)
