"""Bringing the web of a home into being: its database, first people, territories."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lantian.home.layout import VARIABLE, Home
from lantian.i18n import gettext as _

SETTINGS = "lantian.web.core.settings"


def ready(home: Home) -> None:
    """Make Django ready to serve ``home``; once in a process, and for one home."""
    import django
    from django.conf import settings

    os.environ[VARIABLE] = str(home.path)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if settings.configured and home.path.resolve() != settings.HOME.path.resolve():
        message = f"This process serves {settings.HOME.path} already."
        raise RuntimeError(message)
    django.setup()


def prepare(home: Home) -> None:
    """Bring the database to this version; safe to run again and again."""
    ready(home)
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "sqlite":  # it holds what people sign in with; its log takes its mode
        Path(connection.settings_dict["NAME"]).touch(mode=0o600)
    call_command("migrate", interactive=False, verbosity=0)
    from lantian.web.air.reconcile import reconcile

    reconcile()  # a process may have died between an event and its change


def create_administrator(
    home: Home, name: str, password: str, *, must_change: bool = False
) -> None:
    """Make an administrator; ``must_change``: another password is asked for at the first sign-in.

    Raises
    ------
    InvalidArgumentError
        ``accounts.weak_password``, ``accounts.name_taken``.
    """
    prepare(home)
    from lantian.web.accounts import actions

    actions.create_administrator(name, password, must_change=must_change)


def reset_administrator(home: Home, name: str, password: str, *, must_change: bool = False) -> None:
    """Give an administrator a new password, and take the second factor away.

    Raises
    ------
    UnknownNameError
        ``accounts.no_such_administrator``.
    InvalidArgumentError
        ``accounts.weak_password``.
    """
    prepare(home)
    from lantian.web.accounts import actions

    actions.reset_administrator(name, password, must_change=must_change)


def has_administrator(home: Home) -> bool:
    """Say whether somebody may administer a home, whose database is of this version."""
    ready(home)
    from lantian.web.accounts import queries
    from lantian.web.core.clock import today

    return bool(queries.administrators(today()).exists())


def demo_accounts(home: Home) -> None:
    """Make an account for each role, who answers for what, and a rota; for simulated homes only."""
    prepare(home)
    from lantian.web.accounts import demo
    from lantian.web.duties import demo as duties

    demo.create()
    duties.create()
    duties.fill_rota()


def load_territories(home: Home, geojson: Mapping[str, Any]) -> int:
    """Enter the territories of a feature collection; those known by their code are updated."""
    prepare(home)
    from lantian.web.places import actions

    return actions.load(geojson, datum="WGS84", actor=_("system"))


def load_sources(home: Home) -> int:
    """Enter the fictional sources of a simulated county, once; after its territories."""
    prepare(home)
    from lantian.web.core import clock
    from lantian.web.sources import demo

    return demo.load(clock.now())


def load_cases(home: Home) -> int:
    """Play three months of cases of a simulated county, once; after its sources and its air."""
    prepare(home)
    from lantian.web.cases import demo
    from lantian.web.core import clock

    return demo.load(clock.now())


def deploy_findings(home: Home) -> list[tuple[str, str, str, str]]:
    """Return id, level, message and fix of everything Django's deployment check objects to."""
    ready(home)
    from django.core import checks

    found = checks.run_checks(include_deployment_checks=True)
    return [
        (str(c.id), "fail" if c.level >= checks.ERROR else "warn", str(c.msg), str(c.hint or ""))
        for c in found
        if not c.is_silenced()
    ]
