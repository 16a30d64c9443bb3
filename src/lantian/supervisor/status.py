"""What a supervisor says of itself and its children in a file, for whoever asks later."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

State = Literal["starting", "running", "waiting", "failing", "stopping", "stopped"]


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """One child.

    Parameters
    ----------
    pid
        None while it does not run.
    state
        ``starting`` until it is ready, ``running``, ``waiting`` to be started again, ``failing``
        when it died several times at once after its start, ``stopping``, ``stopped``.
    restarts
        How often it was started again.
    since
        When the state began (ISO 8601, UTC).
    ended
        How it ended last, in words for a machine: ``exit 1``, ``SIGKILL``; empty: it never did.
    last_lines
        What it wrote last before that end.
    """

    name: str
    pid: int | None
    state: State
    restarts: int
    since: str
    ended: str
    last_lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Status:
    """A supervisor and its children; ``written`` when this was so (ISO 8601, UTC)."""

    pid: int
    started: str
    written: str
    children: Sequence[ChildStatus]


def write_status(path: Path, status: Status) -> None:
    """Write the status so that a reader sees the old one or the new one."""
    write_whole(path, json.dumps(asdict(status), ensure_ascii=False, indent=1))


def read_status(path: Path) -> Status | None:
    """Return what was written last; None if nothing, or nothing readable, was."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        children = tuple(ChildStatus(**child) for child in kept.pop("children"))
        return Status(children=children, **kept)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old text or the new one."""
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
