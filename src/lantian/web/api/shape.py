"""From flat tables to answers: JSON in the shape of OpenAQ, CSV, pages of them, 304."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

import lantian
from lantian.i18n import active
from lantian.web.accounts.access import access
from lantian.web.api.asked import Paged
from lantian.web.core import downloads
from lantian.web.core.air import network

# Columns of a flat table, in order; what else it has stands behind them, in JSON and in CSV.
FLAT = (
    "station", "name", "parameter", "units", "display", "value", "label", "interval", "from", "to",
    "expected", "observed", "flags", "calibre",
)  # fmt: skip
_UTC = "%Y-%m-%dT%H:%M:%SZ"
_LOCAL = "%Y-%m-%dT%H:%M:%S%:z"


def values(flat: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return a flat table of values in the shape of :class:`~lantian.web.api.schemas.Value`.

    Parameters
    ----------
    flat
        The columns :data:`FLAT` (``from`` and ``to``: datetimes; ``flags``: list) and others.
    """
    expected, observed = pl.col("expected"), pl.col("observed")
    others = [c for c in flat.columns if c not in FLAT]
    return flat.select(
        pl.struct(id="station", name="name").alias("station"),
        pl.struct(name="parameter", units="units", displayName="display").alias("parameter"),
        "value",
        pl.struct(
            "label",
            "interval",
            _instant("from", zone).alias("datetimeFrom"),
            _instant("to", zone).alias("datetimeTo"),
        ).alias("period"),
        pl.struct(
            expected.alias("expectedCount"),
            observed.alias("observedCount"),
            (100 * observed / expected).round(1).alias("percentComplete"),
        ).alias("coverage"),
        pl.struct((pl.col("flags").list.len() > 0).alias("hasFlags"), "flags").alias("flagInfo"),
        "calibre",
        *others,
    )


def utc(column: str) -> pl.Expr:
    """Return a column of moments as text, UTC."""
    return pl.col(column).dt.convert_time_zone("UTC").dt.to_string(_UTC)


def _instant(column: str, zone: str) -> pl.Expr:
    moment = pl.col(column).dt.convert_time_zone("UTC")
    return pl.struct(
        moment.dt.to_string(_UTC).alias("utc"),
        moment.dt.convert_time_zone(zone).dt.to_string(_LOCAL).alias("local"),
    )


def whole(flat: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return a table as it is: for what is no value."""
    del zone
    return flat


Shape = Callable[[pl.DataFrame, str], pl.DataFrame | list[dict[str, Any]]]


def answer(
    request: HttpRequest,
    asked: Paged,
    stamp: Sequence[str],
    make: Callable[[], pl.DataFrame],
    *,
    name: str,
    shape: Shape = values,
) -> HttpResponse:
    """Answer a question, or say that the answer is the one the asker has.

    Parameters
    ----------
    stamp
        Changes whenever the answer may (``Network.stamp``, and what else it stands on).
    make
        Gives the flat table of all pages.
    name
        Of the file, where CSV is asked for.
    """
    zone = network().zone

    def part() -> Part:
        flat = make()
        page = flat.slice(min((asked.page - 1) * asked.limit, flat.height), asked.limit)
        return Part(
            flat.height, lambda: _json(shape(page, zone)) if page.height else "[]", lambda: page
        )

    return respond(request, asked, stamp, part, name=name)


@dataclass(frozen=True)
class Part:
    """One page of an answer.

    Parameters
    ----------
    found
        How many results all pages have.
    json, flat
        The page as JSON, and as a table for a file; only one of them is made.
    """

    found: int
    json: Callable[[], str]
    flat: Callable[[], pl.DataFrame]


def respond(
    request: HttpRequest,
    asked: Paged,
    stamp: Sequence[str],
    make: Callable[[], Part],
    *,
    name: str,
) -> HttpResponse:
    """Answer with one page; see :func:`answer`, which has all of them in a table."""
    asked.check(request)
    csv = asked.format == "csv" or (asked.format is None and _prefers_csv(request))
    etag = _etag(request, stamp, csv=csv)
    if etag in _known(request):
        return _private(HttpResponseNotModified(), etag)
    part = make()
    if csv:
        return _private(_csv(part.flat(), part.found, name), etag)
    meta = {
        "name": network().name,
        "simulated": network().simulated,
        "page": asked.page,
        "limit": asked.limit,
        "found": part.found,
    }
    body = f'{{"meta":{json.dumps(meta, ensure_ascii=False)},"results":{part.json()}}}'
    return _private(HttpResponse(body, content_type="application/json"), etag)


def _json(results: pl.DataFrame | list[dict[str, Any]]) -> str:
    if isinstance(results, pl.DataFrame):
        return results.write_json()
    return json.dumps(results, ensure_ascii=False)


def _csv(page: pl.DataFrame, found: int, name: str) -> HttpResponse:
    structs = [c for c, kind in page.schema.items() if isinstance(kind, pl.Struct)]
    response = downloads.table(page.unnest(structs) if structs else page, name, "csv")
    response["X-Total-Count"] = str(found)
    return response


def _prefers_csv(request: HttpRequest) -> bool:
    best = request.get_preferred_type(["application/json", "text/csv"])
    return best == "text/csv"


def _etag(request: HttpRequest, stamp: Sequence[str], *, csv: bool) -> str:
    seen = access(request).stations
    parts = [
        lantian.__version__, request.get_full_path(), *stamp, active(), str(csv),
        "*" if seen is None else ",".join(sorted(seen)),
    ]  # fmt: skip
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def _known(request: HttpRequest) -> set[str]:
    """Return the answers the asker has, compared weakly: compression changes bytes, not values."""
    given = [t.strip() for t in request.headers.get("If-None-Match", "").split(",")]
    return {t if t.startswith("W/") else f"W/{t}" for t in given if t}


def _private(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Accept", "Authorization", "X-API-Key", "Cookie"))
    return response
