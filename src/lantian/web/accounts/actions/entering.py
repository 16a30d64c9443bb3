"""A new person in one go: who they are, their first post, and the code they begin with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from lantian.web.accounts.actions.passwords import issue_code
from lantian.web.accounts.actions.people import make_person
from lantian.web.accounts.actions.posts import give_post
from lantian.web.accounts.models import User
from lantian.web.audit.actors import Actor


def enter_person(
    by: Actor, who: Mapping[str, Any], post: Mapping[str, Any] | None
) -> tuple[User, str]:
    """Enter a person, give the first post, and return the person with a one-time code.

    All of it or nothing.

    Parameters
    ----------
    who
        As :func:`make_person` takes it.
    post
        As :func:`give_post` takes it; None: none yet.

    Raises
    ------
    InvalidArgumentError, UnknownNameError
        As those do.
    """
    with transaction.atomic():
        user = make_person(by, **who)
        if post is not None:
            give_post(by, user, **post)
        return user, issue_code(by, user)
