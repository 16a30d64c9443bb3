"""The page of the person who is signed in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.accounts import actions, factors, queries, sessions
from lantian.web.accounts import tokens as tokens_of
from lantian.web.accounts.access import access, needs, signed_in
from lantian.web.accounts.forms import DeputyForm, ReachForm, TokenForm
from lantian.web.accounts.models import Appointment, Token, User
from lantian.web.accounts.views.factors import required
from lantian.web.audit.actors import of_request
from lantian.web.core.clock import today


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show who one is, what one holds, and how one signs in; take how one can be reached."""
    user: User = request.user  # type: ignore[assignment]
    current = {"phone": user.phone or "", "email": user.email, "language": user.language}
    form = ReachForm(request.POST or None, initial=current)
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.change_own(of_request(request), user, **form.cleaned_data)
        except DomainError as error:
            user.refresh_from_db()
            form.add_error(_field(error.code), error.message)
        else:
            if changed:
                messages.success(request, _("Saved."))
            return redirect("accounts:me")
    posts = queries.posts_of(user, today())
    context = {
        "form": form,
        "posts": [p for p in posts if p.state != "past"],
        "factor": factors.device_of(user) is not None,
        "left": factors.recovery_left(user),
        "required": required(user),
        "sessions": sessions.of(user),
        "here": request.session.session_key,
        "tokens": tokens_of.live(user).count(),
        "may_api": "api" in access(request),
    }
    return render(request, "accounts/me.html.j2", context)


def _field(code: str) -> str | None:
    return {"accounts.bad_phone": "phone", "accounts.phone_taken": "phone",
            "accounts.bad_email": "email"}.get(code)  # fmt: skip


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def deputies(request: HttpRequest, post: int) -> HttpResponse:
    """Name somebody who stands in for the own post."""
    user: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(Appointment, pk=post, user=user, deputy_for=None)
    if "accounts.manage" in access(request):
        near = queries.candidates(row)
    else:
        near = list(queries.colleagues(row, today()).values_list("pk", "name"))
    form = DeputyForm(request.POST or None, people=near, today=today())
    if request.method == "POST" and form.is_valid() and named(request, form, row):
        return redirect("accounts:me")
    context = {
        "form": form,
        "post": queries.as_post(row, today()),
        "back": "accounts:me",
        "alone": not near,
    }
    return render(request, "accounts/deputy.html.j2", context)


def named(request: HttpRequest, form: DeputyForm, post: Appointment) -> bool:
    """Name the deputy of a form; its errors go into the form."""
    given = form.cleaned_data
    deputy = get_object_or_404(User, pk=given["deputy"])
    try:
        actions.name_deputy(of_request(request), post, deputy, given["first"], given["last"])
    except DomainError as error:
        form.add_error(None, error.message)
        return False
    messages.success(
        request,
        _("{name} stands in from {first} to {last}.").format(
            name=deputy.name, first=given["first"], last=given["last"]
        ),
    )
    return True


@signed_in
@require_POST
def end_deputy(request: HttpRequest, post: int) -> HttpResponse:
    """Take back that somebody stands in."""
    row = get_object_or_404(Appointment, pk=post, deputy_for__isnull=False)
    actions.end_deputy(of_request(request), row)
    messages.success(request, _("Nobody stands in by this any more."))
    if request.POST.get("back") == "person" and "accounts.manage" in access(request):
        assert row.deputy_for is not None  # noqa: S101 - selected above
        return redirect("accounts:person", row.deputy_for.user_id)
    return redirect("accounts:me")


@signed_in
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one session of one's own, or all others, or all."""
    user: User = request.user  # type: ignore[assignment]
    which = request.POST.get("session", "")
    by = of_request(request)
    if which.isdecimal():
        ended = actions.end_sessions(by, user, only=int(which[:18]))  # no id is longer
    else:
        keep = None if which == "all" else request.session.session_key
        ended = actions.end_sessions(by, user, keep=keep)
    text = ngettext("{n} session was ended.", "{n} sessions were ended.", ended)
    if which == "all":
        return redirect("accounts:sign-in")
    messages.success(request, text.format(n=ended))
    return redirect("accounts:me")


@needs("api")
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's tokens and make one; its secret is shown once."""
    user: User = request.user  # type: ignore[assignment]
    form = TokenForm(request.POST or None)
    secret = made = None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.make_token(of_request(request), user, **form.cleaned_data)
        except DomainError as error:
            form.add_error("name", error.message)
        else:
            form = TokenForm()
    context = {
        "form": form,
        "tokens": Token.objects.filter(user=user),
        "secret": secret,
        "made": made,
        "wall_now": timezone.now(),
    }
    return render(request, "accounts/tokens.html.j2", context)


@needs("api")
@require_POST
def revoke_token(request: HttpRequest, token: int) -> HttpResponse:
    """Let a token of one's own work no more."""
    row = get_object_or_404(Token, pk=token, user=request.user)
    actions.revoke_token(of_request(request), row)
    messages.success(request, _("The token “{name}” does not work any more.").format(name=row.name))
    return redirect("accounts:tokens")
