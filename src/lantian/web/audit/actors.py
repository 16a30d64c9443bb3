"""Who acts: a signed-in person, or the system itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.http import HttpRequest

from lantian.web.accounts.models import User
from lantian.web.core.proxy import client_address


@dataclass(frozen=True)
class Actor:
    """Who did something, as an event keeps it.

    Parameters
    ----------
    name
        As it was at the time.
    id
        Of the person; None: the system, or nobody known.
    address
        Where the request came from.
    request
        Shared by all events of one request.
    may
        Capabilities; None: the system, which may do everything.
    """

    name: str
    id: int | None = None
    address: str = ""
    request: str = ""
    may: frozenset[str] | None = frozenset()


def of_request(request: HttpRequest, user: User | None = None) -> Actor:
    """Return who sends a request; ``user`` for somebody who is only just signing in."""
    person = user if user is not None else request.user
    known = person.is_authenticated
    access = getattr(request, "access", None)
    return Actor(
        name=str(person) if known else "",
        id=person.pk if known else None,
        address=client_address(request)[:64],
        request=request_id(request),
        may=frozenset() if access is None else access.may,
    )


def system(name: str) -> Actor:
    """Return the system acting on its own, or somebody at the command line of the machine."""
    return Actor(name=name, may=None)


def request_id(request: HttpRequest) -> str:
    """Return the id that all events of one request share."""
    found: str | None = getattr(request, "lantian_id", None)
    if found is None:
        found = secrets.token_hex(8)
        request.lantian_id = found  # type: ignore[attr-defined]
    return found
