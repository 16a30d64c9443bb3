"""A served home with a simulated county in it, people of every role, and a browserless client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from lantian import i18n
from lantian.home.layout import Home
from lantian.network import Network
from lantian.twin import simulate
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roles import ROLES
from lantian.web.audit import guard
from lantian.web.cases import counting
from lantian.web.cases import guard as cases_guard
from lantian.web.core import air
from lantian.web.places import actions
from lantian.web.places.models import Territory
from tests.web.world import CLOCK, NOW, county_home

PASSWORD = "a long enough pass phrase"


def serve(monkeypatch: pytest.MonkeyPatch, home: Home) -> Network:
    """Make the pages show ``home``, at the time of the tests."""
    served = Network(home, clock=CLOCK)
    monkeypatch.setattr(settings, "HOME", home)
    monkeypatch.setattr(air, "_opened", lambda: served)
    return served


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Return a home with 45 days of the simulated county up to :data:`tests.web.world.NOW`."""
    return county_home(tmp_path_factory)


@pytest.fixture
def served(county: Home, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Serve the county; its store is shared by the tests of a process: do not change it."""
    return serve(monkeypatch, county)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Serve a home without a measurement, a station or a territory."""
    return serve(monkeypatch, Home.init(tmp_path / "empty", name="空县", clock=CLOCK))


@pytest.fixture
def towns(db: None, served: Network) -> dict[str, Territory]:
    """Return the county's territories by name, boundaries included."""
    actions.load(simulate(seed=1, end=NOW).territories, datum="WGS84", actor="tests")
    return {t.name: t for t in Territory.objects.all()}


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Return a maker of people: ``person("dispatcher")``, ``person("town_officer", town)``."""

    def make(role: str | None, territory: Territory | None = None, **others: object) -> User:
        user = User.objects.create_user(
            f"{role or 'nobody'}-{User.objects.count() + 1}", PASSWORD, **others
        )
        if role is not None:
            assert role in ROLES
            Appointment.objects.create(
                user=user, role=role, territory=territory, valid_from=date(2020, 1, 1)
            )
        return user

    return make


@pytest.fixture
def sign_in(person: Callable[..., User]) -> Callable[..., Client]:
    """Return a maker of clients that are signed in as somebody of a role."""

    def client_of(
        role: str | None, territory: Territory | None = None, *, lang: str = "en"
    ) -> Client:
        client = Client()
        client.force_login(person(role, territory), settings.AUTHENTICATION_BACKENDS[-1])
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = lang
        return client

    return client_of


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A request leaves its language behind in the test that made it."""
    i18n.activate("en")
    yield
    i18n.activate("en")


@pytest.fixture(autouse=True)
def _no_figures_of_before() -> None:
    """What a test did to cases is undone after it, and its events' numbers come again."""
    counting.forget()


@pytest.fixture(autouse=True)
def _fast_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(
        settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    return


@pytest.fixture(scope="session", autouse=True)
def _log_can_be_emptied(django_db_setup: None) -> Iterator[None]:
    """Let tests that commit empty all tables after them, which triggers refuse."""
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flushed(self: object, sql_list: list[str]) -> None:
        for kept in (guard, cases_guard):
            kept.apply(connection, make=False)
        flush(self, sql_list)
        for kept in (guard, cases_guard):
            kept.apply(connection, make=True)

    operations.execute_sql_flush = flushed
    yield
    operations.execute_sql_flush = flush
