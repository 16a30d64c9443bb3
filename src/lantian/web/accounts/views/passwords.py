"""Changing, forgetting and setting passwords."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlsafe_base64_decode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts import actions
from lantian.web.accounts.access import public, signed_in
from lantian.web.accounts.forms import ChangePasswordForm, ForgotForm, RedeemForm, ResetForm
from lantian.web.accounts.models import User
from lantian.web.accounts.views.signing import begin, home, note_failure
from lantian.web.core.proxy import client_address

# Requests for e-mails from one address in an hour; more get the same answer and no e-mail.
_MAILS = 20
_FIELD_OF = {
    "accounts.wrong_password": "password",
    "accounts.same_password": "new_password",
    "accounts.weak_password": "new_password",
    "accounts.code_used": "code",
}


@signed_in
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the own password."""
    user: User = request.user  # type: ignore[assignment]
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.change_password(request, user, given["password"], given["new_password"])
        except DomainError as error:
            form.add_error(_FIELD_OF.get(error.code), error.message)
        else:
            messages.success(request, _("The password is changed; other sessions were ended."))
            return redirect("accounts:me")
    context = {"form": form, "must": user.must_change_password}
    return render(request, "accounts/password.html.j2", context)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Say how one gets a new password, and send an e-mail where that is set up."""
    form = ForgotForm(request.POST or None)
    asked = False
    if request.method == "POST" and settings.WEB.email_url and form.is_valid():
        asked = True
        if _allowed(client_address(request)):
            from lantian.web.accounts.jobs import mail_reset

            mail_reset(form.cleaned_data["username"], request.build_absolute_uri(home()))
    context = {
        "form": form if settings.WEB.email_url else None,
        "asked": asked,
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    return render(request, "accounts/forgot.html.j2", context)


def _allowed(address: str) -> bool:
    key = f"accounts.forgot:{address}"
    cache.add(key, 0, 3600)
    return cache.incr(key) <= _MAILS


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def redeem(request: HttpRequest) -> HttpResponse:
    """Set a password with a one-time code, for the first time or a forgotten one, and sign in."""
    form = RedeemForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        user = authenticate(request, username=given["username"], secret_code=given["code"])
        if user is None:
            note_failure(request, given["username"])
            form.add_error(None, _("Name or code is not right, or the code has run out."))
        else:
            try:
                actions.redeem_code(request, user, given["code"], given["new_password"])
            except DomainError as error:
                form.add_error(_FIELD_OF.get(error.code), error.message)
            else:
                return begin(request, user, home())
    return render(request, "accounts/redeem.html.j2", {"form": form})


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, who: str, token: str) -> HttpResponse:
    """Set a password after the link of an e-mail was followed."""
    user = _of_link(who)
    if user is None or not default_token_generator.check_token(user, token):
        return render(request, "accounts/reset_over.html.j2", status=410)
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reset_by_mail(request, user, token, form.cleaned_data["new_password"])
        except DomainError as error:
            if error.code == "accounts.link_used":
                return render(request, "accounts/reset_over.html.j2", status=410)
            form.add_error(_FIELD_OF.get(error.code), error.message)
        else:
            messages.success(request, _("The password is set. Sign in with it."))
            return redirect("accounts:sign-in")
    return render(request, "accounts/reset.html.j2", {"form": form, "person": user})


def _of_link(who: str) -> User | None:
    try:
        pk = int(urlsafe_base64_decode(who))
    except ValueError:
        return None
    return User.objects.filter(pk=pk, is_active=True).first()
