"""What goes to standard output: results; remarks go to standard error."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

import lantian

if TYPE_CHECKING:
    import polars as pl


def emit(kind: str, body: Mapping[str, object]) -> None:
    """Write one JSON object: what it is, the version that made it, then ``body``."""
    document = {"kind": kind, "lantian": lantian.__version__, **body}
    text = json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False)
    click.echo(text.encode() + b"\n", nl=False)  # bytes: UTF-8 whatever the terminal says


def rows(frame: pl.DataFrame) -> list[dict[str, object]]:
    """Return the rows of a table for JSON."""
    return [{k: plain(v) for k, v in row.items()} for row in frame.iter_rows(named=True)]


def plain(value: object) -> object:
    """Return a value JSON can hold: ISO dates, UTC times, null for missing and not-a-number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Sequence | Set):
        return [plain(v) for v in value]
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def say(text: str = "") -> None:
    """Write a line of the result."""
    click.echo(text)


def remark(text: str, *, quiet: bool = False) -> None:
    """Write a line beside the result, to standard error."""
    if not quiet:
        click.echo(text, err=True)
