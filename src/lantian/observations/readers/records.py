"""JSON files as a list of records whose every field is text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.readers import text

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """The records of a file and the JSON path of the list they stand in ("" for the top)."""

    file: str
    path: str
    rows: Sequence[Record]
    notes: tuple[str, ...] = ()


def read_records(path: Path) -> Records:
    """Return the records of a JSON file: a list, ``{"results": […]}``, or GeoJSON features.

    Numbers come as the text they were written in, so that no digit is lost.

    Raises
    ------
    BadInputError
        As ``text.load`` and ``text.decode``; ``read.bad_json`` with line and column;
        ``read.no_records`` when there is no list of objects in it.
    """
    content = text.decode(text.load(path), path)
    try:
        tree = json.loads(content.data, parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        message = _("{file} is not complete JSON (line {line}): {reason}.").format(
            file=name_of(path), line=error.lineno, reason=error.msg
        )
        problem = Problem(name_of(path), message, "read.bad_json", error.lineno, str(error.colno))
        raise BadInputError("read.bad_json", message, (problem,)) from error
    except RecursionError as error:
        raise _no_records(path) from error
    where, rows = _find(tree)
    if rows is None or not all(isinstance(row, dict) for row in rows):
        raise _no_records(path)
    return Records(name_of(path), where, rows, tuple(content.notes()))


def _find(tree: object) -> tuple[str, list[Any] | None]:
    if isinstance(tree, list):
        return "", tree
    if isinstance(tree, dict):
        for name in ("features", "results", "data"):
            if isinstance(tree.get(name), list):
                return name, tree[name]
    return "", None


def _no_records(path: Path) -> BadInputError:
    return text.failed(
        path,
        "read.no_records",
        _("{file} is JSON, but holds no list of measurements.").format(file=name_of(path)),
    )


def as_text(value: object) -> str | None:
    """Return a JSON value as the text of a cell; None for null."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def inside(record: object, *names: str) -> object:
    """Return ``record[a][b]…``, None where a step is missing."""
    for name in names:
        if not isinstance(record, Mapping):
            return None
        record = record.get(name)
    return record
