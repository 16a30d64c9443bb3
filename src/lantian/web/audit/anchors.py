"""The head of the chain, kept outside the database: what finds a cut or rewritten tail."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from lantian.errors import DomainError, InvalidArgumentError
from lantian.home.layout import RUN, Home
from lantian.i18n import gettext as _
from lantian.web.audit import chain
from lantian.web.audit.hashing import stamp

FOLDER = "anchors"
FILE = "audit.jsonl"
_TEXT = re.compile(r"\s*(\d+)\s*[:\s]\s*([0-9a-f]{64})\s*")


@dataclass(frozen=True)
class Anchor:
    """What the chain ended with at some time.

    Parameters
    ----------
    number, hash
        Of its last event then.
    at
        When that was written down; None: unknown (copied from a page or a bulletin).
    """

    number: int
    hash: str
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def path_of(home: Home) -> Path:
    """Return where the anchors of a home are kept."""
    return home.path / FOLDER / FILE


def anchor(home: Home, now: datetime) -> Anchor | None:
    """Append the head of the chain to the anchors of the home.

    The same head is not written twice, so that it may be called as often as one likes.

    Parameters
    ----------
    now
        The machine's time [UTC].

    Returns
    -------
    Anchor or None
        The anchor in force; None: there is no event yet.
    """
    path = path_of(home)
    path.parent.mkdir(exist_ok=True)
    (home.path / RUN).mkdir(exist_ok=True)
    with FileLock(home.path / RUN / "anchors.lock"):
        found = chain.head()
        if found is None:
            return None
        try:
            kept = last(path)
        except (
            DomainError
        ):  # whoever verifies is told; what comes after is vouched for all the same
            kept = None
        if kept is not None and (kept.number, kept.hash) == found[:2]:
            return kept
        made = Anchor(found[0], found[1], now.astimezone(UTC))
        _append(path, made)
    return made


def _append(path: Path, made: Anchor) -> None:
    assert made.at is not None  # noqa: S101 - made just now
    line = json.dumps({"at": stamp(made.at), "number": made.number, "hash": made.hash})
    torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")  # the machine lost power
    with path.open("a", encoding="ascii") as file:
        file.write(("\n" if torn else "") + line + "\n")
        file.flush()
        os.fsync(file.fileno())


def last(path: Path) -> Anchor | None:
    """Return the last anchor of a file; None: it has none, or does not exist."""
    found = read(path) if path.exists() else []
    return found[-1] if found else None


def read(path: Path) -> list[Anchor]:
    """Return the anchors of a file, in the order of its lines.

    Raises
    ------
    DomainError
        ``audit.no_anchor`` (no such file), ``audit.bad_anchor`` (a line that is none).
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        message = _("There is no file of anchors at {path}.").format(path=path)
        raise DomainError("audit.no_anchor", message, {"path": str(path)}) from error
    except UnicodeDecodeError as error:
        raise _bad(path, 1) from error
    return [_line(text, path, n) for n, text in enumerate(lines, 1) if text.strip()]


def _line(text: str, path: Path, number: int) -> Anchor:
    try:
        row = json.loads(text)
        return Anchor(int(row["number"]), str(row["hash"]), datetime.fromisoformat(row["at"]))
    except (ValueError, KeyError, TypeError) as error:
        raise _bad(path, number) from error


def _bad(path: Path, line: int) -> DomainError:
    return DomainError(
        "audit.bad_anchor",
        _("Line {line} of {path} is not an anchor. Use an untouched copy of the file.").format(
            line=line, path=path
        ),
        {"path": str(path), "line": line},
    )


def parse(text: str) -> Anchor:
    """Return the anchor that was copied from a page: ``number:hash``.

    Raises
    ------
    InvalidArgumentError
        ``audit.bad_anchor``.
    """
    found = _TEXT.fullmatch(text.lower())
    if found is None:
        raise InvalidArgumentError(
            "audit.bad_anchor",
            _("“{text}” is not an anchor; it is a number, a colon and 64 digits.").format(
                text=text[:80]
            ),
        )
    return Anchor(int(found[1]), found[2])


def by_number(anchors: Iterable[Anchor]) -> dict[int, Anchor]:
    """Return anchors by the number of their event; the first written of a number counts."""
    found: dict[int, Anchor] = {}
    for one in sorted(anchors, key=lambda a: a.number):
        found.setdefault(one.number, one)
    return found
