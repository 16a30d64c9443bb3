"""Deciding about stored values: correct one, exclude some, reinstate them."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from lantian.observations import decisions
from lantian.observations.batches import Batch
from lantian.observations.decisions import Decision, need_reason
from lantian.observations.layout import Clock, utc_now
from lantian.observations.reading import Selection
from lantian.observations.schema import Calibre, Grade
from lantian.observations.store_changes import StoreChanges
from lantian.observations.store_folder import not_as_shown


class StoreDecisions(StoreChanges):
    """Decisions of a person; each lands as a batch with a reason, which may be undone."""

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
