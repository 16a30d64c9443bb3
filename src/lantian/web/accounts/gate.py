"""The gate every request passes: signed in, second factor given, allowed to see the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control, patch_vary_headers

from lantian.i18n import gettext as _
from lantian.web.accounts import sessions
from lantian.web.accounts.access import PUBLIC, SIGNED_IN, Access, access_of, declared, demanded
from lantian.web.air import uploads
from lantian.web.core.clock import today
from lantian.web.core.errors import answer, for_program, refusal

_SLACK = 1024**2  # bytes of a form beside its files
_DIGITS = 19  # of a number of bytes
Handler = Callable[[HttpRequest], HttpResponse]
# Pages a person may open before the second factor or the new password is there.
_ON_THE_WAY = frozenset(
    {
        "accounts:sign-out", "accounts:second-factor", "accounts:password", "core:language",
    }
)  # fmt: skip


class GateMiddleware:
    """Refuse what a view does not declare open to the person who asks."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give the request what its sender may do: nothing, while a detour is due."""
        request.access, request.detour = Access(), None  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            access = access_of(request.user, today())  # type: ignore[arg-type]
            request.detour = _detour(request, access)  # type: ignore[attr-defined]
            if request.detour is None:  # type: ignore[attr-defined]
                request.access = access  # type: ignore[attr-defined]
            sessions.touch(request)
        if (most := _exceeded(request)) is not None:
            return answer(request, uploads.too_large(most))
        return _kept_apart(request, self.get_response(request))

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Let the request through, send it to sign in, or refuse it."""
        del args, kwargs
        wanted = declared(view)
        if wanted == PUBLIC:
            return None
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        here = request.resolver_match.view_name if request.resolver_match else ""
        detour: str | None = request.detour  # type: ignore[attr-defined]
        if detour is not None and here not in _ON_THE_WAY:
            return _sent(request, resolve_url(detour))
        if wanted is None or (wanted != SIGNED_IN and wanted not in request.access):  # type: ignore[attr-defined]
            raise PermissionDenied(
                _("Your posts do not include this page. An administrator can change that.")
            )
        return None


def _exceeded(request: HttpRequest) -> int | None:
    """Return how much may be sent [bytes] to whoever sends more; None: it is not too much.

    Django reads a form with its files before any view sees it, and puts them on the disk whoever
    sends them: to look for the token of the form is enough.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.user.is_authenticated:
        most = uploads.limit_bytes() + _SLACK
    else:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    fits = length.isdecimal() and len(length) < _DIGITS and int(length) <= most
    return None if fits else most


def _kept_apart(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let no cache give somebody’s page to somebody else, nor a piece of a page for the page."""
    patch_vary_headers(response, ("HX-Request",))
    if request.user.is_authenticated and not response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_cache=True)
    return response


def _detour(request: HttpRequest, access: Access) -> str | None:
    """Return the page the person must pass first; None: none."""
    user = request.user
    if user.must_change_password:  # type: ignore[union-attr]
        return "accounts:password"
    if demanded(access) and not user.is_verified():  # type: ignore[union-attr]
        return "accounts:second-factor"
    return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if for_program(request):
        return refusal(401, "web.sign_in", _("Bring a valid token, or sign in."))
    where = resolve_url(settings.LOGIN_URL)
    if request.headers.get("HX-Request"):  # the page that asked goes to sign in, not a piece of it
        return HttpResponse(headers={"HX-Redirect": where})
    back = request.method == "GET" and request.path != "/"
    query = urlencode({"next": request.get_full_path()}) if back else ""
    return HttpResponseRedirect(f"{where}?{query}" if query else where)


def _sent(request: HttpRequest, where: str) -> HttpResponse:
    """Send the person to the page of the detour; tell a program what is missing."""
    if for_program(request):
        message = _("Sign in on the pages first: a new password or the second factor is due.")
        return refusal(403, "accounts.unfinished", message)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": where})
    return HttpResponseRedirect(where)
