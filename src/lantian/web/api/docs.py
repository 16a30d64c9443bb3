"""The description of the interface: for programs (OpenAPI), and for people as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.api import limits
from lantian.web.api.service import schema


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question: what it is called, what it does, what it is without it."""

    name: str
    text: str
    default: str
    many: bool


@dataclass(frozen=True)
class Question:
    """A question: where it is asked, what it answers, an example."""

    path: str
    title: str
    example: str | None
    parameters: tuple[Parameter, ...]


@needs("api")
@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """Describe the interface in OpenAPI."""
    del request
    return JsonResponse(schema(_prefix()), json_dumps_params={"ensure_ascii": False})


@needs("api")
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Describe the interface on a page."""
    context = {
        "questions": list(questions()),
        "base": request.build_absolute_uri("/").rstrip("/"),
        "limits": limits,
    }
    return render(request, "api/docs.html.j2", context)


def questions() -> Iterator[Question]:
    """Yield the questions, in the language in force."""
    described: Mapping[str, Any] = schema(_prefix())
    for path, methods in described["paths"].items():
        operation = methods["get"]
        parameters = tuple(_parameter(p) for p in operation.get("parameters", ()))
        example = None if "{" in path else path
        title = operation["summary"]
        yield Question(path, _(title), example, parameters)


def _parameter(given: Mapping[str, Any]) -> Parameter:
    kind = given["schema"]
    text = kind.get("description") or given.get("description") or ""
    default = kind.get("default")
    if given["in"] == "path":
        text = _("Number of the case.") if given["name"] == "code" else _("Id of the station.")
    return Parameter(
        given["name"], _(text) if text else "", "" if default in (None, []) else str(default),
        kind.get("type") == "array",
    )  # fmt: skip


def _prefix() -> str:
    return reverse("api:docs").removesuffix("docs/")
