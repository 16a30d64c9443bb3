"""The table of the ledger: which columns, and one page of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from lantian.web.cases.asked import Asked
from lantian.web.cases.ledger.cells import COLUMNS, Writer
from lantian.web.cases.models import Case
from lantian.web.cases.reach import Reach
from lantian.web.cases.rows import Row, rows_of, with_clock
from lantian.web.cases.rules import Rules

PAGE = 50
# What the table can show, in this order; the code and the title always stand first.
CHOICES = (
    "state", "clock", "problem", "severity", "territory_name", "source_name", "lead", "channel",
    "sector", "place", "found_at", "taken_in_at", "opened_at", "due_at", "ended_at", "outcome",
    "external_number", "own_due", "returns", "failures", "extensions", "reopenings",
)  # fmt: skip
DEFAULT = ("state", "clock", "territory_name", "lead", "channel", "taken_in_at")
# The order each column gives, as lists of cases name it.
SORTED_BY = {
    "code": "code", "title": "title", "state": "state", "clock": "due", "due_at": "due",
    "problem": "problem", "severity": "severity", "territory_name": "territory", "lead": "lead",
    "found_at": "found", "taken_in_at": "taken_in", "ended_at": "ended",
}  # fmt: skip
NUMBERS = frozenset({"returns", "failures", "extensions", "reopenings"})


@dataclass(frozen=True)
class Line:
    """One case in the table.

    Parameters
    ----------
    cells
        Texts by column, but for the state and the clock, which the row has.
    """

    row: Row
    cells: dict[str, str]


@dataclass(frozen=True)
class Shown:
    """One page of the table."""

    lines: Sequence[Line]
    total: int
    page: int
    pages: int


def columns_of(given: Sequence[str]) -> tuple[str, ...]:
    """Return the columns asked for in the order of the table; none that is known: the usual."""
    return tuple(c for c in CHOICES if c in given) or DEFAULT


def shown(
    mine: Reach, asked: Asked, columns: Sequence[str], *, page: int, now: datetime, rules: Rules
) -> Shown:
    """Return one page of the cases that fit."""
    fitting = asked.keys(mine.cases(), now)
    # a search reads the words of every case: once for the count and the page together
    matched = list(fitting) if asked.q else None
    total = len(matched) if matched is not None else fitting.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    first = (page - 1) * PAGE
    keys = list((fitting if matched is None else matched)[first : first + PAGE])
    found = {c.pk: c for c in with_clock(mine.cases().filter(pk__in=keys))}
    writer = Writer(rules)
    texts = [c for c in columns if c != "clock"]
    lines = []
    for row in rows_of([found[k] for k in keys if k in found], now):
        cells = writer.row(row.case, texts)
        lines.append(Line(row, {n: str(c) for n, c in zip(texts, cells, strict=True)}))
    return Shown(lines, total, page, pages)


def every(mine: Reach, asked: Asked, now: datetime) -> QuerySet[Case]:
    """Return all cases that fit, in order, to be read piece by piece."""
    return asked.apply(mine.cases(), now)


def title_of(column: str) -> str:
    """Return the header of a column; that of the clock is the page's own."""
    return COLUMNS[column].title
