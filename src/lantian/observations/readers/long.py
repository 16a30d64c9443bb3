"""Our own export: the long columns as CSV or Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.readers import text, times
from lantian.observations.readers.base import Head, Options, Reading
from lantian.observations.readers.cells import Found
from lantian.observations.readers.finish import finish
from lantian.observations.readers.tall import (
    keep_flagged,
    measured,
    named_parameters,
    report_times,
    require,
)
from lantian.observations.readers.text import LINE
from lantian.observations.schema import KEY, LONG, TIME
from lantian.observations.spreadsheet import plain_text

_NEEDED = (*KEY, "value")
# What an export to a spreadsheet marks with an apostrophe where it could run as a formula.
_TEXTS = ("station", "flag", "source")
_DEFAULTS = {"flag": "", "grade": "valid"}
_GRADES = ("valid", "suspect", "invalid")
_PERIOD = r"^[1-9]\d*[smhd]$"
_PARQUET = b"PAR1"


class LongReader:
    """Reads long tables; other columns than those of the schema are ignored with a remark."""

    name = "long"
    title = "Lantian export (CSV, Parquet)"

    def detect(self, head: Head) -> bool:
        """Say whether it is Parquet or a CSV with the key columns of the long schema."""
        return head.data.startswith(_PARQUET) or set(_NEEDED) <= set(text.header(head))

    def read(self, path: Path, options: Options) -> Reading:
        """Read one file; a time without offset is local in ``options.zone``."""
        sheet = _rows(path)
        data = sheet.sound()
        notes = list(sheet.notes)
        text.need_columns(path, data, _NEEDED)
        found = Found(name_of(path))
        found.add(sheet.ragged)
        extra = [c for c in data.columns if c not in LONG and c != LINE]
        if extra:
            notes.append(_("The columns {names} were ignored.").format(names=", ".join(extra)))
        frame = data.select(LINE, *(c for c in LONG if c in data.columns)).with_columns(
            pl.lit(v).alias(c) for c, v in _DEFAULTS.items() if c not in data.columns
        )
        frame = frame.with_columns(pl.col(c).fill_null(v) for c, v in _DEFAULTS.items())
        texts = [c for c in _TEXTS if frame.schema.get(c) == pl.String()]
        if not text.head(path).data.startswith(_PARQUET):
            frame = frame.with_columns(plain_text(pl.col(c)) for c in texts)
        frame = _timed(frame, found, options)
        require(frame, "station", found, "station", _("station"))
        _check(frame, found)
        frame = named_parameters(frame, found, notes, strict=True, header="parameter")
        unit = "unit" if "unit" in frame.columns else None
        frame = measured(frame, found, notes, options, value="value", unit=unit)
        frame = keep_flagged(frame.drop("unit", strict=False), notes)
        if "source" in frame.columns:
            frame = frame.with_columns(pl.col("source").fill_null(name_of(path)))
        return finish(frame, sheet.frame, found, name=self.name, options=options, notes=notes)


def _rows(path: Path) -> text.Sheet:
    if text.head(path).data.startswith(_PARQUET):
        try:
            frame = pl.read_parquet(text.load(path))
        except pl.exceptions.PolarsError as error:
            raise text.damaged(path) from error
        rows = _typed(frame, path).drop(LINE, strict=False).with_row_index(LINE, offset=2)
        return text.Sheet(name_of(path), rows)
    return text.read_csv(path)


def _typed(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return Parquet columns with their texts as text; refuse a type no column of ours can be."""
    for name, kind in frame.schema.items():
        if name in LONG and not _fits(name, kind):
            raise text.failed(
                path,
                "read.wrong_type",
                _("The column {name} of {file} is of type {type}; {known} belongs there.").format(
                    name=name, file=name_of(path), type=kind, known=LONG[name]
                ),
            )
    texts = [c for c in frame.columns if LONG.get(c) == pl.String()]
    return frame.with_columns(pl.col(texts).cast(pl.String))


def _fits(name: str, kind: pl.DataType) -> bool:
    if kind in (pl.String(), pl.Null()):
        return True
    if name == "value":
        return kind.is_numeric()
    if name == "time":
        return isinstance(kind, pl.Datetime | pl.Date)
    return kind.is_integer() or isinstance(kind, pl.Categorical | pl.Enum)


def _timed(frame: pl.DataFrame, found: Found, options: Options) -> pl.DataFrame:
    kind = frame.schema["time"]
    if isinstance(kind, pl.Datetime):
        time = (
            times.to_utc(pl.col("time"), options.zone)
            if kind.time_zone is None
            else pl.col("time").dt.convert_time_zone("UTC").cast(TIME)
        )
        return frame.with_columns(time.alias("time"))
    stamp = times.parse_times(frame["time"], options.zone)
    report_times(frame["time"], stamp, frame, found)
    return frame.with_columns(stamp.alias("time"))


def _check(frame: pl.DataFrame, found: Found) -> None:
    """Report periods and grades that are not words of the schema."""
    period = pl.col("period")
    found.cells(
        frame.filter(~period.str.contains(_PERIOD).fill_null(value=False)).select(
            LINE, text=period
        ),
        "period",
        "read.bad_period",
        lambda value: _("'{value}' is not an averaging period such as 1h or 24h.").format(
            value=value
        ),
    )
    found.cells(
        frame.filter(~pl.col("grade").is_in(_GRADES)).select(LINE, text="grade"),
        "grade",
        "read.bad_grade",
        lambda value: _("'{value}' is not a grade; use one of {names}.").format(
            value=value, names=", ".join(_GRADES)
        ),
    )
