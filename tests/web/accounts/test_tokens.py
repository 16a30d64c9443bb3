"""Tokens for programs: shown once, hashed, ended by time, by hand, and with the person's posts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from lantian.errors import InvalidArgumentError
from lantian.web.accounts import actions, tokens
from lantian.web.accounts.models import Token, User
from lantian.web.audit.actors import Actor
from tests.web.accounts.conftest import events, try_password


def own(user: User) -> Actor:
    return Actor(user.name, user.pk, may=frozenset({"api"}))


def test_a_token_stands_for_its_person(user: User) -> None:
    made, secret = actions.make_token(own(user), user, " 指挥中心  大屏 ", 30)
    assert tokens.person_of(secret) == user
    assert made.name == "指挥中心 大屏"
    assert secret.startswith(made.start)
    assert secret not in str(list(Token.objects.values()))
    assert events() == ["accounts.token_made"]


@pytest.mark.parametrize("secret", ["", "lt_", "lt_" + "x" * 43, "Bearer x", "\x00", "lt_\udcff"])
def test_other_secrets_are_nobodys(user: User, secret: str) -> None:
    actions.make_token(own(user), user, "a", 30)
    assert tokens.person_of(secret) is None


def test_a_token_ends(user: User) -> None:
    token, secret = actions.make_token(own(user), user, "a", 30)
    past = timezone.now() - timedelta(days=31)
    Token.objects.update(made_at=past, expires_at=past + timedelta(days=30))
    assert tokens.person_of(secret) is None
    token, secret = actions.make_token(own(user), user, "b", 30)
    actions.revoke_token(own(user), token)
    actions.revoke_token(own(user), token)
    assert tokens.person_of(secret) is None
    assert events("accounts.token_revoked") == ["accounts.token_revoked"]


def test_a_token_ends_with_the_person_and_the_post(user: User) -> None:
    _token, secret = actions.make_token(own(user), user, "a", 30)
    User.objects.update(is_active=False)
    assert tokens.person_of(secret) is None
    User.objects.update(is_active=True)
    assert tokens.person_of(secret) == user
    user.appointments.update(role="leader")
    assert tokens.person_of(secret) is None


def test_deactivating_ends_tokens_for_good(user: User, by: Actor) -> None:
    _token, secret = actions.make_token(own(user), user, "a", 30)
    actions.deactivate(by, user)
    actions.reactivate(by, user)
    assert tokens.person_of(secret) is None


def test_an_administrator_sees_and_revokes_the_tokens_of_a_person(
    user: User, admin_client: Client
) -> None:
    made, secret = actions.make_token(own(user), user, "指挥中心大屏", 30)
    page = admin_client.get(f"/people/{user.pk}/").content.decode()
    assert "指挥中心大屏" in page
    assert secret not in page
    address = f"/people/{user.pk}/tokens/{made.pk}/revoke/"
    assert address in page
    assert admin_client.post(f"/people/{user.pk + 1}/tokens/{made.pk}/revoke/").status_code == 404
    assert admin_client.post(address).url == f"/people/{user.pk}/"
    assert tokens.person_of(secret) is None
    assert address not in admin_client.get(f"/people/{user.pk}/").content.decode()
    assert events("accounts.token_revoked") == ["accounts.token_revoked"]


def test_use_is_noted_now_and_then(user: User, django_assert_max_num_queries) -> None:
    _token, secret = actions.make_token(own(user), user, "a", 30)
    tokens.person_of(secret)
    first = Token.objects.get().used_at
    with django_assert_max_num_queries(2):
        tokens.person_of(secret)
    assert Token.objects.get().used_at == first
    Token.objects.update(used_at=timezone.now() - timedelta(minutes=6))
    tokens.person_of(secret)
    assert Token.objects.get().used_at >= first


@pytest.mark.parametrize(("name", "days"), [("", 30), ("x" * 81, 30), ("a", 0), ("a", 367)])
def test_what_token_cannot_be_made(user: User, name: str, days: int) -> None:
    with pytest.raises(InvalidArgumentError):
        actions.make_token(own(user), user, name, days)


def test_tokens_are_for_those_who_may_and_for_oneself(user: User, by: Actor) -> None:
    with pytest.raises(PermissionDenied):
        actions.make_token(Actor("x", user.pk), user, "a", 30)
    with pytest.raises(PermissionDenied):
        actions.make_token(Actor("x", 999, may=frozenset({"api"})), user, "a", 30)


def test_the_database_keeps_hashes_apart(user: User) -> None:
    actions.make_token(own(user), user, "a", 30)
    row = Token.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_the_page_shows_the_secret_once(user: User, client: Client) -> None:
    try_password(client, "调度员甲")
    page = client.post("/me/tokens/", {"name": "大屏", "days": "30"}).content.decode()
    (secret,) = re.findall(r"lt_[\w-]{43}", page)
    assert tokens.person_of(secret) == user
    again = client.get("/me/tokens/").content.decode()
    assert secret not in again
    assert secret[:8] in again
    client.post(f"/me/tokens/{Token.objects.get().pk}/revoke/")
    assert tokens.person_of(secret) is None


def test_nobody_revokes_the_token_of_another(user: User, client: Client, admin: User) -> None:
    made, _secret = actions.make_token(own(admin), admin, "a", 30)
    try_password(client, "调度员甲")
    assert client.post(f"/me/tokens/{made.pk}/revoke/").status_code == 404
