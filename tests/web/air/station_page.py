"""The page of one station of the county, asked for in its parts."""

from __future__ import annotations

import io
from datetime import datetime

import polars as pl
from django.test import Client
from django.urls import reverse

import lantian.evaluation as ev
from lantian.network import Network
from lantian.observations.reading import Selection
from tests.web.air.pages import text_of
from tests.web.world import NOW

S = "9914S"  # has gaps, suspect and invalid hours
PERIOD = "2026-11-01..2026-11-20"
SPAN = ev.span(PERIOD)


def page(client: Client, station: str = S, **query: object) -> str:
    """Return the page."""
    return text_of(client, reverse("air:station", args=(station,)), query)


def part(client: Client, name: str, station: str = S, **query: object) -> str:
    """Return a section that comes after the page."""
    return text_of(client, reverse("air:station-part", args=(station, name)), query)


def table(client: Client, name: str, station: str = S, **query: object) -> pl.DataFrame:
    """Return the table behind a figure."""
    wanted = {"table": name, "format": "csv", **query}
    text = text_of(client, reverse("air:station", args=(station,)), wanted)
    return pl.read_csv(io.StringIO(text), infer_schema_length=None)


def hours(net: Network, span: ev.Span = SPAN, *, until: datetime = NOW) -> pl.DataFrame:
    """Return the hours behind a period, read past the network's own memory."""
    bounds = ev.local_days(span.start, span.end, net.zone, stations=(S,))
    assert bounds.end is not None
    end = min(bounds.end, until)
    return ev.hourly_from_store(net.home.store, Selection((S,), None, bounds.start, end))
