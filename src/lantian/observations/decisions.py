"""What a person decides about stored values: correct them, exclude them, take that back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations import layout
from lantian.observations.layout import ROW_KEY
from lantian.observations.reading import Reader, Selection
from lantian.observations.resolve import latest
from lantian.observations.schema import LONG, Calibre, Grade
from lantian.observations.stored import stored_rows
from lantian.observations.table import MeasurementTable

EXCLUDED = "EXCLUDED"
CORRECTED = "CORRECTED"
Decision = Literal["exclusion", "restore"]


def need_reason(reason: str | None) -> str:
    """Return the reason, stripped.

    Raises
    ------
    InvalidArgumentError
        ``store.reason_needed``: there is none.
    """
    stripped = (reason or "").strip()
    if not stripped:
        raise InvalidArgumentError(
            "store.reason_needed", _("Say why: a changed measurement needs a reason.")
        )
    return stripped


def correction(
    reader: Reader, one: Selection, time: datetime, value: float | None, grade: Grade
) -> tuple[pl.DataFrame, Calibre, int]:
    """Return the row that corrects the value labelled ``time``, its calibre, and whose it was.

    The last is the batch of the value that counts so far.

    The unit stays that of the stored value.

    Raises
    ------
    DomainError
        ``store.no_such_value``: there is nothing to correct.
    """
    label = layout.aware(time)
    calibre = _one_calibre(reader, one)
    exactly = Selection(
        one.stations,
        one.parameters,
        label - timedelta(microseconds=1),
        label,
        one.period,
        one.calibre,
    )
    visible = reader.rows(exactly).collect()
    if calibre is None or visible.is_empty():
        raise DomainError(
            "store.no_such_value",
            _("There is no value of {parameter} at {station} for {time} to correct.").format(
                parameter=", ".join(one.parameters or ()),
                station=", ".join(one.stations or ()),
                time=time.isoformat(),
            ),
            {"time": time.isoformat(), "period": one.period},
        )
    row = visible.select(list(LONG)).with_columns(
        pl.lit(value, dtype=pl.Float64).alias("value"),
        pl.lit(CORRECTED).alias("flag"),
        pl.lit(grade).alias("grade"),
        pl.lit("correction").alias("source"),
    )
    return row, calibre, int(visible["batch"][0])


def concerned(
    table: MeasurementTable, zone: str, selection: Selection, decision: Decision
) -> tuple[pl.LazyFrame, Calibre | None]:
    """Return the rows a decision about ``selection`` would bring, and their calibre.

    An exclusion keeps value and unit and makes the grade invalid; a restoration brings back the
    row an excluded value had before. Values already so are left out.

    Raises
    ------
    InvalidArgumentError
        ``store.selection_needed``: nothing is named, which would mean the whole store;
        ``store.calibre_needed``.
    """
    if selection.unbounded():
        raise InvalidArgumentError(
            "store.selection_needed",
            _("Name stations, parameters or times: the whole store is not changed at once."),
        )
    snapshot = table.snapshot()
    reader = Reader(table, snapshot, zone)
    calibre = _one_calibre(reader, selection)
    rows = reader.rows(selection)
    if calibre is None:
        return rows, None
    if decision == "exclusion":
        excluded = rows.filter(~_is_excluded()).with_columns(
            pl.lit(EXCLUDED).alias("flag"), pl.lit("invalid").alias("grade")
        )
        return excluded.select(list(LONG)), calibre
    exclusions = snapshot.ledger.of_kinds("exclusion")
    affected = rows.filter(_is_excluded(), pl.col("batch").is_in(exclusions))
    earlier = []
    for month in reader.months_of(selection):
        stored = stored_rows(
            table, snapshot, selection.period, calibre, month, reach=selection.reach()
        )
        base, revisions = (
            None
            if part is None
            else part.filter(*selection.filters(), ~pl.col("batch").is_in(exclusions))
            for part in (stored.base, stored.revisions)
        )
        before = latest(base, revisions)
        if before is not None:
            earlier.append(before.with_columns(pl.lit(selection.period).alias("period")))
    if not earlier:
        return affected.select(list(LONG)), calibre
    back = pl.concat(earlier).join(affected, on=list(ROW_KEY), how="semi")
    return back.select(list(LONG)), calibre


def nothing_selected(selection: Selection) -> DomainError:
    """Return the error for a selection that holds no value the decision applies to."""
    return DomainError(
        "store.nothing_selected",
        _("No stored value fits the stations, parameters and times given. Nothing was changed."),
        {"period": selection.period},
    )


def _one_calibre(reader: Reader, selection: Selection) -> Calibre | None:
    """Return the calibre a decision is about; None if nothing is stored."""
    calibres = reader.calibres(selection.period, selection.calibre)
    if len(calibres) > 1:
        raise InvalidArgumentError(
            "store.calibre_needed",
            _("A value is changed in one calibre. Choose realtime or audited."),
        )
    return calibres[0] if calibres else None


def _is_excluded() -> pl.Expr:
    return (pl.col("flag") == EXCLUDED) & (pl.col("grade") == "invalid")
