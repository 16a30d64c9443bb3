"""The true air at every station: background, sand-dust and what each source adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lantian.twin.clock import Month, clock_hours, through_year
from lantian.twin.happenings import Happening
from lantian.twin.noise import Stream, generator
from lantian.twin.plan import POLLUTANTS, Floats, factors, rates, section, stations
from lantian.twin.sources import activity, reach
from lantian.twin.weather import Weather

# the least an analyser sees in outdoor air [µg/m³; CO mg/m³]
_LEAST: Mapping[str, float] = {
    "pm25": 2.0, "coarse": 2.0, "so2": 1.0, "no2": 2.0, "co": 0.1, "o3": 2.0,
}  # fmt: skip
_KINDS = tuple(_LEAST)


@dataclass(frozen=True)
class Air:
    """The true air of one month.

    ``background`` and ``dust`` by pollutant [µg/m³; CO mg/m³], ``(n_hours, n_stations)``;
    ``working``: what 1 kg/h of each source's rate came to, ``(n_sources, n_hours, n_stations)``
    [µg/m³]. Their sum is what a perfect instrument would have shown.
    """

    background: Mapping[str, Floats]
    dust: Mapping[str, Floats]
    working: Floats

    def from_sources(self, pollutant: str) -> Floats:
        """Return what every source adds, ``(n_sources, n_hours, n_stations)``."""
        # CO is kept in mg/m³
        scale = 1e-3 if pollutant == "co" else 1.0
        return self.working * (rates(pollutant) * scale)[:, None, None]

    def total(self, pollutant: str) -> Floats:
        """Return the concentration, ``(n_hours, n_stations)``."""
        added = np.zeros_like(self.working[0])
        scale = 1e-3 if pollutant == "co" else 1.0
        for index, rate in enumerate(rates(pollutant)):
            if rate:
                added += self.working[index] * (rate * scale)
        total: Floats = self.background[pollutant] + self.dust[pollutant] + added
        return total


def air(seed: int, month: Month, weather: Weather, happenings: Sequence[Happening]) -> Air:
    """Return the true air of a month."""
    worked = activity(seed, month, weather, happenings)
    coarse, fine = _dust(weather, month, happenings)
    none = np.zeros_like(coarse)
    return Air(
        background=_background(seed, month, weather, happenings),
        dust=dict.fromkeys(POLLUTANTS, none) | {"pm10": coarse + fine, "pm25": fine},
        working=reach(month, weather) * worked[:, :, None],
    )


def _background(
    seed: int, month: Month, weather: Weather, happenings: Sequence[Happening]
) -> dict[str, Floats]:
    plan, lead = section("background"), weather.lead
    region = _region(month, weather, happenings)
    result = {}
    for index, kind in enumerate(_KINDS):
        spread = plan["own"][kind]
        own = np.exp(spread * weather.own[lead:, :, index] - spread**2 / 2.0)
        here = region[kind][:, None] * own * (factors(kind) * _fortune(seed, month, index))
        result[kind] = np.maximum(here, _LEAST[kind])
    result["pm10"] = result["pm25"] + result.pop("coarse")
    return result


def _fortune(seed: int, month: Month, kind: int) -> Floats:
    """Return how good a year it is for each station, and how far the county has come by then."""
    plan = section("background")
    luck = generator(seed, Stream.YEAR, month.year).standard_normal((len(_KINDS), len(stations())))
    limit = plan["improvement_years"]
    years = np.clip(month.year - plan["improvement_from"], -limit, limit)
    # ozone is made of the air's light and of precursors from far away: it does not improve so
    ozone = _KINDS[kind] == "o3"
    trend = 0.0 if ozone else -plan["improvement"] * float(years)
    share = plan["year_spread_o3"] if ozone else 1.0
    factor: Floats = np.exp(trend + plan["year_spread"] * share * luck[kind])
    return factor


def _region(month: Month, weather: Weather, happenings: Sequence[Happening]) -> dict[str, Floats]:
    """Return the background of the county as a whole, ``(n_hours,)`` each."""
    plan, lead = section("background"), weather.lead
    first, count = month.hour, month.hours
    clock = clock_hours(first, count).astype(np.intp)
    still, washed = weather.stagnation[lead:], weather.washed[lead:]
    soil, carbon = weather.soil[lead:], weather.carbon[lead:]
    haze, smog = _height(month, happenings, "haze"), _height(month, happenings, "ozone")

    def level(kind: str, driver: Floats) -> Floats:
        spread = plan["spread"][kind]
        shape = np.asarray(plan["shape_" + kind])[clock]
        mean = through_year(plan[kind], first, count)
        air_level: Floats = mean * shape * np.exp(spread * driver - spread**2 / 2.0)
        return air_level

    pm25 = level("pm25", still) * haze * (1.0 - (1.0 - plan["rain_pm25"]) * washed)
    raised = 1.0 + plan["wind_coarse"] * np.maximum(0.0, weather.speed[lead:] - 2.5)
    rain = 1.0 - (1.0 - plan["rain_coarse"]) * washed
    half = 1.0 + (haze - 1.0) / 2.0
    spread = plan["spread"]["co"]
    co = (plan["co_base"] + plan["co_per_pm25"] * pm25) * np.exp(spread * carbon)
    return {
        "pm25": pm25,
        "coarse": level("coarse", soil) * raised * rain,
        "so2": level("so2", still) * half * (1.0 - 0.3 * washed),
        "no2": level("no2", still) * half,
        "co": co,
        "o3": _ozone(month, weather) * smog,
    }


def _ozone(month: Month, weather: Weather) -> Floats:
    """Return background ozone: little at night, a hill in the afternoon as high as the light."""
    plan = section("background")
    first, count = month.hour, month.hours
    middle = clock_hours(first, count) + 0.5
    off = np.abs(middle - plan["o3_top_hour"])
    away = np.minimum(off, 24.0 - off)
    hill = np.exp(-np.log(2.0) * (away / plan["o3_width"]) ** 2)
    night = through_year(plan["o3_night"], first, count)
    peak = through_year(plan["o3_peak"], first, count)
    spread = plan["spread"]["o3"]
    light = np.exp(spread * weather.light[weather.lead :] - spread**2 / 2.0)
    wet = 1.0 - 0.25 * weather.washed[weather.lead :]
    ozone: Floats = (night + (peak - night) * hill) * light * wet
    return ozone


def _height(month: Month, happenings: Sequence[Happening], kind: str) -> Floats:
    """Return the factor of the episodes of a kind: a slow rise, a quick end."""
    factor = np.ones(month.hours)
    for happening in happenings:
        if happening.kind == kind:
            age = happening.age(month.hour, month.hours)
            rise = np.minimum(np.minimum(1.0, age / 0.4), (1.0 - age) / 0.1)
            window = happening.within(month.hour, month.hours)
            factor[window] *= 1.0 + (happening.size - 1.0) * rise
    return factor


def _dust(weather: Weather, month: Month, happenings: Sequence[Happening]) -> tuple[Floats, Floats]:
    """Return coarse and fine sand-dust [µg/m³], ``(n_hours, n_stations)``."""
    rule = section("episodes", "dust")
    coarse = np.zeros((month.hours, len(stations())))
    for happening in happenings:
        if happening.kind == "dust":
            age = happening.age(month.hour, month.hours)
            shape = np.minimum(age / 0.15, 1.0) * np.exp(-2.0 * np.maximum(0.0, age - 0.15))
            coarse[happening.within(month.hour, month.hours)] += happening.size * shape[:, None]
    coarse *= np.exp(0.12 * weather.own[weather.lead :, :, 1])
    return coarse, rule["fine_share"] * coarse
