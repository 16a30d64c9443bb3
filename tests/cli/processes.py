"""Runs the command line as a process of its own, listening to what it says."""

from __future__ import annotations

import os
import queue
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing but ``more`` says how to serve."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("LANTIAN_", "DJANGO_"))}
    return {**bare, "LANTIAN_HOME": str(home), "LANTIAN_LANG": "en", **more}


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def run(*args: str, home: Path, code: int = 0, stdin: str = "", **more: str) -> str:
    """Run a command to its end and return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "lantian", *args],
        env=environment(home, **more),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


@dataclass
class Running:
    """A command that goes on; what it says is collected."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _queue: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)

    @classmethod
    def start(cls, *args: str, home: Path, **more: str) -> Running:
        """Start a command."""
        made = cls(
            subprocess.Popen(
                [sys.executable, "-m", "lantian", *args],
                env=environment(home, **more),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        threading.Thread(target=made._listen, daemon=True).start()
        return made

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))

    def wait_for(self, text: str, seconds: float = 180.0) -> str:
        """Return the first line that holds ``text`` and was not returned yet."""
        deadline = time.monotonic() + seconds
        for line in self.lines:
            if text in line:
                self.lines.remove(line)
                return line
        while True:
            try:
                line = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"no {text!r} within {seconds} s; it said\n" + "\n".join(self.lines))
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
        psutil.wait_procs(left, timeout=5)
        assert self.process.stdout is not None
        self.process.stdout.close()
