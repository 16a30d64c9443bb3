"""The same functions over the store, month by month, here or on a Dask cluster.

A local day never straddles a month, so each month is judged on its own: memory stays that of one
month, and months can be judged on any machine that reads the store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from lantian.errors import DomainError
from lantian.evaluation.daily import daily
from lantian.evaluation.dust import deduct_dust
from lantian.evaluation.hourly import grid
from lantian.evaluation.periods import any_span
from lantian.i18n import gettext as _
from lantian.observations.extent import extent
from lantian.observations.layout import CalibreChoice, check_zone
from lantian.observations.reading import Selection
from lantian.observations.resolve import readable
from lantian.observations.store import Store
from lantian.progress import Progress, silent
from lantian.standards import POLLUTANTS, Settings

DASK_VARIABLE = "LANTIAN_DASK"
CLUSTER_TIMEOUT = "10s"


def local_days(
    start: date | None,
    end: date | None,
    zone: str,
    *,
    stations: Collection[str] | None = None,
    parameters: Collection[str] | None = None,
    calibre: CalibreChoice | None = None,
) -> Selection:
    """Return the selection of the hours of the local days from ``start`` to ``end``, both included.

    None: from the first, to the last. ``calibre`` None: the only one stored.
    """
    if start and end:
        any_span(start, end)
    check_zone(zone)
    first = _midnight(start, zone) if start else None
    after = _midnight(end + timedelta(days=1), zone) if end else None
    return Selection(stations, parameters, first, after, "1h", calibre)


def day_bounds(start: date, end: date, zone: str) -> tuple[datetime, datetime]:
    """Return the bounds of the hours of some local days [UTC]: after the first, up to the last.

    Raises
    ------
    InvalidArgumentError
        ``end`` is before ``start``, or there is no such zone.
    """
    any_span(start, end)
    check_zone(zone)
    return _midnight(start, zone), _midnight(end + timedelta(days=1), zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def hourly_from_store(
    store: Store,
    selection: Selection | None = None,
    *,
    as_of: datetime | None = None,
    progress: Progress = silent,
) -> pl.DataFrame:
    """Return the hourly table (:func:`lantian.evaluation.hourly`) of what is selected.

    ``as_of``: as the store stood at that time.
    """
    selection = selection or Selection()
    months = in_months(store, selection, as_of)
    parts = []
    for done, month in enumerate(months):
        progress(_("Reading measurements"), done, len(months))
        parts.append(month_hourly(store, month, selection, as_of))
    progress(_("Reading measurements"), len(months), len(months))
    return stacked(parts or [grid([], revisions=True)], "time")


def daily_from_store(
    store: Store,
    selection: Selection | None = None,
    *,
    as_of: datetime | None = None,
    edition: str = "auto",
    settings: Settings | None = None,
    dust: pl.DataFrame | None = None,
    cluster: str | None = None,
    progress: Progress = silent,
) -> pl.DataFrame:
    """Return the daily table (:func:`lantian.evaluation.daily`) of what is selected.

    Parameters
    ----------
    dust
        Sand-dust events (:func:`lantian.evaluation.deduct_dust`) to deduct.
    cluster
        Address of a Dask scheduler whose workers can read the store's folder; default: the
        environment variable ``LANTIAN_DASK``, else this process.
    """
    selection = selection or Selection()
    months = in_months(store, selection, as_of)
    job = _Job(store.path, selection, as_of, edition, settings or Settings.default(), dust)
    address = cluster or os.environ.get(DASK_VARIABLE)
    parts: list[pl.DataFrame] = []
    results = _on_cluster(address, job, months) if address else map(job, months)
    for done, part in enumerate(results):
        progress(_("Judging days"), done, len(months))
        parts.append(part)
    progress(_("Judging days"), len(months), len(months))
    return stacked(parts or [daily(grid([], revisions=True))], "date")


@dataclass(frozen=True)
class _Job:
    """Judge one month; picklable, so that a worker can do it. Opens the store once a process."""

    path: Path
    selection: Selection
    as_of: datetime | None
    edition: str
    settings: Settings
    dust: pl.DataFrame | None

    def __call__(self, month: str) -> pl.DataFrame:
        store = _opened(self.path)
        pollutants = replace(self.selection, parameters=POLLUTANTS)
        table = month_hourly(store, month, pollutants, self.as_of)
        if self.dust is not None:
            table = deduct_dust(table, self.dust, zone=store.zone)
        return daily(table, edition=self.edition, zone=store.zone, settings=self.settings)


_stores: dict[Path, Store] = {}


def _opened(path: Path) -> Store:
    store = _stores.get(path)
    if store is None:
        store = _stores[path] = Store.open(path)
    return store


def _on_cluster(
    address: str, job: Callable[[str], pl.DataFrame], months: Iterable[str]
) -> Iterator[pl.DataFrame]:
    try:
        from distributed import Client  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise DomainError(
            "evaluation.no_dask",
            _(
                "{variable} names a Dask cluster; install it with: pip install 'lantian[cluster]'."
            ).format(variable=DASK_VARIABLE),
        ) from error
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]  # Dask has no types
            address, timeout=CLUSTER_TIMEOUT, set_as_default=False
        )
    except (OSError, TimeoutError) as error:
        raise DomainError(
            "evaluation.cluster_unreachable",
            _("No Dask scheduler answers at {address}.").format(address=address),
            {"address": address},
        ) from error
    with client:
        futures = client.map(job, list(months), pure=False)
        for future in futures:
            yield future.result()


def in_months(store: Store, selection: Selection, as_of: datetime | None = None) -> list[str]:
    """Return the local months that hold the days of a selection (:func:`local_days`)."""
    place = ZoneInfo(store.zone)
    first = selection.start.astimezone(place).strftime("%Y-%m") if selection.start else ""
    last = selection.end.astimezone(place).strftime("%Y-%m") if selection.end else "9999-99"
    known = store.months("1h", selection.calibre, as_of=as_of)
    return [m for m in known if first <= m <= last]


def month_hourly(
    store: Store, month: str, selection: Selection, as_of: datetime | None = None
) -> pl.DataFrame:
    """Return the hourly table of what is selected in one local month."""
    columns = ["station", "parameter", "time", "value", "grade"]
    layers = store.layers(month, calibre=selection.calibre, as_of=as_of, reach=selection.reach())
    with readable():
        frames = [
            layer.filter(*selection.filters()).select(columns).collect()
            for layer in layers
            if layer is not None
        ]
    return grid(frames, revisions=True)


def stacked(parts: list[pl.DataFrame], moment: str) -> pl.DataFrame:
    """Return the months as one table; a month without rows may lack columns that others have."""
    filled = [p for p in parts if p.height] or parts[:1]
    table = pl.concat(filled, how="diagonal").rechunk()
    if table.is_empty():
        return table
    names = table["station"].unique().sort()
    station = table["station"].cast(pl.Enum(names)).to_physical().cast(pl.Int64)
    since = table[moment].to_physical().cast(pl.Int64)
    first, last = extent(since, int)
    since = since - first
    bits = (last - first).bit_length()
    if names.len() >> (63 - bits):
        return table.sort("station", moment)
    # One number sorts several times faster than a text and a time.
    order = station * (1 << bits) + since
    return table if order.is_sorted() else table[order.arg_sort()]
