"""What the sources do to the air at each station: activity, and the way from source to station."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lantian.twin.clock import Month, clock_hours, through_year
from lantian.twin.happenings import Happening
from lantian.twin.noise import Stream, generator
from lantian.twin.plan import Floats, data, emissions, section, stations
from lantian.twin.weather import Weather


def activity(seed: int, month: Month, weather: Weather, happenings: Sequence[Happening]) -> Floats:
    """Return how much each source works, as a share of its rate, ``(n_sources, n_hours)``."""
    rules, shapes = data()["activity_rules"], data()["activity"]
    sources = emissions()
    clock = clock_hours(month.hour, month.hours).astype(np.intp)
    spread = rules["day_spread"]
    daily = np.array(
        [
            generator(seed, Stream.ACTIVITY, month.day + day).standard_normal(len(sources))
            for day in range(month.days)
        ]
    )
    luck = np.repeat(np.exp(spread * daily - spread**2 / 2.0), 24, axis=0)
    wind = weather.speed[weather.lead :]
    result = np.empty((len(sources), month.hours))
    for index, source in enumerate(sources):
        work = np.asarray(shapes[source.activity])[clock] * luck[:, index]
        if source.activity == "heating":
            work *= through_year(rules["heating_months"], month.hour, month.hours)
        if source.activity == "wind":
            work *= np.maximum(0.0, wind - rules["wind_from"]) ** 2
        result[index] = work
    numbers = {source.id: index for index, source in enumerate(sources)}
    for happening in happenings:
        if happening.emission is not None:
            window = happening.within(month.hour, month.hours)
            result[numbers[happening.emission], window] += happening.size
    return result


def reach(month: Month, weather: Weather) -> Floats:
    """Return what 1 kg/h of each source adds at each station [µg/m³].

    Notes
    -----
    A plume that widens with distance, in the wind of the whole county, and in calms a share of it
    in every direction; see ``[plume]`` of the plan. Shape ``(n_sources, n_hours, n_stations)``.
    """
    plan = section("plume")
    east, north = weather.wind_east[weather.lead :], weather.wind_north[weather.lead :]
    speed = np.hypot(east, north)
    safe = np.maximum(speed, 1e-6)
    clock = clock_hours(month.hour, month.hours)
    dark = 0.5 + 0.5 * np.cos(2.0 * np.pi * (clock - 2.0) / 24.0)
    force = plan["strength"] * (1.0 + (plan["night"] - 1.0) * dark)
    force /= np.maximum(speed, plan["least_wind"])
    calm = plan["calm_share"] * np.clip(1.0 - speed / plan["calm_wind"], 0.0, 1.0)
    result = np.zeros((len(emissions()), month.hours, len(stations())))
    for i, source in enumerate(emissions()):
        for j, station in enumerate(stations()):
            x, y = station.x - source.x, station.y - source.y
            distance = float(np.hypot(x, y))
            if distance > plan["reach"]:
                continue
            # the wind comes from (east, north): downwind is the other way
            along = -(x * east + y * north) / safe
            across = (x * north - y * east) / safe
            width = plan["spread"] * np.maximum(along, 0.0) + source.size / 2.0
            plume = np.where(along > -source.size, np.exp(-0.5 * (across / width) ** 2), 0.0)
            fade = (distance + source.size) ** -plan["decay"]
            result[i, :, j] = force * fade * np.maximum(plume, calm)
    return result
