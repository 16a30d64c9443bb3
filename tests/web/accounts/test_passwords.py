"""Passwords: changed, set with a one-time code, reset by e-mail."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp.plugins.otp_totp.models import TOTPDevice

from lantian.errors import DomainError, InvalidArgumentError
from lantian.home.web_settings import WebSettings
from lantian.web.accounts import actions, codes, jobs, tokens
from lantian.web.accounts.models import OneTimeCode, User
from lantian.web.audit.actors import Actor
from lantian.web.audit.models import Event
from lantian.web.core import mail as mail_settings
from tests.web.accounts.conftest import code_of, events, signed_in, try_password
from tests.web.conftest import PASSWORD

mail_reset = jobs.mail_reset
make_token = default_token_generator.make_token
NEW = "quite another pass phrase"


def change(client: Client, current: str = PASSWORD, new: str = NEW, again: str | None = None):
    return client.post("/password/", {"password": current, "new_password": new,
                                      "new_password_again": again or new})  # fmt: skip


def redeem(client: Client, name: str, code: str, new: str = NEW):
    return client.post("/one-time-code/", {"username": name, "code": code, "new_password": new,
                                           "new_password_again": new})  # fmt: skip


def test_changing_ends_other_sessions_and_keeps_this_one(client: Client, user: User) -> None:
    other = Client()
    for browser in (client, other):
        try_password(browser, "调度员甲")
    key = client.session.session_key
    assert change(client).url == "/me/"
    assert client.session.session_key != key
    assert client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302
    assert user.sign_ins.count() == 1
    assert try_password(Client(), "调度员甲").status_code == 200
    assert try_password(Client(), "调度员甲", NEW).status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("wrong", NEW, NEW, "current password is not right"),
        (PASSWORD, NEW, NEW + "x", "two new passwords differ"),
        (PASSWORD, PASSWORD, PASSWORD, "is the old one"),
        (PASSWORD, "short", "short", "too short"),
        (PASSWORD, "1234567890123", "1234567890123", "nothing but digits"),
        (PASSWORD, "password123", "password123", "many people use"),
    ],
)
def test_what_a_new_password_must_be(
    client: Client, user: User, *, current: str, new: str, again: str, said: str
) -> None:
    try_password(client, "调度员甲")
    response = change(client, current, new, again)
    assert said in response.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_password_to_be_changed_comes_before_everything(client: Client, user: User) -> None:
    User.objects.update(must_change_password=True)
    try_password(client, "调度员甲")
    assert client.get("/me/").url == "/password/"
    assert "Choose a password of your own" in client.get("/password/").content.decode()
    change(client)
    assert client.get("/me/").status_code == 200


def test_a_code_sets_the_first_password(client: Client, by: Actor) -> None:
    user = actions.make_person(by, name="网格员乙-01", phone="+86 139 0000 0001")
    code = actions.issue_code(by, user)
    assert re.fullmatch(r"(?:[A-HJ-NP-Z2-9]{4}-){2}[A-HJ-NP-Z2-9]{4}", code)
    assert code not in str(list(OneTimeCode.objects.values()))
    assert redeem(client, "139 0000 0001", code.lower().replace("-", " ")).url == "/"
    assert signed_in(client)
    assert try_password(Client(), "网格员乙-01", NEW).status_code == 302
    assert events()[-3:-1] == ["accounts.password_set", "accounts.signed_in"]


def test_a_code_works_once(client: Client, user: User, by: Actor) -> None:
    code = actions.issue_code(by, user)
    assert redeem(client, "调度员甲", code).status_code == 302
    assert redeem(client, "调度员甲", code, "yet another pass phrase").status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_a_code_works_once_even_at_the_same_moment(
    user: User, by: Actor, rf, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = actions.issue_code(by, user)
    row = codes.valid(user, code)
    OneTimeCode.objects.update(used_at=timezone.now())
    monkeypatch.setattr(codes, "valid", lambda user, code: row)  # read before the other wrote
    with pytest.raises(DomainError) as caught:
        actions.redeem_code(rf.post("/"), user, code, NEW)
    assert caught.value.code == "accounts.code_used"
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_weak_password_does_not_use_the_code_up(client: Client, user: User, by: Actor) -> None:
    code = actions.issue_code(by, user)
    assert "too short" in redeem(client, "调度员甲", code, "short").content.decode()
    assert redeem(client, "调度员甲", code).status_code == 302


def test_a_code_runs_out_after_24_hours(client: Client, user: User, by: Actor) -> None:
    code = actions.issue_code(by, user)
    row = OneTimeCode.objects.get()
    assert row.expires_at - row.made_at == timedelta(hours=24)
    past = timezone.now() - timedelta(hours=25)
    OneTimeCode.objects.update(made_at=past, expires_at=past + timedelta(hours=24))
    assert redeem(client, "调度员甲", code).status_code == 200


def test_a_newer_code_replaces_the_older(client: Client, user: User, by: Actor) -> None:
    old, new = actions.issue_code(by, user), actions.issue_code(by, user)
    assert redeem(client, "调度员甲", old).status_code == 200
    assert redeem(client, "调度员甲", new).status_code == 302


def test_a_code_that_was_not_used_ends_with_the_password(
    client: Client, user: User, by: Actor
) -> None:
    code = actions.issue_code(by, user)
    try_password(client, "调度员甲")
    change(client)
    client.logout()
    late = redeem(client, "调度员甲", code, "a third pass phrase")
    assert late.status_code == 200
    assert not signed_in(client)
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_a_code_ends_what_programs_had(client: Client, user: User, by: Actor) -> None:
    _token, secret = actions.make_token(Actor("", user.pk, may=frozenset({"api"})), user, "a", 30)
    redeem(client, "调度员甲", actions.issue_code(by, user))
    assert tokens.person_of(secret) is None
    last = Event.objects.filter(action="accounts.password_set").get()
    assert json.loads(last.data) == {"sessions": 0, "tokens": 1}


def test_a_code_is_of_one_person(client: Client, user: User, by: Actor) -> None:
    code = actions.issue_code(by, user)
    assert redeem(client, "管理员甲", code).status_code == 200


def test_a_wrong_code_and_an_unknown_name_get_the_same_answer(
    client: Client, user: User, by: Actor
) -> None:
    actions.issue_code(by, user)
    for name in ("调度员甲", "无此人", "管理员甲"):
        page = redeem(client, name, "AAAA-BBBB-CCCC").content.decode()
        assert "Name or code is not right, or the code has run out." in page


def test_guessing_codes_is_locked_like_guessing_passwords(
    client: Client, user: User, by: Actor
) -> None:
    code = actions.issue_code(by, user)
    for _n in range(5):
        response = redeem(client, "调度员甲", "AAAA-BBBB-CCCC")
    assert response.status_code == 429
    assert redeem(client, "调度员甲", code).status_code == 429
    assert "CCCC" not in AccessAttempt.objects.get().post_data


def test_issuing_a_code_ends_the_lock(client: Client, user: User, by: Actor) -> None:
    for _n in range(5):
        try_password(client, "调度员甲", "wrong")
    code = actions.issue_code(by, user)
    assert redeem(client, "调度员甲", code).status_code == 302


def test_a_code_is_for_the_password_only(client: Client, user: User, by: Actor) -> None:
    code = actions.issue_code(by, user)
    try_password(client, "调度员甲", code)
    assert not signed_in(client)


def test_a_code_leaves_the_second_factor(
    client: Client, user: User, by: Actor, device: TOTPDevice
) -> None:
    assert redeem(client, "调度员甲", actions.issue_code(by, user)).url == "/sign-in/code/"
    assert not signed_in(client)
    assert client.post("/sign-in/code/", {"code": code_of(device)}).url == "/"
    assert signed_in(client)


def test_codes_are_for_the_active_and_from_administrators(user: User, by: Actor) -> None:
    with pytest.raises(PermissionDenied):
        actions.issue_code(Actor("x", user.pk, may=frozenset({"air"})), user)
    user.is_active = False
    with pytest.raises(InvalidArgumentError):
        actions.issue_code(by, user)


# -- e-mail


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Let the office have a mail server; messages are asked for and sent when called."""
    monkeypatch.setattr(settings, "WEB", WebSettings(email_url="smtp://mail.example"))
    asked: list[tuple[str, str]] = []
    cache.clear()
    monkeypatch.setattr(jobs, "mail_reset", lambda *given: asked.append(given))
    return asked


