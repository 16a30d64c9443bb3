"""Sand-dust deduction: affected PM leaves the means, and stays readable beside them."""

from __future__ import annotations

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation._checks import table as checked
from lantian.evaluation.judge import WITH_DUST
from lantian.i18n import gettext as _

_PM = ("pm25", "pm10")


def deduct_dust(
    table: pl.DataFrame, events: pl.DataFrame, *, zone: str = "Asia/Shanghai"
) -> pl.DataFrame:
    """Take PM2.5 and PM10 of sand-dust hours or days out of a table (环办监测〔2016〕120号).

    Parameters
    ----------
    table
        An hourly (``time``) or daily (``date``) table.
    events
        ``start, end`` (dates, or times with a zone: hours labelled after ``start`` up to ``end``),
        ``decision`` (the number of the decision, never empty) and, for single stations,
        ``station`` (null = all). Events given as times act on hourly tables only; as dates, both.

    Returns
    -------
    polars.DataFrame
        ``table`` with ``pm25`` and ``pm10`` null where deducted, the values before in
        ``pm25_with_dust`` and ``pm10_with_dust``, and ``dust_decision`` (null where none).

    Raises
    ------
    InvalidArgumentError
        An event without decision, ending before it starts, or by time on a daily table.
    """
    hourly = "time" in table.columns
    table = checked(table, ("station", "time" if hourly else "date"), _("table"))
    _check(events, hourly=hourly)
    by_time = isinstance(events.schema["start"], pl.Datetime)
    if by_time:
        moment = pl.col("time")
    elif hourly:
        moment = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(zone).dt.date()
    else:
        moment = pl.col("date")
    decision = pl.lit(None, dtype=pl.String)
    for event in events.iter_rows(named=True):
        start, end = pl.lit(event["start"]), pl.lit(event["end"])
        inside = (moment > start) & (moment <= end) if by_time else moment.is_between(start, end)
        if event.get("station") is not None:
            inside &= pl.col("station") == event["station"]
        decision = pl.when(inside).then(pl.lit(event["decision"])).otherwise(decision)
    kept = [p for p in _PM if p in table.columns]
    return (
        table.with_columns(decision.alias("dust_decision"))
        .with_columns(
            pl.col(p).alias(p + WITH_DUST) for p in kept if p + WITH_DUST not in table.columns
        )
        .with_columns(
            pl.when(pl.col("dust_decision").is_null()).then(pl.col(p)).alias(p) for p in kept
        )
    )


def _check(events: pl.DataFrame, *, hourly: bool) -> None:
    absent = [c for c in ("start", "end", "decision") if c not in events.columns]
    if absent:
        raise InvalidArgumentError(
            "evaluation.bad_dust",
            _("The table of sand-dust events lacks the columns {names}.").format(
                names=", ".join(absent)
            ),
        )
    kinds = {events.schema["start"], events.schema["end"]}
    zoned = [isinstance(k, pl.Datetime) and k.time_zone is not None for k in kinds]
    if not (all(zoned) or kinds == {pl.Date()}):
        raise InvalidArgumentError(
            "evaluation.bad_dust",
            _("Sand-dust events start and end at dates, or both at times with a zone."),
        )
    by_time = all(zoned)
    if by_time and not hourly:
        raise InvalidArgumentError(
            "evaluation.dust_hours",
            _("Sand-dust events given by the hour act on the hourly table, before daily means."),
        )
    bad = events.filter(
        (pl.col("end") < pl.col("start"))
        | pl.col("start").is_null()
        | pl.col("end").is_null()
        | pl.col("decision").cast(pl.String).str.strip_chars().fill_null("").eq("")
    )
    if bad.height:
        raise InvalidArgumentError(
            "evaluation.bad_dust",
            _(
                "{count} sand-dust events lack a decision number, a start or an end, or end before "
                "they start; the first starts {start}."
            ).format(count=bad.height, start=bad["start"].item(0)),
        )
