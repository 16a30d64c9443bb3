"""The header of a vendor's table: its rows, its columns, and what a header text speaks of."""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from lantian.observations.parameters import Parameter, Unit, find_parameter, find_unit, unit_in
from lantian.observations.readers.table_cells import Sheet

_BRACKETED = re.compile(r"[(\[【{][^)\]】}]*[)\]】}]")
_WORDS: dict[str, Any] = tomllib.loads(
    files("lantian.observations").joinpath("data", "table_headers.toml").read_text("utf-8")
)
Row = tuple[str | None, ...]


def key(text: str) -> str:
    """Return a header text as the vocabulary compares it."""
    plain = _BRACKETED.sub("", unicodedata.normalize("NFKC", text).lower())
    return re.sub(r"[\s_\-:.]+", "", plain)


@cache
def roles() -> Mapping[str, str]:
    """Return what each header text of the vocabulary says that its column holds."""
    return MappingProxyType({key(w): role for role, ws in _WORDS["roles"].items() for w in ws})


@cache
def words(kind: str) -> tuple[str, ...]:
    """Return one list of words of ``table_headers.toml``, longest first."""
    return tuple(sorted(map(str.lower, _WORDS["words"][kind]), key=len, reverse=True))


def generic_sheet(name: str) -> bool:
    """Say whether the name of a sheet says nothing about a station."""
    return re.search(_WORDS["sheets"]["generic"], name.strip(), re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class HeaderColumn:
    """One column: its position, the text a mapping calls it by, and its texts from top to bottom.

    ``named`` is False where the text came from a merged cell on its left.
    """

    index: int
    label: str
    parts: tuple[str, ...]
    named: bool = True

    @property
    def cell(self) -> str:
        """Return the name of its column of cells."""
        return f"c{self.index}"

    def says(self, kind: str) -> bool:
        """Say whether the header holds one of the words of a list."""
        text = "".join(key(p) for p in self.parts)
        return any(word in text for word in words(kind))

    def role(self) -> str | None:
        """Return the role the vocabulary knows for it."""
        for text in ("".join(self.parts), *reversed(self.parts)):
            if (found := roles().get(key(text))) is not None:
                return found
        return None

    def parameter(self) -> Parameter | None:
        """Return the parameter of which the column holds hourly values, None if there is none."""
        if self.says("not_hourly"):
            return None
        for text in (" ".join(self.parts), *self.parts):
            bare = without_unit(text)
            for candidate in (bare, _without_noise(bare)):
                if candidate and (found := find_parameter(candidate)) is not None:
                    return found
        return None

    def unit(self) -> Unit | None:
        """Return the unit that the header states."""
        for part in reversed(self.parts):
            found = unit_in(part) or find_unit(part) or _trailing_unit(part)
            if found is not None:
                return found
        return None


def without_unit(text: str) -> str:
    """Return a header text without a unit in brackets or after its last separator."""
    plain = _BRACKETED.sub("", unicodedata.normalize("NFKC", text)).strip()
    head, found = _split_unit(plain)
    return head if found is not None else plain


def _split_unit(text: str) -> tuple[str, Unit | None]:
    """Split ``CO mg/m3``, ``CO_mg/m3`` and ``CO,mg/m3``."""
    for match in re.finditer(r"[\s_,,;/:]+", text):
        head, tail = text[: match.start()], text[match.end() :]
        if head and tail and (unit := find_unit(tail)) is not None:
            return head, unit
    return text, None


def _trailing_unit(text: str) -> Unit | None:
    return _split_unit(unicodedata.normalize("NFKC", text))[1]


def _without_noise(text: str) -> str:
    plain = text.lower().strip()
    for word in words("noise"):
        if plain.endswith(word):
            return plain[: -len(word)].strip(" _-")
    return plain


@dataclass(frozen=True, slots=True)
class Header:
    """The header rows of a sheet.

    ``first`` is the index of the first of ``count`` rows; ``titles`` are the texts above them.
    """

    first: int
    count: int
    columns: tuple[HeaderColumn, ...]
    titles: tuple[str, ...]

    @property
    def data(self) -> int:
        """Return the index of the first row below the header."""
        return self.first + self.count

    def find(self, label: str) -> HeaderColumn | None:
        """Return the column that a mapping calls ``label``."""
        for column in self.columns:
            if column.label == label:
                return column
        wanted = key(label)
        like = [c for c in self.columns if key(c.label) == wanted]
        return like[0] if len(like) == 1 else None


def build(sheet: Sheet, rows: Sequence[Row], first: int, count: int) -> Header:
    """Return the header that stands on ``count`` rows from index ``first``.

    A merged cell is read as its text and empty cells to its right: they are filled from the left
    where the row below has texts, that is, where the merged cell is a heading of several columns.
    """
    block = [_texts(rows[i]) for i in range(first, first + count)]
    for above, below in itertools.pairwise(block):
        _fill(above, below)
    used = _used(sheet, first, first + count)
    columns: list[HeaderColumn] = []
    seen: dict[str, int] = {}
    last: tuple[str, ...] = ()
    for index in range(len(block[0])):
        parts = tuple(dict.fromkeys(t for row in block if (t := row[index])))
        named = bool(parts)
        if not named:
            if not used[index] or not last:
                continue
            parts = last
        last = parts
        label = " | ".join(parts)
        seen[label] = seen.get(label, 0) + 1
        shown = label if seen[label] == 1 else f"{label} #{seen[label]}"
        columns.append(HeaderColumn(index, shown, parts, named))
    titles = tuple(t for row in rows[:first] for t in _texts(row) if t)
    return Header(first, count, tuple(columns), titles)


def _texts(row: Row) -> list[str | None]:
    return [" ".join(cell.split()) if cell else None for cell in row]


def _fill(above: list[str | None], below: Sequence[str | None]) -> None:
    source: int | None = None
    for index, text in enumerate(above):
        if text:
            source = index
        elif source is not None and below[index] and below[source]:
            above[index] = above[source]
        elif below[index]:
            source = None


def _used(sheet: Sheet, first: int, data: int) -> list[bool]:
    body = sheet.cells.slice(data)
    # in a text file a cell beyond the last one of the header is a fault, not a merged cell
    width = sheet.cells.width
    if sheet.widths is not None:
        width = max(sheet.widths.slice(first, data - first), default=0)
    return [i < width and c.null_count() < len(c) for i, c in enumerate(body.iter_columns())]
