"""The question about the source register."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import Field

from lantian.web.accounts.access import access
from lantian.web.api import asked as ask
from lantian.web.api import listing, schemas
from lantian.web.api.service import api, counted
from lantian.web.core.downloads import blob
from lantian.web.places.queries import mark as places_mark
from lantian.web.sources import exporting, queries
from lantian.web.sources.kinds import KINDS
from lantian.web.sources.models import Source
from lantian.web.sources.reach import reach

_ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 429), schemas.Problem)
_COLUMNS: dict[str, Any] = {
    "number": pl.String, "name": pl.String, "kind": pl.String, "status": pl.String,
    "sector": pl.String, "territory": pl.String, "territory_name": pl.String,
    "organisation": pl.String, "lon": pl.Float64, "lat": pl.Float64, "address": pl.String,
    "credit_code": pl.String, "permit_number": pl.String, "grade": pl.String,
    "working_hours": pl.String, "approval_number": pl.String, "approved_on": pl.String,
    "attributes": pl.String, "stacks": pl.String, "changed_at": pl.String,
}  # fmt: skip
_SOURCES = listing.Listing("sources", _COLUMNS)


class Sources(ask.Paged):
    """Which sources."""

    kind: str = Field("", description=ask.N_("Kind of source, e.g. construction_site."))
    territory: str = Field("", description=ask.N_("Code of a territory; what is below it, too."))
    sector: str = Field("", description=ask.N_("Sector, e.g. construction."))
    status: str = Field(
        "", description=ask.N_("planned, operating, stopped, closed or all; else all not closed.")
    )
    q: str = Field("", description=ask.N_("Part of a name or address; a number or credit code."))
    format: Literal["json", "csv", "geojson"] | None = Field(  # type: ignore[assignment]
        None, description=ask.N_("json, csv or geojson; otherwise what the header Accept prefers.")
    )

    def filters(self) -> queries.Asked:
        """Return them as the page of sources has them.

        Raises
        ------
        InvalidArgumentError
            ``sources.bad_filter``.
        """
        return queries.Asked.strict(
            kind=self.kind, territory=self.territory, sector=self.sector, status=self.status,
            q=self.q.strip(),
        )  # fmt: skip


@api.get("/sources", url_name="sources",
         response={200: schemas.Page[schemas.Source], **_ERRORS},
         summary=ask.N_("Pollution sources of the register"))  # fmt: skip
def sources(request: HttpRequest, asked: Query[Sources]) -> HttpResponse:
    """Return the sources you may see, by number, without contacts."""
    counted(request)
    mine = reach(request)
    rows = queries.chosen(mine, asked.filters())
    if asked.format == "geojson":
        asked.check(request)
        first = (asked.page - 1) * asked.limit
        return _geojson(rows[first : first + asked.limit], rows.count())
    stamp = (queries.mark(), mine.key, str(places_mark()), str(sorted(access(request).may)))
    return listing.answer(request, asked, stamp, rows, _row, of=_SOURCES)


def _geojson(rows: Any, found: int) -> HttpResponse:  # noqa: ANN401 - a query set
    response = blob(exporting.geojson(rows, people=False), "sources", "geojson")
    response["X-Total-Count"] = str(found)
    return response


def _row(source: Source) -> dict[str, Any]:
    known = {a.code for a in KINDS[source.kind].attributes}
    values = {c: v for c, v in source.attributes.items() if c in known}
    return {
        **{c: getattr(source, c) for c in _COLUMNS if c not in _MADE},
        "territory": source.territory.code,
        "territory_name": source.territory.name,
        "organisation": source.organisation.name if source.organisation else "",
        "approved_on": source.approved_on.isoformat() if source.approved_on else None,
        "attributes": values,
        "stacks": source.stacks,
        "changed_at": source.changed_at.isoformat(timespec="seconds"),
    }


_MADE = frozenset(
    {"territory", "territory_name", "organisation", "approved_on", "attributes", "stacks",
     "changed_at"}
)  # fmt: skip
