"""Programs that ask in a person's name: the token they bring stands for the person's session."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lantian.i18n import gettext as _
from lantian.web.core.errors import for_program, refusal

Handler = Callable[[HttpRequest], HttpResponse]
_SCHEME = "bearer "


class TokenMiddleware:
    """Take the token of a request to the interface for its person; pages know no tokens.

    A token is handed out to somebody who has passed the second factor, so the request counts as
    verified. A token that is wrong is refused even where a session would do.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the person of the token in the place of the session's."""
        token = token_of(request)
        if token is None:
            return self.get_response(request)
        from lantian.web.accounts import tokens

        person = tokens.person_of(token)
        if person is None:
            return refusal(
                401, "api.bad_token",
                _("The token is not valid; it may have been withdrawn or have expired."),
            )  # fmt: skip
        person.is_verified = lambda: True  # type: ignore[attr-defined]
        request.user = person
        request.caller = f"token:{hashlib.sha256(token.encode()).hexdigest()}"  # type: ignore[attr-defined]
        return self.get_response(request)


def token_of(request: HttpRequest) -> str | None:
    """Return the token of a request to the interface; None: it brings none."""
    if not for_program(request):
        return None
    given = request.headers.get("Authorization", "")
    if given.lower().startswith(_SCHEME):
        return given[len(_SCHEME) :].strip()
    key: str | None = request.headers.get("X-API-Key")
    return key


def caller(request: HttpRequest) -> str:
    """Return whose requests are counted together: those of a token, or of a session's person."""
    by_token: str | None = getattr(request, "caller", None)
    return by_token or f"person:{request.user.pk}"
