"""What an import found and did: words for the terminal, a document for ``--json``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from lantian.cli.failures import SHOWN, problem_rows, show_problems
from lantian.cli.output import plain, remark, rows, say
from lantian.cli.tables import Column, Table, render
from lantian.cli.when import local
from lantian.cli.width import listed
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.observations.import_files import TERRITORIES
from lantian.observations.import_report import FileReport, ImportReport
from lantian.observations.readers.detect import format_title
from lantian.observations.readers.table_mapping import Mapping as TableMapping
from lantian.observations.schema import TIME
from lantian.observations.station_table import register_titles
from lantian.observations.words import grade_word, rule_word

_MOST_FILES = 40
_FIGURES = re.compile(r"[0-9][0-9,.]*")


def document(report: ImportReport) -> dict[str, object]:
    """Return the report of an import for JSON."""
    return {
        "batch": report.batch,
        "trial": report.trial,
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "held": report.held,
        "stations_new": list(report.stations_new),
        "stations_changed": list(report.stations_changed),
        "columns_changed": list(report.columns_changed),
        "files": [_file_document(f) for f in report.files],
        "ignored": [{"file": str(i.path), "reason": i.reason} for i in report.ignored],
        "problems": problem_rows(report.problems),
        "problems_total": report.total_problems,
        "skipped": None if report.skipped is None else str(report.skipped),
        "quality": rows(report.quality),
    }


def _file_document(f: FileReport) -> dict[str, object]:
    mapping = f.reading.mapping if f.reading else None
    return {
        "file": f.name,
        "format": f.format or None,
        "sha256": f.sha256,
        "bytes": f.bytes,
        "rows": f.rows,
        "stations": f.stations,
        "first": plain(f.first),
        "last": plain(f.last),
        "problems": f.problems,
        "notes": list(f.notes),
        "mapping": None
        if mapping is None
        else [{"column": header, "meaning": meaning} for header, meaning in mapping.describe()],
    }


def show(
    report: ImportReport, *, zone: str, quiet: bool, revised: pl.DataFrame | None = None
) -> None:
    """Write what an import found and did.

    Parameters
    ----------
    revised
        Rows of the batch that replaced a stored value; None: it has none.
    """
    render(_files(report, zone), quiet=quiet)
    if not quiet:
        for mapping, name in _mappings(report):
            say()
            render(_mapping(mapping, name))
        _remarks(report)
    if report.quality.height:
        say()
        render(_quality(report.quality, zone), quiet=quiet)
    if revised is not None:
        say()
        render(_revised(revised, zone), quiet=quiet)
    if report.total_problems:
        say()
        show_problems(report.problems, report.total_problems)
    say()
    for sentence in _result(report):
        say(sentence)


def _remarks(report: ImportReport) -> None:
    """Write what the readers remarked; what differs only in figures is said once."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for f in report.files:
        for note in f.notes:
            alike.setdefault(_FIGURES.sub("#", note), []).append((f.name, note))
    for said in alike.values():
        name, note = said[0]
        remark(f"{name}: {note}")
        if len(said) > 1:
            n = len(said) - 1
            remark(
                "  "
                + ngettext("likewise in {n} more file", "likewise in {n} more files", n).format(n=n)
            )


def _files(report: ImportReport, zone: str) -> Table:
    columns = [
        Column("name", _("File"), wraps=True),
        Column("format", _("Format"), wraps=True),
        Column("stations", _("Stations"), "right", 2),
        Column("rows", _("Values"), "right"),
        Column("first", _("First"), priority=3),
        Column("last", _("Last"), priority=3),
        Column("problems", _("Bad"), "right", 1),
    ]
    cells = [
        {
            "name": f.name,
            "format": format_title(f.format),
            "stations": f"{f.stations:,}",
            "rows": f"{f.rows:,}",
            "first": local(f.first, zone) if f.first else "",
            "last": local(f.last, zone) if f.last else "",
            "problems": f"{f.problems:,}" if f.problems else "",
        }
        for f in report.files[:_MOST_FILES]
    ]
    notes = []
    if len(report.files) > _MOST_FILES:
        notes.append(_("and {n} more files").format(n=f"{len(report.files) - _MOST_FILES:,}"))
    if report.ignored:
        n = len(report.ignored)
        names = listed(i.path.name for i in report.ignored[:5]) + (" …" if n > 5 else "")
        notes.append(
            ngettext(
                "{n} file of the folder was not tried: {names}",
                "{n} files of the folders were not tried: {names}",
                n,
            ).format(n=n, names=names)
        )
    notes += [one.reason for one in report.ignored if one.code == TERRITORIES]
    return Table(columns, cells, notes=notes)


def _mappings(report: ImportReport) -> list[tuple[TableMapping, str]]:
    """Return each mapping used once, with the first file it was used for."""
    seen: dict[str, tuple[TableMapping, str]] = {}
    for f in report.files:
        mapping = f.reading.mapping if f.reading else None
        if mapping is not None:
            seen.setdefault(repr(mapping), (mapping, f.name))
    return list(seen.values())


