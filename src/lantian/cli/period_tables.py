"""Tables of judged periods, days and hours in words: columns, parentheses, the notes below."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lantian.cli.judging import Task
from lantian.cli.tables import Column, Table
from lantian.cli.when import local
from lantian.cli.width import listed
from lantian.i18n import gettext as _
from lantian.i18n import ngettext

if TYPE_CHECKING:
    import polars as pl

_P = ("pm25", "pm10", "so2", "no2", "co", "o3")
_ORDER = {"pm25": 0, "pm10": 1, "o3": 1, "no2": 2, "so2": 3, "co": 3}
MOST_ROWS = 200  # of a table on the screen; --json and export give all


def label(pollutant: str) -> str:
    """Return a pollutant as tables head it."""
    from lantian.reports.words import LABEL

    return LABEL[pollutant]


def statistic(pollutant: str) -> str:
    """Return the column of the statistic a pollutant is reported with."""
    from lantian.evaluation.composite import statistic_of

    return statistic_of(pollutant)


def insufficient(text: str) -> str:
    """Mark a number that too few values stand behind."""
    return f"({text})"


def period_columns(periods: int, editions: int, *, cities: bool) -> list[Column]:
    """Return the columns of a table of periods."""
    from lantian.reports.words import unit
    from lantian.standards import PERCENTILE

    columns = [Column("name", _("City") if cities else _("Station"), wraps=True)]
    if not cities:
        columns.append(Column("station", _("Id"), priority=6))
    if periods > 1:
        columns.append(Column("period", _("Period")))
    if editions > 1:
        columns.append(Column("edition", _("Edition")))
    for p in _P:
        mark = f" P{PERCENTILE[p]}" if p in ("co", "o3") else ""
        title = f"{label(p)}{mark}\n{unit(p)}"
        columns.append(Column(statistic(p), title, "right", _ORDER[p]))
    for p in ("pm25", "pm10", "so2", "no2"):
        title = f"{label(p)} P{PERCENTILE[p]}\n{unit(p)}"
        columns.append(Column(f"{p}_p{PERCENTILE[p]}", title, "right", 7))
    columns += [
        Column("composite_index", _("Composite\nindex"), "right"),
        Column("good", _("Good days\nof valid"), "right", 1),
        Column("ratio", _("Good days\nratio"), "right", 5),
        Column("heavy_days", _("Heavy\ndays"), "right", 2),
        Column("above", _("Above\nthe limit"), priority=3, wraps=True),
        Column("short", _("Insufficient\ndata"), priority=4, wraps=True),
    ]
    return columns


def period_row(row: Mapping[str, Any], names: Mapping[str, str], task: Task) -> dict[str, str]:
    """Return the cells of one period of one station or city.

    What rests on too few values stands in parentheses.
    """
    from lantian.evaluation import days_needed, published_digits, span
    from lantian.reports.words import edition_short, number, percent
    from lantian.standards import PERCENTILE

    cells = {
        "name": names.get(row["station"], row["station"]),
        "station": row["station"],
        "period": row["period"],
        "edition": edition_short(row["edition"]),
    }
    for p in _P:
        for key in {f"{p}_mean", f"{p}_p{PERCENTILE[p]}"}:
            digits = published_digits(key, task.settings) or 0
            text = number(row[key], digits)
            known = row[key] is not None
            cells[key] = insufficient(text) if known and not row[f"{p}_valid"] else text
    index = number(row["composite_index"], task.settings.rank_digits)
    whole = all(row[f"{p}_valid"] for p in _P)
    partial = row["composite_index"] is not None and not whole
    cells["composite_index"] = insufficient(index) if partial else index
    enough = row["aqi_days"] >= days_needed(span(row["period"]), task.settings)
    counts = {
        "good": f"{row['good_days']}/{row['aqi_days']}",
        "ratio": percent(None if row["good_day_ratio"] is None else row["good_day_ratio"] * 100),
        "heavy_days": str(row["heavy_days"]),
    }
    cells |= {k: v if enough else insufficient(v) for k, v in counts.items()}
    above = [p for p in _P if row[f"{p}_attains"] is False]
    cells["above"] = " ".join(
        label(p) if row[f"{p}_valid"] else insufficient(label(p)) for p in above
    )
    cells["short"] = " ".join(label(p) for p in _P if not row[f"{p}_valid"])
    return cells


def period_notes(frame: pl.DataFrame, task: Task) -> list[str]:
    """Return the lines that must stand below a table of periods."""
    from lantian.standards import method

    notes = [*basis(frame, task)]
    if task.asked and task.span and task.asked != task.span:
        notes.append(
            _("{period} still runs; it is judged to {day}, its last whole day.").format(
                period=task.asked.label, day=task.span.end
            )
        )
    chosen = method(task.method)
    notes.append(
        _("Composite index: {method}{note}.").format(
            method=chosen.title, note=f" — {chosen.note}" if chosen.note else ""
        )
    )
    once = frame.unique(["station", "period"])  # several editions judge the same days
    days = sum(int(d) for d in once["aqi_days"])
    n = frame["station"].n_unique()
    count = (
        ngettext("{n} city, {days} judged days.", "{n} cities, {days} judged days.", n)
        if task.cities
        else ngettext("{n} station, {days} judged days.", "{n} stations, {days} judged days.", n)
    )
    notes.append(count.format(n=n, days=f"{days:,}"))
    if not frame.select(f"{p}_valid" for p in _P).to_numpy().all():
        notes.append(
            _("(In parentheses): insufficient data, fewer valid values than HJ 663 asks for.")
        )
    return notes


def basis(frame: pl.DataFrame, task: Task) -> list[str]:
    """Return what was judged by what: period, editions, calibre, dust, doubt."""
    from lantian.reports.words import calibre_name, edition_name

    notes = []
    if "start" in frame.columns:
        notes.append(
            _("{network}, {start} to {end}.").format(
                network=task.home.name, start=frame["start"].min(), end=frame["end"].max()
            )
        )
    else:
        notes.append(f"{task.home.name}.")
    titles = [edition_name(e) for e in frame["edition"].drop_nulls().unique(maintain_order=True)]
    notes.append(_("Judged by: {editions}.").format(editions=listed(titles)))
    if task.calibre is not None:
        notes.append(f"{calibre_name(task.calibre)}.")
    if task.as_of is not None:
        when = local(task.as_of, task.zone)
        notes.append(_("As the data stood on {time}.").format(time=when))
    if task.dust is not None:
        notes.append(
            ngettext(
                "PM deducted by {n} sand-dust decision; AQI and day counts with the sand-dust.",
                "PM deducted by {n} sand-dust decisions; AQI and day counts with the sand-dust.",
                task.dust.height,
            ).format(n=task.dust.height)
        )
    doubtful = task.settings.in_doubt()
    if doubtful:
        notes.append(
            ngettext(
                "{n} setting in use has no confirmed source: lantian standards.",
                "{n} settings in use have no confirmed source: lantian standards.",
                len(doubtful),
            ).format(n=len(doubtful))
        )
    if task.home.simulated:
        notes.append(_("Simulated data: no real place has this air."))
    return notes


def day_table(frame: pl.DataFrame, names: Mapping[str, str], task: Task) -> Table:
    """Return the table of days."""
    from lantian.reports.words import concentration, edition_short, unit
    from lantian.standards import CATEGORIES

    several = frame["edition"].n_unique() > 1
    columns = [
        Column("date", _("Date")),
        Column("name", _("City") if task.cities else _("Station"), wraps=True),
        *([Column("edition", _("Edition"))] if several else []),
        Column("aqi", _("AQI"), "right"),
        Column("category", _("Category")),
        Column("primary", _("Primary\npollutant"), priority=1, wraps=True),
        *(
            Column(p, f"{label(p)}{' 8h' if p == 'o3' else ''}\n{unit(p)}", "right", _ORDER[p] + 1)
            for p in _P
        ),
        Column("missing", _("Not valid"), priority=1, wraps=True),
    ]
    rows = [
        {
            "date": str(row["date"]),
            "name": names.get(row["station"], row["station"]),
            "edition": edition_short(row["edition"]),
            "aqi": _aqi(row["aqi"]),
            "category": CATEGORIES[row["category"]].name if row["category"] else "—",
            "primary": " ".join(label(p) for p in row["primary"] or []),
            **{p: concentration(p, row["o3_mda8" if p == "o3" else p]) for p in _P},
            "missing": " ".join(label(p) for p in row["missing"] or []),
        }
        for row in frame.tail(MOST_ROWS).iter_rows(named=True)
    ]
    notes = [*_cut(frame.height), *basis(frame, task)]
    notes.append(_("24 h means; O3 the daily maximum 8 h mean. — : not valid."))
    return Table(columns, rows, title=_("Days"), notes=notes)


def hour_table(frame: pl.DataFrame, names: Mapping[str, str], task: Task) -> Table:
    """Return the table of hours; ``frame`` holds the hourly values beside the indices."""
    from lantian.reports.words import concentration, edition_short, unit
    from lantian.standards import CATEGORIES

    several = frame["edition"].n_unique() > 1
    columns = [
        Column("time", _("Time (end of hour)")),
        Column("name", _("City") if task.cities else _("Station"), wraps=True),
        *([Column("edition", _("Edition"))] if several else []),
        Column("aqi", _("AQI"), "right"),
        Column("category", _("Category")),
        Column("primary", _("Primary\npollutant"), priority=1, wraps=True),
        *(Column(p, f"{label(p)}\n{unit(p)}", "right", _ORDER[p] + 1) for p in _P),
    ]
    rows = [
        {
            "time": local(row["time"], task.zone),
            "name": names.get(row["station"], row["station"]),
            "edition": edition_short(row["edition"]) if row["edition"] else "—",
            "aqi": _aqi(row["aqi"]),
            "category": CATEGORIES[row["category"]].name if row["category"] else "—",
            "primary": " ".join(label(p) for p in row["primary"] or []),
            **{p: concentration(p, row.get(p)) for p in _P},
        }
        for row in frame.tail(MOST_ROWS).iter_rows(named=True)
    ]
    notes = [*_cut(frame.height), *basis(frame, task)]
    notes.append(_("Real-time AQI of the hour; times are those of {zone}.").format(zone=task.zone))
    return Table(columns, rows, title=_("Hours"), notes=notes)


def period_table(
    frame: pl.DataFrame, names: Mapping[str, str], task: Task, *, editions: int
) -> Table:
    """Return the table of periods."""
    periods = frame["period"].n_unique()
    title = frame["period"][0] if periods == 1 else ""
    rows = [period_row(row, names, task) for row in frame.tail(MOST_ROWS).iter_rows(named=True)]
    shown = max(editions, frame["edition"].n_unique())
    return Table(
        period_columns(periods, shown, cities=task.cities),
        rows,
        title=title,
        notes=[*_cut(frame.height), *period_notes(frame, task)],
    )


def _aqi(value: object) -> str:
    return "—" if value is None else str(value)


def _cut(height: int) -> list[str]:
    if height <= MOST_ROWS:
        return []
    return [
        _("The last {shown} of {total} rows; narrow --period, or use --json or export.").format(
            shown=MOST_ROWS, total=f"{height:,}"
        )
    ]
