"""The interface itself: what it is called, how often it may be asked, how it says no."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

import lantian
from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.api import limits
from lantian.web.api.person import caller
from lantian.web.core.errors import refusal, status_of

DESCRIPTION = (
    "Measurements of one network, what the standards make of them, and the cases of its problems. "
    "Read only. Concentrations "
    "are µg/m³, CO mg/m³; statistics are not rounded. An hour is labelled by its end; a day is the "
    "24 hours that end at 01:00 … 24:00 local time. Answers carry an ETag and pages a total."
)
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_FILES = {
    "csv": ("text/csv", {"schema": {"type": "string"}}),
    "geojson": ("application/geo+json", {"schema": {"type": "object"}}),
}

throttle = limits.Throttle()
api = NinjaAPI(
    title="Lantian",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    auth=None,  # the gate of all pages lets in, by session or by token
)


def counted(request: HttpRequest) -> None:
    """Count a request of its caller; see :meth:`lantian.web.api.limits.Throttle.count`."""
    throttle.count(caller(request))


def schema(prefix: str) -> dict[str, object]:
    """Return the description of the interface (OpenAPI), mounted at ``prefix``."""
    described = dict(api.get_openapi_schema(path_prefix=prefix))
    described["info"] = {**described["info"], "x-lantian-version": lantian.__version__}
    described["components"] = {**described["components"], "securitySchemes": _SECURITY}
    described["security"] = [{name: []} for name in _SECURITY]
    for methods in described["paths"].values():
        _as_files(methods["get"])
    return described


def _as_files(operation: dict[str, Any]) -> None:
    """Describe the answers that are files, by what the parameter ``format`` offers."""
    offered = next(p["schema"] for p in operation["parameters"] if p["name"] == "format")
    names = {n for choice in offered["anyOf"] for n in choice.get("enum", ())}
    answer = operation["responses"][200]["content"]
    answer.update({kind: what for name, (kind, what) in _FILES.items() if name in names})


@api.exception_handler(DomainError)
def _domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    del request
    if isinstance(error, limits.TooManyRequestsError):
        response = refusal(429, error.code, error.message, error.data)
        response["Retry-After"] = str(error.data["retry_after"])
        return response
    return refusal(status_of(error), error.code, error.message, error.data)


@api.exception_handler(ValidationError)
def _bad_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
    del request
    problems = [{"parameter": str(e["loc"][-1]), "reason": e["msg"]} for e in error.errors]
    return refusal(
        400, "api.bad_parameter",
        _("The parameter {name} cannot be used: {reason}.").format(
            name=problems[0]["parameter"], reason=problems[0]["reason"]
        ),
        {"problems": problems},
    )  # fmt: skip
