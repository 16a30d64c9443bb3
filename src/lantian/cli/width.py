"""How wide text stands in a terminal, where a Chinese character takes two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from lantian.i18n import active

# What may not begin a line (and so stays with the character before it).
_CLOSING = frozenset("，。；：！？、）》」』】”’,.;:!?)]}%…")
_OPENING = frozenset("（《「『【“‘([{")


def listed(names: Iterable[str]) -> str:
    """Return names one after the other, as the language in force separates them."""
    return ("、" if active() == "zh" else ", ").join(names)


def cells(text: str) -> int:
    """Return the columns that ``text`` takes."""
    return sum(_cell(c) for c in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, width: int) -> list[str]:
    """Break ``text`` into lines of at most ``width`` columns, between words or Chinese characters.

    A word longer than a line stands on its own: it is not cut.
    """
    lines: list[str] = []
    line, used = "", 0
    for piece in _pieces(text):
        size = cells(piece)
        if line and used + cells(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line, used = "", 0
            if piece.isspace():
                continue
        line, used = line + piece, used + size
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _pieces(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may break: words with the space after, characters."""
    held = ""
    for i, c in enumerate(text):
        held += c
        after = text[i + 1] if i + 1 < len(text) else ""
        if after in _CLOSING and after != "" and c != " ":
            continue
        if c in _OPENING:
            continue
        if c.isspace() or _cell(c) == 2 or (after and _cell(after) == 2):
            yield held
            held = ""
    if held:
        yield held
