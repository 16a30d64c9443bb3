"""Signing in and out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lantian.i18n import gettext as _
from lantian.web.accounts import actions, demo, factors, queries
from lantian.web.accounts.access import public, signed_in
from lantian.web.accounts.backend import find, throttled_name
from lantian.web.accounts.forms import CodeForm, SignInForm
from lantian.web.accounts.models import User
from lantian.web.core.clock import today
from lantian.web.core.formats import local, with_query
from lantian.web.core.proxy import client_address

# Between password and one-time password: who, since when, with which password.
_HALFWAY = "lantian_halfway"
_PATIENCE = 600  # s


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password."""
    back = wanted_address(request)
    if request.method == "GET" and request.user.is_authenticated:
        return HttpResponseRedirect(back)
    form = SignInForm(request.POST or None, initial={"username": request.GET.get("as", "")})
    first = "password" if request.GET.get("as") else "username"
    form.fields[first].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        user = _known(request, form)
        if user is None:
            form.add_error(None, _("Name or password is not right."))
        else:
            return begin(request, user, back)
    return _page(request, form)


def begin(request: HttpRequest, user: User, back: str) -> HttpResponse:
    """Sign in somebody whose password is right, or ask for the one-time password first."""
    if factors.device_of(user) is not None:
        request.session[_HALFWAY] = [user.pk, int(time.time()), user.get_session_auth_hash()]
        query = {"next": back if back != home() else None}
        return HttpResponseRedirect(with_query(resolve_url("accounts:sign-in-code"), query))
    actions.sign_in(request, user)
    return HttpResponseRedirect(back)


def _known(request: HttpRequest, form: SignInForm) -> User | None:
    name, password = form.cleaned_data["username"], form.cleaned_data["password"]
    user: User | None = authenticate(request, username=name, password=password)
    if user is None:
        note_failure(request, name)
    return user


def note_failure(request: HttpRequest, name: str) -> None:
    """Write a failed attempt into the log; one that met a lock is not counted again."""
    locked = bool(getattr(request, "axes_locked_out", False))
    if locked and request.axes_failures_since_start is None:  # type: ignore[attr-defined]
        return
    actions.failed(request, find(name), locked=locked)


def _page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    back = _next(request)
    offers = [
        (o, with_query(resolve_url("accounts:sign-in"), {"as": o.name, "next": back}))
        for o in demo.offers()
    ]
    context = {
        "form": form,
        "offers": offers,
        "demo_password": demo.PASSWORD,
        "next": back,
        "failures": settings.AXES_FAILURE_LIMIT,
        "minutes": round(settings.AXES_COOLOFF_TIME * 60),
        "nobody": not queries.administrators(today()).exists(),
    }  # fmt: skip
    return render(request, "accounts/sign_in.html.j2", context, status=status)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the one-time password of somebody whose password was right."""
    user = _halfway(request)
    if user is None:
        request.session.pop(_HALFWAY, None)
        return redirect("accounts:sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        waits = factors.wait_until(user)
        device = None if waits else factors.check(user, form.cleaned_data["code"])
        if device is not None:
            del request.session[_HALFWAY]
            actions.sign_in(request, user, device)
            return HttpResponseRedirect(wanted_address(request))
        if waits is None:
            actions.code_failed(request, user)
            waits = factors.wait_until(user)
        form.add_error("code", wrong_code(waits))
    context = {"form": form, "person": user, "next": _next(request)}
    return render(request, "accounts/sign_in_code.html.j2", context)


def wrong_code(waits: Any) -> str:  # noqa: ANN401
    """Return the sentence about a code that was refused, and when the next one may be given."""
    text = _("The one-time password is not right, or was used already.")
    if waits is None:
        return text
    return _("{text} The next one is looked at from {time} on.").format(
        text=text, time=f"{local(waits):%H:%M:%S}"
    )


def _halfway(request: HttpRequest) -> User | None:
    """Return who has given the right password a moment ago in this session."""
    pk, since, fingerprint = request.session.get(_HALFWAY, (None, 0, ""))
    if pk is None or not 0 <= time.time() - since < _PATIENCE:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or not constant_time_compare(fingerprint, user.get_session_auth_hash()):
        return None
    return user


@signed_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    actions.sign_out(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def locked_out(
    request: HttpRequest,
    original_response: HttpResponse | None = None,
    credentials: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Say that there were too many failures and until when nothing is looked at (django-axes)."""
    del original_response
    username = throttled_name(request, credentials)
    until = queries.locked_until(username, client_address(request))
    context = {
        "failures": settings.AXES_FAILURE_LIMIT,
        "minutes": round(settings.AXES_COOLOFF_TIME * 60),
        "until": None if until is None else local(until),
    }
    return render(request, "accounts/locked_out.html.j2", context, status=429)


def home() -> str:
    """Return the address one lands on without having asked for another."""
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _next(request: HttpRequest) -> str | None:
    """Return the address asked for, if it is one of ours; None: none, or somebody else's."""
    asked = request.POST.get("next") or request.GET.get("next")
    if asked and url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure()):
        return asked
    return None


def wanted_address(request: HttpRequest) -> str:
    """Return where to go after signing in."""
    return _next(request) or home()
