"""How long work tells its caller how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with a short translated description, the units done and the units in all."""

    def __call__(self, task: str, done: int, total: int) -> None:
        """Report progress; must be cheap and must not raise."""


def silent(task: str, done: int, total: int) -> None:
    """Report to nobody: the default listener."""
