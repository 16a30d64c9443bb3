"""Runs the command line as a process of its own, listening to what it says."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.listening import Listened


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


class Running(Listened):
    """A command that goes on."""

    PATIENCE = 180.0

    @classmethod
    def start(cls, *args: str, home: Path, **more: str) -> Running:
        """Start a command."""
        return cls(
            subprocess.Popen(
                [sys.executable, "-m", "lantian", *args],
                env=environment(home, **more),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
