"""Pages that belong to no place: the start, health, language, errors, the system."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, public, signed_in
from lantian.web.core.air import network
from lantian.web.core.errors import for_program, refusal


@signed_in
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the person to the page their day starts on."""
    return redirect(access(request).start)


@public
@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Say whether the server, its database and its store answer; for monitors."""
    del request
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True, "stamp": network().stamp()})


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from here on, and go back to the page one was on."""
    chosen = request.POST.get("language", "")
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response = HttpResponseRedirect(back if safe else "/")
    if chosen in ("zh", "en"):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            secure=settings.WEB.https,
        )
        if request.user.is_authenticated and request.user.language != chosen:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
    return response


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the person's posts do not include the page."""
    return _plain(request, 403, _("Not for your post"), str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page."""
    del exception
    return _plain(
        request, 404, _("There is no such page"),
        _("The address may be mistyped, or what it showed may be gone."),
    )  # fmt: skip


def broken(request: HttpRequest) -> HttpResponse:
    """Say that the program failed, without a word about how."""
    return _plain(
        request, 500, _("Something went wrong here"),
        _("It was written to the log. Try again; if it stays, tell the administrator the time."),
    )  # fmt: skip


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old to be trusted."""
    del reason
    return _plain(
        request, 403, _("The form has expired"),
        _("Go back, load the page again and send it once more; nothing was changed."),
    )  # fmt: skip


def _plain(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if for_program(request):
        return refusal(status, f"web.{status}", text)
    context = {"status": status, "title": title, "text": text}
    return render(request, "core/message.html.j2", context, status=status)
