"""Fixtures of the report tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

import lantian.evaluation as ev
from lantian import i18n, reports
from tests.reports.world import GENERATED, hours, register

STATIONS = {"a": "Alpha", "b": "Beta", "c": "Gamma"}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = i18n.active()
    i18n.activate("en")
    yield
    i18n.activate(before)


@pytest.fixture(scope="session")
def month() -> reports.ReportData:
    """A month of three stations, the year before, wind, a gap of ten days at c."""
    first, last = date(2016, 1, 1), date(2016, 1, 31)
    factor = {"a": 1.0, "b": 2.0, "c": 3.0}
    now = hours(list(STATIONS), first, last, factor=factor, wind=True)
    gap = (
        (pl.col("station") == "c")
        & (pl.col("time").dt.date() >= date(2016, 1, 10))
        & (pl.col("time").dt.date() < date(2016, 1, 20))
    )
    now = now.filter(~gap)
    old = hours(
        list(STATIONS), date(2015, 1, 1), date(2015, 1, 31), factor=dict.fromkeys("abc", 2.0)
    )
    return reports.collect(
        pl.concat([now, old], how="diagonal"),
        register(STATIONS),
        span=ev.span("2016-01"),
        network="Example",
        generated=GENERATED,
        edition="2012",
        simulated=True,
        calibre="audited",
    )
