"""Reading the store: which months, which calibre, which rows, as of when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

import polars as pl

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations import layout
from lantian.observations.layout import ROW_KEY, CalibreChoice
from lantian.observations.log import Reach
from lantian.observations.resolve import Stored, latest
from lantian.observations.schema import LONG, TIME, Calibre
from lantian.observations.stored import stored_rows
from lantian.observations.table import MeasurementTable, Snapshot

READ_SCHEMA: dict[str, pl.DataType] = {
    **LONG,
    "calibre": pl.String(),
    "batch": pl.Int64(),
    "recorded": TIME,
}

_CALIBRES: tuple[Calibre, ...] = get_args(Calibre)


@dataclass(frozen=True)
class Selection:
    """Which values are meant.

    Parameters
    ----------
    stations, parameters
        None: all.
    start, end
        Labels (end of the period) after ``start`` up to and including ``end``, with a zone; None:
        no bound.
    period
        Averaging period.
    calibre
        None: the only one stored.
    """

    stations: Collection[str] | None = None
    parameters: Collection[str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    period: str = "1h"
    calibre: CalibreChoice | None = None

    def unbounded(self) -> bool:
        """Say whether it means everything there is."""
        return (self.stations, self.parameters, self.start, self.end) == (None,) * 4

    def reach(self) -> Reach:
        """Return what the files that may hold a selected row are known by."""
        after, until = (
            None if bound is None else layout.aware(bound) for bound in (self.start, self.end)
        )
        return Reach(after, until, self.stations)

    def filters(self) -> list[pl.Expr]:
        """Return the conditions on a row."""
        found = []
        if self.stations is not None:
            found.append(pl.col("station").is_in(list(self.stations)))
        if self.parameters is not None:
            found.append(pl.col("parameter").is_in(list(self.parameters)))
        if self.start is not None:
            found.append(pl.col("time") > pl.lit(layout.aware(self.start)).cast(TIME))
        if self.end is not None:
            found.append(pl.col("time") <= pl.lit(layout.aware(self.end)).cast(TIME))
        return found


class Reader:
    """One consistent view of the store at one version.

    Parameters
    ----------
    table, snapshot
        The table and what it holds.
    zone
        Whose months the rows are filed under.
    as_of
        Show what was visible at this moment; None: now.
    """

    def __init__(
        self,
        table: MeasurementTable,
        snapshot: Snapshot,
        zone: str,
        as_of: datetime | None = None,
    ) -> None:
        self._table = table
        self._snapshot = snapshot
        self._zone = zone
        self._as_of = None if as_of is None else layout.aware(as_of)

    def calibres(self, period: str, choice: CalibreChoice | None) -> tuple[Calibre, ...]:
        """Return which calibres to read, the one that wins last.

        Raises
        ------
        DomainError
            ``store.calibre_needed``: both are stored and none was asked for.
        InvalidArgumentError
            ``store.bad_calibre``.
        """
        if choice == "prefer-audited":
            return ("realtime", "audited")
        if choice is not None:
            return (known_calibre(choice),)
        stored = tuple(c for c in _CALIBRES if self._snapshot.ledger.months(period, c, self._as_of))
        if len(stored) > 1:
            raise DomainError(
                "store.calibre_needed",
                _(
                    "The store holds real-time and audited values, which are never mixed unasked. "
                    "Choose realtime, audited or prefer-audited."
                ),
                {"period": period},
            )
        return stored

    def months(self, period: str, choice: CalibreChoice | None) -> list[str]:
        """Return the local months (``2016-01``) with visible rows, in order."""
        ledger = self._snapshot.ledger
        found = (ledger.months(period, c, self._as_of) for c in self.calibres(period, choice))
        return sorted({month for months in found for month in months})

    def layers(
        self, month: str, period: str, choice: CalibreChoice | None, reach: Reach | None = None
    ) -> tuple[pl.LazyFrame | None, pl.LazyFrame | None]:
        """Return the visible rows of a month as base and revisions; see `Store.layers`."""
        base: pl.LazyFrame | None = None
        later: list[pl.LazyFrame] = []
        for calibre in self.calibres(period, choice):
            stored = self._stored(period, calibre, month, reach)
            if base is None and not later:
                base = stored.base
            elif stored.base is not None:
                later.append(stored.base)
            if stored.revisions is not None:
                later.append(stored.revisions.sort("batch", maintain_order=True))
        return base, pl.concat(later) if later else None

    def rows(self, selection: Selection) -> pl.LazyFrame:
        """Return the selected rows, the latest visible one per key, in no promised order."""
        calibres = self.calibres(selection.period, selection.calibre)
        parts = [self._month(month, selection, calibres) for month in self.months_of(selection)]
        found = [part for part in parts if part is not None]
        if not found:
            return pl.LazyFrame(schema=READ_SCHEMA)
        return pl.concat(found)

    def revisions_of(
        self, station: str, parameter: str, period: str, time: datetime, choice: Calibre | None
    ) -> pl.DataFrame:
        """Return every row ever stored of one value, also those undone, oldest first."""
        month = layout.month_of(time, period, self._zone)
        calibres = self.calibres(period, choice) or _CALIBRES
        label = layout.aware(time)
        reach = Reach(label - timedelta(microseconds=1), label, (station,))
        stored = [
            stored_rows(self._table, self._snapshot, period, c, month, undone=True, reach=reach)
            for c in calibres
        ]
        one = (
            (pl.col("station") == station)
            & (pl.col("parameter") == parameter)
            & (pl.col("time") == pl.lit(layout.aware(time)).cast(TIME))
        )
        layers = [layer for s in stored for layer in (s.base, s.revisions)]
        parts = [layer.filter(one) for layer in layers if layer is not None]
        if not parts:
            return pl.DataFrame(schema=layout.FILE_SCHEMA)
        return pl.concat(parts).sort("batch").collect()

    def _stored(
        self, period: str, calibre: Calibre, month: str, reach: Reach | None = None
    ) -> Stored:
        return stored_rows(
            self._table, self._snapshot, period, calibre, month, as_of=self._as_of, reach=reach
        )

    def months_of(self, selection: Selection) -> list[str]:
        """Return the months in which selected rows may be."""
        low, high = (
            None if bound is None else layout.month_of(bound, selection.period, self._zone)
            for bound in (selection.start, selection.end)
        )
        return [
            month
            for month in self.months(selection.period, selection.calibre)
            if (low is None or month >= low) and (high is None or month <= high)
        ]

    def _month(
        self, month: str, selection: Selection, calibres: Sequence[Calibre]
    ) -> pl.LazyFrame | None:
        chosen: pl.LazyFrame | None = None
        for calibre in calibres:
            stored = self._stored(selection.period, calibre, month, selection.reach())
            rows = latest(_filtered(stored.base, selection), _filtered(stored.revisions, selection))
            if rows is None:
                continue
            labelled = rows.with_columns(
                pl.lit(selection.period).alias("period"), pl.lit(calibre).alias("calibre")
            ).select(list(READ_SCHEMA))
            if chosen is None:
                chosen = labelled
            else:
                below = chosen.join(labelled, on=list(ROW_KEY), how="anti")
                chosen = pl.concat([below, labelled])
        return chosen


def known_calibre(name: str) -> Calibre:
    """Return ``name`` as the calibre it names.

    Raises
    ------
    InvalidArgumentError
        ``store.bad_calibre``.
    """
    for calibre in _CALIBRES:
        if name == calibre:
            return calibre
    raise InvalidArgumentError(
        "store.bad_calibre",
        _("“{calibre}” is not a calibre. Choose {known}.").format(
            calibre=name, known=", ".join(get_args(CalibreChoice))
        ),
        {"calibre": name},
    )


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows by station, parameter and time."""
    if rows.is_empty():
        return rows
    names = {c: rows[c].unique().sort().to_list() for c in ("station", "parameter")}
    station, parameter = (
        pl.col(c).cast(pl.Enum(n)).to_physical().cast(pl.Int64) for c, n in names.items()
    )
    series = station * len(names["parameter"]) + parameter
    since = pl.col("time").dt.epoch("ms") - pl.col("time").min().dt.epoch("ms")
    span = rows.select(since.max().alias("span")).item()
    bits = int(span).bit_length()
    if (len(names["station"]) * len(names["parameter"])) >> (63 - bits):
        return rows.sort("station", "parameter", "time")
    # One number sorts several times faster than two texts and a time.
    order = rows.select(key=series * (1 << bits) + since)["key"]
    return rows if order.is_sorted() else rows[order.arg_sort()]


def _filtered(rows: pl.LazyFrame | None, selection: Selection) -> pl.LazyFrame | None:
    if rows is None:
        return None
    conditions = selection.filters()
    return rows.filter(*conditions) if conditions else rows
