"""Quality control of an import: its values judged together with what is stored around them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from lantian.i18n import gettext as _
from lantian.observations import quality
from lantian.observations.extent import extent
from lantian.observations.import_files import Loaded
from lantian.observations.quality_neighbours import neighbour_stations
from lantian.observations.quality_thresholds import Thresholds
from lantian.observations.reading import Selection
from lantian.observations.schema import KEY, LONG, Calibre, empty
from lantian.observations.store import Store
from lantian.progress import Progress


def judged(
    files: Sequence[Loaded],
    register: pl.DataFrame,
    store: Store,
    calibre: Calibre,
    *,
    limits: Thresholds,
    progress: Progress,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the values of all files, graded, and the summary of what quality control found.

    Parameters
    ----------
    files
        As read, with register ids.
    register
        The stations after the import.
    store, calibre
        Where the values will land, and as what.
    """
    task = _("Checking")
    progress(task, 0, 1)
    frames = [one.frame for one in files if not one.frame.is_empty()]
    if not frames:
        return empty(), quality.check(empty()).summary
    new = pl.concat(frames)
    around = _context(new, register, store, calibre, limits)
    found = quality.check(new, register, limits, around=around)
    progress(task, 1, 1)
    return found.frame, found.summary


def _context(
    new: pl.DataFrame, register: pl.DataFrame, store: Store, calibre: Calibre, limits: Thresholds
) -> pl.DataFrame | None:
    """Return what is stored around the new values and lets them be judged, if anything is.

    That is the hours before and after them, for rises and runs, the particles of the same hours
    that the files do not bring, and the neighbouring stations of the same hours. So a file is
    judged the same whether it comes alone or with others.
    """
    if store.batches().is_empty():
        return None
    first, last = extent(new["time"], datetime)
    margin = timedelta(hours=limits.general("import", "context"))
    tick = timedelta(microseconds=1)
    own = new["station"].unique().sort().to_list()
    others = _neighbours(own, register, limits)
    parts: list[pl.LazyFrame] = []
    for period in new["period"].unique().sort():
        same = Selection(own, quality.PARTICLES, first - tick, last, period, calibre)
        brought = new.lazy().filter(pl.col("parameter").is_in(quality.PARTICLES)).select(KEY)
        parts.append(store.scan(same).select(*LONG).join(brought, on=list(KEY), how="anti"))
        wanted = [
            Selection(own, None, first - margin, first - tick, period, calibre),
            Selection(own, None, last, last + margin, period, calibre),
        ]
        if others:
            wanted.append(Selection(others, None, first - tick, last, period, calibre))
        parts += [store.scan(selection).select(*LONG) for selection in wanted]
    around = pl.concat(pl.collect_all(parts))
    return None if around.is_empty() else around


def _neighbours(own: list[str], register: pl.DataFrame, limits: Thresholds) -> list[str]:
    ids = sorted({*register["station"], *own})
    near = neighbour_stations(
        ids,
        register,
        radius=limits.general("neighbours", "radius"),
        most=int(limits.general("neighbours", "maximum")),
    )
    mine = set(own)
    found = {ids[n] for i, row in zip(ids, near, strict=True) if i in mine for n in row if n >= 0}
    return sorted(found - mine)
