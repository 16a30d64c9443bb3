"""What goes wrong with the instruments, and what it does to what they report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lantian.twin.clock import Month
from lantian.twin.happenings import Happening
from lantian.twin.noise import Stream, generator
from lantian.twin.plan import PARAMETERS, POLLUTANTS, Floats, section, stations

_TRIES = 12
#: Faults of one value or of a few, in the order in which they are laid on.
_CHANCES = ("outage", "clock_gap", "zero_drift", "inversion", "stuck", "spike")
ABSENT = ("outage", "clock_gap", "long_outage")


def faults(seed: int, month: Month) -> list[Happening]:
    """Return the faults of all stations in a month; none reaches into another month or fault.

    Single missing hours and the weekly calibration are not among them: they follow the rules of
    the plan and show as absent hours.
    """
    found: list[Happening] = []
    for index, station in enumerate(stations()):
        chance = generator(seed, Stream.FAULTS, 1000 * month.number + index)
        taken = [_long_outage(chance, month, station.id)]
        mine = [h for h in taken if h is not None]
        for kind in _CHANCES:
            if chance.uniform() >= section("faults", kind)["chance"]:
                continue
            placed = _placed(chance, month, station.id, kind, mine)
            if placed is not None:
                mine.append(placed)
        found += mine
    return sorted(found, key=lambda h: (h.start, h.station or "", h.kind))


def _long_outage(chance: np.random.Generator, month: Month, station: str) -> Happening | None:
    rule = section("faults", "long_outage")
    days = int(chance.integers(rule["days"][0], rule["days"][1] + 1))
    turn = rule["stations"][month.year % len(rule["stations"])]
    if month.month not in rule["months"] or station != turn:
        return None
    start = month.hour + 24 * (rule["first_day"] - 1)
    return Happening("long_outage", "instrument", start, 24 * days, 0.0, station)


def _placed(
    chance: np.random.Generator, month: Month, station: str, kind: str, taken: Sequence[Happening]
) -> Happening | None:
    """Return a fault where no other is, or None when there was no room."""
    rule = section("faults", kind)
    parameters: tuple[str, ...] = ()
    size = 0.0
    if "parameters" in rule:
        parameters = (str(chance.choice(rule["parameters"])),)
    if kind == "inversion":
        parameters = ("pm10",)
    if "factor" in rule:
        size = float(chance.uniform(*rule["factor"]))
    if "down" in rule:
        size = float(rule["down"][parameters[0]] * chance.uniform(0.8, 1.2))
    if "up" in rule:
        size = float(rule["up"][parameters[0]] * chance.uniform(1.0, 2.0))
    hours = int(chance.integers(rule["hours"][0], rule["hours"][1] + 1))
    for start in month.hour + chance.integers(2, month.hours - hours - 2, size=_TRIES):
        if all(start + hours + 1 < h.start or start > h.stop for h in taken):
            return Happening(
                kind, "instrument", int(start), hours, size, station, parameters=parameters
            )
    return None


def distort(true: Floats, month: Month, found: Sequence[Happening]) -> None:
    """Lay the faults that change values on ``(n_stations, n_parameters, n_hours)``, in place."""
    rows = {s.id: i for i, s in enumerate(stations())}
    columns = {p: i for i, p in enumerate(PARAMETERS)}
    for fault in found:
        if fault.kind in ABSENT or fault.station is None:
            continue
        values = true[rows[fault.station]]
        window = fault.within(month.hour, month.hours)
        column = columns[fault.parameters[0]]
        if fault.kind == "stuck":
            values[column, window] = values[column, window.start]
        elif fault.kind == "inversion":
            values[column, window] = fault.size * values[columns["pm25"], window]
        elif fault.kind == "zero_drift":
            values[column, window] -= fault.size * fault.age(month.hour, month.hours)
        elif fault.kind == "spike":
            values[column, window] += fault.size


def absent(seed: int, month: Month, found: Sequence[Happening]) -> npt.NDArray[np.bool_]:
    """Return which hours never arrived, ``(n_stations, n_parameters, n_hours)``."""
    rows = {s.id: i for i, s in enumerate(stations())}
    result = np.zeros((len(rows), len(PARAMETERS), month.hours), dtype=np.bool_)
    share = section("faults", "missing")["share"]
    for day in range(month.days):
        drawn = generator(seed, Stream.MISSING, month.day + day).random((24, len(rows), 6))
        result[:, : len(POLLUTANTS), 24 * day : 24 * day + 24] = drawn.transpose(1, 2, 0) < share
    _calibrated(result, month)
    for fault in found:
        window = fault.within(month.hour, month.hours)
        # a fault shows whole: no other absence inside it
        result[rows[fault.station or ""], :, window] = fault.kind in ABSENT
    return result


def _calibrated(result: npt.NDArray[np.bool_], month: Month) -> None:
    rule = section("faults", "calibration")
    columns = [PARAMETERS.index(p) for p in rule["parameters"]]
    for index in range(len(stations())):
        for day in range(month.days):
            if (month.day + day) % rule["every_days"] == index % rule["every_days"]:
                hour = 24 * day + 9 + index % 6
                for column in columns:
                    result[index, column, hour : hour + rule["hours"]] = True
