"""The store of measurements: append-only, every change with who, when and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations import decisions, layout, merging, space
from lantian.observations.batches import Batch, ImportedFile, Kind, undo_record
from lantian.observations.creation import create, settings
from lantian.observations.decisions import Decision, need_reason
from lantian.observations.landing import Change, Landing, Preview, stored_rows
from lantian.observations.layout import CalibreChoice, utc_now
from lantian.observations.locking import WriterLock
from lantian.observations.log import Reach
from lantian.observations.reading import READ_SCHEMA, Reader, Selection, in_order, known_calibre
from lantian.observations.register import RegisterFiles, RegisterVersion
from lantian.observations.resolve import readable
from lantian.observations.schema import Calibre, Grade
from lantian.observations.table import MeasurementTable
from lantian.observations.undoing import to_undo
from lantian.progress import Progress, silent

Clock = Callable[[], datetime]
LOCK_TIMEOUT = 60.0


class Store:
    """Measurements in a folder. Make one with `create`, then `open` it.

    Nothing is ever overwritten or deleted: a changed value is a further row, and the newest one
    whose batch was not undone is the one that counts. Any number of processes may read while one
    writes; a writer waits for the one before it. One Store may serve many threads.

    Parameters
    ----------
    path
        The folder; it must exist.
    lock_timeout
        How long a write waits for another writer [s].
    """

    def __init__(self, path: Path, *, lock_timeout: float = LOCK_TIMEOUT) -> None:
        self.path = path
        self.zone: str = settings(path)["zone"]
        self.table = MeasurementTable(path)
        self._lock = WriterLock(path, lock_timeout)
        self._register = RegisterFiles(path / layout.STATIONS_FOLDER)

    # -- making and opening

    @classmethod
    def create(cls, path: Path | str, *, zone: str, clock: Clock = utc_now) -> Store:
        """Make an empty store and open it.

        Parameters
        ----------
        path
            A folder that does not exist or is empty.
        zone
            IANA time zone of the network, whose local days and months count.

        Raises
        ------
        DomainError
            ``store.exists``: there is something at ``path``.
        """
        create(Path(path), zone, clock())
        return cls(Path(path))

    @classmethod
    def open(cls, path: Path | str, *, lock_timeout: float = LOCK_TIMEOUT) -> Store:
        """Open an existing store.

        Raises
        ------
        DomainError
            ``store.not_found``, ``store.too_new``, ``store.damaged`` or ``store.history_lost``.
        """
        return cls(Path(path), lock_timeout=lock_timeout)

    # -- writing

    def append(
        self,
        frame: pl.DataFrame | Iterable[pl.DataFrame],
        *,
        calibre: Calibre,
        kind: Kind = "import",
        actor: str,
        reason: str | None = None,
        files: Sequence[ImportedFile] = (),
        clock: Clock = utc_now,
        progress: Progress = silent,
        event: int | None = None,
        expected: str | None = None,
    ) -> Batch:
        """Store measurements as one batch: all of them or, on any error, none.

        Rows whose value, unit, flag and grade are the visible ones are dropped; other values of a
        stored key become revisions. If nothing is new there is no commit and the batch that comes
        back has the id 0 and the state ``unchanged``.

        Parameters
        ----------
        frame
            Long frame (`lantian.observations.schema`), or several one after the other for loads
            that do not fit into memory. Several are fastest when each holds whole months.
        calibre
            Whether the values are the network's real-time or its audited ones.
        kind
            What it is; all but ``import`` need a reason and stored values to speak of.
        actor
            Who does it.
        files
            What the rows were read from.
        clock
            Gives the time of the batch.
        event
            Number of the entry of the audit log that was written before.
        expected
            Fingerprint of the `preview` somebody agreed to: nothing lands if something else would.

        Raises
        ------
        DomainError
            ``store.disk_full``, ``store.locked``, ``store.no_such_value``, ``store.conflict``,
            ``store.not_as_shown``.
        InvalidArgumentError
            The rows contradict each other (``store.conflicting_rows``) or are malformed.
        """
        known_calibre(calibre)
        if kind != "import":
            reason = need_reason(reason)
        frames = [frame] if isinstance(frame, pl.DataFrame) else frame
        with self.writing(kind, actor, clock):
            merging.gather(self.table, self.path, clock())
            snapshot = self.table.snapshot()
            landed_at = snapshot.ledger.next_time(layout.aware(clock()))
            change = Change(kind, calibre, actor, reason, tuple(files), landed_at, event)
            watched = expected is not None
            landing = Landing(self.table, snapshot, self.zone, change, watched=watched)
            try:
                landing.take(frames, progress)
                if watched and landing.fingerprint() != expected:
                    raise not_as_shown()
                return landing.commit()
            except BaseException:
                landing.discard()
                raise

    def preview(
        self,
        frame: pl.DataFrame | Iterable[pl.DataFrame],
        *,
        calibre: Calibre,
        kind: Kind = "import",
        files: Sequence[ImportedFile] = (),
        clock: Clock = utc_now,
        progress: Progress = silent,
    ) -> Preview:
        """Return what `append` would do now; nothing is written and nobody waits.

        Parameters
        ----------
        frame
            As for `append`; of several, each must hold whole months.
        """
        known_calibre(calibre)
        snapshot = self.table.snapshot()
        landed_at = snapshot.ledger.next_time(layout.aware(clock()))
        change = Change(kind, calibre, "", None, tuple(files), landed_at)
        landing = Landing(self.table, snapshot, self.zone, change, trial=True)
        landing.take([frame] if isinstance(frame, pl.DataFrame) else frame, progress)
        return landing.preview()

    def standing_on(self, batch: int) -> list[int]:
        """Return the decisions in force about values of a batch, which fall when it is undone."""
        return self.table.snapshot().ledger.dependents(batch)

    def undo(
        self,
        batch: int,
        *,
        actor: str,
        reason: str,
        cascade: bool = False,
        clock: Clock = utc_now,
        event: int | None = None,
        expected: Sequence[int] | None = None,
    ) -> list[int]:
        """Make a batch as if it had not been, and return the numbers of the batches undone.

        Its rows stay stored and readable with ``as_of``. Undoing is final; importing the file
        again brings a new batch.

        Parameters
        ----------
        cascade
            Also undo the corrections and exclusions that stand on values of the batch; without
            it their presence is an error.
        event
            Number of the entry of the audit log that was written before.
        expected
            The batches somebody agreed to undo; nothing is undone if they would be others.

        Raises
        ------
        UnknownNameError
            ``store.unknown_batch``.
        DomainError
            ``store.already_undone``, ``store.batch_in_use``, ``store.not_as_shown``.
        """
        reason = need_reason(reason)
        with self.writing("undo", actor, clock):
            ledger = self.table.snapshot().ledger
            numbers = to_undo(ledger, batch, cascade=cascade)
            if expected is not None and sorted(expected) != sorted(numbers):
                raise not_as_shown()
            at = ledger.next_time(layout.aware(clock()))
            self.table.commit((), undo_record(numbers, actor, reason, at, event))
            return numbers

    def correct(
        self,
        station: str,
        parameter: str,
        time: datetime,
        value: float | None,
        *,
        actor: str,
        reason: str,
        period: str = "1h",
        calibre: Calibre | None = None,
        grade: Grade = "valid",
        clock: Clock = utc_now,
        event: int | None = None,
        standing: int | None = None,
    ) -> Batch:
        """Give one stored value another value; the old one stays in its history.

        Parameters
        ----------
        value
            In the unit of the stored value; None: missing.
        grade
            How the new value is to be judged.
        event
            Number of the entry of the audit log that was written before.
        standing
            Batch whose value somebody looked at; nothing is changed if another one counts by now.

        Raises
        ------
        DomainError
            ``store.no_such_value``, ``store.reason_needed``, ``store.not_as_shown``.
        """
        need_reason(reason)
        one = Selection((station,), (parameter,), None, None, period, calibre)
        with self.writing("correction", actor, clock):
            row, chosen, counting = decisions.correction(self._reader(), one, time, value, grade)
            if standing is not None and counting != standing:
                raise not_as_shown()
            return self.append(
                row,
                calibre=chosen,
                kind="correction",
                actor=actor,
                reason=reason,
                clock=clock,
                event=event,
            )

    def exclude(
        self,
        selection: Selection,
        *,
        actor: str,
        reason: str,
        clock: Clock = utc_now,
        event: int | None = None,
        expected: int | None = None,
    ) -> Batch:
        """Make the selected values invalid (flag ``EXCLUDED``), keeping them readable.

        Parameters
        ----------
        event
            Number of the entry of the audit log that was written before.
        expected
            How many values somebody agreed to exclude; nothing is changed if they are others.

        Raises
        ------
        DomainError
            ``store.nothing_selected``, ``store.selection_needed``, ``store.reason_needed``.
        """
        return self._decide(
            "exclusion", selection, actor, reason, clock=clock, event=event, expected=expected
        )

    def restore(
        self,
        selection: Selection,
        *,
        actor: str,
        reason: str,
        clock: Clock = utc_now,
        event: int | None = None,
        expected: int | None = None,
    ) -> Batch:
        """Reinstate the selected excluded values as they were before they were excluded.

        Parameters
        ----------
        event, expected
            As for `exclude`.

        Raises
        ------
        DomainError
            ``store.nothing_selected``, ``store.selection_needed``, ``store.reason_needed``.
        """
        return self._decide(
            "restore", selection, actor, reason, clock=clock, event=event, expected=expected
        )

    def count(self, selection: Selection, *, decision: Decision = "exclusion") -> int:
        """Return how many values an ``exclusion`` or ``restore`` of ``selection`` would change."""
        rows, _calibre = decisions.concerned(self.table, self.zone, selection, decision)
        return int(rows.select(pl.len()).collect().item())

    def check_space(self, n_bytes: int) -> None:
        """Make sure that ``n_bytes`` more fit on the disk, before long work is begun.

        Measurements take less room stored than in any text file, so the size of the file to be
        imported is a safe number to ask for.

        Raises
        ------
        DomainError
            ``store.disk_full``.
        """
        space.check(self.path, n_bytes)

    @contextmanager
    def writing(self, what: str, actor: str, clock: Clock = utc_now) -> Iterator[None]:
        """Hold the writer lock, for several changes in a row or a consistent copy of the folder.

        Raises
        ------
        DomainError
            ``store.locked``.
        """
        with self._lock.held(what, actor, clock):
            self.table.tidy()
            yield

    # -- reading

    def read(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        stations: Collection[str] | None = None,
        parameters: Collection[str] | None = None,
        period: str = "1h",
        calibre: CalibreChoice | None = None,
        as_of: datetime | None = None,
    ) -> pl.DataFrame:
        """Return measurements, the latest visible revision of each, by station, parameter, time.

        Parameters
        ----------
        start, end
            Labels (end of the period) after ``start`` up to and including ``end``, with a zone.
        stations, parameters
            None: all.
        calibre
            ``prefer-audited``: the audited value where there is one. None: the only one stored.
        as_of
            As it stood at this moment.

        Returns
        -------
        polars.DataFrame
            The long columns, then ``calibre``, ``batch`` and ``recorded`` (UTC).

        Raises
        ------
        DomainError
            ``store.calibre_needed``: real-time and audited values are both stored.
        """
        selection = Selection(stations, parameters, start, end, period, calibre)
        with readable():
            return in_order(self.scan(selection, as_of=as_of).collect())

    def scan(self, selection: Selection, *, as_of: datetime | None = None) -> pl.LazyFrame:
        """Return what `read` returns, lazily and in no promised order."""
        return self._reader(as_of).rows(selection)

    def calibres(
        self, period: str = "1h", choice: CalibreChoice | None = None
    ) -> tuple[Calibre, ...]:
        """Return which calibres a choice reads, the one that wins last.

        Raises
        ------
        DomainError
            ``store.calibre_needed``: both are stored and none was chosen.
        """
        return self._reader().calibres(period, choice)

    def months(
        self,
        period: str = "1h",
        calibre: CalibreChoice | None = None,
        *,
        as_of: datetime | None = None,
    ) -> list[str]:
        """Return the local months (``2016-01``) with visible values, in order."""
        return self._reader(as_of).months(period, calibre)

    def months_of(self, selection: Selection) -> list[str]:
        """Return the local months in which selected values may be, in order."""
        return self._reader().months_of(selection)

    def layers(
        self,
        month: str,
        *,
        period: str = "1h",
        calibre: CalibreChoice | None = None,
        as_of: datetime | None = None,
        reach: Reach | None = None,
    ) -> tuple[pl.LazyFrame | None, pl.LazyFrame | None]:
        """Return the visible rows of a local month unresolved: first values, then revisions.

        Of the first, each key is there once. Rows of the second replace them, and replace each
        other in the order they come in: the last one of a key counts. A key may be in the second
        only. The columns are those of `layout.FILE_SCHEMA`; select what is needed. With ``reach``
        rows outside it may be left out.
        """
        return self._reader(as_of).layers(month, period, calibre, reach)

    def history(
        self,
        station: str,
        parameter: str,
        time: datetime,
        *,
        period: str = "1h",
        calibre: Calibre | None = None,
    ) -> pl.DataFrame:
        """Return all that was ever stored of one value, oldest first.

        Returns
        -------
        polars.DataFrame
            ``value unit flag grade source batch recorded``, then ``kind state actor reason
            undone_at undone_by undo_reason`` of the batch, and ``visible``: the one that counts.
        """
        reader = self._reader()
        rows = reader.revisions_of(station, parameter, period, time, calibre)
        about = ("kind", "state", "actor", "reason", "undone_at", "undone_by", "undo_reason")
        batches = self.table.snapshot().ledger.frame(rows["batch"].unique().to_list())
        joined = rows.drop("station", "parameter", "time").join(
            batches.select("batch", *about), on="batch", how="left", maintain_order="left"
        )
        counting = joined.filter(pl.col("state") == "landed")["batch"].max()
        return joined.with_columns(
            (pl.col("batch") == pl.lit(counting, pl.Int64)).fill_null(False).alias("visible")
        )

    def batches(self) -> pl.DataFrame:
        """Return the history of imports, corrections, exclusions and restorations, oldest first."""
        return self.table.snapshot().ledger.frame()

    def batch(self, number: int) -> Batch | None:
        """Return one batch; None if there is none of this number."""
        return self.table.snapshot().ledger.batches.get(number)

    def rows_of(self, number: int) -> pl.LazyFrame:
        """Return every value a batch brought, whether it counts or not, in no promised order.

        Returns
        -------
        polars.LazyFrame
            Columns of `read` and ``revision``: whether it replaced another value.
        """
        snapshot = self.table.snapshot()
        batch = snapshot.ledger.batches.get(number)
        schema = {**READ_SCHEMA, "revision": pl.Boolean()}
        parts = []
        for part in batch.parts if batch is not None else ():
            assert batch is not None  # noqa: S101 - for the type checker
            stored = stored_rows(
                self.table, snapshot, part.period, batch.calibre, part.month, undone=True
            )
            for rows, revision in ((stored.base, False), (stored.revisions, True)):
                if rows is not None:
                    about = {"period": part.period, "calibre": batch.calibre, "revision": revision}
                    mine = rows.filter(pl.col("batch") == number)
                    parts.append(mine.with_columns(pl.lit(v).alias(n) for n, v in about.items()))
        if not parts:
            return pl.LazyFrame(schema=schema)
        return pl.concat([part.select(list(schema)) for part in parts])

    def periods(self) -> list[str]:
        """Return the averaging periods stored."""
        return self.table.snapshot().ledger.periods()

    # -- stations

    def stations(self, version: int | None = None) -> pl.DataFrame | None:
        """Return the station register in force, or an earlier version; None if never saved."""
        number = self._register.latest() if version is None else version
        return self._register.read(number) if number else None

    def save_stations(
        self,
        frame: pl.DataFrame,
        actor: str,
        clock: Clock = utc_now,
        *,
        event: int | None = None,
        standing: int | None = None,
    ) -> int:
        """Save the register and return its version; the earlier ones stay readable.

        Parameters
        ----------
        event
            Number of the entry of the audit log that was written before.
        standing
            Version the change was made to; nothing is saved if another one is in force by now.

        Raises
        ------
        DomainError
            ``store.not_as_shown``.
        """
        with self._lock.held("stations", actor, clock):
            if standing is not None and standing != self._register.latest():
                raise not_as_shown()
            return self._register.save(frame, actor, layout.aware(clock()), event)

    def withdraw_stations(self, version: int, actor: str, clock: Clock = utc_now) -> None:
        """Take back the register saved last, of an import whose values failed to land.

        Raises
        ------
        DomainError
            ``store.no_such_register``: it is not the last one.
        """
        with self._lock.held("stations", actor, clock):
            self._register.withdraw(version)

    def station_versions(self) -> list[RegisterVersion]:
        """Return who saved the register when, oldest first."""
        return self._register.versions()

    def stations_mark(self) -> tuple[int, int]:
        """Return what changes whenever the station register does; costs a look at its folder."""
        return self._register.mark()

    # -- inside

    def _reader(self, as_of: datetime | None = None) -> Reader:
        return Reader(self.table, self.table.snapshot(), self.zone, as_of)

    def _decide(
        self,
        decision: Decision,
        selection: Selection,
        actor: str,
        reason: str,
        *,
        clock: Clock,
        event: int | None,
        expected: int | None,
    ) -> Batch:
        need_reason(reason)
        with self.writing(decision, actor, clock):
            lazy, calibre = decisions.concerned(self.table, self.zone, selection, decision)
            rows = lazy.collect()
            if calibre is None or rows.is_empty():
                raise decisions.nothing_selected(selection)
            if expected is not None and rows.height != expected:
                raise not_as_shown()
            return self.append(
                rows,
                calibre=calibre,
                kind=decision,
                actor=actor,
                reason=reason,
                clock=clock,
                event=event,
            )


def not_as_shown() -> DomainError:
    """Return the error of a change that is no longer the one somebody agreed to."""
    return DomainError(
        "store.not_as_shown",
        _(
            "The store has changed since this was shown, and something else would happen now. "
            "Nothing was changed; look again."
        ),
    )