def send(asked: list[tuple[str, str]]) -> None:
    for given in asked:
        mail_reset.call_local(*given)
    asked.clear()


def test_the_answer_never_tells_who_exists(
    client: Client, user: User, mails: list[tuple[str, str]]
) -> None:
    pages = []
    for name in ("调度员甲", "无此人"):
        page = client.post("/forgot/", {"username": name}).content.decode()
        pages.append(re.sub(r'value="\w{20,}"', "", page))
    assert pages[0] == pages[1]
    assert len(mails) == 2  # looked up later, elsewhere
    send(mails)
    (message,) = mail.outbox
    assert message.to == ["a@example.org"]


def test_the_link_sets_a_password_once(
    client: Client, user: User, mails: list[tuple[str, str]]
) -> None:
    client.post("/forgot/", {"username": "13800000000"})
    send(mails)
    link = re.search(r"http://testserver(/reset/\S+)", mail.outbox[0].body)
    assert link is not None
    assert client.get(link[1]).status_code == 200
    weak = client.post(link[1], {"new_password": "short", "new_password_again": "short"})
    assert weak.status_code == 200
    done = client.post(link[1], {"new_password": NEW, "new_password_again": NEW})
    assert done.url == "/sign-in/"
    assert client.get(link[1]).status_code == 410
    assert not signed_in(client)
    assert try_password(client, "调度员甲", NEW).status_code == 302
    assert events() == ["accounts.reset_mailed", "accounts.password_reset", "accounts.signed_in"]


