"""Changing a store: measurements land as batches, and a batch may be undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from lantian.observations import layout, merging
from lantian.observations.batches import Batch, ImportedFile, Kind, undo_record
from lantian.observations.decisions import need_reason
from lantian.observations.landing import Change, Landing, Preview
from lantian.observations.layout import Clock, utc_now
from lantian.observations.reading import known_calibre
from lantian.observations.schema import Calibre
from lantian.observations.store_folder import StoreFolder, not_as_shown
from lantian.observations.undoing import to_undo
from lantian.progress import Progress, silent


class StoreChanges(StoreFolder):
    """Batches: all of one lands or none of it, and who, when and why stays with it."""

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
