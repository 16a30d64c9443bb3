"""What a trial run found, as the state of an upload keeps it and a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from lantian.errors import BadInputError, DomainError, Problem
from lantian.observations.import_report import FileReport, ImportReport
from lantian.observations.import_stations import UNKNOWN

SHOWN = 100


def document(report: ImportReport, paths: Sequence[Path]) -> dict[str, Any]:
    """Return the report of a trial run, in the language in force, without values.

    Parameters
    ----------
    paths
        The files of the upload, to tell which of them a part of the report is about.
    """
    place = {path: n for n, path in enumerate(paths)}
    return {
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "held": report.held,
        "stations_new": list(report.stations_new),
        "stations_changed": list(report.stations_changed),
        "unknown": [
            {"station": p.value, "message": p.message, "file": p.file}
            for p in report.problems
            if p.code == UNKNOWN
        ],
        "files": [_file(f, place.get(f.path)) for f in report.files],
        "problems": [_problem(p) for p in report.problems[:SHOWN]],
        "problems_total": report.total_problems,
        "quality": _quality(report.quality),
        "changes": _changes(report.changes),
        "fingerprint": report.fingerprint,
    }


def error_document(error: DomainError) -> dict[str, Any]:
    """Return an error as the state of an upload keeps it."""
    problems = error.problems if isinstance(error, BadInputError) else ()
    return {
        "code": error.code,
        "message": error.message,
        "problems": [_problem(p) for p in problems[:SHOWN]],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return asdict(problem)


def _file(one: FileReport, number: int | None) -> dict[str, Any]:
    mapping = one.reading.mapping if one.reading is not None else None
    agreement = one.published
    return {
        "number": number,
        "name": one.name,
        "sha256": one.sha256,
        "bytes": one.bytes,
        "format": one.format,
        "rows": one.rows,
        "stations": one.stations,
        "parameters": list(one.parameters),
        "first": _iso(one.first),
        "last": _iso(one.last),
        "new": one.new,
        "changed": one.changed,
        "problems": one.problems,
        "notes": list(dict.fromkeys(one.notes)),
        "table": one.format in ("table", ""),
        "mapping": None if mapping is None else [list(pair) for pair in mapping.describe()],
        "published": None
        if agreement is None
        else {"good": agreement.good, "n": agreement.n, "message": agreement.message()},
    }


def _quality(found: pl.DataFrame) -> list[dict[str, Any]]:
    """Return what quality control marked, stations taken together, the most frequent first."""
    together = (
        found.group_by("rule", "grade", "parameter", maintain_order=True)
        .agg(
            pl.col("count").sum().cast(pl.Int64),
            pl.col("station").n_unique().cast(pl.Int64).alias("stations"),
            pl.col("first").min(),
            pl.col("last").max(),
        )
        .sort("count", descending=True, maintain_order=True)
    )
    return [
        {**row, "first": _iso(row["first"]), "last": _iso(row["last"])}
        for row in together.head(SHOWN).iter_rows(named=True)
    ]


def _changes(changes: pl.DataFrame | None) -> list[dict[str, Any]]:
    if changes is None:
        return []
    return [
        {**row, "time": row["time"].isoformat()}
        for row in changes.head(SHOWN).iter_rows(named=True)
    ]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
