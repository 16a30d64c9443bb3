"""Signing in: by name or phone, throttled, telling nobody who exists, and only to this site."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import hashers
from django.test import Client
from django.utils import timezone

from lantian.network import Network
from lantian.web.accounts import demo, jobs
from lantian.web.accounts.actions import signing
from lantian.web.accounts.models import Appointment, SignIn, Stranger, User
from lantian.web.audit.models import Event
from lantian.web.places.models import Territory
from tests.web.accounts.conftest import TODAY, events, signed_in, try_password
from tests.web.conftest import PASSWORD

WRONG = "Name or password is not right."


@pytest.mark.parametrize(
    "name",
    [
        "调度员甲",
        " 调度员甲 ",
        "13800000000",
        "+86 138 0000 0000",
        "138-0000-0000",
        "１３８００００００００",
    ],
)
def test_name_and_phone_however_written(client: Client, user: User, name: str) -> None:
    response = try_password(client, name)
    assert response.status_code == 302
    assert response.url == "/"
    assert signed_in(client)
    assert events() == ["accounts.signed_in"]
    assert client.get("/", follow=True).status_code == 200


def test_the_session_is_listed_with_its_device(client: Client, user: User) -> None:
    try_password(client, "调度员甲")
    (row,) = SignIn.objects.all()
    assert (row.user, row.device, row.address) == (user, "Chrome · Windows", "127.0.0.1")
    assert row.session_key == client.session.session_key


def test_a_session_known_before_is_worth_nothing_after(client: Client, user: User) -> None:
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    try_password(client, "调度员甲")
    assert client.session.session_key != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert not signed_in(thief)
    assert thief.get("/me/").status_code == 302


def test_unknown_name_wrong_password_and_inactive_person_get_the_same_answer(
    client: Client, user: User, real: None
) -> None:
    User.objects.create_user("停用者", PASSWORD, is_active=False)
    answers = []
    for name, password in (("调度员甲", "wrong"), ("无此人", "wrong"), ("停用者", PASSWORD)):
        response = try_password(client, name, password)
        assert response.status_code == 200
        assert WRONG in response.content.decode()
        page = response.content.decode().replace(name, "…")
        answers.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page))
    assert answers[0] == answers[1] == answers[2]
    assert not signed_in(client)


@pytest.mark.parametrize("name", ["调度员甲", "无此人", "无密码者", "停用者"])
def test_every_failure_costs_one_hash(
    client: Client, user: User, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.create_user("无密码者")
    User.objects.create_user("停用者", PASSWORD, is_active=False)
    hashed = []
    encode = hashers.MD5PasswordHasher.encode

    def counted(self: object, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)
    try_password(client, name, "wrong")
    assert len(hashed) == 1


def test_five_failures_lock_for_fifteen_minutes_and_say_until_when(
    client: Client, user: User
) -> None:
    for _n in range(4):
        assert try_password(client, "调度员甲", "wrong").status_code == 200
    fifth = try_password(client, "调度员甲", "wrong")
    assert fifth.status_code == 429
    last = AccessAttempt.objects.latest("attempt_time").attempt_time
    until = timezone.localtime(last + timedelta(minutes=15))
    assert f"until {until:%H:%M}" in fifth.content.decode()
    right = try_password(client, "调度员甲")
    assert right.status_code == 429
    assert not signed_in(client)
    assert f"until {until:%H:%M}" in right.content.decode()  # trying again makes it no longer
    assert events() == ["accounts.sign_in_failed"] * 5 + ["accounts.locked_out"]


def test_the_lock_ends(client: Client, user: User) -> None:
    for _n in range(5):
        try_password(client, "调度员甲", "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert try_password(client, "调度员甲").status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert try_password(client, "调度员甲").status_code == 302


def test_writing_the_name_another_way_does_not_get_round_the_lock(
    client: Client, user: User
) -> None:
    for name in ("调度员甲", "13800000000", "138 0000 0000", "+8613800000000", " 调度员甲"):
        response = try_password(client, name, "wrong")
    assert response.status_code == 429


def test_a_name_nobody_has_is_locked_just_the_same(client: Client, user: User) -> None:
    for _n in range(5):
        response = try_password(client, "无此人", "wrong")
    assert response.status_code == 429


def test_another_address_is_not_locked(client: Client, user: User) -> None:
    for _n in range(5):
        try_password(client, "调度员甲", "wrong")
    assert try_password(Client(REMOTE_ADDR="10.0.0.9"), "调度员甲").status_code == 302


def test_success_forgets_failures(client: Client, user: User) -> None:
    for _n in range(4):
        try_password(client, "调度员甲", "wrong")
    try_password(client, "调度员甲")
    assert not AccessAttempt.objects.exists()


def test_what_was_typed_for_nobody_is_not_kept_for_ever(client: Client, user: User) -> None:
    try_password(client, "my secret password", "x")
    (event,) = Event.objects.all()
    assert (event.action, event.object_label) == ("accounts.strangers_failed", "")
    assert "secret" not in event.data
    attempt = AccessAttempt.objects.get()
    assert "x" not in attempt.post_data.split("password=")[1].split("\n")[0]


def test_new_names_do_not_fill_the_log(client: Client, user: User) -> None:
    """An event for each would let a stranger grow a log from which nothing is removed."""
    for n in range(8):
        assert try_password(client, f"nobody {n}").status_code == 200
    try_password(Client(REMOTE_ADDR="10.0.0.9"), "nobody")
    assert [e.address for e in Event.objects.order_by("id")] == ["127.0.0.1", "10.0.0.9"]
    Stranger.objects.update(logged_at=timezone.now() - timedelta(minutes=61))
    try_password(client, "nobody")
    assert json.loads(Event.objects.latest("id").data) == {"failures": 8}  # 7 before, and this
    assert try_password(client, "调度员甲", "wrong").status_code == 200
    assert events()[-1] == "accounts.sign_in_failed"


def test_what_was_counted_is_logged_when_the_stranger_has_gone(client: Client, user: User) -> None:
    for n in range(3):
        try_password(client, f"nobody {n}")
    jobs.forget.call_local()
    assert events() == ["accounts.strangers_failed"]  # still within its hour
    Stranger.objects.update(logged_at=timezone.now() - timedelta(minutes=61))
    jobs.forget.call_local()
    last = Event.objects.latest("id")
    assert (json.loads(last.data), last.address) == ({"failures": 2}, "127.0.0.1")
    assert not Stranger.objects.exists()


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.9", "10.0.0.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),  # one visitor has all of these
        ("", ""),
    ],
)
def test_one_visitor_is_counted_once(address: str, counted: str) -> None:
    assert signing.network_of(address) == counted


def test_a_home_without_administrator_says_how_to_get_one(
    client: Client, user: User, admin: User
) -> None:
    assert "lantian administrator NAME" not in client.get("/sign-in/").content.decode()
    Appointment.objects.filter(user=admin).update(valid_to=TODAY - timedelta(days=1))
    page = client.get("/sign-in/").content.decode()
    assert "There is no administrator yet. On the server, run lantian administrator NAME" in page


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/people/?state=all", "/people/?state=all"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http://testserver@evil.example/", "/"),
        ("", "/"),
    ],
)
def test_next_leads_only_to_this_site(client: Client, user: User, asked: str, led: str) -> None:
    assert try_password(client, "调度员甲", next=asked).url == led
    # who is signed in already is sent on by the same rule
    assert client.get("/sign-in/", {"next": asked}).url == led


def test_next_survives_a_failure(client: Client, user: User) -> None:
    page = try_password(client, "调度员甲", "wrong", next="/calendar/").content.decode()
    assert '<input type="hidden" name="next" value="/calendar/">' in page


def test_pages_send_to_sign_in_and_back(client: Client, user: User) -> None:
    assert client.get("/people/?q=a").url == "/sign-in/?next=%2Fpeople%2F%3Fq%3Da"
    assert client.post("/me/", {}).url == "/sign-in/"  # a form is not sent again by itself


def test_forms_without_the_token_are_refused(user: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert try_password(strict, "调度员甲").status_code == 403
    assert not signed_in(strict)
    strict.get("/sign-in/")
    token = strict.cookies["csrftoken"].value
    assert try_password(strict, "调度员甲", csrfmiddlewaretoken=token).status_code == 302
    assert strict.post("/sign-out/").status_code == 403
    assert signed_in(strict)


def test_sign_out_by_post_only(client: Client, user: User) -> None:
    try_password(client, "调度员甲")
    key = client.session.session_key
    assert client.get("/sign-out/").status_code == 405
    assert signed_in(client)
    assert client.post("/sign-out/").url == "/sign-in/"
    assert not SignIn.objects.exists()
    assert events()[-1] == "accounts.signed_out"
    client.cookies["sessionid"] = key
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_demo_accounts_are_listed_and_fill_the_name(
    client: Client, towns: dict[str, Territory], lang: str
) -> None:
    demo.create()
    client.cookies["lantian_language"] = lang
    page = client.get("/sign-in/").content.decode()
    assert page.count("/sign-in/?as=") == 11
    assert "style=" not in page
    filled = client.get("/sign-in/", {"as": "网格员丙-02"}).content.decode()
    assert 'value="网格员丙-02"' in filled


def test_no_demo_accounts_beside_real_data(client: Client, user: User, real: None) -> None:
    User.objects.create_user("网格员丙-02", "demo")
    assert "?as=" not in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("name", "status"), [("\x00", 400), ("a\x00b", 400), ("x" * 500, 200), ("' OR 1=1 --", 200)]
)
def test_odd_names_are_answered(
    client: Client, user: User, served: Network, name: str, status: int
) -> None:
    # multipart, as a test client sends it: the form refuses; as browsers send it: the house does
    answers = {try_password(client, name, "x").status_code}
    sent = urlencode({"username": name, "password": "x"})
    form = client.post("/sign-in/", sent, content_type="application/x-www-form-urlencoded")
    assert answers == {200}
    assert form.status_code == status
