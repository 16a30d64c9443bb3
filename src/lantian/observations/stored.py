"""The rows of a month as they are stored."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from lantian.observations.layout import Layer, Partition
from lantian.observations.log import Reach
from lantian.observations.resolve import Stored, scan
from lantian.observations.schema import Calibre
from lantian.observations.table import MeasurementTable, Snapshot


def stored_rows(
    table: MeasurementTable,
    snapshot: Snapshot,
    period: str,
    calibre: Calibre,
    month: str,
    *,
    as_of: datetime | None = None,
    undone: bool = False,
    reach: Reach | None = None,
) -> Stored:
    """Return the visible rows of a month, base and revisions apart, not resolved.

    With ``undone`` also those that are no longer visible. With ``reach`` rows outside it may be
    left out.
    """
    hidden = [] if undone else snapshot.ledger.hidden(period, calibre, month, as_of)

    def layer(name: Layer) -> pl.LazyFrame | None:
        files = snapshot.files.get(Partition(period, calibre, month, name), ())
        near = [f for f in files if reach is None or f.may_hold(reach)]
        return scan(table.paths(near), hidden)

    return Stored(layer("base"), layer("revision"))