def test_a_link_works_once_even_at_the_same_moment(
    client: Client, user: User, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = f"/reset/{urlsafe_base64_encode(force_bytes(user.pk))}/{make_token(user)}/"
    code = actions.issue_code(by, user)
    seen = actions.passwords.check_password_rules

    def other_first(password: str, person: User) -> None:
        seen(password, person)
        monkeypatch.setattr(actions.passwords, "check_password_rules", seen)
        done = Client().post(link, {"new_password": NEW, "new_password_again": NEW})
        assert done.url == "/sign-in/"

    monkeypatch.setattr(actions.passwords, "check_password_rules", other_first)
    late = "yet another pass phrase"
    assert client.post(link, {"new_password": late, "new_password_again": late}).status_code == 410
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert codes.valid(user, code) is None
    assert events("accounts.password_reset") == ["accounts.password_reset"]


@pytest.mark.parametrize("link", ["/reset/MQ/abc-def/", "/reset/!!/x/", "/reset/OTk5/abc-def/"])
def test_made_up_links_do_nothing(client: Client, user: User, link: str) -> None:
    assert client.get(link).status_code == 410


def test_no_second_message_within_five_minutes(
    client: Client, user: User, mails: list[tuple[str, str]]
) -> None:
    for _n in range(3):
        client.post("/forgot/", {"username": "调度员甲"})
    send(mails)
    assert len(mail.outbox) == 1


def test_one_address_cannot_ask_for_ever(
    client: Client, user: User, mails: list[tuple[str, str]]
) -> None:
    for _n in range(30):
        assert client.post("/forgot/", {"username": "调度员甲"}).status_code == 200
    assert len(mails) == 20


def test_without_a_mail_server_only_codes_are_offered(client: Client, user: User) -> None:
    page = client.get("/forgot/").content.decode()
    assert "one-time code" in page
    assert 'name="username"' not in page


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", ("localhost", 25, "", "", False, False)),
        ("smtp://mail.example", ("mail.example", 25, "", "", False, False)),
        ("smtp+tls://u%40x:p%3A@mail.example", ("mail.example", 587, "u@x", "p:", True, False)),
        ("smtps://u:p@mail.example:4650", ("mail.example", 4650, "u", "p", False, True)),
    ],
)
def test_the_mail_server_of_the_settings(url: str, server: tuple[object, ...]) -> None:
    made = mail_settings.settings(url)
    assert (made.host, made.port, made.user, made.password, made.starttls, made.ssl) == server


@pytest.mark.parametrize("url", ["mail.example", "http://x", "smtp://", "smtp://x:99999999"])
def test_a_wrong_mail_server_is_named_without_its_password(url: str) -> None:
    with pytest.raises(DomainError) as caught:
        mail_settings.settings(url)
    assert caught.value.code == "web.bad_setting"
