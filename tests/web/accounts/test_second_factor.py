"""The second factor: demanded of some posts, set up with a code, never twice with one code."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from lantian.errors import DomainError
from lantian.network import Network
from lantian.web.accounts import demo, factors, sessions
from lantian.web.accounts.models import Appointment, User
from tests.web.accounts.conftest import code_of, events, signed_in, try_password
from tests.web.conftest import PASSWORD

CODE = "/sign-in/code/"
SETUP = "/second-factor/"


def enrol(client: Client) -> tuple[str, list[str]]:
    """Set the second factor up by the page and return the secret and the recovery codes."""
    page = client.get(SETUP).content.decode()
    assert "<svg" in page
    assert "style=" not in page
    key = client.session["lantian_factor_key"]
    assert factors.secret_text(key) in page
    code = code_of(TOTPDevice(key=key))
    done = client.post(SETUP, {"code": f"{code[:3]} {code[3:]}"}).content.decode()
    return key, re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code>", done)


def test_password_and_code_in_two_steps(client: Client, user: User, device: TOTPDevice) -> None:
    assert try_password(client, "调度员甲", next="/me/").url == "/sign-in/code/?next=%2Fme%2F"
    assert not signed_in(client)
    assert client.get("/me/").status_code == 302
    response = client.post(f"{CODE}?next=/me/", {"code": code_of(device)})
    assert response.url == "/me/"
    assert client.get("/me/").status_code == 200
    assert events() == ["accounts.signed_in"]


def test_the_second_step_needs_the_first(client: Client, user: User, device: TOTPDevice) -> None:
    assert client.post(CODE, {"code": code_of(device)}).url == "/sign-in/"
    try_password(client, "调度员甲", "wrong")
    assert client.post(CODE, {"code": code_of(device)}).url == "/sign-in/"
    assert not signed_in(client)


def test_the_first_step_runs_out(
    client: Client, user: User, device: TOTPDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_password(client, "调度员甲")
    session = client.session
    pk, since, mark = session["lantian_halfway"]
    session["lantian_halfway"] = [pk, since - 601, mark]
    session.save()
    assert client.post(CODE, {"code": code_of(device)}).url == "/sign-in/"


def test_a_new_password_ends_the_first_step(client: Client, user: User, device: TOTPDevice) -> None:
    try_password(client, "调度员甲")
    user.set_password("another good pass phrase")
    user.save()
    assert client.post(CODE, {"code": code_of(device)}).url == "/sign-in/"


def test_a_code_opens_one_session_only(client: Client, user: User, device: TOTPDevice) -> None:
    code = code_of(device)
    try_password(client, "调度员甲")
    assert client.post(CODE, {"code": code}).status_code == 302
    second = Client()
    try_password(second, "调度员甲")
    assert second.post(CODE, {"code": code}).status_code == 200
    assert not signed_in(second)


@pytest.mark.parametrize("steps", [-3, 3])
def test_old_and_future_codes_are_wrong(
    client: Client, user: User, device: TOTPDevice, steps: int
) -> None:
    try_password(client, "调度员甲")
    assert client.post(CODE, {"code": code_of(device, steps)}).status_code == 200


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "\x00"]
)
def test_what_is_no_code_is_refused(
    client: Client, user: User, device: TOTPDevice, code: str
) -> None:
    try_password(client, "调度员甲")
    assert client.post(CODE, {"code": code}).status_code == 200
    assert not signed_in(client)


def test_wrong_codes_make_one_wait_and_are_logged(
    client: Client, user: User, device: TOTPDevice
) -> None:
    try_password(client, "调度员甲")
    page = client.post(CODE, {"code": "000000"}).content.decode()
    assert "The next one is looked at from" in page
    # the right one is not looked at either, until then
    assert client.post(CODE, {"code": code_of(device)}).status_code == 200
    assert not signed_in(client)
    device.refresh_from_db()
    assert device.throttling_failure_count == 1
    assert events() == ["accounts.code_failed"]


def test_setting_up_shows_recovery_codes_once(client: Client, user: User) -> None:
    try_password(client, "调度员甲")
    _key, codes = enrol(client)
    assert len(set(codes)) == 10
    assert events("accounts.factor_on") == ["accounts.factor_on"]
    again = client.get(SETUP).content.decode()
    assert not any(c in again for c in codes)
    assert client.get("/me/").status_code == 200


def test_the_code_that_confirmed_it_opens_nothing(client: Client, user: User) -> None:
    try_password(client, "调度员甲")
    key, _codes = enrol(client)
    second = Client()
    assert try_password(second, "调度员甲").url == CODE
    second.post(CODE, {"code": code_of(TOTPDevice(key=key))})
    assert not signed_in(second)


def test_a_wrong_code_turns_nothing_on(client: Client, user: User) -> None:
    try_password(client, "调度员甲")
    client.get(SETUP)
    page = client.post(SETUP, {"code": "000000"}).content.decode()
    assert "does not fit" in page
    assert not TOTPDevice.objects.exists()


def test_a_recovery_code_works_once(client: Client, user: User) -> None:
    try_password(client, "调度员甲")
    _key, codes = enrol(client)
    for worked in (True, False):
        other = Client()
        try_password(other, "调度员甲")
        other.post(CODE, {"code": codes[0].upper()})
        assert signed_in(other) is worked
    assert StaticToken.objects.count() == 9


def test_new_recovery_codes_need_the_password_and_replace_the_old(
    client: Client, user: User
) -> None:
    try_password(client, "调度员甲")
    _key, old = enrol(client)
    refused = client.post(SETUP, {"password": "wrong", "do": "codes"}).content.decode()
    assert "not right" in refused
    page = client.post(SETUP, {"password": PASSWORD, "do": "codes"}).content.decode()
    new = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", page)
    assert len(new) == 10
    assert not set(new) & set(old)


def test_turning_it_off_needs_the_password(client: Client, user: User) -> None:
    try_password(client, "调度员甲")
    enrol(client)
    client.post(SETUP, {"password": "wrong", "do": "off"})
    assert TOTPDevice.objects.exists()
    assert client.post(SETUP, {"password": PASSWORD, "do": "off"}).url == "/me/"
    assert not TOTPDevice.objects.exists()
    assert not StaticDevice.objects.exists()


def test_posts_that_demand_it_lead_to_setting_it_up(client: Client, user: User, real: None) -> None:
    try_password(client, "调度员甲")
    for path in ("/", "/me/", reverse("air:network"), "/people/"):
        assert client.get(path).url == SETUP
    assert client.get("/api/v1/stations").status_code in (401, 403, 404)
    enrol(client)
    assert client.get("/me/").status_code == 200


def test_posts_that_demand_it_cannot_turn_it_off(client: Client, user: User, real: None) -> None:
    try_password(client, "调度员甲")
    enrol(client)
    assert client.post(SETUP, {"password": PASSWORD, "do": "off"}).status_code == 403
    assert TOTPDevice.objects.exists()


def test_other_posts_are_not_held_up(client: Client, user: User, real: None) -> None:
    user.appointments.all().delete()
    Appointment.objects.create(user=user, role="expert", valid_from=date(2020, 1, 1))
    try_password(client, "调度员甲")
    assert client.get("/me/").status_code == 200


def test_in_a_simulated_home_it_is_offered_not_demanded(client: Client, user: User) -> None:
    try_password(client, "调度员甲")
    assert client.get("/me/").status_code == 200


def test_a_simulated_station_in_a_real_home_opens_nothing(
    client: Client, user: User, real: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may enter a station must not take the second factor away from everybody."""
    monkeypatch.setattr(Network, "simulated", property(lambda self: True))
    try_password(client, "调度员甲")
    assert client.get("/me/").url == SETUP
    with pytest.raises(DomainError):
        demo.create()


