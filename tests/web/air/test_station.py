"""The register of stations and the page of one: what it shows equals what evaluation computes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

import lantian.evaluation as ev
from lantian import i18n
from lantian.home.layout import Home
from lantian.network import Network
from lantian.observations.reading import Selection
from lantian.standards import POLLUTANTS, breakpoints
from lantian.web.accounts.access import Access
from lantian.web.air.figures import station as pictures
from lantian.web.air.flags import flag_words
from lantian.web.air.queries import station as q
from lantian.web.air.queries import station_asked, stations
from tests.web.air.small import LABEL, Rows, small_home
from tests.web.conftest import serve
from tests.web.world import CLOCK, NOW

S = "9914S"  # has gaps, suspect and invalid hours
PERIOD = "2026-11-01..2026-11-20"
LATE = ("series", "days", "patterns", "wind", "quality", "neighbours")
SPAN = ev.span(PERIOD)


def page(client: Client, station: str = S, **query: object) -> str:
    answer = client.get(reverse("air:station", args=(station,)), query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def part(client: Client, name: str, station: str = S, **query: object) -> str:
    answer = client.get(reverse("air:station-part", args=(station, name)), query)
    assert answer.status_code == 200
    return answer.content.decode()


def table(client: Client, name: str, station: str = S, **query: object) -> pl.DataFrame:
    answer = client.get(
        reverse("air:station", args=(station,)), {"table": name, "format": "csv", **query}
    )
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return pl.read_csv(io.BytesIO(answer.content), infer_schema_length=None)


def hours(net: Network, span: ev.Span = SPAN, *, until: datetime = NOW) -> pl.DataFrame:
    """Return the hours behind a period, read past the network's own memory."""
    bounds = ev.local_days(span.start, span.end, net.zone, stations=(S,))
    assert bounds.end is not None
    end = min(bounds.end, until)
    return ev.hourly_from_store(net.home.store, Selection((S,), None, bounds.start, end))


# -- the list


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


# -- who may see it


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


# -- the page


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


