"""From offered rows to one commit: validate, split by month, compare, write, commit."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations import layout, space
from lantian.observations.batches import Batch, ImportedFile, Kind, Part
from lantian.observations.keys import KEY, KeySpace, ordered, refuse_conflicts
from lantian.observations.layout import CONTENT, ROW_KEY, Partition
from lantian.observations.log import Reach
from lantian.observations.resolve import Verdict, judge, latest, scan
from lantian.observations.schema import LONG, TIME, Calibre, conform
from lantian.observations.stored import stored_rows
from lantian.observations.table import MeasurementTable, Snapshot, Staging
from lantian.progress import Progress

GRADES = ("valid", "suspect", "invalid")
SHOWN_CHANGES = 100
_COUNTED = ("new", "changed")
_BY_SOURCE: dict[str, pl.DataType] = {
    "source": pl.String(), "new": pl.Int64(), "changed": pl.Int64(),
}  # fmt: skip
_CHANGES: dict[str, pl.DataType] = {
    **LONG, "value_before": pl.Float64(), "grade_before": pl.String(), "batch_before": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What is about to happen, and on whose word."""

    kind: Kind
    calibre: Calibre
    actor: str
    reason: str | None
    files: Sequence[ImportedFile]
    landed_at: datetime
    event: int | None = None


@dataclass(frozen=True)
class Preview:
    """What a batch would do, and a text by which to tell whether it still would.

    Parameters
    ----------
    batch
        As it would land; its number is the next one.
    fingerprint
        Changes whenever other rows would land, or would replace those of other batches.
    by_source
        ``source new changed``: values that would land, by where they come from.
    changes
        The first values that would replace another, with what they replace: ``station parameter
        period time value unit flag grade source``, then ``value_before grade_before
        batch_before``.
    """

    batch: Batch
    fingerprint: str
    by_source: pl.DataFrame
    changes: pl.DataFrame


@dataclass
class _Tally:
    read: int = 0
    held: int = 0
    new: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    changed: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    based_on: set[int] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    digest: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0})
    sources: list[pl.DataFrame] = field(default_factory=list)
    changes: list[pl.DataFrame] = field(default_factory=list)
    shown: int = 0


