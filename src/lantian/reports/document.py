"""What a report consists of, before it is a page or a PDF.

Sections say what there is to see; :mod:`lantian.reports.web` and :mod:`lantian.reports.typeset`
say how it looks. Text is plain; ``PM2.5`` and the like get their subscripts from the writer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Tone = Literal["", "gap", "better", "worse", "warn", "muted"]


@dataclass(frozen=True)
class Badge:
    """An AQI in a line: swatch, number and word. ``level`` 1–6 is the category, 0 none."""

    level: int
    number: str
    word: str


@dataclass(frozen=True)
class Cell:
    """One cell of a table; ``note`` is set small after the text."""

    text: str = ""
    note: str = ""
    before: str = ""
    strong: bool = False
    tone: Tone = ""
    badge: Badge | None = None
    svg: str = ""
    columns: int = 1


@dataclass(frozen=True)
class Column:
    """Head of a column; ``paper`` False leaves it out of the PDF, ``key`` names the row."""

    title: str
    numeric: bool = False
    unit: str = ""
    paper: bool = True
    key: bool = False


@dataclass(frozen=True)
class Row:
    """One row; ``unranked`` greys it."""

    cells: tuple[Cell, ...]
    unranked: bool = False


@dataclass(frozen=True)
class Mark:
    """One entry of a legend: a key drawn as ``svg`` and its words."""

    svg: str
    text: str


@dataclass(frozen=True)
class Table:
    """A table. ``folded``: behind a summary line on the page; ``paper``: also in the PDF."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    folded: str = ""
    paper: bool = True
    dense: bool = False


@dataclass(frozen=True)
class Stat:
    """A figure that opens a section. ``weak``: not to be trusted, shown in words instead."""

    label: str
    value: str
    unit: str = ""
    notes: tuple[str, ...] = ()
    verdict: str = ""
    tone: Tone = ""
    weak: bool = False


@dataclass(frozen=True)
class Stats:
    """Three to six figures in a row."""

    items: tuple[Stat, ...]


@dataclass(frozen=True)
class Figure:
    """One drawing; ``title`` and ``unit`` stand above it, ``value`` at the right.

    ``paper`` is the same drawn for a third of a sheet, where the page shows three in a row.
    """

    svg: str
    title: str = ""
    unit: str = ""
    value: str = ""
    legend: tuple[Mark, ...] = ()
    paper: str = ""


@dataclass(frozen=True)
class Figures:
    """Drawings side by side: ``month`` narrow, ``tile`` wider, ``wide`` at their own width."""

    items: tuple[Figure, ...]
    size: Literal["tile", "month", "wide"] = "tile"


@dataclass(frozen=True)
class Legend:
    """Keys of the drawings before it."""

    marks: tuple[Mark, ...]
    lead: str = ""


@dataclass(frozen=True)
class Pairs:
    """Terms and what they mean here."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Note:
    """A sentence; ``warn`` for what the reader must know before trusting a figure."""

    text: str
    warn: bool = False


Block: TypeAlias = Table | Stats | Figures | Legend | Pairs | Note


@dataclass(frozen=True)
class Section:
    """A chapter: ``about`` says period, unit, edition and number of values; ``foot`` the reading
    aids below.
    """  # noqa: D205 - the summary needs two lines

    id: str
    title: str
    about: str = ""
    blocks: tuple[Block, ...] = ()
    foot: str = ""
    plain: bool = False  # figures stand on the page, without a card


@dataclass(frozen=True)
class Tag:
    """A quiet fact beside the title."""

    text: str
    tone: Literal["", "accent", "warn"] = ""


@dataclass(frozen=True)
class Document:
    """A whole report in one language."""

    language: str
    title: str
    subtitle: str
    brand: str
    network: str
    period: str
    made: str
    simulated: str  # the warning on every page; empty for measured data
    tags: tuple[Tag, ...]
    facts: tuple[str, ...]
    sections: tuple[Section, ...] = field(default_factory=tuple)
    contents: str = ""
    page: str = ""
