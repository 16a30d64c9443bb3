"""What the views of the calendar share: the page, refusals, the choice of what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lantian.errors import DomainError, UnknownNameError
from lantian.reports import words
from lantian.standards import POLLUTANTS
from lantian.web.air.queries import calendar as q
from lantian.web.air.queries.asked import sentences

FORMATS = ("csv", "xlsx", "json", "svg")
LABELS = {"csv": "CSV", "xlsx": "Excel", "json": "JSON", "svg": "SVG"}
PAGE = 100


def page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Return the page of the calendar."""
    base = {"problems": [], "body": "", "nothing": False}
    return render(request, "air/calendar.html.j2", {**base, **context}, status=status)


def refused(
    request: HttpRequest, context: dict[str, Any], problems: Sequence[DomainError]
) -> HttpResponse:
    """Return the page with what is wrong with its address; 404 for a place nobody here sees."""
    return page(request, {**context, "problems": sentences(problems)}, status=status_of(problems))


def status_of(problems: Sequence[DomainError]) -> int:
    """Return 404 where a place is unknown, else 400."""
    places = [p for p in problems if isinstance(p, UnknownNameError) and p.code in _PLACES]
    return 404 if places else 400


_PLACES = frozenset({"air.unknown_station", "air.unknown_city", "air.several_stations"})


def shown_options() -> list[tuple[str, str]]:
    """Return what a day may be coloured by."""
    pollutants = [(p, f"{words.LABEL[p]} {'8 h' if p == 'o3' else '24 h'}") for p in POLLUTANTS]
    return [(q.AQI, "AQI"), *pollutants]


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a daily table with its lists as text, for a file."""
    lists = [c for c, t in frame.schema.items() if isinstance(t, pl.List)]
    return frame.with_columns(pl.col(c).list.join(",") for c in lists)
