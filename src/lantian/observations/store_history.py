"""Looking back over a store: all that was ever stored of a value, and every batch."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from lantian.observations.batches import Batch
from lantian.observations.reading import READ_SCHEMA
from lantian.observations.schema import Calibre
from lantian.observations.store_folder import StoreFolder
from lantian.observations.stored import stored_rows


class StoreHistory(StoreFolder):
    """What happened to a store, whether it still counts or not."""

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
        schema = {**READ_SCHEMA, "revision": pl.Boolean()}
        batch = snapshot.ledger.batches.get(number)
        if batch is None:
            return pl.LazyFrame(schema=schema)
        parts = []
        for part in batch.parts:
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

    def standing_on(self, batch: int) -> list[int]:
        """Return the decisions in force about values of a batch, which fall when it is undone."""
        return self.table.snapshot().ledger.dependents(batch)
