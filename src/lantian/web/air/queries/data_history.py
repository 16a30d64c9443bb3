"""The history of the store: batches, what each brought, what stands on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.network.answers import Answers
from lantian.observations.batches import Batch
from lantian.observations.extent import extent
from lantian.observations.layout import ROW_KEY
from lantian.observations.reading import Selection
from lantian.observations.store import Store
from lantian.web.core.air import network

PAGE = 50
_SAMPLE = 50
_MOST_ROWS = 2_000_000
_TICK = timedelta(microseconds=1)
_kept = Answers(32 * 2**20)


@dataclass(frozen=True)
class Filter:
    """Which batches a page shows; empty: all.

    Parameters
    ----------
    kind, state, calibre, actor
        As stored.
    text
        In a file name, a reason or a name.
    start, end
        Local days of landing, both included.
    """

    kind: str = ""
    state: str = ""
    calibre: str = ""
    actor: str = ""
    text: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class History:
    """A page of batches, newest first."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    page: int
    pages: int
    actors: Sequence[str]


@dataclass(frozen=True)
class Detail:
    """One batch.

    Parameters
    ----------
    stations
        ``station name new changed first last`` of what it brought.
    changes
        The first values it replaced: ``station name parameter period time value grade unit
        value_before grade_before batch_before``.
    falls
        The batches an undo would take back with it.
    """

    batch: Batch
    stations: Sequence[Mapping[str, Any]]
    changes: Sequence[Mapping[str, Any]]
    falls: Sequence[Batch]


def history(wanted: Filter, page: int) -> History:
    """Return a page of the batches a filter leaves."""
    batches = settings.HOME.store.batches()
    kept = filtered(batches, wanted)
    pages = max(1, -(-kept.height // PAGE))
    page = min(max(page, 1), pages)
    rows = kept.slice((page - 1) * PAGE, PAGE)
    actors = batches["actor"].unique().sort().to_list()
    return History(rows.rows(named=True), kept.height, page, pages, actors)


def newest(count: int) -> list[dict[str, Any]]:
    """Return the newest batches."""
    store: Store = settings.HOME.store
    return store.batches().tail(count).reverse().rows(named=True)


def filtered(batches: pl.DataFrame, wanted: Filter) -> pl.DataFrame:
    """Return the batches a filter leaves, newest first."""
    conditions = [
        pl.col(name) == value
        for name in ("kind", "state", "calibre", "actor")
        if (value := getattr(wanted, name))
    ]
    if wanted.text:
        said = pl.concat_str(
            pl.col("files").list.join(" "),
            *(pl.col(c).fill_null("") for c in ("reason", "undo_reason", "actor")),
            separator=" ",
        )
        conditions.append(said.str.to_lowercase().str.contains(wanted.text.lower(), literal=True))
    zone = ZoneInfo(network().zone)
    if wanted.start is not None:
        conditions.append(pl.col("landed_at") >= datetime.combine(wanted.start, time(), zone))
    if wanted.end is not None:
        after = datetime.combine(wanted.end + timedelta(days=1), time(), zone)
        conditions.append(pl.col("landed_at") < after)
    kept = batches.filter(*conditions) if conditions else batches
    return kept.reverse()


def batch_of(number: int) -> Batch:
    """Return one batch.

    Raises
    ------
    UnknownNameError
        ``store.unknown_batch``.
    """
    found: Batch | None = settings.HOME.store.batch(number)
    if found is None:
        raise UnknownNameError(
            "store.unknown_batch",
            _("There is no batch {batch}. The import history lists them.").format(batch=number),
            {"batch": number},
        )
    return found


def detail(number: int) -> Detail:
    """Return what a page shows of a batch.

    Raises
    ------
    UnknownNameError
        ``store.unknown_batch``.
    """
    batch = batch_of(number)
    store = settings.HOME.store
    falls = [batch_of(n) for n in store.standing_on(number)] if batch.undone_at is None else []
    # what a batch brought never changes
    stations = _kept.get(("stations", str(store.path), number), lambda: _stations(number))
    changes = _kept.get(("changes", str(store.path), number), lambda: _changes(batch))
    return Detail(
        batch, with_names(stations).rows(named=True), with_names(changes).rows(named=True), falls
    )


def _stations(number: int) -> pl.DataFrame:
    revised = pl.col("revision")
    store: Store = settings.HOME.store
    return (
        store.rows_of(number)
        .group_by("station")
        .agg(
            (~revised).sum().cast(pl.Int64).alias("new"),
            revised.sum().cast(pl.Int64).alias("changed"),
            pl.col("time").min().alias("first"),
            pl.col("time").max().alias("last"),
        )
        .sort("station")
        .collect()
    )


def rows_of(number: int) -> pl.DataFrame:
    """Return every value of a batch, to be downloaded.

    Raises
    ------
    UnknownNameError
        ``store.unknown_batch``.
    InvalidArgumentError
        ``data.too_many_rows``.
    """
    batch = batch_of(number)
    count = batch.rows_new + batch.rows_changed
    if count > _MOST_ROWS:
        raise InvalidArgumentError(
            "data.too_many_rows",
            _(
                "The batch has {n} values, too many for one file here. Export them on the machine: "
                "lantian export."
            ).format(n=f"{count:,}"),
        )
    found: pl.DataFrame = settings.HOME.store.rows_of(number).collect()
    return found.sort("period", "station", "parameter", "time")


def with_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the names of its stations; the id of one that has none."""
    names = network().stations().select("station", "name").unique("station")
    joined = frame.join(names, on="station", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("name", "station").alias("name"))


def _changes(batch: Batch) -> pl.DataFrame:
    """Return the first values a batch replaced, with what stood before it."""
    if not batch.rows_changed:
        return pl.DataFrame(schema={"station": pl.String()})
    revised = settings.HOME.store.rows_of(batch.id).filter("revision")
    some = revised.sort("period", "time", "station", "parameter").head(_SAMPLE).collect()
    seen: list[pl.DataFrame] = []
    for (period,), part in some.partition_by("period", as_dict=True).items():
        first, last = extent(part["time"], datetime)
        near = Selection(
            part["station"].unique().to_list(), part["parameter"].unique().to_list(),
            first - _TICK, last, str(period), batch.calibre,
        )  # fmt: skip
        before = settings.HOME.store.scan(near, as_of=batch.landed_at - _TICK)
        keyed = before.join(part.lazy(), on=list(ROW_KEY), how="semi").collect()
        seen.append(
            part.join(
                keyed.select(
                    *ROW_KEY,
                    *(pl.col(c).alias(f"{c}_before") for c in ("value", "grade", "batch")),
                ),
                on=list(ROW_KEY),
                how="left",
            )
        )
    return pl.concat(seen)
