"""The second factor of the person who is signed in."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as verified

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts import actions, factors, sessions
from lantian.web.accounts.access import access_of, demanded, signed_in
from lantian.web.accounts.forms import CodeForm, PasswordForm
from lantian.web.accounts.models import User
from lantian.web.accounts.views.signing import home, wrong_code
from lantian.web.core.air import network
from lantian.web.core.clock import today

_KEY = "lantian_factor_key"


@signed_in
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set the second factor up, ask for it, or manage it."""
    user: User = request.user  # type: ignore[assignment]
    if factors.device_of(user) is None:
        return _enrol(request, user)
    if not user.is_verified():  # type: ignore[attr-defined]
        return _ask(request, user)
    return _manage(request, user)


def required(user: User) -> bool:
    """Say whether a post of the person demands the second factor."""
    return demanded(access_of(user, today()))


def _enrol(request: HttpRequest, user: User) -> HttpResponse:
    key = request.session.get(_KEY)
    if key is None:
        key = request.session[_KEY] = factors.fresh_key()
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = actions.confirm_factor(request, user, key, form.cleaned_data["code"])
        except DomainError as error:
            form.add_error("code", error.message)
        else:
            del request.session[_KEY]
            return _codes(request, codes)
    context = {
        "form": form,
        "picture": factors.picture(key, user.name, network().name),
        "secret": factors.secret_text(key),
        "required": required(user),
    }
    return render(request, "accounts/factor_enrol.html.j2", context)


def _ask(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        waits = factors.wait_until(user)
        device = None if waits else factors.check(user, form.cleaned_data["code"])
        if device is not None:
            verified(request, device)
            old_key = request.session.session_key
            request.session.cycle_key()  # it may do more now than whoever knew the old key
            sessions.moved(old_key, request)
            return HttpResponseRedirect(home())
        if waits is None:
            actions.code_failed(request, user)
            waits = factors.wait_until(user)
        form.add_error("code", wrong_code(waits))
    return render(request, "accounts/factor_ask.html.j2", {"form": form})


def _manage(request: HttpRequest, user: User) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    must = required(user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["password"]
        try:
            if request.POST.get("do") == "codes":
                return _codes(request, actions.make_recovery_codes(request, user, given))
            if must:
                raise PermissionDenied(_("Your posts demand a second factor."))
            actions.turn_factor_off(request, user, given)
        except DomainError as error:
            form.add_error("password", error.message)
        else:
            messages.success(request, _("The second factor is off."))
            return redirect("accounts:me")
    context = {"form": form, "left": factors.recovery_left(user), "required": must}
    return render(request, "accounts/factor.html.j2", context)


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/recovery_codes.html.j2", {"codes": codes})
