"""Answers kept in memory until what they stand on changes, or until they take too much room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import TypeVar

import polars as pl

Answer = TypeVar("Answer")

BUDGET = 512 * 2**20  # bytes
_SMALL = 1024  # what an answer without a table is taken to weigh [bytes]


class Answers:
    """A bounded memory of answers by question; safe for many threads.

    A question being worked on is not worked on a second time: others who ask it wait for the
    answer.

    Parameters
    ----------
    budget
        Bytes of tables held; the least recently used answers go first.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._held: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._weight = 0
        self._mutex = threading.Lock()
        self._working: dict[Hashable, threading.Lock] = {}

    def get(self, question: Hashable, work: Callable[[], Answer]) -> Answer:
        """Return the answer held, or ``work()``, which is held from then on."""
        found, answer = self._look(question)
        if found:
            return answer  # type: ignore[return-value]
        with self._mutex:
            turn = self._working.setdefault(question, threading.Lock())
        try:
            with turn:
                found, answer = self._look(question)
                if found:
                    return answer  # type: ignore[return-value]
                made = work()
                self._keep(question, made)
                return made
        finally:
            with self._mutex:
                if self._working.get(question) is turn:
                    del self._working[question]

    def _look(self, question: Hashable) -> tuple[bool, object]:
        with self._mutex:
            if question not in self._held:
                return False, None
            self._held.move_to_end(question)
            return True, self._held[question][0]

    def _keep(self, question: Hashable, answer: object) -> None:
        weight = weight_of(answer)
        with self._mutex:
            _old, before = self._held.pop(question, (None, 0))
            self._weight += weight - before
            self._held[question] = (answer, weight)
            while self._weight > self._budget and len(self._held) > 1:
                _question, (_answer, freed) = self._held.popitem(last=False)
                self._weight -= freed


def weight_of(answer: object) -> int:
    """Return about how many bytes an answer takes: those of its tables."""
    if isinstance(answer, pl.DataFrame):
        return int(answer.estimated_size()) + _SMALL
    if is_dataclass(answer):
        return sum(weight_of(getattr(answer, f.name)) for f in fields(answer))
    return _SMALL
