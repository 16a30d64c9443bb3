"""Which corrections and exclusions are in force: what people decided and nothing replaced since."""

from __future__ import annotations

import polars as pl

from lantian.observations.layout import ROW_KEY
from lantian.observations.reading import READ_SCHEMA
from lantian.observations.store import Store


def standing(store: Store) -> pl.DataFrame:
    """Return every value that counts because somebody corrected or excluded it.

    Returns
    -------
    polars.DataFrame
        Columns of ``Store.read`` and ``kind`` (``correction`` or ``exclusion``), newest batch
        first.
    """
    decided = [
        batch
        for number in store.batches().filter(
            pl.col("state") == "landed", pl.col("kind").is_in(("correction", "exclusion"))
        )["batch"]
        if (batch := store.batch(number)) is not None
    ]
    kinds = {batch.id: batch.kind for batch in decided}
    places = sorted({(p.period, b.calibre, p.month) for b in decided for p in b.parts})
    parts = []
    for period, calibre, month in places:
        _base, revisions = store.layers(month, period=period, calibre=calibre)
        if revisions is not None:
            newest = revisions.sort("batch").unique(list(ROW_KEY), keep="last")
            parts.append(
                newest.filter(pl.col("batch").is_in(list(kinds))).with_columns(
                    pl.lit(period).alias("period"), pl.lit(calibre).alias("calibre")
                )
            )
    schema = {**READ_SCHEMA, "kind": pl.String()}
    if not parts:
        return pl.DataFrame(schema=schema)
    kind = pl.col("batch").replace_strict(kinds, return_dtype=pl.String).alias("kind")
    found = pl.concat(parts).with_columns(kind).select(list(schema)).collect()
    return found.sort(
        "batch", "station", "parameter", "time", descending=[True, False, False, False]
    )
