"""The questions about territories and about the catalogue of problem types."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any, Literal

import polars as pl
from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import Field

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.api import asked as ask
from lantian.web.api import case_schemas, listing, schemas
from lantian.web.api.service import api, counted
from lantian.web.cases.catalogue import Catalogue, ProblemType
from lantian.web.cases.standing_rules import rules
from lantian.web.core.clock import today
from lantian.web.core.downloads import blob
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Level, Territory
from lantian.web.places.queries import descendants, mark
from lantian.web.sources.kinds import KINDS

_ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 429), schemas.Problem)
_TEXT = pl.String
_TERRITORIES = listing.Listing(
    "territories",
    {"code": _TEXT, "name": _TEXT, "level": _TEXT, "parent": _TEXT, "boundary": pl.Boolean},
)
_TYPES = listing.Listing(
    "problem-types",
    MappingProxyType(dict.fromkeys(case_schemas.ProblemType.model_fields, _TEXT)),
)


class Territories(ask.Paged):
    """Which territories."""

    level: Literal["", "city", "county", "town", "village", "grid"] = Field(
        "", description=ask.N_("city, county, town, village or grid.")
    )
    under: str = Field("", description=ask.N_("Code of a territory: it and all that is below it."))
    format: Literal["json", "csv", "geojson"] | None = Field(  # type: ignore[assignment]
        None, description=ask.N_("json, csv or geojson; otherwise what the header Accept prefers.")
    )


class ProblemTypes(ask.Paged):
    """Which problem types."""

    sector: str = Field("", description=ask.N_("Sector, e.g. construction."))
    kind: str = Field("", description=ask.N_("Kind of source, e.g. construction_site."))


@api.get("/territories", url_name="territories",
         response={200: schemas.Page[case_schemas.Territory], **_ERRORS},
         summary=ask.N_("Territories of the network"))  # fmt: skip
def territories(request: HttpRequest, asked: Query[Territories]) -> HttpResponse:
    """Return the tree of territories by code; boundaries with format=geojson."""
    counted(request)
    asked.check(request)
    rows = Territory.objects.select_related("parent").order_by("code")
    if asked.level:
        rows = rows.filter(level=Level(asked.level))
    if asked.under:
        top = Territory.objects.filter(code=asked.under)
        if not top.exists():
            raise UnknownNameError(
                "api.unknown_territory",
                _("There is no territory “{code}” here.").format(code=asked.under),
                {"territory": asked.under},
            )
        rows = rows.filter(pk__in=[t.pk for t in descendants(top)])
    if asked.format == "geojson":
        first = min((asked.page - 1) * asked.limit, rows.count())
        response = blob(_geojson(list(rows[first : first + asked.limit])), "territories", "geojson")
        response["X-Total-Count"] = str(rows.count())
        return response
    return listing.answer(request, asked, (str(mark()),), rows, _territory, of=_TERRITORIES)


@api.get("/problem-types", url_name="problem-types",
         response={200: schemas.Page[case_schemas.ProblemType], **_ERRORS},
         summary=ask.N_("Problem types of the catalogue in force"))  # fmt: skip
def problem_types(request: HttpRequest, asked: Query[ProblemTypes]) -> HttpResponse:
    """Return the problem types under which cases are opened today, with limits and evidence."""
    counted(request)
    asked.check(request)
    for name, known in (("sector", SECTORS), ("kind", KINDS)):
        text = getattr(asked, name)
        if text and text not in known:
            raise InvalidArgumentError(
                "cases.bad_filter",
                _("“{text}” is no {name}; there are {known}.").format(
                    text=text, name=name, known=", ".join(known)
                ),
                {"parameter": name},
            )
    catalogue = rules().in_force(today())
    return listing.answer(
        request, asked, (catalogue.version, catalogue.digest),
        catalogue.fitting(asked.sector, asked.kind), lambda t: _type(t, catalogue), of=_TYPES,
    )  # fmt: skip


def _territory(territory: Territory) -> dict[str, Any]:
    return {
        "code": territory.code, "name": territory.name, "level": territory.level,
        "parent": None if territory.parent is None else territory.parent.code,
        "boundary": territory.boundary is not None,
    }  # fmt: skip


def _geojson(rows: list[Territory]) -> bytes:
    features = [
        {"type": "Feature", "id": t.code, "geometry": t.boundary, "properties": _territory(t)}
        for t in rows
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False).encode()


def _type(problem: ProblemType, catalogue: Catalogue) -> dict[str, Any]:
    return {**problem.as_record(), "catalogue": catalogue.version}
