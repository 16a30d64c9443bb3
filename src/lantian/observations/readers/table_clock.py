"""Find the time among the columns of a table, and read it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from lantian.observations.readers import table_header as th
from lantian.observations.readers import table_time as tt
from lantian.observations.readers.table_cells import Sheet
from lantian.observations.readers.table_header import Header, HeaderColumn
from lantian.observations.readers.table_mapping import Label, TimeColumn

_SAMPLE = 200
_PERIOD_SAMPLE = 3000
_STEPS = (1, 5, 10, 15, 20, 30)
_DAY = 1440
_HOUR = 60

Content = Literal["datetime", "midnight", "date", "hour", "other"]


@dataclass(frozen=True, slots=True)
class TimeGuess:
    """The columns of the time, what a label stands for, the period, and the zone if stated."""

    columns: tuple[TimeColumn, ...]
    label: Label
    period: str
    zone: str | None = None


def guess_time(sheet: Sheet, header: Header) -> TimeGuess | None:
    """Return how the table tells the time, None if no column does."""
    named: dict[str, list[HeaderColumn]] = {}
    for column in header.columns:
        if (role := column.role()) is not None:
            named.setdefault(role, []).append(column)
    if all(role in named for role in ("year", "month", "day")):
        columns = [(named[role][0], role) for role in ("year", "month", "day")]
        columns += [(c, "hour") for c in named.get("hour", [])[:1]]
        return _guessed(sheet, header, columns, "end")
    label: Label = "end"
    candidates = named.get("datetime", []) + named.get("hour", [])
    if "end" in named:
        candidates = named["end"] + candidates
    elif "start" in named:
        candidates = named["start"] + candidates
        label = "start"
    if not candidates:
        candidates = [c for c in header.columns if c.role() is None and c.parameter() is None]
    content = [(c, _content(sheet, header, c)) for c in candidates]
    chosen = _choose(content)
    if chosen is None:
        return None
    started = bool(named.get("start")) and chosen[0][0] in named["start"]
    return _guessed(sheet, header, chosen, label if started or label == "end" else "end")


def _choose(
    content: Sequence[tuple[HeaderColumn, Content]],
) -> list[tuple[HeaderColumn, str]] | None:
    by: dict[Content, list[HeaderColumn]] = {}
    for column, kind in content:
        by.setdefault(kind, []).append(column)
    if by.get("datetime"):
        return [(by["datetime"][0], "datetime")]
    days = by.get("date", []) + by.get("midnight", [])
    if not days:
        return None
    # a column of hours may also be a date column of midnights: the hours decide
    hours = by.get("hour", [])
    if hours:
        return [(days[0], "date"), (hours[0], "hour")]
    return [(days[0], "datetime" if by.get("midnight") and not by.get("date") else "date")]


def _content(sheet: Sheet, header: Header, column: HeaderColumn) -> Content:
    cells = sheet.cells[column.cell].slice(header.data).drop_nulls()
    sample = pl.concat([cells.head(_SAMPLE), cells.tail(_SAMPLE)])
    if sample.is_empty():
        return "other"
    dates = tt.parse_dates(sample)
    # remarks and sums below the table are no dates
    if dates["date"].null_count() * 2 < len(sample):
        clock = dates["minute"].drop_nulls()
        if clock.is_empty():
            return "date"
        return "midnight" if bool((clock == 0).all()) else "datetime"
    hours = tt.parse_hours(sample)
    return "hour" if hours["minute"].null_count() * 2 < len(sample) else "other"


def _guessed(
    sheet: Sheet, header: Header, columns: Sequence[tuple[HeaderColumn, str]], label: Label
) -> TimeGuess:
    parts = tuple(TimeColumn(c.label, part) for c, part in columns)  # type: ignore[arg-type]  # of those above only the parts come here
    cells = pl.DataFrame(
        {c.label: sheet.cells[c.cell].slice(header.data) for c, _part in columns}
    ).unique(maintain_order=True)
    parsed = read_parts(parts, cells.head(_PERIOD_SAMPLE).to_dict())
    texts = "".join(unicodedata.normalize("NFKC", c.label).lower() for c, _part in columns)
    zone = "UTC" if any(word in texts for word in th.words("utc")) else None
    period = _period(parsed)
    if period == "24h" and parts[0].part == "datetime":
        # dates that a workbook shows as midnights: the date names the day, it is no label
        parts = (TimeColumn(parts[0].header, "date"),)
    return TimeGuess(parts, label, period, zone)


def _period(parsed: pl.DataFrame) -> str:
    """Return the commonest length of ranges or steps; one odd row must not decide."""
    known = parsed.filter(pl.col("date").is_not_null())
    ranges = known.select((pl.col("minute") - pl.col("begin")).drop_nulls()).to_series()
    if len(ranges) * 2 > known.height:
        return period_text(_commonest(ranges))
    clock = known["minute"].drop_nulls()
    if clock.is_empty():
        return "24h"
    labels = known.select(
        pl.col("date").cast(pl.Datetime("us")) + pl.duration(minutes=pl.col("minute").fill_null(0))
    ).to_series()
    steps = labels.unique().sort().diff().dt.total_minutes().drop_nulls()
    if steps.is_empty():
        return "1h"
    step = _commonest(steps)
    if step >= _DAY and bool((clock % _DAY == 0).all()):
        return "24h"
    return period_text(step) if step in _STEPS else "1h"


def _commonest(minutes: pl.Series) -> int:
    return int(minutes.mode().sort()[0])


def period_text(minutes: int) -> str:
    """Return a length [min] as the schema writes periods."""
    return f"{minutes // _HOUR}h" if minutes % _HOUR == 0 else f"{minutes}m"


def period_minutes(period: str) -> int:
    """Return the length of a period such as ``1h`` or ``5m`` [min]."""
    number = int(period[:-1])
    return number * _HOUR if period.endswith("h") else number


def read_parts(columns: Sequence[TimeColumn], cells: dict[str, pl.Series]) -> pl.DataFrame:
    """Return the time of each row as :data:`table_time.PARSED`, null where a part is no time.

    Parameters
    ----------
    columns
        The columns of the time.
    cells
        Their text cells by header, each ``(n,)``.
    """
    parts = {c.part: cells[c.header] for c in columns}
    if "datetime" in parts:
        parsed = tt.parse_dates(parts["datetime"])
        return parsed.with_columns(pl.col("minute").fill_null(_bare_date(parsed)))
    if "date" in parts:
        parsed = tt.parse_dates(parts["date"])
    else:
        text = pl.DataFrame({p: parts[p] for p in ("year", "month", "day")}).select(
            pl.concat_str(pl.all().str.replace(r"\.0+$|[年月日]$", ""), separator="-")
        )
        parsed = tt.parse_dates(text.to_series())
    if "hour" not in parts:
        return parsed.with_columns(minute=pl.lit(None, dtype=pl.Int64))
    hours = tt.parse_hours(parts["hour"])
    day = pl.when(hours["minute"].is_not_null()).then(pl.col("date"))
    return parsed.with_columns(
        date=day, minute=hours["minute"].alias("minute"), begin=hours["begin"].alias("begin")
    )


def _bare_date(parsed: pl.DataFrame) -> pl.Expr:
    # Among times of day, a bare date is midnight with its 00:00 left out, as spreadsheets show it.
    clocked = parsed["minute"].null_count() < parsed.height
    return pl.lit(0 if clocked else None, dtype=pl.Int64)
