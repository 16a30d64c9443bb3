"""One month of the county, made whole: what was true and what was reported."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lantian.standards import round_half_even
from lantian.twin.air import Air, air
from lantian.twin.clock import Month
from lantian.twin.faults import absent, distort, faults
from lantian.twin.happenings import Happening, during
from lantian.twin.plan import DIGITS, PARAMETERS, POLLUTANTS, Floats, section, stations
from lantian.twin.weather import Weather, weather


@dataclass(frozen=True)
class Block:
    """One month. ``reported`` is ``(n_stations, n_parameters, n_hours)``, NaN where absent."""

    month: Month
    air: Air
    happenings: tuple[Happening, ...]
    faults: tuple[Happening, ...]
    reported: Floats


@lru_cache(maxsize=64)
def block(seed: int, year: int, month: int) -> Block:
    """Return a month. Always made whole, so that what is asked of it changes no digit of it."""
    span = Month(year, month)
    happenings = during(seed, span)
    sky = weather(seed, span)
    pure = air(seed, span, sky, happenings)
    found = faults(seed, span)
    values = np.empty((len(stations()), len(PARAMETERS), span.hours))
    for index, pollutant in enumerate(POLLUTANTS):
        values[:, index] = pure.total(pollutant).T
    values[:, len(POLLUTANTS) :] = _weather_seen(sky)
    distort(values, span, found)
    for index, parameter in enumerate(PARAMETERS):
        digits = DIGITS.get(parameter, 0)
        values[:, index] = round_half_even(np.ascontiguousarray(values[:, index]), digits)
    _vanes(values)
    values[absent(seed, span, found)] = np.nan
    values.flags.writeable = False
    return Block(span, pure, tuple(happenings), tuple(found), values)


def _weather_seen(sky: Weather) -> Floats:
    """Return the weather at each station, ``(n_stations, 6, n_hours)`` in the order of WEATHER."""
    plan, own = section("weather"), sky.own[sky.lead :]
    stir = plan["stir_spread"]
    east = sky.wind_east[sky.lead :, None] + stir * own[:, :, 6]
    north = sky.wind_north[sky.lead :, None] + stir * own[:, :, 7]
    speed = np.hypot(east, north)
    direction = np.mod(np.rad2deg(np.arctan2(east, north)), 360.0)
    temp = sky.temp[sky.lead :, None] + 0.4 * own[:, :, 8]
    rh = np.clip(sky.rh[sky.lead :, None] + 2.0 * own[:, :, 9], 12.0, 100.0)
    pres = sky.pres[sky.lead :, None] + 0.2 * own[:, :, 10]
    rain = sky.rain[sky.lead :, None] * np.exp(0.3 * own[:, :, 11] - 0.045)
    return np.stack([speed, direction, temp, rh, pres, rain]).transpose(2, 0, 1)


def _vanes(values: Floats) -> None:
    """Report north as 360, and calms as speed 0 without a direction."""
    speed, direction = (values[:, PARAMETERS.index(p)] for p in ("ws", "wd"))
    calm = speed < section("weather")["calm_below"]
    speed[calm] = 0.0
    direction[direction == 0.0] = 360.0
    direction[calm] = np.nan