def test_a_session_older_than_the_factor_is_asked(client: Client, user: User, real: None) -> None:
    try_password(client, "调度员甲")
    device = TOTPDevice.objects.create(user=user, key=factors.fresh_key(), confirmed=True)
    assert client.get("/me/").url == SETUP
    page = client.get(SETUP).content.decode()
    assert "<svg" not in page.split("<main")[1]  # no second secret to scan
    refused = client.post(SETUP, {"password": PASSWORD, "do": "off"})
    assert refused.status_code == 200
    assert TOTPDevice.objects.exists()
    before = client.session.session_key
    assert client.post(SETUP, {"code": code_of(device)}).status_code == 302
    assert client.session.session_key != before
    assert client.get("/me/").status_code == 200
    assert [s.session_key for s in sessions.of(user)] == [client.session.session_key]


def test_after_an_administrators_reset_it_is_set_up_anew(
    client: Client, user: User, real: None, admin_client: Client, admin: User
) -> None:
    user_key, _codes = (try_password(client, "调度员甲"), enrol(client))[1]
    admin_device = TOTPDevice.objects.create(user=admin, key=factors.fresh_key(), confirmed=True)
    session = admin_client.session
    session["otp_device_id"] = admin_device.persistent_id
    session.save()
    response = admin_client.post(f"/people/{user.pk}/reset-factor/")
    assert response.status_code == 302
    assert not TOTPDevice.objects.filter(user=user).exists()
    assert client.get("/me/").url == SETUP
    assert user_key
