"""The weather of the county, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from lantian.twin.clock import Month, clock_hours, season, through_year
from lantian.twin.noise import Stream, daily_normals, fading, weathered
from lantian.twin.plan import Floats, section, stations

LEAD_DAYS = 2  # before a month: what the air remembers of rain, and noise of its past
_REGION = 12
_OWN = 12  # six pollutants, then wind (2), temperature, humidity, pressure, rain


@dataclass(frozen=True)
class Weather:
    """Weather of one month, with ``lead`` hours of the month before.

    ``wind_east``, ``wind_north`` [m/s]: where the air comes FROM, of the county as a whole;
    ``stagnation``, ``light``, ``soil``, ``carbon``: standard normal, what drives pollution;
    ``rain`` [mm]; ``washed``: 1 in rain, fading after it. All ``(lead + n_hours,)``.
    ``own``: what each station has of its own, standard normal,
    ``(lead + n_hours, n_stations, 12)``.
    """

    lead: int
    wind_east: Floats
    wind_north: Floats
    stagnation: Floats
    light: Floats
    soil: Floats
    carbon: Floats
    temp: Floats
    rh: Floats
    pres: Floats
    rain: Floats
    washed: Floats
    own: Floats

    @property
    def speed(self) -> Floats:
        """Return the wind speed of the county [m/s]."""
        return np.hypot(self.wind_east, self.wind_north)


def weather(seed: int, month: Month) -> Weather:
    """Return the weather of a month."""
    plan = section("weather")
    lead, memory = 24 * LEAD_DAYS, 24 * plan["memory_days"]
    first, count = month.hour - lead, month.hours + lead
    begin = month.day - LEAD_DAYS - plan["memory_days"]
    days = range(begin + _SHIFT, month.day + month.days + _SHIFT)
    white = daily_normals(seed, Stream.REGION, days, (_REGION,))
    fast, slow = plan["synoptic_hours"], plan["slow_hours"]
    times = (fast, slow, fast, 4.0, 9.0, 12.0, 26.0, 20.0, 2.0, 8.0, 6.0)
    z = [weathered(white[:, i], hours, memory) for i, hours in enumerate(times)]
    raw = white[memory:, -1]
    stagnation = plan["stagnation"][0] * z[0] + plan["stagnation"][1] * z[1]
    wet, rain = _rain(z[8] * 0.8 + 0.6 * z[10], raw, first, count)
    light = (0.75 * z[4] + 0.66 * z[6] - 1.2 * wet) / np.hypot(0.75, 0.66)
    east, north = _wind(z[0], z[2], z[3], first, count)
    warm = np.cos(2.0 * np.pi * (clock_hours(first, count) - 14.0) / 24.0)
    temp = (
        plan["temp_mean"]
        + plan["temp_range"] * season(first, count, 200.0)
        + plan["temp_spread"] * (0.8 * z[6] + 0.6 * z[0])
        + plan["temp_diurnal"] * warm * (1.0 + 0.25 * np.clip(z[4], -2.0, 2.0))
        - 1.5 * wet
    )
    rh = (
        through_year(plan["rh"], first, count)
        + plan["rh_spread"] * (0.8 * z[9] + 0.6 * z[0])
        - plan["rh_diurnal"] * warm
        + 18.0 * wet
    )
    pres = (
        plan["pres_mean"]
        + plan["pres_range"] * season(first, count, 12.0)
        + plan["pres_spread"] * (0.8 * z[7] - 0.6 * z[0])
        + 0.8 * np.cos(4.0 * np.pi * (clock_hours(first, count) - 10.0) / 24.0)
    )
    return Weather(
        lead, east, north, stagnation, light, 0.9 * z[5] + 0.44 * z[0], z[9], temp, rh, pres, rain,
        _washed(wet), _own(seed, month),
    )  # fmt: skip


# days are counted from the epoch; chance needs numbers that are never negative
_SHIFT = 1000


def _wind(
    calming: Floats, along: Floats, across: Floats, first: int, count: int
) -> tuple[Floats, Floats]:
    plan = section("weather")
    mean = through_year(plan["axis_wind"], first, count)
    a = mean + plan["axis_spread"] * (0.86 * along - 0.5 * calming)
    c = plan["cross_spread"] * across
    hours = np.asarray(plan["wind_hours"])[clock_hours(first, count).astype(np.intp)]
    angle = np.deg2rad(plan["axis"])
    east = hours * (a * np.sin(angle) + c * np.cos(angle))
    north = hours * (a * np.cos(angle) - c * np.sin(angle))
    return east, north


def _rain(state: Floats, amount: Floats, first: int, count: int) -> tuple[Floats, Floats]:
    """Return whether it rains (0, 1) and how much [mm]."""
    plan = section("weather")
    bars = [NormalDist().inv_cdf(1.0 - share) for share in plan["rain_share"]]
    wet = (state > through_year(bars, first, count)).astype(np.float64)
    # the square of a normal value has mean 1 and the long tail of showers
    return wet, wet * through_year(plan["rain_hour"], first, count) * amount**2


def _washed(wet: Floats) -> Floats:
    kernel = np.exp(-np.arange(24) / 6.0)
    washed: Floats = np.minimum(1.0, np.convolve(wet, kernel)[: len(wet)])
    return washed


def _own(seed: int, month: Month) -> Floats:
    """Return noise that lasts some hours and that near stations share."""
    plan, places = section("background"), stations()
    xy = np.array([(s.x, s.y) for s in places])
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    shared = np.linalg.cholesky(np.exp(-apart / plan["own_reach"]))
    days = range(month.day - 2 * LEAD_DAYS + _SHIFT, month.day + month.days + _SHIFT)
    white = daily_normals(seed, Stream.STATIONS, days, (len(places), _OWN))
    return fading(shared @ white, plan["own_hours"], 24 * LEAD_DAYS)
