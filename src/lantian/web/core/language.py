"""Which language a request is answered in: the person's, the browser's choice, the setting."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from lantian import i18n

Handler = Callable[[HttpRequest], HttpResponse]
DJANGO: dict[i18n.Language, str] = {"zh": "zh-hans", "en": "en"}


def chosen(request: HttpRequest) -> i18n.Language:
    """Return the language: ``?lang=``, the cookie, the person's own, the setting."""
    candidates = [request.GET.get("lang"), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)]
    if request.user.is_authenticated:
        candidates.append(getattr(request.user, "language", None))
    for candidate in candidates:
        if candidate == "zh":
            return "zh"
        if candidate == "en":
            return "en"
    return "en" if settings.WEB.language == "en" else "zh"


class LanguageMiddleware:
    """Speak the chosen language in our own texts and in Django's."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language chosen."""
        language = chosen(request)
        i18n.activate(language)
        with translation.override(DJANGO[language]):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", "zh-CN" if language == "zh" else "en")
        return response
