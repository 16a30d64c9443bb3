"""How large evidence may be. Data: ``limits.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MEGABYTE = 1024**2
AT_ONCE = 200  # pictures one run of the job looks at: some seconds


@dataclass(frozen=True)
class LikenessLimits:
    """When two pictures are one photograph.

    Parameters
    ----------
    bits
        Of a hash that may differ, for a picture to be looked at closely.
    closely
        How many are looked at closely, the nearest.
    unlikeness
        What may be left between the two (:func:`~lantian.web.evidence.likeness.unlikeness`).
    """

    bits: int
    closely: int
    unlikeness: float


@dataclass(frozen=True)
class FlagLimits:
    """When a photograph is flagged.

    Parameters
    ----------
    counted
        The flags that are told of before a decision.
    far
        Distance from the source [m].
    clock
        By which clocks may disagree [min].
    """

    counted: tuple[str, ...]
    far: float
    clock: int


@dataclass(frozen=True)
class PoorLine:
    """What the browser makes of a photograph: longer side [px] and most [1000 bytes]."""

    side: int
    kilobytes: int


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
    order
        Action that a kind of photograph answers.
    copy_side
        Longer side of a copy without what the camera wrote [px].
    """

    picture_mb: int
    document_mb: int
    megapixels: int
    pieces: int
    thumbnail: int
    doctor_mb: int
    likeness: LikenessLimits
    flags: FlagLimits
    order: Mapping[str, str]
    copy_side: int
    poor_line: PoorLine

    @property
    def bytes(self) -> int:
        """Return the most bytes of any file."""
        return max(self.picture_mb, self.document_mb) * _MEGABYTE

    def of(self, kind: str) -> int:
        """Return the most bytes of a file of a kind."""
        return (self.document_mb if kind == "pdf" else self.picture_mb) * _MEGABYTE


def _read(path: Path) -> Limits:
    table = tomllib.loads(path.read_text("utf-8"))
    flags, like = table.pop("flags"), table.pop("likeness")
    flags["counted"] = tuple(flags["counted"])
    return Limits(
        likeness=LikenessLimits(**like), flags=FlagLimits(**flags), order=table.pop("order"),
        copy_side=table.pop("copy")["side"], poor_line=PoorLine(**table.pop("poor_line")), **table,
    )  # fmt: skip


LIMITS = _read(Path(__file__).with_name("limits.toml"))
