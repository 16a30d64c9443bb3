"""The process of the web server: ``python -m lantian.cli.pages RUN BIND PORT WORKERS THREADS``.

Nothing of Lantian is loaded here but in the processes this one starts, so that it is small and
starts quickly. ``LANTIAN_HOME`` names the home they serve.
"""
# ruff: noqa: PLC0415 - each process imports what it needs and nothing else

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from lantian import i18n
from lantian.cli import failures
from lantian.errors import DomainError
from lantian.supervisor import Instance, lifeline

APPLICATION = "lantian.web.core.wsgi:application"
MODULE = "lantian.cli.pages"
LOCK = "web-{port}"
# How long requests that were begun may take when the end is asked for [s].
GRACE = 10.0
_LETTING_GO = 5.0


def command(run: Path, *, bind: str, port: int, workers: int, threads: int) -> tuple[str, ...]:
    """Return the command that serves the pages; ``run`` is the folder for its lock."""
    return (sys.executable, "-m", MODULE, str(run), bind, str(port), str(workers), str(threads))


def serve(bind: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages until a signal asks to end."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    # not forked: this process has threads
    multiprocessing.set_start_method("spawn", force=True)
    Server(
        APPLICATION,
        address=bind,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        # a thread keeps its connection to the database: they are not let go in quiet minutes
        blocking_threads_idle_timeout=600,
        websockets=False,
        log_level=LogLevels.error,  # its warnings advise on numbers that the settings chose
        workers_kill_timeout=int(GRACE) - 2,
    ).serve()


def main(arguments: Sequence[str]) -> int:
    """Serve as the arguments say; return the exit status."""
    lifeline.hold()
    i18n.activate(i18n.from_environment(os.environ))
    run, bind, port, workers, threads = arguments
    try:
        with Instance(Path(run), LOCK.format(port=port)).held(timeout=_LETTING_GO):
            serve(bind, int(port), int(workers), int(threads))
    except DomainError as error:
        click.echo(error.message, err=True)
        return failures.exit_code(error)
    return failures.Exit.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
