"""What every reader does last: rows that repeat or disagree, units in doubt, the bad rows apart."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lantian.errors import Problem
from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS, settings
from lantian.observations.readers.base import Options, Reading
from lantian.observations.readers.cells import Found
from lantian.observations.readers.table_mapping import Mapping
from lantian.observations.readers.text import LINE
from lantian.observations.schema import KEY, conform


def finish(
    long: pl.DataFrame,
    source: pl.DataFrame,
    found: Found,
    *,
    name: str,
    options: Options,
    notes: Sequence[str] = (),
    published: pl.DataFrame | None = None,
    stations: pl.DataFrame | None = None,
    mapping: Mapping | None = None,
    once: bool = False,
) -> Reading:
    """Return the reading of one file.

    Parameters
    ----------
    long
        The long columns (any of the optional ones) and ``line``.
    source
        The rows of the file as text, with ``line``.
    found
        What was wrong so far. Rows with a problem leave the frame whole.
    once
        The caller knows that no station, parameter, period and time repeats.
    """
    remarks = list(notes)
    long = _without(long, found.bad_lines())
    long, same = (long, 0) if once else _settle(long, found, options)
    if same:
        remarks.append(_("Repeated values that agree, taken once: {n}.").format(n=f"{same:,}"))
    bad = found.bad_lines()
    if _doubt_units(long, found, options):
        # a file whose unit is in doubt must not land in part
        bad = source[LINE]
    long = _without(long, bad)
    frame = long.drop(LINE)
    if "source" not in frame.columns:
        frame = frame.with_columns(pl.lit(found.file).alias("source"))
    if "unit" not in frame.columns:
        units = {p.id: p.unit for p in PARAMETERS.values()}
        frame = frame.with_columns(
            pl.col("parameter").replace_strict(units, return_dtype=pl.String).alias("unit")
        )
    rejected = source.filter(pl.col(LINE).is_in(bad.implode())) if len(bad) else None
    return Reading(
        frame=conform(frame),
        format=name,
        problems=tuple(sorted(found.problems, key=lambda p: p.line or 0)),
        rejected=None if rejected is None else rejected.select(LINE, pl.exclude(LINE)),
        notes=tuple(remarks),
        published=published,
        mapping=mapping,
        stations=stations,
        total=found.total,
        lines=long[LINE],
    )


def _without(long: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    return long.filter(~pl.col(LINE).is_in(lines.implode())) if len(lines) else long


def _settle(long: pl.DataFrame, found: Found, options: Options) -> tuple[pl.DataFrame, int]:
    """Drop repetitions that agree and report those that do not; also return how many agreed."""
    keys = long.select(KEY)
    # equal rows have equal hashes: as many hashes as rows proves that nothing repeats
    if keys.hash_rows().n_unique() == long.height:
        return long, 0
    known = ["value", *(c for c in ("flag", "grade") if c in long.columns)]
    groups = (
        long.filter(keys.is_duplicated())
        .sort(LINE)
        .group_by(KEY, maintain_order=True)
        .agg(pl.col(LINE), pl.col("value"), pl.struct(known).n_unique().alias("answers"))
    )
    unlike = groups.filter(pl.col("answers") > 1)
    found.add(_conflicts(unlike, found, options.zone))
    found.add_lines(unlike[LINE].explode())
    long = _without(long, unlike[LINE].explode())
    before = long.height
    return long.unique(list(KEY), keep="first", maintain_order=True), before - long.n_unique(
        list(KEY)
    )


def _conflicts(unlike: pl.DataFrame, found: Found, zone: str) -> list[Problem]:
    local = unlike.with_columns(pl.col("time").dt.convert_time_zone(zone).dt.strftime("%F %H:%M"))
    problems = []
    for row in local.iter_rows(named=True):
        answers = _(" and ").join(
            _("{value} ({place})").format(value=_short(value), place=found.record(line))
            for value, line in zip(row["value"], row[LINE], strict=True)
        )
        message = _("{station} {parameter} at {time} has {answers}; keep the right one.").format(
            station=row["station"],
            parameter=PARAMETERS[row["parameter"]].title,
            time=row["time"],
            answers=answers,
        )
        line, column = found.place(row[LINE][0], row["parameter"])
        value = _short(row["value"][0])
        problems.append(Problem(found.file, message, "read.conflict", line, column, value))
    return problems


def _short(value: float | None) -> str:
    return "" if value is None else format(value, ".15g")


def _doubt_units(long: pl.DataFrame, found: Found, options: Options) -> bool:
    """Report parameters whose median cannot be in the unit claimed; say whether there is one."""
    rules = settings("suspicion")
    watched = sorted({*rules["above"], *rules["below"]} - set(options.units))
    medians = (
        long.lazy()
        .filter(pl.col("parameter").is_in(watched), pl.col("value") > 0)
        .group_by("parameter")
        .agg(pl.col("value").median(), pl.len().alias("n"))
        .sort("parameter")
        .collect()
    )
    doubted = False
    for parameter, median, n in medians.iter_rows():
        high = median > rules["above"].get(parameter, float("inf"))
        low = median < rules["below"].get(parameter, 0.0) and n >= rules["min_values"]
        if not (high or low):
            continue
        doubted = True
        kept = PARAMETERS[parameter]
        message = _(
            "{parameter} in {file} has a median of {median:g} {unit}, which is too {way} to be "
            "{unit}; state the unit of the file for {id} (or {unit}, if the values are right)."
        ).format(
            parameter=kept.en,
            file=found.file,
            median=median,
            unit=kept.unit,
            way=_("high") if high else _("low"),
            id=parameter,
        )
        found.whole_file("read.suspicious_unit", message, parameter)
    return doubted