def test_the_chart_has_every_hour_and_every_mark(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    answer = client.get(reverse("air:station-series", args=(S,)), {"period": PERIOD})
    data = json.loads(answer.content)
    [[count, first, step]] = data["times"]
    assert (count, step) == (480, 3_600_000)
    assert datetime.fromtimestamp(first / 1000, UTC) == datetime(2026, 11, 1, 1, tzinfo=UTC)
    wide = hours(served)
    for p in data["parameters"]:
        assert len(p["values"]) == 480
        assert [v for v in p["values"] if v is not None] == wide[p["id"]].drop_nulls().to_list()
        assert p["n"] == wide[p["id"]].count() < 480
    assert data["parameters"][0]["bound"]["title"] == "IAQI 100 at 60"
    assert data["parameters"][2]["bound"]["drawn"] is False


def test_suspect_hours_count_and_are_marked_invalid_ones_are_marked_and_gaps(
    sign_in: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    grades = {3: "suspect", 5: "invalid"}

    def change(rows: Rows) -> Rows:
        return [
            (s, p, t, v, grades.get((LABEL - t) // timedelta(hours=1), g) if p == "o3" else g)
            for s, p, t, v, g in rows
        ]

    serve(monkeypatch, small_home(tmp_path / "graded", change))
    client = sign_in("dispatcher")
    data = json.loads(client.get(reverse("air:station-series", args=("N1",))).content)
    ozone, last = data["parameters"][5], len(data["parameters"][5]["values"]) - 1
    assert ozone["marks"] == [
        [last - 5, 60.0, "invalid", "invalid"], [last - 3, 60.0, "suspect", "suspect"],
    ]  # fmt: skip
    assert ozone["values"][last - 5] is None
    assert ozone["values"][last - 3] == 60.0
    svg = part(client, "series", "N1")
    assert svg.count('fill="#c98a00"') == 1 + 1  # the hour and the key
    states = table(client, "quality", "N1").filter(pl.col("parameter") == "o3")
    assert states.select("suspect", "invalid").sum().row(0) == (1, 1)
    found = table(client, "stretches", "N1").filter(pl.col("state") != "missing")
    assert found["state"].to_list() == ["suspect", "invalid"]


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("", ""), ("EXCLUDED", "excluded by hand"),
        ("QC:stuck;QC:rise", "stuck at one value, sudden change"),
        ("B", "running poorly"), ("B;QC:range", "running poorly, out of range"), ("XYZ", "XYZ"),
    ],
)  # fmt: skip
def test_flags_in_words(flag: str, words: str):
    i18n.activate("en")
    assert flag_words(flag) == words


def test_gaps_are_gaps_in_the_picture(served: Network):
    station = stations.find(S, Access(stations=None))
    asked = station_asked.Asked(station, SPAN, usual=False)
    found = q.series(asked, "hour")
    for series, (_p, svg) in zip(found, pictures.multiples(asked, found, "hour"), strict=True):
        values = series.values
        starts = sum(
            v is not None and (i == 0 or values[i - 1] is None) for i, v in enumerate(values)
        )
        alone = svg.count("<circle")
        lines = svg.count('fill="none" stroke="#1557b0"')
        assert alone + lines == starts


# -- periods and editions


def test_a_day_of_the_period_is_the_local_one(sign_in: Callable[..., Client], served: Network):
    got = table(sign_in("dispatcher"), "hours", period="2026-11-20..2026-11-20")
    labels = [t[:16] for t in got["time"].to_list()]
    assert (labels[0], labels[-1]) == ("2026-11-20T01:00", "2026-11-21T00:00")
    assert {t[16:] for t in got["time"].to_list()} <= {"+08:00", ":00+08:00"}


def test_a_period_to_come_says_so_and_shows_the_usual_one(
    sign_in: Callable[..., Client], served: Network
):
    client = sign_in("dispatcher")
    text = page(client, period="2027-01")
    assert "has not begun" in text
    assert 'value="2026-11-23"' in text
    answer = client.get(
        reverse("air:station", args=(S,)), {"period": "2027-01", "format": "csv", "table": "days"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"period": "soon"}, {"period": "0001-01-01..9999-12-31"}, {"period": "1999-01..2"},
        {"start": "2026-11-20", "end": "2026-11-01"}, {"start": "x"}, {"edition": "2030"},
        {"start": "2000-01-01", "end": "2026-01-01"},
    ],
)  # fmt: skip
def test_a_bad_address_is_a_sentence_not_an_error(
    sign_in: Callable[..., Client], served: Network, query: dict[str, str]
):
    client = sign_in("dispatcher")
    assert 'class="banner error"' in page(client, **query)
    assert client.get(reverse("air:station-series", args=(S,)), query).status_code == 200


def test_a_period_without_values_is_empty_not_broken(
    sign_in: Callable[..., Client], served: Network
):
    text = page(sign_in("dispatcher"), period="2025-01", all=1)
    assert "No value of the six pollutants" in text
    assert "There is no day with a value" in text
    assert "No wind is measured" in text


def test_today_alone_has_hours_but_no_whole_day(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    text = page(client, period="2026-11-23..2026-11-23", all=1)
    assert table(client, "quality", period="2026-11-23..2026-11-23")["due"].to_list() == [8] * 6
    assert 'id="quality"' in text


def test_long_periods_draw_days_and_list_months(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    text = page(client, period="2026", all=1)
    assert "daily values, band" in text
    assert "?period=2026-10" in text
    both = client.get(
        reverse("air:station-series", args=(S,)), {"period": "2025-01-01..2026-11-23"}
    )
    data = json.loads(both.content)
    assert data["step"] == "day"
    assert data["times"][0][0] == len(data["parameters"][0]["values"]) == 692


# -- files


@pytest.mark.parametrize(
    "name",
    ["hours", "days", "now", "statistics", "hour", "weekday", "month", "wind", "pollution",
     "quality", "neighbours"],
)  # fmt: skip
def test_every_figure_is_a_picture_too(
    sign_in: Callable[..., Client], served: Network, name: str
):  # fmt: skip
    client = sign_in("dispatcher", lang="zh")
    answer = client.get(
        reverse("air:station", args=(S,)), {"table": name, "format": "svg", "period": PERIOD}
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    text = answer.content.decode()
    assert text.startswith("<svg")
    assert "NaN" not in text
    assert S in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("format_", ["xlsx", "json"])
@pytest.mark.parametrize("name", ["hours", "days", "stretches", "decisions", "months", "stored"])
def test_tables_in_other_formats(
    sign_in: Callable[..., Client], served: Network, name: str, format_: str
):
    answer = sign_in("dispatcher").get(
        reverse("air:station", args=(S,)), {"table": name, "format": format_, "period": PERIOD}
    )
    assert answer.status_code == 200
    assert len(answer.content) > 1


def test_an_unknown_table_or_format_is_refused(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    address = reverse("air:station", args=(S,))
    assert client.get(address, {"table": "secrets", "format": "csv"}).status_code == 400
    assert client.get(address, {"table": "days", "format": "exe"}).status_code == 400
    assert client.get(reverse("air:station-part", args=(S, "secrets"))).status_code == 404


# -- stations that lack something


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
