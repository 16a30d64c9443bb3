"""The figures of a station: what is shown equals what evaluation computes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from django.test import Client

import lantian.evaluation as ev
from lantian.network import Network
from lantian.standards import POLLUTANTS, breakpoints
from tests.web.air.small import LABEL
from tests.web.air.station_page import PERIOD, SPAN, S, hours, part, table


def test_now_equals_the_real_time_index(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    for edition in ("auto", "2012"):
        got = table(client, "now", edition=edition)
        before = hours(served, ev.any_span(date(2026, 11, 20), date(2026, 11, 23)))
        judged = ev.realtime(before, edition=edition, zone=served.zone).tail(1).row(0, named=True)
        assert judged["time"] == LABEL
        last, day = before.tail(1), before.filter(pl.col("time") == LABEL - timedelta(hours=24))
        assert got["parameter"].to_list() == list(POLLUTANTS)
        for row in got.iter_rows(named=True):
            p = row["parameter"]
            assert row["iaqi"] == judged[f"iaqi_{p}"]
            assert (row["value"], row["day_before"]) == (last[p].item(), day[p].item())
            assert row["aqi"] == judged["aqi"]


def test_days_and_statistics_equal_evaluation_under_each_edition(
    sign_in: Callable[..., Client], served: Network
):
    client = sign_in("dispatcher")
    for edition in ("auto", "2012", "2026-final"):
        days = ev.daily(hours(served), edition=edition, zone=served.zone)
        got = table(client, "days", period=PERIOD, edition=edition)
        assert got["aqi"].to_list() == days["aqi"].to_list()
        assert got["o3_mda8"].to_list() == pytest.approx(days["o3_mda8"].to_list())
        wanted = ev.period(days, by=(SPAN.start, SPAN.end), edition=edition).row(0, named=True)
        found = table(client, "statistics", period=PERIOD, edition=edition).row(0, named=True)
        for p in POLLUTANTS:
            assert found[f"{p}_mean"] == pytest.approx(wanted[f"{p}_mean"])
            assert found[f"{p}_days"] == wanted[f"{p}_days"]
            assert found[f"{p}_attains"] == wanted[f"{p}_attains"]
        text = part(client, "days", period=PERIOD, edition=edition)
        assert f"<b>{wanted['good_days']}</b>" in text
        assert text.count("<title>2026-11-") == 20


@pytest.mark.parametrize("cycle", ["hour", "weekday", "month"])
def test_patterns_equal_evaluation(
    sign_in: Callable[..., Client], served: Network, cycle: str
):  # fmt: skip
    span = SPAN if cycle != "month" else ev.any_span(date(2025, 11, 21), SPAN.end)
    wanted = ev.pattern(
        hours(served, span).select("station", "time", *POLLUTANTS), by=cycle, zone=served.zone
    )  # type: ignore[arg-type]
    got = table(sign_in("dispatcher"), cycle, period=PERIOD)
    assert got.height == wanted.height
    for name in ("parameter", cycle, "n"):
        assert got[name].to_list() == wanted[name].to_list()
    assert got["mean"].to_list() == pytest.approx(wanted["mean"].to_list())


def test_roses_equal_evaluation(sign_in: Callable[..., Client], served: Network):
    blown = hours(served).drop("station").filter(pl.col("ws").is_not_null())
    got = table(sign_in("dispatcher"), "wind", period=PERIOD)
    wanted = ev.wind_rose(blown).table
    assert got["n"].to_list() == wanted["n"].to_list()
    assert got["share"].to_list() == pytest.approx(wanted["share"].to_list())
    breaks = breakpoints("pm10", averaging="24h", edition="2026-transition")[:-2]
    wanted = ev.pollution_rose(blown, "pm10", breaks=breaks).table
    got = table(sign_in("dispatcher"), "pollution", period=PERIOD, pollutant="pm10")
    assert got["n"].to_list() == wanted["n"].to_list()
    gas = ev.pollution_rose(blown, "o3").table
    got = table(sign_in("dispatcher"), "pollution", period=PERIOD, pollutant="o3")
    assert got["n"].to_list() == gas["n"].to_list()


def test_quality_counts_every_hour_due_and_names_the_stretches(
    sign_in: Callable[..., Client], served: Network
):
    client = sign_in("dispatcher")
    got = table(client, "quality", period=PERIOD)
    counted = got.select("valid", "suspect", "invalid", "missing").sum_horizontal()
    assert got["due"].to_list() == [24] * (6 * 20)
    assert counted.to_list() == got["due"].to_list()
    table_ = hours(served)
    for p in POLLUTANTS:
        mine = got.filter(pl.col("parameter") == p)
        assert mine["valid"].sum() + mine["suspect"].sum() == table_[p].count()
    found = table(client, "stretches", period=PERIOD)
    bad = got.select("suspect", "invalid", "missing").sum_horizontal().sum()
    assert found["hours"].sum() == bad > 0


def test_neighbours_are_the_nearest_with_their_correlation(
    sign_in: Callable[..., Client], served: Network
):
    got = table(sign_in("dispatcher"), "neighbours")
    assert got["distance_km"].is_sorted()
    assert got.height == 5
    assert S not in got["station"]
    all_hours = served.hours(LABEL - timedelta(days=30), LABEL)
    pair = all_hours.filter(pl.col("station") == S).join(
        all_hours.filter(pl.col("station") == got["station"][0]), on="time"
    ).select("pm25", "pm25_right").drop_nulls()  # fmt: skip
    assert got["n"][0] == pair.height
    assert got["r"][0] == pytest.approx(pair.select(pl.corr("pm25", "pm25_right")).item())
