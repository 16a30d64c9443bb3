"""The register of stations: who they are, what they say now, filters and files."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
from django.test import Client
from django.urls import reverse

import lantian.evaluation as ev
from lantian.network import Network
from lantian.standards import POLLUTANTS
from tests.web.air.station_page import S


def test_the_list_says_who_they_are_and_what_they_say_now(
    sign_in: Callable[..., Client], served: Network
):
    text = sign_in("dispatcher").get(reverse("air:stations")).content.decode()
    recent = served.recent()
    now = recent.aqi.filter(pl.col("time") == recent.until)
    assert text.count('<tr>\n<td><a href="/air/stations/') == 14
    for station, aqi in now.select("station", "aqi").iter_rows():
        row = text.split(f'href="/air/stations/{station}/"')[1].split("</tr>")[0]
        assert f"<b>{aqi}</b>" in row if aqi is not None else "not published" in row


def test_completeness_counts_valid_pollutant_days(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    rows = pl.read_csv(
        io.BytesIO(client.get(reverse("air:stations"), {"format": "csv"}).content)
    )  # fmt: skip
    yesterday = date(2026, 11, 22)
    days = ev.daily_from_store(
        served.home.store, ev.local_days(yesterday - timedelta(days=29), yesterday, served.zone)
    )
    for station, valid, due in rows.select(
        "station", "valid_pollutant_days", "due_pollutant_days"
    ).iter_rows():
        mine = days.filter(pl.col("station") == station)
        assert valid == sum(int(mine[f"valid_{p}"].sum()) for p in POLLUTANTS)
        assert due == 180


def test_the_list_filters_sorts_and_keeps_it_in_the_address(
    sign_in: Callable[..., Client], served: Network
):
    client = sign_in("dispatcher")
    answer = client.get(reverse("air:stations"), {"kind": "national", "format": "csv"})
    national = served.stations().filter(pl.col("kind") == "national")["station"].to_list()
    assert pl.read_csv(io.BytesIO(answer.content))["station"].to_list() == national
    by_aqi = client.get(reverse("air:stations"), {"sort": "aqi", "format": "csv"})
    values = pl.read_csv(io.BytesIO(by_aqi.content))["aqi"].drop_nulls().to_list()
    assert values == sorted(values, reverse=True)
    found = client.get(reverse("air:stations"), {"q": S.lower()}).content.decode()
    assert f'href="/air/stations/{S}/"' in found
    assert 'href="/air/stations/9901S/"' not in found
    assert "No station fits" in client.get(reverse("air:stations"), {"q": "zzz"}).content.decode()
    bad = client.get(reverse("air:stations"), {"kind": "<b>"})
    assert bad.status_code == 200
    assert b"&lt;b&gt;" in bad.content


def test_an_empty_home_says_what_to_do(sign_in: Callable[..., Client], empty: Network):
    text = sign_in("expert").get(reverse("air:stations")).content.decode()
    assert "no station" in text
    assert reverse("air:data") in text
    assert (
        reverse("air:data")
        not in (
            sign_in("grid_member").get(reverse("air:stations")).content.decode().split("<main")[1]
        )
    )
