"""People who sign in by the page, as a browser would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from lantian.network import Network
from lantian.web.accounts import factors
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import Actor
from lantian.web.audit.models import Event
from tests.web.conftest import PASSWORD
from tests.web.world import NOW

TODAY = (NOW + timedelta(hours=8)).date()
SIGN_IN = "/sign-in/"


def post(client: Client, path: str, **data: object):
    return client.post(path, data)


def try_password(client: Client, name: str, password: str = PASSWORD, **more: object):
    return client.post(SIGN_IN, {"username": name, "password": password, **more})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def events(*names: str) -> list[str]:
    """Return the names of events in the log, in their order; those asked for only."""
    found = Event.objects.order_by("id").values_list("action", flat=True)
    return [a for a in found if not names or a in names]


@pytest.fixture
def user(db: None, served: Network) -> User:
    """Return a dispatcher who can sign in."""
    made = User.objects.create_user(
        "调度员甲", PASSWORD, phone="13800000000", email="a@example.org"
    )
    Appointment.objects.create(user=made, role="dispatcher", valid_from=date(2020, 1, 1))
    return made


@pytest.fixture
def client() -> Client:
    """Return a browser that speaks English and sends back the token of forms."""
    made = Client(
        headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"}
    )
    made.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return made


@pytest.fixture
def admin(db: None, served: Network) -> User:
    """Return the only administrator."""
    made = User.objects.create_user("管理员甲", PASSWORD)
    Appointment.objects.create(user=made, role="administrator", valid_from=date(2020, 1, 1))
    return made


@pytest.fixture
def by(admin: User) -> Actor:
    """Return the administrator acting."""
    return Actor(admin.name, admin.pk, may=frozenset({"accounts.manage", "api"}))


@pytest.fixture
def admin_client(admin: User) -> Client:
    """Return the administrator's browser."""
    made = Client()
    made.force_login(admin, settings.AUTHENTICATION_BACKENDS[-1])
    made.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return made


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """Return the code an app shows now, or some steps of 30 s from now."""
    return f"{totp(device.bin_key, drift=steps):06d}"


@pytest.fixture
def device(user: User) -> TOTPDevice:
    """Return the app of the dispatcher."""
    return TOTPDevice.objects.create(user=user, key=factors.fresh_key(), confirmed=True)


@pytest.fixture
def real(served: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the home one of real data, where posts can demand a second factor."""
    monkeypatch.setattr(Network, "simulated", property(lambda self: False))
    kept = replace(served.home.settings, simulated=False)
    monkeypatch.setattr(served.home, "settings", kept)


Clients = Callable[..., Client]
