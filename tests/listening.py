"""A process of its own that a test listens to."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

import psutil
import pytest


@dataclass
class Listened:
    """A process that goes on, its standard output a pipe; what it says is collected."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _queue: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)

    PATIENCE: ClassVar[float] = 15.0  # seconds

    def __post_init__(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))

    def wait_for(self, text: str, seconds: float | None = None) -> str:
        """Return the first line that holds ``text`` and was not returned yet."""
        patience = self.PATIENCE if seconds is None else seconds
        deadline = time.monotonic() + patience
        for line in self.lines:
            if text in line:
                self.lines.remove(line)
                return line
        while True:
            try:
                line = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"no {text!r} within {patience} s; it said\n" + "\n".join(self.lines))
            if text in line:
                return line
            self.lines.append(line)

    def tree(self) -> list[psutil.Process]:
        """Return the processes below it."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> None:
        """Leave nothing of it behind."""
        left = self.tree() if self.process.poll() is None else []
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        for one in left:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(left, timeout=5)
        assert self.process.stdout is not None
        self.process.stdout.close()
