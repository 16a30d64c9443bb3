"""The plan of the simulated county, read from ``data/county.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")
WEATHER = ("ws", "wd", "temp", "rh", "pres", "rain")
#: Everything a station reports, in the order of the arrays.
PARAMETERS = (*POLLUTANTS, *WEATHER)
#: Decimals an instrument reports.
DIGITS: Mapping[str, int] = {"co": 1, "ws": 1, "temp": 1, "pres": 1, "rain": 1}


@dataclass(frozen=True, slots=True)
class Station:
    """A station: ``x``, ``y`` [km] east and north of the centre, ``factor`` of background air."""

    id: str
    name: str
    town: str
    kind: str
    x: float
    y: float
    factor: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Emission:
    """A source: place and ``size`` [km], what the clock does to it, ``rate`` [kg/h]."""

    id: str
    name: str
    kind: str
    town: str
    x: float
    y: float
    size: float
    activity: str
    rate: Mapping[str, float]


@cache
def data(name: str = "county") -> Mapping[str, Any]:
    """Return the parsed file ``data/<name>.toml``."""
    text = files("lantian.twin").joinpath("data", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def section(*names: str) -> Mapping[str, Any]:
    """Return a table of the plan, such as ``section("faults", "stuck")``."""
    table: Mapping[str, Any] = data()
    for name in names:
        table = table[name]
    return table


@cache
def stations() -> tuple[Station, ...]:
    """Return the stations, in the order of the arrays."""
    return tuple(Station(**row) for row in data()["station"])


@cache
def emissions() -> tuple[Emission, ...]:
    """Return the sources, in the order of the arrays."""
    return tuple(Emission(**row) for row in data()["emission"])


def epoch() -> date:
    """Return the first day that can be simulated."""
    day: date = section("county")["epoch"]
    return day


def factors(name: str) -> Floats:
    """Return the factor of every station for one kind of background air, ``(n_stations,)``."""
    return np.array([s.factor[name] for s in stations()])


def rates(pollutant: str) -> Floats:
    """Return the rate of every source [kg/h], ``(n_sources,)``; none emits ozone."""
    return np.array([e.rate.get(pollutant, 0.0) for e in emissions()])
