"""How large evidence may be. Data: ``limits.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

_MEGABYTE = 1024**2


@dataclass(frozen=True)
class Limits:
    """All of ``limits.toml``.

    Parameters
    ----------
    picture_mb, document_mb
        Largest file [MB, 1024² bytes].
    megapixels
        Largest picture [10⁶ pixels].
    pieces
        Files that may come with one action.
    thumbnail
        Longer side of a small picture [px].
    doctor_mb
        How much the doctor reads whole [MB].
    """

    picture_mb: int
    document_mb: int
    megapixels: int
    pieces: int
    thumbnail: int
    doctor_mb: int

    @property
    def bytes(self) -> int:
        """Return the most bytes of any file."""
        return max(self.picture_mb, self.document_mb) * _MEGABYTE

    def of(self, kind: str) -> int:
        """Return the most bytes of a file of a kind."""
        return (self.document_mb if kind == "pdf" else self.picture_mb) * _MEGABYTE


LIMITS = Limits(**tomllib.loads(Path(__file__).with_name("limits.toml").read_text("utf-8")))
