"""What the simulated county's cases are made of, read from ``problems.toml``, ``courses.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lantian.web.cases.table import TABLE
from lantian.workdays import Unit

_HERE = Path(__file__).parent
_PAUSE = re.compile(r"(\d+)([hd])")
_UNITS: Mapping[str, Unit] = {"h": "working_hours", "d": "days"}


@dataclass(frozen=True)
class Problem:
    """One type of problem, with the sentences people write about it and its picture."""

    type: str
    scene: str
    seen: tuple[tuple[str, str], ...]
    found: tuple[str, ...]
    done: tuple[str, ...]
    checked: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """A stay in one state.

    Parameters
    ----------
    share
        Of the limit of its stage that is used at its end; None: some share that is in time.
    pause
        How long it takes where the state has no clock; None: it has one.
    deeds
        Actions meanwhile.
    leave, outcome
        The action that ends it, where there are two, and its outcome; empty: the only one.
    """

    state: str
    share: float | None = None
    pause: tuple[int, Unit] | None = None
    deeds: tuple[str, ...] = ()
    leave: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Course:
    """What becomes of some cases; the keys are explained at the head of ``courses.toml``."""

    count: int
    way: tuple[Visit, ...]
    ended: tuple[float, float] | None
    types: tuple[str, ...]
    channels: tuple[str, ...]
    order: int
    duplicate: int
    sweep: int


@cache
def problems() -> Mapping[str, Problem]:
    """Return the problems by the code of their type."""
    found = {}
    for row in _data("problems")["problem"]:
        lists = {k: tuple(v) for k, v in row.items() if isinstance(v, list) and k != "seen"}
        seen = tuple((source, text) for source, text in row["seen"])
        found[row["type"]] = Problem(type=row["type"], scene=row["scene"], seen=seen, **lists)
    return found


@cache
def words() -> Mapping[str, Any]:
    """Return the sentences that fit any problem."""
    table: Mapping[str, Any] = _data("courses")["words"]
    return table


@cache
def courses(kind: str = "course") -> tuple[Course, ...]:
    """Return the courses of cases that people brought (``course``) or the air (``alert``)."""
    return tuple(_course(row) for row in _data("courses")[kind])


def _data(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _course(row: Mapping[str, Any]) -> Course:
    ended = row.get("ended")
    return Course(
        count=row["count"],
        way=tuple(_visit(text) for text in row["way"]),
        ended=None if ended is None else (ended[0], ended[1]),
        types=tuple(row.get("types", ())),
        channels=tuple(row.get("channels", ())),
        order=row.get("order", 0),
        duplicate=row.get("duplicate", 0),
        sweep=row.get("sweep", 0),
    )


def _visit(text: str) -> Visit:
    """Read a step of a way.

    Raises
    ------
    ValueError
        It names a state or an action that is not there.
    """
    state, *rest = text.split()
    share, pause, leave, outcome = None, None, "", ""
    deeds = []
    for word in rest:
        time = _PAUSE.fullmatch(word)
        if time:
            pause = (int(time[1]), _UNITS[time[2]])
        elif word.startswith(">"):
            leave, _colon, outcome = word[1:].partition(":")
        elif word[0].isdigit() or word[0] == ".":
            share = float(word)
        else:
            deeds.append(word)
    if state not in TABLE.states or {*deeds, leave} - {""} - set(TABLE.actions):
        message = f"A course has a step that is not there: {text}"
        raise ValueError(message)
    return Visit(state, share, pause, tuple(deeds), leave, outcome)
