"""What happens in the county: episodes of the air, extra releases, burning; the known truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np

from lantian.twin.clock import Month
from lantian.twin.noise import Stream, generator
from lantian.twin.plan import POLLUTANTS, Floats, epoch, section

Family = Literal["air", "emission", "instrument"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens.

    ``start`` is the number of its first hour, ``hours`` how many there are; ``station`` (an id),
    ``emission`` and ``parameters`` say whom it touches, None and empty: all. ``size`` is a factor
    or an amount in the unit of the parameter, by kind. ``decision`` is only for sand-dust.
    """

    kind: str
    family: Family
    start: int
    hours: int
    size: float
    station: str | None = None
    emission: str | None = None
    parameters: tuple[str, ...] = ()
    decision: str | None = None

    @property
    def stop(self) -> int:
        """Return the number of the first hour after it."""
        return self.start + self.hours

    def within(self, first: int, count: int) -> slice:
        """Return its part of ``count`` hours from ``first``, as positions among them."""
        return slice(max(0, self.start - first), max(0, min(count, self.stop - first)))

    def age(self, first: int, count: int) -> Floats:
        """Return how far through it each of its hours in the window is, 0 … 1."""
        window = self.within(first, count)
        hour = np.arange(window.start, window.stop) + first - self.start
        return (hour + 0.5) / self.hours


def during(seed: int, month: Month) -> list[Happening]:
    """Return what happens to air and emissions in any hour of a month, by start."""
    found: list[Happening] = []
    for year in (month.year - 1, month.year):
        found += _of_year(seed, year)
    for number in (month.number - 1, month.number):
        found += _releases(seed, number // 12, number % 12 + 1)
    stop = month.hour + month.hours
    touching = [h for h in found if h.start < stop and h.stop > month.hour]
    return sorted(touching, key=lambda h: (h.start, h.kind))


def _hour(year: int, month_day: Sequence[int], hour: int = 0) -> int:
    return 24 * (date(year, month_day[0], month_day[1]) - epoch()).days + hour


@lru_cache(maxsize=64)
def _of_year(seed: int, year: int) -> tuple[Happening, ...]:
    """Return the episodes that belong to a year; the haze of a winter to the year it begins in."""
    chance = generator(seed, Stream.EPISODES, year)
    found: list[Happening] = []
    for kind in ("haze", "ozone"):
        rule = section("episodes", kind)
        last = year + (rule["to"] < rule["from"])
        span = (_hour(year, rule["from"]), _hour(last, rule["to"]))
        touched = POLLUTANTS[:5] if kind == "haze" else ("o3",)
        for start, hours in _spread(chance, rule["count"], rule["hours"], *span):
            size = float(chance.uniform(*rule["factor"]))
            found.append(Happening(kind, "air", start, hours, size, parameters=touched))
    found += _dust(chance, year)
    found += _burning(chance, year)
    return tuple(found)


def _spread(
    chance: np.random.Generator, count: Sequence[int], hours: Sequence[int], first: int, last: int
) -> list[tuple[int, int]]:
    """Place some happenings in a span so that none overlaps another: each has its own part."""
    number = int(chance.integers(count[0], count[1] + 1))
    part = (last - first) // number
    placed = []
    for index in range(number):
        length = int(chance.integers(hours[0], hours[1] + 1))
        placed.append((first + index * part + int(chance.integers(0, part - length)), length))
    return placed


def _dust(chance: np.random.Generator, year: int) -> list[Happening]:
    rule = section("episodes", "dust")
    span = (_hour(year, rule["from"]), _hour(year, rule["to"]))
    return [
        Happening(
            "dust",
            "air",
            start,
            hours,
            float(chance.uniform(*rule["peak"])),
            parameters=("pm25", "pm10"),
            decision=rule["decision"].format(year=year, number=number),
        )
        for number, (start, hours) in enumerate(
            _spread(chance, rule["count"], rule["hours"], *span), start=1
        )
    ]


def _burning(chance: np.random.Generator, year: int) -> list[Happening]:
    rule = section("episodes", "burning")
    found = []
    for window in rule["windows"]:
        first, last = (_hour(year, day) // 24 for day in window)
        number = int(chance.integers(rule["count"][0], rule["count"][1] + 1))
        for day in sorted(chance.permutation(np.arange(first, last))[:number].tolist()):
            begin, hours = _evening(chance, day, rule["start_hour"], rule["hours"])
            size = float(chance.uniform(0.6, 1.4))
            found.append(
                Happening("burning", "emission", begin, hours, size, emission=rule["source"])
            )
    return found


@lru_cache(maxsize=256)
def _releases(seed: int, year: int, month: int) -> tuple[Happening, ...]:
    rule, block = section("episodes", "release"), Month(year, month)
    chance = generator(seed, Stream.RELEASES, block.number)
    days = sorted(chance.permutation(block.days)[: rule["per_month"]].tolist())
    found = []
    for day in days:
        source = str(chance.choice(rule["sources"]))
        start, hours = _evening(chance, block.day + day, rule["start_hour"], rule["hours"])
        size = float(chance.uniform(*rule["factor"]))
        found.append(Happening("release", "emission", start, hours, size, emission=source))
    return tuple(found)


def _evening(
    chance: np.random.Generator, day: int, start_hour: Sequence[int], hours: Sequence[int]
) -> tuple[int, int]:
    begin = int(chance.integers(start_hour[0], start_hour[1] + 1))
    return 24 * day + begin, int(chance.integers(hours[0], hours[1] + 1))