def _mapping(mapping: TableMapping, name: str) -> Table:
    columns = [
        Column("header", _("Column"), wraps=True),
        Column("meaning", _("Taken for"), wraps=True),
    ]
    cells = [{"header": header, "meaning": meaning} for header, meaning in mapping.describe()]
    title = _("How the columns of {file} were read").format(file=name)
    note = _("If a column is read wrongly: --save-mapping FILE, correct it, --mapping FILE.")
    return Table(columns, cells, title=title, notes=[note])


def _quality(found: pl.DataFrame, zone: str) -> Table:
    """Return the table of what quality control marked, stations taken together."""
    together = (
        found.group_by("rule", "grade", "parameter", maintain_order=True)
        .agg(
            pl.col("count").sum().cast(pl.Int64),
            pl.col("station").n_unique().alias("stations"),
            pl.col("first").min().cast(TIME),
            pl.col("last").max().cast(TIME),
        )
        .sort("count", descending=True, maintain_order=True)
    )
    columns = [
        Column("rule", _("Finding")),
        Column("grade", _("Grade")),
        Column("parameter", _("Parameter")),
        Column("count", _("Values"), "right"),
        Column("stations", _("Stations"), "right", 1),
        Column("first", _("First"), priority=2),
        Column("last", _("Last"), priority=2),
    ]
    cells = [_finding(r, zone) for r in together.head(SHOWN).iter_rows(named=True)]
    notes = [_("Suspect values count and should be looked at; invalid ones are kept, not counted.")]
    if together.height > SHOWN:
        more = together.height - SHOWN
        notes.insert(0, ngettext("and {n} more", "and {n} more", more).format(n=more))
    return Table(columns, cells, title=_("Quality control"), notes=notes)


def _revised(rows_: pl.DataFrame, zone: str) -> Table:
    """Return the table of what replaced a stored value, by parameter."""
    together = (
        rows_.group_by("parameter")
        .agg(
            pl.len().cast(pl.Int64).alias("count"),
            pl.col("station").n_unique().alias("stations"),
            pl.col("time").min().alias("first"),
            pl.col("time").max().alias("last"),
        )
        .sort("parameter")
    )
    columns = [
        Column("parameter", _("Parameter")),
        Column("count", _("Values"), "right"),
        Column("stations", _("Stations"), "right", 1),
        Column("first", _("First"), priority=2),
        Column("last", _("Last"), priority=2),
    ]
    cells = [
        {
            "parameter": r["parameter"],
            "count": f"{r['count']:,}",
            "stations": str(r["stations"]),
            "first": local(r["first"], zone),
            "last": local(r["last"], zone),
        }
        for r in together.iter_rows(named=True)
    ]
    note = _("What one of them was before: `lantian value STATION PARAMETER TIME`.")
    return Table(columns, cells, title=_("Stored values that were replaced"), notes=[note])


def _finding(r: Mapping[str, Any], zone: str) -> dict[str, str]:
    return {
        "rule": rule_word(r["rule"]),
        "grade": grade_word(r["grade"]),
        "parameter": r["parameter"],
        "count": f"{r['count']:,}",
        "stations": str(r["stations"]),
        "first": local(r["first"], zone),
        "last": local(r["last"], zone),
    }


def _result(report: ImportReport) -> list[str]:
    """Return the sentences that say what is now different."""
    found = []
    if report.stations_new:
        n = len(report.stations_new)
        text = (
            ngettext(
                "{n} station would be entered into the register: {names}",
                "{n} stations would be entered into the register: {names}",
                n,
            )
            if report.trial
            else ngettext(
                "{n} station was entered into the register: {names}",
                "{n} stations were entered into the register: {names}",
                n,
            )
        )
        names = listed(report.stations_new[:8]) + (" …" if n > 8 else "")
        found.append(text.format(n=n, names=names))
    if report.stations_changed:
        n = len(report.stations_changed)
        found.append(
            ngettext(
                "{n} station of the register is changed ({columns}): {names}",
                "{n} stations of the register are changed ({columns}): {names}",
                n,
            ).format(
                n=n,
                columns=listed(register_titles(report.columns_changed)),
                names=listed(report.stations_changed[:8]) + (" …" if n > 8 else ""),
            )
        )
    if report.skipped is not None:
        found.append(_("The bad rows are in {file}.").format(file=report.skipped))
    if report.trial:
        found.append(
            _("Trial run: {rows} values could land; nothing was stored.").format(
                rows=f"{report.rows:,}"
            )
        )
        found.append(
            _("Of them {new} are new, {changed} change a stored value, {same} are stored.").format(
                new=f"{report.new or 0:,}",
                changed=f"{report.changed or 0:,}",
                same=f"{report.same or 0:,}",
            )
        )
    elif report.batch is None:
        found.append(_("Nothing new: every value was stored already."))
    else:
        found.append(
            _("Batch {batch}: {new} new, {changed} changed, {same} stored already.").format(
                batch=report.batch,
                new=f"{report.new or 0:,}",
                changed=f"{report.changed or 0:,}",
                same=f"{report.same or 0:,}",
            )
        )
    if report.held:
        found.append(
            _(
                "{n} values differ but were held back: a correction or exclusion stands on them."
            ).format(n=f"{report.held:,}")
        )
    return found