def prepared(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a long frame fit to be stored; NaN becomes missing.

    Infinite values are for their giver to correct: every mean they enter would be infinite.

    Raises
    ------
    InvalidArgumentError
        A key is missing, a grade unknown, a period malformed, a value infinite or a time finer
        than a millisecond.
    """
    long = conform(frame).with_columns(pl.col("value").fill_nan(None))
    texts = ("station", "parameter", "period", "unit", "flag", "grade", "source")
    nulls = [c for c in (*texts, "time") if long[c].null_count()]
    if nulls:
        raise InvalidArgumentError(
            "store.missing_key",
            _("Some rows have nothing in the columns {names}. Fill them or leave them out.").format(
                names=", ".join(nulls)
            ),
            {"columns": nulls},
        )
    grades = set(long["grade"].unique()) - set(GRADES)
    if grades:
        raise InvalidArgumentError(
            "store.bad_grade",
            _("“{grade}” is not a grade. Grades are {known}.").format(
                grade=min(grades), known=", ".join(GRADES)
            ),
            {"grades": sorted(grades)},
        )
    if long["value"].is_infinite().any():
        raise InvalidArgumentError(
            "store.infinite_value",
            _("Some values are infinite, which no measurement is. Correct them or leave them out."),
        )
    if long.select((pl.col("time").dt.epoch("us") % 1000 != 0).any()).item():
        raise InvalidArgumentError(
            "store.bad_time",
            _("Some times are finer than a millisecond, which measurements are not. Round them."),
        )
    return long


class Landing:
    """One batch on its way in. Nothing of it is visible before `commit`.

    Parameters
    ----------
    table, snapshot
        Where it goes, and what is there; the caller holds the writer lock.
    zone
        Whose months the rows are filed under.
    change
        Who does what.
    watched
        Keep what `fingerprint` and `preview` tell.
    trial
        Write nothing. Each month must then come in one frame.
    """

    def __init__(
        self,
        table: MeasurementTable,
        snapshot: Snapshot,
        zone: str,
        change: Change,
        *,
        watched: bool = False,
        trial: bool = False,
    ) -> None:
        self._table = table
        self._snapshot = snapshot
        self._zone = zone
        self._change = change
        self._watched = watched or trial
        self._trial = trial
        self._id = snapshot.ledger.next_id()
        self._decisions = snapshot.ledger.of_kinds("correction", "exclusion", "restore")
        self._staging = Staging(table)
        self._staged: dict[tuple[str, str], list[Path]] = defaultdict(list)
        self._tally = _Tally()

    def take(self, frames: Iterable[pl.DataFrame], progress: Progress) -> None:
        """Compare and write the rows of ``frames``, month by month."""
        for frame in frames:
            long = prepared(frame)
            space.check(self._table.folder, long.height * space.BYTES_PER_ROW)
            self._tally.read += long.height
            if long.is_empty():
                continue
            keys = KeySpace(long)
            months = list(_by_month(long, self._zone))
            for done, (period, month, rows) in enumerate(months):
                progress(_("Storing"), done, len(months))
                self._take_month(period, month, rows, keys)
            progress(_("Storing"), len(months), len(months))

    def commit(self) -> Batch:
        """Make everything taken visible in one step; nothing at all if nothing was new."""
        batch = self._batch()
        if batch.id:
            self._staging.settle()
            self._table.commit(self._staging.actions, batch.record(), batch.id)
        return batch

    def fingerprint(self) -> str:
        """Return a text that changes whenever other rows land or replace those of other batches."""
        tally, change = self._tally, self._change
        counts = (sum(tally.new.values()), sum(tally.changed.values()), tally.read, tally.held)
        told = (change.kind, change.calibre, counts, sorted(tally.digest.items()))
        return hashlib.sha256(repr((told, sorted(tally.based_on))).encode()).hexdigest()[:24]

    def preview(self) -> Preview:
        """Return what `commit` would do."""
        tally = self._tally
        counts = pl.concat(tally.sources) if tally.sources else pl.DataFrame(schema=_BY_SOURCE)
        return Preview(
            self._batch(),
            self.fingerprint(),
            counts.group_by("source").sum().sort("source"),
            pl.concat(tally.changes) if tally.changes else pl.DataFrame(schema=_CHANGES),
        )

    def discard(self) -> None:
        """Delete what was written, unless the commit landed after all."""
        if self._id not in self._table.snapshot().ledger.batches:
            self._staging.discard()

    def _take_month(self, period: str, month: str, rows: pl.DataFrame, keys: KeySpace) -> None:
        incoming = ordered(rows.with_columns(keys.expr(month)))
        incoming = self._without_repeats(incoming, period, month, keys)
        if incoming.is_empty():
            return
        verdict = self._verdict(incoming, period, month, keys)
        self._count(verdict, period, month)
        if self._watched:
            self._watch(verdict)
        if self._change.kind != "import" and not verdict.new.is_empty():
            raise _no_such_value(verdict.new)
        self._write(verdict.new, Partition(period, self._change.calibre, month, "base"))
        self._write(verdict.changed, Partition(period, self._change.calibre, month, "revision"))

    def _verdict(self, incoming: pl.DataFrame, period: str, month: str, keys: KeySpace) -> Verdict:
        first, last = cast(datetime, incoming["time"].min()), cast(datetime, incoming["time"].max())
        reach = Reach(
            first - timedelta(microseconds=1), last, incoming["station"].unique().to_list()
        )
        stored = stored_rows(
            self._table, self._snapshot, period, self._change.calibre, month, reach=reach
        )
        return judge(
            incoming, stored.keyed(incoming, keys, month), self._decisions, self._change.kind
        )

    def _without_repeats(
        self, incoming: pl.DataFrame, period: str, month: str, keys: KeySpace
    ) -> pl.DataFrame:
        """Drop rows that an earlier frame of this batch brought; refuse those that contradict."""
        staged = scan(self._staged[period, month], ())
        if staged is None:
            return incoming
        before = (
            staged.with_columns(keys.expr(month), pl.lit(period).alias("period"))
            .join(incoming.lazy().select(KEY), on=KEY, how="semi")
            .select(incoming.columns)
            .collect()
        )
        if before.is_empty():
            return incoming
        refuse_conflicts(pl.concat([before, incoming.join(before, on=KEY, how="semi")]))
        return incoming.join(before, on=KEY, how="anti", maintain_order="left")

    def _write(self, rows: pl.DataFrame, where: Partition) -> None:
        if rows.is_empty() or self._trial:
            return
        stamped = rows.with_columns(
            pl.lit(self._id, dtype=pl.Int64).alias("batch"),
            pl.lit(self._change.landed_at).cast(TIME).alias("recorded"),
        )
        path = self._staging.write(where, stamped)
        self._staged[where.period, where.month].append(path)

    def _count(self, verdict: Verdict, period: str, month: str) -> None:
        tally = self._tally
        tally.held += verdict.held
        tally.based_on |= verdict.based_on
        for rows, counter in ((verdict.new, tally.new), (verdict.changed, tally.changed)):
            if not rows.is_empty():
                counter[period, month] += rows.height
                first = cast(datetime, rows["time"].min())
                last = cast(datetime, rows["time"].max())
                tally.first = first if tally.first is None else min(tally.first, first)
                tally.last = last if tally.last is None else max(tally.last, last)

    def _watch(self, verdict: Verdict) -> None:
        """Remember what the rows of one month would do."""
        tally = self._tally
        for name, rows in (("new", verdict.new), ("changed", verdict.changed)):
            if rows.is_empty():
                continue
            hashes = rows.select(*ROW_KEY, "period", *CONTENT).hash_rows(seed=0).to_numpy()
            total = tally.digest[name] + int(np.add.reduce(hashes, dtype=np.uint64))
            tally.digest[name] = total % 2**64
            counts = rows.group_by("source").agg(pl.len().cast(pl.Int64).alias(name))
            tally.sources.append(
                counts.select(
                    "source",
                    *(pl.col(c) if c == name else pl.lit(0, pl.Int64).alias(c) for c in _COUNTED),
                )
            )
        room = SHOWN_CHANGES - tally.shown
        if self._trial and room > 0 and not verdict.changed.is_empty():
            some = verdict.changed.head(room)
            tally.shown += some.height
            tally.changes.append(self._with_before(some))

    def _with_before(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return changed rows of one month with the visible ones they would replace."""
        period = rows["period"][0]
        month = layout.month_of(rows["time"][0], period, self._zone)
        stored = stored_rows(self._table, self._snapshot, period, self._change.calibre, month)
        base, revisions = (
            part if part is None else part.join(rows.lazy(), on=list(ROW_KEY), how="semi")
            for part in (stored.base, stored.revisions)
        )
        seen = latest(base, revisions)
        if seen is None:
            raise LookupError("a row is to change a stored one, but none is stored")
        before = seen.select(
            *ROW_KEY, *(pl.col(n).alias(f"{n}_before") for n in ("value", "grade", "batch"))
        )
        return (
            rows.lazy()
            .join(before, on=list(ROW_KEY), how="left", maintain_order="left")
            .select(list(_CHANGES))
            .collect()
        )

    def _batch(self) -> Batch:
        tally, change = self._tally, self._change
        touched = sorted(tally.new.keys() | tally.changed.keys())
        return Batch(
            id=self._id if touched else 0,
            kind=change.kind,
            calibre=change.calibre,
            actor=change.actor,
            reason=change.reason,
            files=tuple(change.files),
            rows_read=tally.read,
            rows_new=sum(tally.new.values()),
            rows_changed=sum(tally.changed.values()),
            rows_same=tally.read
            - sum(tally.new.values())
            - sum(tally.changed.values())
            - tally.held,
            rows_held=tally.held,
            first_time=tally.first,
            last_time=tally.last,
            parts=tuple(
                Part(period, month, tally.new[period, month], tally.changed[period, month])
                for period, month in touched
            ),
            based_on=() if change.kind == "import" else tuple(sorted(tally.based_on)),
            landed_at=change.landed_at,
            event=change.event,
        )


def _by_month(long: pl.DataFrame, zone: str) -> Iterable[tuple[str, str, pl.DataFrame]]:
    for (period,), rows in sorted(long.partition_by("period", as_dict=True).items()):
        month = layout.month_expr(period, zone).alias("month")
        ends = rows.select(pl.col("time").min().append(pl.col("time").max())).select(month)["month"]
        if ends[0] == ends[1]:
            yield period, ends[0], rows
            continue
        months = rows.select(month)["month"]
        parts = rows.with_columns(months).partition_by("month", as_dict=True, include_key=False)
        for (month,), part in sorted(parts.items()):
            yield period, month, part


def _no_such_value(rows: pl.DataFrame) -> DomainError:
    first = rows.row(0, named=True)
    return DomainError(
        "store.no_such_value",
        _(
            "{count} of the values are not in the store, first {station} {parameter} at {time}. "
            "Only a stored value can be corrected or excluded."
        ).format(
            count=rows.height,
            station=first["station"],
            parameter=first["parameter"],
            time=first["time"].isoformat(),
        ),
        {"count": rows.height},
    )
