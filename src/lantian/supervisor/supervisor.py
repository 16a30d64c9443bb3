"""Start programs, start again those that die, end all in order."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Literal

from lantian.errors import reason_of
from lantian.i18n import gettext as _
from lantian.supervisor.child import Child
from lantian.supervisor.program import Policy, Program
from lantian.supervisor.status import Status, write_status

Say = Callable[[str, str], None]
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PROBE = 0.1  # seconds between two questions whether a child is ready
_AFTER_KILL = 5.0  # seconds for the system to clear away what was killed


@dataclass(frozen=True, slots=True)
class _Event:
    kind: Literal["ended", "ready", "slow", "stop"]
    child: Child | None = None
    start: int = 0


class Supervisor:
    """Keeps programs running until it is told to stop.

    Parameters
    ----------
    programs
        In the order in which they are to end; they are started in the opposite order.
    say
        Takes each line: who says it, and what. Called from several threads, one at a time.
    name
        Under which the supervisor itself speaks.
    status
        File that says how things are, written at each change; None: none.
    ready
        Called once, when all programs are ready for the first time.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        say: Say,
        name: str = "supervisor",
        status: Path | None = None,
        policy: Policy = Policy(),  # noqa: B008 - frozen
        ready: Callable[[], None] | None = None,
    ) -> None:
        self._say_to = say
        self._saying = threading.Lock()
        self._name = name
        self._status = status
        self._policy = policy
        self._ready = ready
        # its put may be called by a signal handler at any moment, unlike those of other queues
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._children = [
            Child(p, policy, self._say, lambda child: self._events.put(_Event("ended", child)))
            for p in programs
        ]
        self._started = datetime.now(UTC)
        self._stopping = False

    def run(self) -> None:
        """Run the programs until `stop` is called or SIGTERM, SIGINT or SIGHUP comes.

        A second signal while they end kills what is left at once.
        """
        with self._signals():
            try:
                for child in reversed(self._children):
                    self._start(child)
                self._write()
                while not self._stopping:
                    self._take(self._next(self._patience()))
                    self._start_due()
                    self._write()
            finally:
                self._end_all()
                self._write()

    def stop(self) -> None:
        """Ask it to end; may be called from any thread and from a signal handler."""
        self._events.put(_Event("stop"))

    # -- the loop

    def _next(self, timeout: float | None) -> _Event | None:
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None

    def _patience(self) -> float | None:
        due = [child.due for child in self._children if child.due is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _take(self, event: _Event | None) -> None:
        if event is None:
            return
        if event.kind == "stop":
            self._stopping = True
        elif event.child is not None and event.kind == "ended":
            self._ended(event.child)
        elif event.child is not None and event.child.starts == event.start:
            if event.kind == "ready":
                self._is_ready(event.child)
            else:
                self._is_slow(event.child)

    def _is_ready(self, child: Child) -> None:
        if child.pid is None:
            return  # it was, and ended meanwhile
        if child.state in ("starting", "failing"):
            child.turn("running")
        if self._ready is not None and all(c.state == "running" for c in self._children):
            tell, self._ready = self._ready, None
            self._write()
            tell()

    def _is_slow(self, child: Child) -> None:
        self._tell(
            _("{name} has not answered for {seconds:g} s; still waiting.").format(
                name=child.program.name, seconds=self._policy.slow
            )
        )

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.due is not None and child.due <= now and not self._stopping:
                self._start(child)

    # -- one child

    def _start(self, child: Child) -> None:
        try:
            child.start(time.monotonic())
        except OSError as error:
            child.never_began(reason_of(error))
            self._again(child)
            return
        threading.Thread(target=self._probe, args=(child, child.starts), daemon=True).start()

    def _probe(self, child: Child, start: int) -> None:
        """Wait until a child is ready, in a thread of its own."""
        ready = child.program.ready
        complain_at = time.monotonic() + self._policy.slow
        while ready is not None and not ready():
            if child.starts != start or child.pid is None or self._stopping:
                return
            if time.monotonic() > complain_at:
                complain_at = float("inf")
                self._events.put(_Event("slow", child, start))
            time.sleep(_PROBE)
        if ready is None and child.deaths >= self._policy.trouble:
            time.sleep(self._policy.steady)  # that it runs says little, unless it goes on
        self._events.put(_Event("ready", child, start))

    def _ended(self, child: Child) -> None:
        steady = time.monotonic() - child.started >= self._policy.steady
        child.forget()
        if self._stopping:
            child.turn("stopped")
            return
        if steady:
            child.deaths = 0
        self._again(child)

    def _again(self, child: Child) -> None:
        """Have a child that died started again after a while, and say why."""
        child.deaths += 1
        wait = self._policy.delay(child.deaths)
        child.due = time.monotonic() + wait
        name, end = child.program.name, child.end
        if child.deaths < self._policy.trouble:
            child.turn("waiting")
            self._write()
            self._tell(
                _("{name} ended ({end}); it is started again in {seconds:.3g} s.").format(
                    name=name, end=end, seconds=wait
                )
            )
            return
        child.turn("failing")
        self._write()  # whoever reads the lines below and then the file must find the same in both
        self._tell(
            _(
                "{name} ended {times} times soon after its start ({end}); next try in "
                "{seconds:.3g} s. Its last lines:"
            ).format(name=name, times=child.deaths, end=end, seconds=wait)
        )
        for line in child.last_lines:
            self._tell(f"  {line}")

    # -- the end

    def _end_all(self) -> None:
        self._stopping = True
        hurry = False
        for child in self._children:
            child.due = None
            if child.pid is None:
                child.turn("stopped")
                continue
            child.ask_to_end()
            self._write()
            hurry = self._await_end(child, 0.0 if hurry else child.program.grace) or hurry

    def _await_end(self, child: Child, grace: float) -> bool:
        """Wait for the end of a child, by force after ``grace`` seconds; say if hurry is wanted."""
        hurry = False
        deadline = time.monotonic() + grace
        while child.pid is not None and not hurry:
            left = deadline - time.monotonic()
            event = self._next(max(0.0, left)) if left > 0 else None
            if event is None:
                self._tell(
                    _("{name} did not end within {seconds:g} s and is killed.").format(
                        name=child.program.name, seconds=grace
                    )
                )
                break
            self._take(event)
            hurry = event.kind == "stop"
        if child.pid is not None:
            child.kill()
        deadline = time.monotonic() + _AFTER_KILL
        while child.pid is not None and time.monotonic() < deadline:
            self._take(self._next(_PROBE))
        return hurry

    # -- telling

    def _tell(self, text: str) -> None:
        self._say(self._name, text)

    def _say(self, name: str, line: str) -> None:
        with self._saying:
            try:
                self._say_to(name, line)
            except OSError:
                # whoever read our output has gone; that is no reason to stop serving
                self._say_to = _to_nobody

    def _write(self) -> None:
        if self._status is None:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        children = tuple(child.status() for child in self._children)
        started = self._started.isoformat(timespec="seconds")
        write_status(self._status, Status(os.getpid(), started, now, children))

    @contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stop()


def _to_nobody(name: str, line: str) -> None:
    """Take a line that nobody reads any more."""
