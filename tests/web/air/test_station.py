"""The page of a station: its parts, who may see it, what it says where something is lacking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from lantian.home.layout import Home
from lantian.network import Network
from lantian.observations.reading import Selection
from tests.web.air.small import LABEL, small_home
from tests.web.air.station_page import S, page, part, table
from tests.web.conftest import serve
from tests.web.world import CLOCK

LATE = ("series", "days", "patterns", "wind", "quality", "neighbours")


def test_the_page_answers_with_few_queries_and_late_sections(
    sign_in: Callable[..., Client], served: Network, django_assert_max_num_queries: object
):
    client = sign_in("dispatcher")
    page(client)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        text = page(client)
    for name in LATE:
        assert f"/part/{name}/" in text
    whole = page(client, all=1)
    assert "/part/days/" not in whole
    for name in ("now", *LATE):
        assert f'id="{name}"' in whole
    assert " style=" not in whole
    assert "<script>" not in whole


def test_head_and_ways_to_the_stations_beside_it(sign_in: Callable[..., Client], served: Network):
    text = page(sign_in("dispatcher"), "9907S", period="2026-10", edition="2012")
    assert "9907S" in text
    assert "in operation since 2018-01-01" in text
    assert "/air/stations/9906S/?period=2026-10&amp;edition=2012" in text
    assert "/air/stations/9908S/?period=2026-10&amp;edition=2012" in text


def test_unknown_and_unseen_stations_are_the_same_404(
    sign_in: Callable[..., Client], towns: dict[str, object], served: Network
):
    client = sign_in("town_officer", towns["丙镇"])
    assert client.get(reverse("air:station", args=("9907S",))).status_code == 200
    for name in (S, "9901S", "nowhere", "%2e%2e"):
        for address in (
            reverse("air:station", args=(name,)),
            reverse("air:station-series", args=(name,)),
            reverse("air:station-part", args=(name, "neighbours")),
            reverse("air:hours", args=(name,)),
            reverse("air:hours-history", args=(name,)) + "?at=2026-11-20T08:00",
            reverse("air:station", args=(name,)) + "?format=csv&table=days",
        ):
            assert client.get(address).status_code == 404, address
    listed = client.get(reverse("air:stations")).content.decode()
    assert listed.count('<tr>\n<td><a href="/air/stations/') == 1
    text = page(client, "9907S", all=1)
    assert f"/air/stations/{S}/" not in text
    assert "No other station you may see" in text


def test_neighbours_of_a_wider_reach_are_not_remembered_for_a_narrow_one(
    sign_in: Callable[..., Client], towns: dict[str, object], served: Network
):
    assert "9906S" in part(sign_in("dispatcher"), "neighbours", "9907S")
    assert "9906S" not in part(
        sign_in("town_officer", towns["丙镇"]), "neighbours", "9907S"
    )  # fmt: skip


def test_who_may_not_see_data_gets_no_link_to_it(
    sign_in: Callable[..., Client], towns: dict[str, object], served: Network
):
    assert reverse("air:data") + "?station" in part(sign_in("inspector"), "quality")
    member = sign_in("grid_member", towns["癸乡"])
    assert reverse("air:data") not in part(member, "quality")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Serve a small network without wind, of which T2 has no coordinates and never measured."""
    home = small_home(tmp_path / "bare", lambda rows: [r for r in rows if r[0] != "T2"])
    register = home.store.stations()
    assert register is not None
    home.store.save_stations(
        register.with_columns(
            pl.when(pl.col("station") != "T2").then(pl.col(c)).alias(c) for c in ("lon", "lat")
        ),
        "tests",
        CLOCK,
    )
    return serve(monkeypatch, Home.open(home.path))


def test_a_station_without_wind_says_so(sign_in: Callable[..., Client], bare: Network):
    assert "No wind is measured at this station" in part(sign_in("dispatcher"), "wind", "N1")


def test_a_station_without_coordinates_or_values(sign_in: Callable[..., Client], bare: Network):
    text = page(sign_in("dispatcher"), "T2", all=1)
    assert "no coordinates" in text
    assert "no value in the last 48 hours" in text
    assert "nothing says which stations are near" in text
    others = table(sign_in("dispatcher"), "neighbours", "N1")["station"].to_list()
    assert others == ["N2", "T1"]


def test_a_pollutant_that_is_not_measured_is_not_missing(
    sign_in: Callable[..., Client], bare: Network
):
    got = table(sign_in("dispatcher"), "quality", "T1")
    assert "o3" not in got["parameter"].to_list()
    assert "not measured in the period" in part(sign_in("dispatcher"), "quality", "T1")


def test_decisions_in_force_say_who_and_why(
    sign_in: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home = small_home(tmp_path / "decided")
    at = LABEL - timedelta(hours=5)
    store = home.store
    store.correct("N1", "pm25", at, 99.0, actor="甲", reason="仪器校准", clock=CLOCK)
    chosen = Selection(("N1",), ("so2",), LABEL - timedelta(hours=4), LABEL - timedelta(hours=1))
    store.exclude(chosen, actor="乙", reason="停电 <b>", clock=CLOCK)
    serve(monkeypatch, home)
    client = sign_in("dispatcher")
    text = part(client, "quality", "N1")
    assert "仪器校准" in text
    assert "停电 &lt;b&gt;" in text
    got = table(client, "decisions", "N1").sort("parameter")
    assert got["parameter"].to_list() == ["pm25", "so2"]
    assert got["hours"].to_list() == [1, 3]
    assert got["actor"].to_list() == ["甲", "乙"]
