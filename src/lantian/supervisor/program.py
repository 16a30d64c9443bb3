"""What is to be kept alive, and how patiently."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    """One child process.

    Parameters
    ----------
    name
        A word that stands before each line it writes.
    command
        Program and arguments. It gets a process group of its own. Its standard input is a line to
        the supervisor, which :func:`lantian.supervisor.lifeline.hold` watches, so that it ends
        with the supervisor however that ends.
    environment
        Added to that of the supervisor.
    ready
        Asked again and again after each start until it says yes; None: ready once started.
    grace
        How long it may take to end when it is asked to [s].
    stop
        The signal that asks it to end.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    grace: float = 10.0
    stop: signal.Signals = signal.SIGTERM


@dataclass(frozen=True, slots=True)
class Policy:
    """How a child that died is started again.

    The first start comes after ``first`` seconds, each further one after ``factor`` times as
    long, ``most`` at the longest; it never ends. A child that lived for ``steady`` seconds starts
    afresh. From the ``trouble``-th quick death on, what it said last is reported with each.
    """

    first: float = 0.25
    factor: float = 2.0
    most: float = 30.0
    steady: float = 10.0
    trouble: int = 3
    slow: float = 30.0
    kept_lines: int = 20

    def delay(self, deaths: int) -> float:
        """Return how long to wait after the ``deaths``-th quick death in a row [s]."""
        # the power is bounded: a float overflows after a thousand deaths
        return min(self.most, self.first * self.factor ** min(deaths - 1, 64))
