"""How a child ends when its supervisor is gone, however that ended.

The supervisor holds the writing end of a pipe whose reading end is the child's standard input. The
operating system closes it with the supervisor, also after ``kill -9``; the child reads the end of
the file and leaves with all its own children. This works on every POSIX system.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import NoReturn

VARIABLE = "SUPERVISOR_LIFELINE"
STDIN = "stdin"


def hold() -> bool:
    """End this process, and its process group, when the supervisor that started it ends.

    Call it first thing in a child. Does nothing in a process that no supervisor started.

    Returns
    -------
    bool
        Whether there is a supervisor.
    """
    # taken out, so that a child of this child does not read the same pipe
    if os.environ.pop(VARIABLE, None) != STDIN:
        return False
    threading.Thread(target=_watch, args=(_end,), name="lifeline", daemon=True).start()
    return True


def _watch(end: Callable[[], object]) -> None:
    try:
        while os.read(0, 1024):
            pass
    except OSError:
        end()  # standard input was closed: nobody can tell us any more
        return
    end()


def _end() -> NoReturn:
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
