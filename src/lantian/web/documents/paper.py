"""A document as data: what both renderers set, and what is kept of it for good."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Field:
    """A label and what stands beside it."""

    label: str
    value: str


@dataclass(frozen=True)
class Section:
    """A heading and the paragraphs under it."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table with its title; every row has as many cells as ``head``."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Paper:
    """One document.

    Parameters
    ----------
    number
        As printed; empty: it was not issued, and says so.
    addressee
        Whom it is sent to; empty: a record or a form.
    fields, sections, table
        The body; a table without rows is left out.
    signed, day
        The unit under it, and the day in words.
    boxes
        Where people sign by hand.
    url, caption
        What the QR code says, and what stands below it.
    mark
        Printed at the head of each page: simulated, preview; empty: nothing.
    """

    kind: str
    language: str
    letterhead: str
    number: str
    title: str
    addressee: str
    opening: tuple[str, ...]
    fields: tuple[Field, ...]
    sections: tuple[Section, ...]
    table: Table
    closing: tuple[str, ...]
    signed: str
    day: str
    boxes: tuple[str, ...]
    url: str
    caption: str
    mark: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return it as JSON-able values; :meth:`from_record` reads them."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Paper:
        """Return what :meth:`as_record` gave, also after JSON made its tuples lists.

        Raises
        ------
        KeyError, TypeError
            The record is not one of :meth:`as_record`.
        """
        table = record["table"]
        return cls(**{
            **record,
            "opening": tuple(record["opening"]), "closing": tuple(record["closing"]),
            "boxes": tuple(record["boxes"]),
            "fields": tuple(Field(**f) for f in record["fields"]),
            "sections": tuple(
                Section(s["title"], tuple(s["paragraphs"])) for s in record["sections"]
            ),
            "table": Table(
                table["title"], tuple(table["head"]), tuple(tuple(r) for r in table["rows"])
            ),
        })  # fmt: skip


def clean(text: str) -> str:
    """Return text in one line without characters that no page can show."""
    return " ".join(_kept(text.replace("\n", " ")).split())


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the lines of a text that say something, each a paragraph."""
    return tuple(line for part in text.splitlines() if (line := clean(part)))


def _kept(text: str) -> str:
    return "".join(c for c in text if c == "\t" or unicodedata.category(c) not in ("Cc", "Cs"))
