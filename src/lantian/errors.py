"""Errors a person can act on: a stable code for machines, a sentence for people."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lantian.i18n import gettext as _


class DomainError(Exception):
    """Something a user did or gave cannot be accepted.

    Parameters
    ----------
    code
        Stable dotted identifier, e.g. ``"import.unknown_station"``. Never changes once released.
    message
        The sentence, already translated: what was wrong, where, and what to do.
    data
        The values the sentence speaks of, for ``--json`` output.
    """

    def __init__(self, code: str, message: str, data: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = dict(data or {})


class UnknownNameError(DomainError, LookupError):
    """A pollutant, edition, averaging time, method … that the standards do not have."""


class InvalidArgumentError(DomainError, ValueError):
    """An argument whose value makes no sense where it was given."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place of one input file.

    ``line`` is 1-based and counts physical lines (rows of a sheet), the header being line 1;
    ``column`` is the header text or JSON path. ``None`` where the place has no such coordinate.
    """

    file: str
    message: str
    code: str
    line: int | None = None
    column: str | None = None
    value: str | None = None

    def where(self) -> str:
        """Return ``file:line:column`` as far as it is known."""
        parts = [self.file]
        if self.line is not None:
            parts.append(str(self.line))
        if self.column is not None:
            parts.append(self.column)
        return ":".join(parts)


@dataclass
class BadInputError(DomainError):
    """Input that cannot be taken as it is, with every bad place listed.

    ``problems`` holds at most ``LIMIT`` of them; ``total`` counts all.
    """

    code: str
    message: str
    problems: Sequence[Problem] = field(default_factory=tuple)
    total: int = 0

    LIMIT = 1000

    def __post_init__(self) -> None:
        super().__init__(
            self.code,
            self.message,
            {"problems": len(self.problems), "total": self.total or len(self.problems)},
        )
        self.total = self.total or len(self.problems)

    def __str__(self) -> str:
        shown = "\n".join(f"  {p.where()}: {p.message}" for p in list(self.problems)[:10])
        return f"{self.message}\n{shown}" if shown else self.message


def reason_of(error: OSError) -> str:
    """Return why the machine refused, in the language in force; its own words where none fit."""
    known = {
        errno.ENOENT: _("there is no such file or folder"),
        errno.EACCES: _("access is not allowed"),
        errno.EPERM: _("access is not allowed"),
        errno.EISDIR: _("it is a folder"),
        errno.ENOTDIR: _("it is no folder"),
        errno.EEXIST: _("it exists already"),
        errno.ENOSPC: _("no room is left on the disk"),
        errno.EROFS: _("the disk can only be read"),
        errno.ENAMETOOLONG: _("the name is too long"),
        errno.EMFILE: _("too many files are open"),
        errno.EADDRINUSE: _("something else uses it already"),
        errno.EADDRNOTAVAIL: _("this machine does not have this address"),
        errno.EIO: _("the disk cannot be read or written"),
    }
    return known.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
