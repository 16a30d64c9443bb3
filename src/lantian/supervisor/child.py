"""One child process: started, listened to, ended with everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO

from lantian.supervisor import lifeline
from lantian.supervisor.program import Policy, Program
from lantian.supervisor.status import ChildStatus, State

_LONGEST_LINE = 16_384  # bytes; a longer one is broken


class Child:
    """A program and the process that runs it at the moment, if one does.

    Only the thread of the supervisor calls its methods; two threads of its own listen to the
    process and wait for its end.

    Parameters
    ----------
    line
        Called with each line the process writes, from another thread.
    ended
        Called with this child when its process and all of its group have ended, from another
        thread.
    """

    def __init__(
        self,
        program: Program,
        policy: Policy,
        line: Callable[[str, str], None],
        ended: Callable[[Child], None],
    ) -> None:
        self.program = program
        self.policy = policy
        self.state: State = "stopped"
        self.due: float | None = None
        self.started = 0.0
        self.starts = 0
        self.deaths = 0
        self._line = line
        self._ended = ended
        self._process: subprocess.Popen[bytes] | None = None
        self._last: deque[str] = deque(maxlen=policy.kept_lines)
        self._since = datetime.now(UTC)
        self._end = ""
        self._reaped = False

    @property
    def pid(self) -> int | None:
        """Return the number of the process; None when none runs."""
        return None if self._process is None else self._process.pid

    @property
    def last_lines(self) -> tuple[str, ...]:
        """Return what it wrote last."""
        return tuple(self._last)

    @property
    def end(self) -> str:
        """Return how it ended last: ``exit 1``, ``SIGKILL``."""
        return self._end

    def start(self, now: float) -> None:
        """Start the process.

        Raises
        ------
        OSError
            The program cannot be run.
        """
        self._last.clear()
        self.due = None
        environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            **self.program.environment,
            lifeline.VARIABLE: lifeline.STDIN,
        }
        process = subprocess.Popen(  # noqa: S603 - the command is the caller's own
            list(self.program.command),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._process, self._reaped = process, False
        self.started = now
        self.starts += 1
        if self.state != "failing":
            self.turn("starting")
        listener = threading.Thread(target=self._listen, args=(process.stdout,), daemon=True)
        listener.start()
        threading.Thread(target=self._wait, args=(process, listener), daemon=True).start()

    def ask_to_end(self) -> None:
        """Send the signal that asks the process to end."""
        self.turn("stopping")
        self._signal(self.program.stop)

    def kill(self) -> None:
        """End the process and its group at once."""
        if self._process is not None and not self._reaped:
            _kill_group(self._process.pid)

    def forget(self) -> None:
        """Note that the process has ended."""
        if self._process is not None and self._process.returncode is not None:
            self._end = _in_words(self._process.returncode)
        self._process = None

    def never_began(self, reason: str) -> None:
        """Note that the process could not even be started."""
        self._end = reason

    def turn(self, state: State) -> None:
        """Change the state."""
        self.state = state
        self._since = datetime.now(UTC)

    def status(self) -> ChildStatus:
        """Return what there is to say of it."""
        return ChildStatus(
            name=self.program.name,
            pid=self.pid,
            state=self.state,
            restarts=max(0, self.starts - 1),
            since=self._since.isoformat(timespec="seconds"),
            ended=self._end,
            last_lines=self.last_lines if self._end else (),
        )

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)  # does nothing once it has been waited for

    def _listen(self, output: IO[bytes]) -> None:
        with output:
            while raw := output.readline(_LONGEST_LINE):
                text = raw.decode("utf-8", "replace").rstrip("\r\n")
                self._last.append(text)
                self._line(self.program.name, text)

    def _wait(self, process: subprocess.Popen[bytes], listener: threading.Thread) -> None:
        # left unreaped for a moment: its number still names its group, and nobody else's
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        _kill_group(process.pid)
        self._reaped = True
        process.wait()
        listener.join(timeout=2.0)
        if process.stdin is not None:
            process.stdin.close()
        self._ended(self)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody left; macOS calls a group of one unreaped process forbidden


def _in_words(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
