"""Lists out of the database: filtered and paged there, so that a page costs a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from lantian.web.api import shape
from lantian.web.api.asked import Paged

Columns = Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """What a list of rows is in a file.

    Parameters
    ----------
    name
        Of the file.
    columns
        Its columns with their types in Polars; what is an object or a list in JSON is text there.
    """

    name: str
    columns: Columns

    def frame(self, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """Return records as a flat table."""
        return pl.DataFrame(
            [{c: _flat(r[c]) for c in self.columns} for r in records], schema=dict(self.columns)
        )


def answer(
    request: HttpRequest,
    asked: Paged,
    stamp: Sequence[str],
    rows: QuerySet[Any] | Sequence[Any],
    record: Callable[[Any], Mapping[str, Any]],
    *,
    of: Listing,
    load: Callable[[Any], Sequence[Any]] = list,
) -> HttpResponse:
    """Answer a question about rows, or say that the answer is the one the asker has.

    Only the rows of the page are read. Parameters are those of :func:`.shape.answer`.

    Parameters
    ----------
    rows
        In their order; filtered.
    load
        Gives the rows of a page, where ``rows`` are their keys only.
    record
        Gives a row as an answer has it, with every column of ``of``.
    """

    def make() -> shape.Part:
        found = rows.count() if isinstance(rows, QuerySet) else len(rows)
        first = min((asked.page - 1) * asked.limit, found)
        records = [record(r) for r in load(rows[first : first + asked.limit])]
        return shape.Part(
            found,
            lambda: json.dumps(records, ensure_ascii=False),
            lambda: of.frame(records),
        )

    return shape.respond(request, asked, stamp, make, name=of.name)


def _flat(value: object) -> object:
    """Return a value as a cell: objects and lists as JSON."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value
