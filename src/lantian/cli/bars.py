"""A progress bar on standard error, where a person watches and the work takes its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lantian.progress import Progress, silent

if TYPE_CHECKING:
    import rich.progress

_AFTER = 2.0  # seconds before a bar is worth showing


class _Bar:
    """Listens to work; appears when it has taken two seconds."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.shown: rich.progress.Progress | None = None
        self.tasks: dict[str, rich.progress.TaskID] = {}

    def __call__(self, task: str, done: int, total: int) -> None:
        """Show how far ``task`` is."""
        if self.shown is None:
            if time.monotonic() - self.begun < _AFTER:
                return
            self.shown = _make()
            self.shown.start()
        if task not in self.tasks:
            self.tasks[task] = self.shown.add_task(task, total=total or None)
        self.shown.update(self.tasks[task], completed=done, total=total or None)

    def stop(self) -> None:
        """Take the bar off the screen."""
        if self.shown is not None:
            self.shown.stop()


def _make() -> rich.progress.Progress:
    # rich takes a fifth of a second to import; most commands are over before a bar is due
    from rich.console import Console  # noqa: PLC0415 - heavy, and not every run shows a bar
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - as above
    from rich.progress import Progress as Bars  # noqa: PLC0415 - as above

    return Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


@contextmanager
def bar(*, quiet: bool = False) -> Iterator[Progress]:
    """Give a listener for progress: a bar on a terminal, else nobody."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    shown = _Bar()
    try:
        yield shown
    finally:
        shown.stop()
