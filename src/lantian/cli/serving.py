"""What `lantian serve` runs: the web server, the worker, the simulator; together or one alone."""
# ruff: noqa: PLC0415 - each process imports what it needs and nothing else

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantian import i18n
from lantian.cli import pages
from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.supervisor import Instance, Program, Supervisor, holder, lifeline, ports

if TYPE_CHECKING:
    from lantian.home.layout import Home
    from lantian.home.web_settings import WebSettings
    from lantian.twin.live import Feed

SERVE, WEB, WORKER, SIMULATOR = "serve", "web", "worker", "simulator"
STATUS = "status.json"
NOTE = "reached.json"  # not the name of a lock: beside each lies a note of its holder
_HEALTH = "/healthz"
_PORT = "LANTIAN_PORT"
# How long the processes of a supervisor that was killed may take to let go of port and locks [s].
_LETTING_GO = 5.0
_PREPARING = 300.0
# How long each may take to finish what it is at [s].
_GRACE = {WEB: pages.GRACE, SIMULATOR: 20.0, WORKER: 30.0}


def run_folder(home: Home) -> Path:
    """Return the folder of locks and notes of running processes."""
    from lantian.home.layout import RUN

    return home.path / RUN


def settings_of(home: Home, port: int | None = None) -> WebSettings:
    """Return how a home is served, ``port`` before what settings say."""
    from lantian.home.web_settings import load

    if port is not None:
        os.environ[_PORT] = str(port)  # the processes below read it too
    return load(home.path, os.environ)


def need_free(settings: WebSettings) -> None:
    """Make sure that one can listen where the settings say.

    Raises
    ------
    DomainError
        As :func:`lantian.supervisor.ports.need_free`.
    """
    ports.need_free(settings.bind, settings.port, timeout=_LETTING_GO)


def prepare(home: Home) -> None:
    """Bring the database to this version, one process at a time."""
    from lantian.web.core import setup

    with Instance(run_folder(home), "prepare").held(timeout=_PREPARING):
        setup.prepare(home)


def prepare_demo(home: Home) -> int:
    """Make the accounts, territories, sources and cases of a demo; safe to run again and again.

    Returns
    -------
    int
        How many cases there are.
    """
    from lantian.twin.places import territories
    from lantian.web.core import setup

    with Instance(run_folder(home), "prepare").held(timeout=_PREPARING):
        setup.prepare(home)
        setup.load_territories(home, territories())
        setup.demo_accounts(home)  # some answer for a territory
        setup.load_sources(home)  # some belong to one of their organisations
        return setup.load_cases(home)  # some are of the simulated air, which is there already


# -- all together


def supervise(
    home: Home,
    settings: WebSettings,
    *,
    say: Callable[[str, str], None],
    ready: Callable[[str], None],
) -> None:
    """Run everything the home needs until a signal asks to end.

    Parameters
    ----------
    say
        Takes each line of each process: its name, and the line.
    ready
        Called with the address once it answers.

    Raises
    ------
    DomainError
        ``supervisor.running``, ``supervisor.port_in_use`` and the other errors of listening.
    """
    run = run_folder(home)
    with Instance(run, SERVE).held():
        need_free(settings)
        lacking = _in_a_process_of_its_own(_make_ready, home)
        if lacking:
            say(SERVE, lacking)
        Supervisor(
            programs(home, settings),
            say=say,
            name=SERVE,
            status=run / STATUS,
            ready=lambda: ready(address(settings)),
        ).run()


def programs(home: Home, settings: WebSettings) -> list[Program]:
    """Return the programs a home needs, in the order in which they end: no new work comes first."""
    environment = {
        "LANTIAN_HOME": str(home.path.resolve()),
        "LANTIAN_LANG": i18n.active(),
        _PORT: str(settings.port),
    }
    run = run_folder(home)
    ready = {
        WEB: lambda: answers_now(settings),
        SIMULATOR: lambda: holder(run, SIMULATOR) is not None,
        WORKER: lambda: holder(run, WORKER) is not None,
    }
    names = [WEB, SIMULATOR, WORKER] if home.settings.simulated else [WEB, WORKER]
    alone = (sys.executable, "-m", "lantian", "serve")
    return [
        Program(
            name,
            _pages(home, settings) if name == WEB else (*alone, name),
            environment,
            ready=ready[name],
            grace=_GRACE[name],
        )
        for name in names
    ]


