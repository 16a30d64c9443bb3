"""Tables that fit the terminal: columns of less weight go first, and the table says so."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import click

from lantian.cli.width import cells, listed, wrap
from lantian.i18n import gettext as _

PIPED_WIDTH = 120
_GAP = 2
_LEAST_WRAPPED = 16
_ON_ONE_LINE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")  # Chinese has no spaces


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    key
        Of the rows.
    title
        Heading, translated; a line break makes a second line (the unit).
    align
        ``right`` for numbers.
    priority
        The columns with the largest number are left out first; 0 never.
    wraps
        Takes several lines when there is no room.
    """

    key: str
    title: str
    align: Literal["left", "right"] = "left"
    priority: int = 0
    wraps: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of texts, what they are, and the lines that must stand below them."""

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, str]]
    title: str = ""
    notes: Sequence[str] = field(default_factory=tuple)


def width_of(*, err: bool = False) -> int:
    """Return the columns there are: the terminal's, ``$COLUMNS``, or 120 where it is piped."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    stream = sys.stderr if err else sys.stdout
    if stream.isatty():
        return shutil.get_terminal_size((80, 24)).columns
    return PIPED_WIDTH


def render(table: Table, *, err: bool = False, quiet: bool = False) -> None:
    """Write a table, its notes and, where columns had to go, which."""
    width = width_of(err=err)
    kept, dropped = _fit(table, width)
    widths = _widths(table, kept, width)
    if table.title:
        for line in wrap(table.title, width):
            _write(line, err=err, bold=True)
    for line in _heading(kept, widths):
        _write(line, err=err, bold=True)
    _write("─" * min(width, sum(widths) + _GAP * (len(kept) - 1)), err=err)
    for row in table.rows:
        for line in _lines(kept, widths, [row.get(c.key, "") for c in kept]):
            _write(line, err=err)
    notes = list(table.notes)
    if dropped:
        notes.append(
            _("Left out for want of room: {columns}. Widen the window, or use --json.").format(
                columns=listed(_ON_ONE_LINE.sub("", c.title.replace("\n", " ")) for c in dropped)
            )
        )
    for note in notes if not quiet else []:
        for line in wrap(note, width):
            _write(line, err=err, dim=True)


def _write(line: str, *, err: bool, bold: bool = False, dim: bool = False) -> None:
    styled = click.style(line, bold=bold or None, dim=dim or None) if bold or dim else line
    click.echo(styled, err=err)


def _natural(table: Table, column: Column) -> int:
    texts = [*column.title.split("\n"), *(r.get(column.key, "") for r in table.rows)]
    return max((cells(part) for text in texts for part in text.split("\n")), default=0)


def _needed(table: Table, columns: Sequence[Column]) -> int:
    """Return the columns of the terminal that a table takes at least."""
    sizes = [
        min(_natural(table, c), _LEAST_WRAPPED) if c.wraps else _natural(table, c) for c in columns
    ]
    return sum(sizes) + _GAP * (len(columns) - 1)


def _fit(table: Table, width: int) -> tuple[list[Column], list[Column]]:
    """Return the columns that fit and those that do not; columns without any text are no loss."""
    kept = [c for c in table.columns if c.priority == 0 or any(r.get(c.key) for r in table.rows)]
    dropped: list[Column] = []
    while _needed(table, kept) > width:
        least = max((c.priority for c in kept), default=0)
        if least == 0:
            break
        last = [c for c in kept if c.priority == least][-1]
        kept.remove(last)
        dropped.insert(0, last)
    return kept, dropped


def _widths(table: Table, columns: Sequence[Column], width: int) -> list[int]:
    sizes = [_natural(table, c) for c in columns]
    over = sum(sizes) + _GAP * (len(columns) - 1) - width
    wrapping = [i for i, c in enumerate(columns) if c.wraps]
    if over > 0 and not wrapping:
        # even the columns that must stand have no room: the widest text takes two lines
        wrapping = [max(range(len(columns)), key=lambda i: sizes[i])]
    while over > 0 and wrapping:
        widest = max(wrapping, key=lambda i: sizes[i])
        if sizes[widest] <= 8:
            break
        sizes[widest] -= 1
        over -= 1
    return sizes


def _heading(columns: Sequence[Column], widths: Sequence[int]) -> list[str]:
    return _lines(columns, widths, [c.title for c in columns], bottom=True)


def _lines(
    columns: Sequence[Column], widths: Sequence[int], texts: Sequence[str], *, bottom: bool = False
) -> list[str]:
    """Return the lines of one row; short cells stand at the top, headings at the bottom."""
    cut = [
        [line for part in text.split("\n") for line in _cut(part, size)]
        for text, size in zip(texts, widths, strict=True)
    ]
    height = max(len(lines) for lines in cut)
    made = []
    for n in range(height):
        parts = []
        for column, lines, size in zip(columns, cut, widths, strict=True):
            at = n - (height - len(lines)) if bottom else n
            text = lines[at] if 0 <= at < len(lines) else ""
            pad = " " * (size - cells(text))
            parts.append(pad + text if column.align == "right" else text + pad)
        made.append((" " * _GAP).join(parts).rstrip())
    return made


def _cut(text: str, width: int) -> list[str]:
    """Wrap a cell; a word wider than the column is broken."""
    lines = []
    for line in wrap(text, width):
        rest = line
        while cells(rest) > width:
            take = len(rest)
            while cells(rest[:take]) > width and take > 1:
                take -= 1
            lines.append(rest[:take])
            rest = rest[take:]
        lines.append(rest)
    return lines
