"""Two files of one import that speak of the same hour: agreeing is fine, disagreeing is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

import polars as pl

from lantian.errors import Problem
from lantian.i18n import gettext as _
from lantian.observations.extent import extent
from lantian.observations.import_files import Loaded
from lantian.observations.parameters import PARAMETERS
from lantian.observations.readers.text import LINE
from lantian.observations.schema import KEY

CONFLICT = "import.conflict"
_CONTENT = ("value", "unit", "flag", "grade")


def object_to_conflicts(files: Sequence[Loaded], zone: str) -> None:
    """Take out, and object to, every value that two files, or two names of a station, give unlike.

    Parameters
    ----------
    files
        As read, with register ids.
    zone
        Zone of the times in messages.
    """
    touching = _overlapping(files)
    if not touching:
        return
    parts = []
    for number in sorted(touching):
        one = files[number]
        line = one.lines if one.lines is not None else pl.lit(None, dtype=pl.UInt32).alias(LINE)
        parts.append(
            one.frame.select(*KEY, *_CONTENT)
            .with_columns(line, pl.lit(number, dtype=pl.Int32).alias("file"))
            .with_row_index("row")
        )
    together = pl.concat(parts)
    if together.select(KEY).hash_rows().n_unique() == together.height:
        return
    unlike = (
        together.filter(pl.struct(KEY).is_duplicated())
        .filter(pl.struct(_CONTENT).n_unique().over(KEY) > 1)
        .sort(*KEY, "file", LINE)
    )
    if unlike.is_empty():
        return
    for number, found in _told(unlike, files, zone).items():
        one = files[number]
        rows = pl.Series([row for row, _problem, _first in found], dtype=pl.Int64)
        bad = pl.int_range(one.frame.height, eager=True).is_in(rows.implode())
        one.reject(bad, [p for _r, p, _f in found], [p for _r, p, first in found if first])


def _overlapping(files: Sequence[Loaded]) -> set[int]:
    """Return the files that may share an hour of a station with another, or with themselves.

    A file can only contradict itself when two of its texts turned out to be one station.
    """
    spans = {}
    for number, one in enumerate(files):
        if one.frame.is_empty():
            continue
        stations = set(one.frame["station"].unique())
        spans[number] = (stations, *extent(one.frame["time"], datetime))
    found = {n for n in spans if files[n].merged}
    for (a, (stations, first, last)), (b, (others, begin, end)) in combinations(spans.items(), 2):
        if first <= end and begin <= last and not stations.isdisjoint(others):
            found |= {a, b}
    return found


def _told(
    unlike: pl.DataFrame, files: Sequence[Loaded], zone: str
) -> dict[int, list[tuple[int, Problem, bool]]]:
    """Return, by file, the rows that disagree, as problems, and which of a key is the first."""
    local = unlike.with_columns(
        pl.col("time").dt.convert_time_zone(zone).dt.strftime("%F %H:%M").alias("at")
    )
    found: dict[int, list[tuple[int, Problem, bool]]] = defaultdict(list)
    for key_rows in local.partition_by(KEY, maintain_order=True):
        rows = list(key_rows.iter_rows(named=True))
        said = _(" and ").join(
            _("{value} in {file}").format(value=_shown(r), file=_place(files[r["file"]], r[LINE]))
            for r in rows
        )
        first = rows[0]
        message = _("{station} {parameter} at {time} is {said}; keep the right one.").format(
            station=first["station"],
            parameter=PARAMETERS[first["parameter"]].title,
            time=first["at"],
            said=said,
        )
        for r in rows:
            value = None if r["value"] is None else str(r["value"])
            name = files[r["file"]].name
            problem = Problem(name, message, CONFLICT, r[LINE], r["parameter"], value)
            found[r["file"]].append((r["row"], problem, r is first))
    return found


def _shown(row: dict[str, object]) -> str:
    value = row["value"]
    text = _("missing") if value is None else f"{value} {row['unit']}"
    return f"{text} [{row['flag']}]" if row["flag"] else text


def _place(one: Loaded, line: int | None) -> str:
    return one.name if line is None else f"{one.name}:{line}"
