# ruff: noqa: PLC0415, T201 - what needs Django is imported once it has its home
"""Serves a home to a browser, in a process of its own: ``python -m tests.web.browser.server HOME``.

Prints one line of JSON (port, session key by role, code of a territory) when it is ready; ends
when its input closes.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from datetime import date
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from lantian.home.clock import Simulation, write
from lantian.home.layout import VARIABLE, Home
from tests.web.world import NOW

PASSWORD = "a long enough pass phrase"
# The states of the cases of the county, in the order of their numbers.
SHOWN = ("closing", "verifying", "opened", "rectifying", "reinspecting", "closed")


class Threaded(ThreadingMixIn, WSGIServer):
    """A browser asks for several things at once."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    """Does not write a line for each request."""

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def sessions() -> dict[str, str]:
    """Make somebody of every role, and return the key of a session of each."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.cached_db import SessionStore

    from lantian.web.accounts.models import Appointment, User
    from lantian.web.accounts.roles import ROLES

    keys = {}
    for role in ROLES:
        user = User.objects.create_user(f"{ROLES[role].zh}甲", PASSWORD)
        Appointment.objects.create(user=user, role=role, valid_from=date(2020, 1, 1))
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        keys[role] = str(session.session_key)
    return keys


def county(home: Home) -> str:
    """Enter the towns of the county, who answers there and its sources, where the home has one.

    Returns the code of a town.
    """
    from lantian.twin import simulate
    from lantian.web.core.setup import load_sources, load_territories
    from lantian.web.duties import demo
    from lantian.web.places.models import Territory

    if home.store.stations() is not None:
        load_territories(home, simulate(seed=1, end=NOW).territories)
        demo.create()
        load_sources(home)
        cases()
    return str(Territory.objects.order_by("-code").values_list("code", flat=True).first() or "")


def cases() -> None:
    """Bring a case to each state in :data:`SHOWN`; the first is 2026-0001."""
    from lantian.web.places.models import Level, Territory
    from lantian.web.sources.models import Source
    from tests.web.cases.shown import case_at, world_of

    source = Source.objects.filter(kind="construction_site", lon__isnull=False).first()
    assert source is not None
    elsewhere = Territory.objects.filter(level=Level.TOWN).exclude(pk=source.territory_id).first()
    assert elsewhere is not None
    world = world_of(source.territory, elsewhere, source, NOW)
    for state in SHOWN:
        case_at(world, state)


def main() -> None:
    """Serve until the input closes."""
    home = Home.open(Path(sys.argv[1]))
    # The clock of a simulated home can be made to stand at the time of the tests.
    write(home.path, Simulation(seed=1, speed=0.0, real_epoch=NOW, simulated_epoch=NOW))
    os.environ[VARIABLE] = str(home.path)
    from lantian.web.core.setup import prepare

    prepare(home)
    keys = sessions()
    code = county(home)
    from lantian.web.core.wsgi import application

    server = make_server("127.0.0.1", 0, application, server_class=Threaded, handler_class=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port, "sessions": keys, "code": code}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
