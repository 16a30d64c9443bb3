"""The comparison of editions: what each says of the same days, by hand; what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

import polars as pl
import pytest
from django.test import Client

import lantian.evaluation as ev
from lantian.network import Network
from lantian.standards import EDITIONS, METHODS
from lantian.web.air.queries import editions as q
from lantian.web.air.queries import rules
from lantian.web.air.queries.place import Place
from lantian.web.places.models import Territory
from tests.web.air.pages import text_of
from tests.web.air.steady import CITY, place_of

URL = "/air/editions/"
Clients = Callable[..., Client]


def page(client: Client, query: str = "", status: int = 200) -> str:
    return text_of(client, URL + query, status=status)


def look(station: str = CITY) -> q.View:
    return q.look(place_of(station), q.Asked(span=ev.span("2026-10")))


@pytest.mark.usefixtures("steady")
class TestByHand:
    def test_the_days_whose_category_changes(self) -> None:
        view = look("C").place  # PM2.5 of 70: 94 by 2012, 110 by 2026
        assert view is not None
        assert len(view.changed) == 31
        assert view.changed[0].cells == ((94, "good"), (110, "light"), (110, "light"))
        assert [levels for levels, _unknown in view.levels] == [
            (0, 31, 0, 0, 0, 0), (0, 0, 31, 0, 0, 0), (0, 0, 31, 0, 0, 0),
        ]  # fmt: skip
        same = look("A").place
        assert same is not None
        assert same.changed == ()

    def test_statistics_against_the_limits_of_each(self) -> None:
        view = look("A").place
        assert view is not None
        items = {item.title: item.cells for item in view.items}
        # 35 is the annual limit of 2012, above 30 and 25; its percentile 35 is within all.
        assert [c[0] for c in items["PM2.5 mean"]] == ["attains", "exceeds", "exceeds"]
        assert items["PM2.5 mean"][1][1] == "35 / 30 · P95 35 / 60"
        assert [c[0] for c in items["SO2 mean"]] == ["attains"] * 3
        assert [c[0] for c in items["O3 P90"]] == ["attains"] * 3
        # 35/30 + 70/60 + 0.1 + 0.5 + 0.25 + 0.5 = 3.683
        assert [c[0] for c in items["Composite index"]] == ["3.35", "3.68", "—"]

    def test_the_stations(self) -> None:
        rows = {r.station: r for g in look().groups for r in g.rows}
        assert rows["C"].good == (31, 0, 0)
        assert rows["C"].changed == 31
        assert rows["A"].changed == 0
        assert rows["A"].exceeds == ("none", "PM2.5, PM10", "PM2.5, PM10")
        assert rows["C"].index == (("4.35", "3"), ("4.85", "3"), ("—", "—"))
        assert rows["D"].exceeds == ("insufficient data",) * 3
        assert rows["D"].index[0][1] == "—"

    def test_too_few_days_are_not_a_judgement(self) -> None:
        view = look("D").place
        assert view is not None
        items = {item.title: item.cells for item in view.items}
        assert items["Good days"][0] == ("10", "10 valid days, 27 needed", "gap")
        assert items["PM2.5 mean"][0][0] == "insufficient data"

    def test_the_page_says_it(self, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "?period=2026-10&station=C")
        assert "31 of 31 days" in html
        assert "exceeds" in html
        assert 'href="/air/calendar/2026-10-01/"' in html
        assert "sum_equal_2026, not verified" in html
        assert "no source divides by these limits" in html


class TestAgainstEvaluation:
    def test_good_days_of_each_station(self, db: None, served: Network) -> None:
        span = ev.span("2026-11")
        place = Place("9907S", "", "丙镇")
        view = q.look(place, q.Asked(span=span))
        rows = {r.station: r for g in view.groups for r in g.rows}
        days = served.days(view.span.start, view.span.end)
        for k, edition in enumerate(EDITIONS):
            table = ev.period(days, by=(view.span.start, view.span.end), edition=edition)
            expected = dict(table.select("station", "good_days").iter_rows())
            assert {s: r.good[k] for s, r in rows.items()} == expected


class TestRules:
    def test_limits(self, db: None, served: Network) -> None:
        found = {(limit.pollutant, limit.averaging): limit for limit in rules.limits()}
        pm25 = found["pm25", "annual mean"]
        assert pm25.bounds == (("35", "15"), ("30", "15"), ("25", "10"))
        assert pm25.differs
        assert not found["co", "24 h mean"].differs
        assert ("pm25", "1 h mean") not in found  # there is none

    def test_everything_in_doubt_is_named(self, db: None, served: Network) -> None:
        named = {d.title for d in rules.doubts()}
        doubtful = ("sum_equal_2026", "weighted_3_2_2", "max_mean_percentile_2013")
        assert {METHODS[m].title for m in doubtful} <= named
        assert METHODS["sum_equal_2012"].title not in named
        assert all(d.sure for d in rules.doubts())


@pytest.mark.usefixtures("served")
class TestPage:
    @pytest.mark.parametrize(
        ("query", "status", "sentence"),
        [
            ("?edition=1996", 400, "There is no edition"),
            ("?start=2026-11-05&end=2026-11-01", 400, "before it starts"),
            ("?period=2027", 400, "no whole day has passed"),
            ("?station=none", 404, "there is none with the id or name"),
            ("?page=x", 400, "is not a number from 1 on"),
        ],
    )
    def test_wrong_parameters_are_told_with_the_filters_there(
        self, sign_in: Clients, query: str, status: int, sentence: str
    ) -> None:
        html = page(sign_in("expert"), query, status)
        assert sentence in html
        assert 'name="station"' in html

    def test_filters_travel_with_the_links(self, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "?period=2026-11&station=9907S&dust=0")
        (year,) = re.findall(r'<a href="([^"]*period=2026[^"-]*)"', html)[:1]
        assert "station=9907S" in year
        assert "dust=0" in year

    def test_a_period_without_data(self, sign_in: Clients) -> None:
        assert "no day with a value" in page(sign_in("expert"), "?period=2020-01")

    def test_few_queries(self, sign_in: Clients, django_assert_max_num_queries) -> None:
        client = sign_in("expert")
        with django_assert_max_num_queries(8):
            client.get(URL + "?period=2026-11")

    def test_chinese(self, sign_in: Clients) -> None:
        html = page(sign_in("expert", lang="zh"), "?period=2026-11")
        for word in ("版本对比", "2026 过渡", "类别有变化的日子", "尚未确认的规则", "二级（一级）"):
            assert word in html


def test_only_ones_own_stations_open(towns: dict[str, Territory], sign_in: Clients) -> None:
    client = sign_in("town_officer", towns["甲镇"])
    html = page(client, "?period=2026-11")
    assert set(re.findall(r"station=(\w+)", html.split("<main")[1])) == {"9905S"}
    page(client, "?station=9907S", 404)


def test_an_empty_home_says_what_to_do(empty: Network, sign_in: Clients) -> None:
    html = page(sign_in("expert"))
    assert 'href="/air/data/"' in html.split("<main")[1]


@pytest.mark.usefixtures("steady")
def test_files(sign_in: Clients) -> None:
    client = sign_in("expert")

    def get(format_: str) -> bytes:
        response = client.get(f"{URL}?period=2026-10&format={format_}")
        assert response.status_code == 200
        return response.content

    table = pl.read_csv(get("csv"))
    assert table.filter(pl.col("station") == "C")["changed"].item() == 31
    assert table["good_days@2012"].to_list() == [31, 31, 31, 10]
    assert pl.read_excel(BytesIO(get("xlsx"))).height == 4
    assert len(json.loads(get("json"))) == 4
    assert "C镇站" in "".join(ElementTree.fromstring(get("svg")).itertext())
