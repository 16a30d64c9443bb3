"""What people decided about values: one value with its past, a range to exclude, all in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.network.exclusion import days_of, effect
from lantian.observations.decisions import Decision
from lantian.observations.layout import CalibreChoice
from lantian.observations.parameters import PARAMETERS
from lantian.observations.quality_neighbours import neighbour_stations
from lantian.observations.reading import Selection
from lantian.observations.schema import POLLUTANTS, Calibre
from lantian.web.accounts.access import Access
from lantian.web.air.queries.data import decided
from lantian.web.air.queries.data_history import with_names
from lantian.web.core.air import network

AROUND = 6  # h before and after
PAGE = 50
_NEIGHBOURS = 5
_HOUR = timedelta(hours=1)
_TICK = timedelta(microseconds=1)
_DAYS_SHOWN = 62


@dataclass(frozen=True)
class One:
    """One stored value and what is around it.

    Parameters
    ----------
    past
        All that was ever stored of it, oldest first; see ``Store.history``.
    now
        The row of ``past`` that counts; None: none does.
    hours
        The labels around it.
    around
        By pollutant, the value of each of ``hours``.
    neighbours
        ``station name value grade`` of the same hour at the nearest stations.
    """

    station: str
    name: str
    parameter: str
    at: datetime
    calibre: Calibre
    unit: str
    past: Sequence[Mapping[str, Any]]
    now: Mapping[str, Any] | None
    hours: Sequence[datetime]
    around: Mapping[str, Sequence[Mapping[str, Any] | None]]
    neighbours: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Range:
    """Hours of stations and parameters, to be excluded or restored.

    Parameters
    ----------
    first, last
        First and last label, both included.
    """

    stations: Sequence[str]
    parameters: Sequence[str]
    first: datetime
    last: datetime
    calibre: Calibre

    @property
    def selection(self) -> Selection:
        """Return it as the store takes it."""
        return Selection(
            tuple(self.stations), tuple(self.parameters) or None, self.first - _TICK, self.last,
            "1h", self.calibre,
        )  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """What an exclusion or a restoration would do.

    Parameters
    ----------
    values
        How many values it would change.
    days
        Local days touched, first and last.
    effects
        By station, the days before and after; see ``network.exclusion.effect``. Of an exclusion
        of up to two months of up to three stations only.
    """

    values: int
    days: tuple[date, date]
    by_parameter: Sequence[Mapping[str, Any]]
    effects: Mapping[str, pl.DataFrame]


def calibre_of(asked: str) -> Calibre:
    """Return the calibre a decision is about: that asked for, else audited if there is any."""
    stored = network().calibres()
    if asked and asked not in ("realtime", "audited"):
        raise InvalidArgumentError(
            "store.bad_calibre", _("“{calibre}” is no kind of data.").format(calibre=asked)
        )
    found = asked or ("audited" if "audited" in stored else "realtime")
    return "audited" if found == "audited" else "realtime"


def hour_of(text: str) -> datetime:
    """Return the label of an hour; without an offset it is local.

    Raises
    ------
    InvalidArgumentError
        ``data.bad_hour``.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or (found.minute, found.second, found.microsecond) != (0, 0, 0):
        raise InvalidArgumentError(
            "data.bad_hour",
            _("“{text}” is not the end of an hour, such as 2026-10-31 16:00.").format(text=text),
        )
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(network().zone))


def parameter_of(text: str) -> str:
    """Return a known parameter.

    Raises
    ------
    UnknownNameError
        ``data.unknown_parameter``.
    """
    if text not in PARAMETERS:
        raise UnknownNameError(
            "data.unknown_parameter", _("There is no parameter {name}.").format(name=text)
        )
    return text


def one(station: str, parameter: str, at: datetime, calibre: Calibre) -> One:
    """Return a value with its past and its surroundings.

    Raises
    ------
    DomainError
        ``store.no_such_value``: nothing was ever stored.
    """
    store = settings.HOME.store
    past = store.history(station, parameter, at, calibre=calibre)
    if past.is_empty():
        raise DomainError(
            "store.no_such_value",
            _("Nothing was ever stored for this hour, so there is nothing to correct."),
        )
    rows = past.rows(named=True)
    now = next((r for r in rows if r["visible"]), None)
    hours = [at + n * _HOUR for n in range(-AROUND, AROUND + 1)]
    names = dict(network().stations().select("station", "name").iter_rows())
    return One(
        station, names.get(station) or station, parameter, at, calibre,
        PARAMETERS[parameter].unit, rows, now, hours,
        _around(station, parameter, hours, calibre), _neighbours(station, parameter, at, calibre),
    )  # fmt: skip