def address(settings: WebSettings) -> str:
    """Return the address of the server on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.bind, settings.bind)  # noqa: S104
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{settings.port}"


def answers_now(settings: WebSettings) -> bool:
    """Say whether the server answers in good health."""
    # a name people reach it under: the server refuses others
    host = next((h for h in settings.hosts if not h.startswith((".", "*"))), "")
    return ports.answers(address(settings) + _HEALTH, headers={"Host": host} if host else {})


def _make_ready(home: Home) -> str:
    from lantian.home.clock import read, resume

    lacking = _prepared(home)
    if home.settings.simulated and read(home.path) is not None:
        resume(home, feed(home).reached)
    return lacking


def _prepared(home: Home) -> str:
    """Bring the database to this version; return what the home lacks, or nothing."""
    from lantian.web.core import setup

    prepare(home)
    if setup.has_administrator(home):
        return ""
    return _("There is no administrator yet. Run {command}").format(
        command="lantian administrator NAME"
    )


def _in_a_process_of_its_own(deed: Callable[[Home], str], home: Home) -> str:
    """Do something once without keeping all that it loads in memory for as long as we serve.

    Returns
    -------
    str
        What it has to say.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        told = pool.submit(_told, deed, home.path, i18n.active()).result()
    if not isinstance(told, str):
        raise DomainError(*told)
    return told


def _told(
    deed: Callable[[Home], str], path: Path, language: i18n.Language
) -> str | tuple[str, str, dict[str, object]]:
    """Do it; return what it says, or what an error says, which cannot travel by itself."""
    from lantian.home.layout import Home

    i18n.activate(language)
    try:
        return deed(Home.open(path))
    except DomainError as error:
        return error.code, error.message, error.data


# -- one alone


def web(home: Home, settings: WebSettings) -> None:
    """Become the web server, which serves the pages until a signal asks to end."""
    need_free(settings)
    lacking = _in_a_process_of_its_own(_prepared, home)
    if lacking:
        click.echo(lacking, err=True)
    os.environ["LANTIAN_HOME"] = str(home.path.resolve())
    os.environ["LANTIAN_LANG"] = i18n.active()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, _pages(home, settings))  # noqa: S606 - our own program


def _pages(home: Home, settings: WebSettings) -> tuple[str, ...]:
    return pages.command(
        run_folder(home),
        bind=settings.bind,
        port=settings.port,
        workers=settings.workers,
        threads=settings.threads,
    )


def worker(home: Home) -> None:
    """Do the jobs of the queue and of the clock in this process until a signal asks to end."""
    from lantian.web.core import setup

    if _begun(home):
        setup.ready(home)
    else:
        prepare(home)
    from lantian.web.core import jobs

    with _alone(home, WORKER):
        jobs.consume()


def simulator(home: Home) -> None:
    """Let the hours of a simulated home arrive as its clock passes, until a signal asks to end.

    Raises
    ------
    DomainError
        ``home.not_simulated``.
    """
    _begun(home)
    from lantian.home.clock import clock_of, read
    from lantian.twin import live

    if not home.settings.simulated or read(home.path) is None:
        raise DomainError(
            "home.not_simulated",
            _("The home at {path} is not simulated; its hours come from real stations.").format(
                path=home.path
            ),
            {"path": str(home.path)},
        )
    stop = threading.Event()
    # a plain flag under the handler: an Event locks, and the handler may come while it is locked
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())
    with _alone(home, SIMULATOR):
        live.run(feed(home), clock_of(home), stop, lambda text: click.echo(text, err=True))


def feed(home: Home) -> Feed:
    """Return what takes the hours of a simulated home in as they arrive."""
    from lantian.home.clock import read
    from lantian.twin import simulate
    from lantian.twin.live import Feed

    about = read(home.path)
    assert about is not None  # noqa: S101 - the callers have looked
    county = simulate(seed=about.seed, end=home.settings.created, zone=home.zone)
    return Feed(county, home.store, run_folder(home) / NOTE, home.thresholds())


def _begun(home: Home) -> bool:
    """Say whether a supervisor started this process, and then end with it."""
    os.environ["LANTIAN_HOME"] = str(home.path.resolve())
    return lifeline.hold()


@contextmanager
def _alone(home: Home, name: str) -> Iterator[None]:
    with Instance(run_folder(home), name).held(timeout=_LETTING_GO):
        yield
