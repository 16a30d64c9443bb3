"""Today: the year reckoned by hand, what changed, what waits for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.test import Client

import lantian.evaluation as ev
from lantian.network import Network
from lantian.observations.reading import Selection
from lantian.web.air.queries import calendar
from lantian.web.air.queries.place import Place
from lantian.web.air.queries.today import landed_since
from lantian.web.air.queries.year import year_of
from lantian.web.places.models import Territory
from tests.web.air.pages import text_of
from tests.web.air.small import LABEL, Rows, small_home
from tests.web.air.steady import CITY
from tests.web.conftest import serve
from tests.web.world import CLOCK, NOW

URL = "/today/"
Clients = Callable[..., Client]


@pytest.fixture
def small(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Network]:
    def made(change: Callable[[Rows], Rows] = lambda rows: rows) -> Network:
        return serve(monkeypatch, small_home(tmp_path / "small", change))

    return made


def page(client: Client, query: str = "") -> str:
    return text_of(client, URL + query)


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html[html.index("<main") :]))


def test_the_air_and_the_day_before(small: Callable[..., Network], sign_in: Clients) -> None:
    def rise(rows: Rows) -> Rows:
        return [(s, p, t, 100.0 if p == "pm10" and t == LABEL else v, g) for s, p, t, v, g in rows]

    small(rise)
    html = text(page(sign_in("leader")))
    # PM10 100 by the 2026 transition: 50 + 50 * (100 - 50) / (120 - 50) = 85.7, rounded up
    assert "86 Good primary PM 10 100 µg/m³ 50 higher than at this hour yesterday" in html
    # all day PM2.5 30 and PM10 50: index 50 by PM10 (and by PM2.5 43), under both editions
    assert "AQI yesterday 50 Excellent by the 2012 edition: 50" in html


def test_the_year_by_hand(small: Callable[..., Network], sign_in: Clients) -> None:
    served = small()
    year = year_of("小县", date(2026, 11, 22))
    assert year is not None
    # 21 and 22 November are whole days; the 20th has 16 of its hours
    assert (year.days, year.mean, year.months) == (2, 30.0, [(11, 30.0)])
    assert year.running[-1] == 30.0
    assert year.running[0] is None
    assert (year.good.now.good, year.good.now.known, year.good.before) == (2, 2, None)
    assert served.now() == NOW
    html = text(page(sign_in("leader")))
    assert "Mean so far 30.0 µg/m³ of 2 valid days" in html
    assert "Same days last year — µg/m³ not measured" in html


def test_what_changed(small: Callable[..., Network], sign_in: Clients) -> None:
    served = small()
    store = served.home.store
    hour = Selection(("N1",), ("pm25",), LABEL - timedelta(hours=5), LABEL - timedelta(hours=4))
    store.exclude(hour, reason="泄漏", actor="调度员甲", clock=CLOCK)
    kinds = {one.kind: one for one in landed_since(NOW - timedelta(days=1))}
    assert set(kinds) == {"import", "exclusion"}
    assert kinds["exclusion"].values == 1
    seen = text(page(sign_in("dispatcher")))
    assert re.search(r"1 exclusion 1 value · last at 2026-11-23 08:16 · 调度员甲 · 泄漏", seen)
    assert "调度员甲" not in text(page(sign_in("department_officer")))


def test_what_waits_for_whom(small: Callable[..., Network], sign_in: Clients) -> None:
    def doubt(rows: Rows) -> Rows:
        early = LABEL - timedelta(hours=3)
        return [
            (s, p, t, v, "suspect" if (s, p) == ("T1", "no2") and t >= early else g)
            for s, p, t, v, g in rows
        ]

    small(doubt)
    seen = text(page(sign_in("dispatcher")))
    assert "镇一 NO 2 in doubt 4 hours since yesterday: confirm, correct or exclude" in seen
    assert "second factor" not in seen  # a simulated home demands none of anybody
    plain = text(page(sign_in("department_officer")))
    assert "in doubt" not in plain
    assert "second factor" not in plain


def test_back_and_offline(small: Callable[..., Network], sign_in: Clients) -> None:
    def gaps(rows: Rows) -> Rows:
        return [
            r for r in rows
            if not (r[0] == "T2" and 4 <= (LABEL - r[2]) / timedelta(hours=1) < 8)
        ]  # fmt: skip

    small(gaps)
    seen = text(page(sign_in("department_officer")))
    assert "镇二 is back 4 h without a value since yesterday" in seen


def test_a_dead_station_is_not_back_before_its_hour_is_due(
    small: Callable[..., Network], sign_in: Clients
) -> None:
    def dead(rows: Rows) -> Rows:
        return [r for r in rows if not (r[0] == "T2" and LABEL - r[2] < timedelta(hours=5))]

    small(dead)
    # 08:16: the hours from 04:00 to 07:00 lack, that of 08:00 is not due before 08:30
    for role in ("department_officer", "dispatcher"):
        seen = text(page(sign_in(role)))
        assert "镇二: offline for 4 h" in seen
        assert "is back" not in seen
    assert "1 station sends nothing" in seen


def test_town_officer_sees_the_own_stations_first(
    served: Network, towns: dict[str, Territory], sign_in: Clients
) -> None:
    html = page(sign_in("town_officer", towns["丙镇"]))
    assert re.search(r"丙镇 1 station · 08:00", text(html))
    assert "/air/stations/9907S/" in html
    assert "/air/stations/9906S/" not in html


def test_enterprise_sees_only_the_city(served: Network, sign_in: Clients) -> None:
    html = page(sign_in("enterprise_officer"))
    assert "The air now" in html
    assert "/air/" not in html[html.index("<main") :]
    assert "What changed" not in html


def test_unchanged_answers_204(served: Network, sign_in: Clients) -> None:
    client = sign_in("leader")
    stamp = re.search(r'"X-Shown": "([^"]+)"', page(client))
    assert stamp
    assert client.get(URL, headers={"X-Shown": stamp[1]}).status_code == 204


def test_empty(empty: Network, sign_in: Clients) -> None:
    assert "Nothing has been measured yet" in page(sign_in("inspector"))
    assert "Import measurements" in page(sign_in("expert"))


def test_wall_goes_round(served: Network, sign_in: Clients) -> None:
    html = page(sign_in("leader"), "?wall=1&rotate=2")
    assert 'hx-get="/air/now/?wall=1&amp;rotate=5" hx-trigger="every 5s"' in html
    without_air = page(sign_in("enterprise_officer"), "?wall=1&rotate=30")
    assert 'hx-get="/cases/?wall=1&amp;rotate=30" hx-trigger="every 30s"' in without_air
    still = page(sign_in("leader"), "?wall=1")
    assert 'hx-trigger="every 20s"' in still


def test_queries_of_the_database(
    served: Network, sign_in: Clients, django_assert_max_num_queries
) -> None:
    client = sign_in("department_officer")
    page(client)
    with django_assert_max_num_queries(7):
        page(client)


@pytest.mark.usefixtures("steady")
def test_good_days_are_those_of_the_calendar(sign_in: Clients) -> None:
    # each day of 2025 is judged by the edition of the same day of 2026, on both pages
    year = year_of(CITY, date(2026, 11, 22))
    found = calendar.year_of(Place("", CITY, CITY), calendar.Asked(span=ev.span("2026")))
    assert year is not None
    assert year.good.before is not None
    assert found.before is not None
    assert (year.good.now.good, year.good.before.good) == (found.total.good, found.before.good)
    assert year.good.before.known == found.before.known
    client = sign_in("department_officer")
    seen, other = text(page(client)), text(text_of(client, "/air/calendar/"))
    pair = [f"{n.good} of {n.known} valid days" for n in (year.good.now, year.good.before)]
    assert re.search(f"Good days .* This year {pair[0]} .* Same days last year {pair[1]} ", seen)
    for counts in (year.good.now, year.good.before):
        assert f"{counts.good} ÷ {counts.known}" in other
    said = re.search(r"Both years judged[^.]+\.", seen)
    assert said
    assert said[0] in other


def test_accumulated_mean() -> None:
    days = pl.DataFrame(
        {"station": ["a"] * 4, "date": [date(2026, 1, d) for d in (1, 2, 3, 4)],
         "pm25": [None, 10.0, None, 25.0]}
    )  # fmt: skip
    found = ev.accumulated_mean(days, "pm25")
    assert found["mean"].to_list() == [None, 10.0, 10.0, 17.5]
    assert found["n"].to_list() == [0, 1, 1, 2]
