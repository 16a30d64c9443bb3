"""Errors a person can act on, as pages and as pieces of pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from lantian.errors import BadInputError, DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _

Handler = Callable[[HttpRequest], HttpResponse]
_BUSY = frozenset({"store.locked"})


class DomainErrorMiddleware:
    """Answer a :class:`DomainError` with its sentence instead of a page about the program."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _named: object
    ) -> HttpResponse | None:
        """Refuse text that not every database can hold; None: there is none."""
        sent = list(request.GET.lists())
        if request.content_type == "application/x-www-form-urlencoded":
            sent += request.POST.lists()  # uploads are read by their views, within their limits
        if not any("\0" in text for _name, texts in sent for text in texts):
            return None
        message = _("What was sent holds a character that is no text (NUL). Leave it out.")
        return answer(request, InvalidArgumentError("web.no_text", message))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page of the error; None lets any other error take its way."""
        return answer(request, error) if isinstance(error, DomainError) else None


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return what the person sees of an error: a page, a piece of one, or JSON."""
    status = status_of(error)
    if for_program(request):
        return refusal(status, error.code, error.message, error.data)
    template = (
        "core/error_piece.html.j2" if request.headers.get("HX-Request") else "core/error.html.j2"
    )
    problems = error.problems if isinstance(error, BadInputError) else ()
    return render(
        request, template, {"error": error, "problems": problems, "status": status}, status=status
    )


def status_of(error: DomainError) -> int:
    """Return the HTTP status of an error: 404 what is not there, 503 what is busy, else 400."""
    if isinstance(error, UnknownNameError):
        return 404
    return 503 if error.code in _BUSY else 400


def for_program(request: HttpRequest) -> bool:
    """Say whether a program asks, through the interface: it is answered in JSON."""
    return request.path.startswith("/api/")


def refusal(
    status: int, code: str, message: str, data: Mapping[str, object] | None = None
) -> HttpResponse:
    """Return an error as programs read it."""
    response = JsonResponse(
        {"error": code, "message": message, "data": dict(data or {})},
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="lantian"'
    return response