def preview(wanted: Range, decision: Decision) -> Preview:
    """Return what an exclusion or restoration would do.

    Raises
    ------
    DomainError
        ``store.nothing_selected``.
    """
    store = settings.HOME.store
    count = store.count(wanted.selection, decision=decision)
    if not count:
        raise DomainError(
            "store.nothing_selected",
            _("No stored value fits the stations, parameters and times given."),
        )
    days = days_of(wanted.first - _TICK, wanted.last, network().zone)
    rows = store.scan(wanted.selection)
    by_parameter = (
        rows.group_by("station", "parameter")
        .agg(
            pl.len().cast(pl.Int64).alias("values"),
            pl.col("value").min().alias("low"),
            pl.col("value").max().alias("high"),
            ((pl.col("grade") == "invalid").sum()).cast(pl.Int64).alias("invalid"),
        )
        .sort("station", "parameter")
        .collect()
    )
    effects = {}
    few = (days[1] - days[0]).days < _DAYS_SHOWN and len(wanted.stations) <= 3
    if decision == "exclusion" and few:
        parameters = tuple(wanted.parameters) or POLLUTANTS
        for station in wanted.stations:
            effects[station] = effect(
                network(), station, parameters, wanted.first - _TICK, wanted.last,
                calibre=wanted.calibre,
            )  # fmt: skip
    return Preview(count, days, with_names(by_parameter).rows(named=True), effects)


def in_force(access: Access, kind: str, station: str, parameter: str) -> pl.DataFrame:
    """Return the corrections or exclusions in force of the stations a person sees.

    Returns
    -------
    polars.DataFrame
        Corrections: one row a value. Exclusions: one for each batch, station and parameter. Both
        with ``name`` of the station and ``actor reason landed_at`` of the batch; newest first.
    """
    store = settings.HOME.store
    found = _seen(access, station, parameter).filter(pl.col("kind") == kind)
    if kind == "exclusion":
        found = found.group_by("batch", "station", "parameter", "period", "calibre").agg(
            pl.len().cast(pl.Int64).alias("values"),
            pl.col("time").min().alias("first"),
            pl.col("time").max().alias("last"),
        )
    about = store.batches().select("batch", "actor", "reason", "landed_at")
    joined = with_names(found).join(about, on="batch", how="left", maintain_order="left")
    return joined.sort("batch", "station", "parameter", descending=[True, False, False])


def values_in_force(access: Access, station: str, parameter: str) -> dict[str, int]:
    """Return how many values are corrected and how many excluded, of the stations a person sees."""
    found = dict(_seen(access, station, parameter).group_by("kind").len().iter_rows())
    return {kind: found.get(kind, 0) for kind in ("correction", "exclusion")}


def _seen(access: Access, station: str, parameter: str) -> pl.DataFrame:
    found = decided()
    if access.stations is not None:
        found = found.filter(pl.col("station").is_in(list(access.stations)))
    if station:
        found = found.filter(pl.col("station") == station)
    if parameter:
        found = found.filter(pl.col("parameter") == parameter)
    return found


def _around(
    station: str, parameter: str, hours: Sequence[datetime], calibre: CalibreChoice
) -> dict[str, list[Mapping[str, Any] | None]]:
    wanted = list(dict.fromkeys((parameter, *POLLUTANTS)))
    near = Selection((station,), wanted, hours[0] - _TICK, hours[-1], "1h", calibre)
    rows = settings.HOME.store.scan(near).collect().rows(named=True)
    found = {(r["parameter"], r["time"]): r for r in rows}
    present = [p for p in wanted if any((p, h) in found for h in hours)]
    return {p: [found.get((p, h)) for h in hours] for p in present}


def _neighbours(
    station: str, parameter: str, at: datetime, calibre: CalibreChoice
) -> list[dict[str, Any]]:
    register = settings.HOME.store.stations()
    if register is None:
        return []
    ids = sorted({*register["station"], station})
    limits = settings.HOME.thresholds()
    near = neighbour_stations(
        ids, register, radius=limits.general("neighbours", "radius"), most=_NEIGHBOURS
    )
    chosen = [ids[n] for n in near[ids.index(station)] if n >= 0]
    same = Selection(chosen, (parameter,), at - _TICK, at, "1h", calibre)
    rows = settings.HOME.store.scan(same).collect()
    values = {r["station"]: r for r in with_names(rows).iter_rows(named=True)}
    return [values[s] for s in chosen if s in values]
