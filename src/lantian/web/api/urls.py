"""Addresses of the interface. Its views declare their access as those of all pages do."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, include, path
from django.views.decorators.http import require_GET
from django.views.generic import RedirectView

from lantian.web.accounts.access import needs
from lantian.web.api import cases, docs, places, register, routes
from lantian.web.api.service import api

app_name = "api"
assert all((routes, register, cases, places))  # noqa: S101 - importing them is what registers the questions
CAPABILITY = "api"
TO_DOCS = RedirectView.as_view(pattern_name="api:docs")


def _questions() -> Iterator[URLPattern]:
    """Yield the addresses of the questions, each declared open to whoever may use the interface."""
    for pattern in api.urls[0]:
        # the root of the interface answers nothing
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            needs(CAPABILITY)(pattern.callback)
            yield pattern


urlpatterns = [
    path(
        "v1/",
        include(
            [
                path(
                    "",
                    needs(CAPABILITY)(require_GET(TO_DOCS)),
                    name="root",
                ),
                path("docs/", docs.docs, name="docs"),
                path("openapi.json", docs.openapi, name="openapi"),
                *_questions(),
            ]
        ),
    ),
]
