"""The interface for programs: the shape of its answers, their numbers, paging, CSV, 304."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from django.test import Client

import lantian
import lantian.evaluation as ev
from lantian.home.layout import Home
from lantian.network import Network
from lantian.standards import POLLUTANTS
from lantian.web.api import limits, schemas, service
from tests.web.conftest import serve
from tests.web.world import NOW

V1 = "/api/v1"
RESULTS: dict[str, type] = {
    "stations": schemas.Station, "now": schemas.Now, "hourly": schemas.Hourly,
    "daily": schemas.Daily, "periods": schemas.Statistic, "rankings": schemas.Ranked,
}  # fmt: skip
# What OpenAQ's version 3 calls the parts of a measurement.
OPENAQ = {
    "parameter": {"name", "units"},
    "period": {"label", "interval", "datetimeFrom", "datetimeTo"},
    "coverage": {"expectedCount", "observedCount", "percentComplete"},
    "flagInfo": {"hasFlags"},
}


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give every test its own count of requests."""
    monkeypatch.setattr(service, "throttle", limits.Throttle())
    return


@pytest.fixture
def client(served: Network, sign_in: Callable[..., Client]) -> Client:
    return sign_in("expert")


def ask(client: Client, question: str, **query: object) -> dict[str, Any]:
    answer = client.get(f"{V1}/{question}", query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


@pytest.mark.parametrize("question", RESULTS)
def test_answers_are_what_the_description_says(client: Client, question: str) -> None:
    answer = ask(client, question, limit=200)
    page = schemas.Page[RESULTS[question]].model_validate(answer, strict=True)  # type: ignore[valid-type]
    assert page.results
    assert page.meta.found >= len(page.results)
    assert page.meta.simulated


@pytest.mark.parametrize("question", [q for q in RESULTS if q != "stations"])
def test_every_value_has_the_parts_of_openaq(client: Client, question: str) -> None:
    for result in ask(client, question, limit=50)["results"]:
        for part, names in OPENAQ.items():
            assert names <= set(result[part]), part
        for end in ("datetimeFrom", "datetimeTo"):
            moment = result["period"][end]
            utc = datetime.fromisoformat(moment["utc"].replace("Z", "+00:00"))
            assert datetime.fromisoformat(moment["local"]) == utc
            assert moment["local"].endswith("+08:00")


@pytest.mark.parametrize("question", [q for q in RESULTS if q != "stations"])
def test_an_empty_home_answers_with_nothing(
    empty: Network, sign_in: Callable[..., Client], question: str
) -> None:
    answer = ask(sign_in("expert"), question)
    assert answer["results"] == []
    assert answer["meta"]["found"] == 0


def test_daily_is_the_daily_table(client: Client, served: Network) -> None:
    day = date(2026, 11, 20)
    answer = ask(client, "daily", datetime_from=day, datetime_to=day, limit=1000)
    table = served.days(day, day)
    assert answer["meta"]["found"] == table.height * (len(POLLUTANTS) + 1)
    by_key = {(r["station"]["id"], r["parameter"]["name"]): r for r in answer["results"]}
    for row in table.iter_rows(named=True):
        pm25 = by_key[row["station"], "pm25"]
        assert pm25["value"] == row["pm25"]
        assert pm25["iaqi"] == row["iaqi_pm25"]
        assert pm25["coverage"]["observedCount"] == row["n_pm25"]
        assert pm25["coverage"]["expectedCount"] == 24
        assert ("insufficient" in pm25["flagInfo"]["flags"]) is not row["valid_pm25"]
        assert by_key[row["station"], "o3_mda8"]["coverage"]["expectedCount"] == 17
        aqi = by_key[row["station"], "aqi"]
        assert aqi["value"] == row["aqi"]
        assert aqi["category"] == row["category"]
        assert aqi["edition"] == "2026-transition"
    period = pm25["period"]
    assert period["datetimeFrom"]["local"] == "2026-11-20T00:00:00+08:00"
    assert period["datetimeTo"]["local"] == "2026-11-21T00:00:00+08:00"


def test_an_edition_can_be_chosen(client: Client) -> None:
    days = {"datetime_from": "2026-11-20", "datetime_to": "2026-11-20", "parameter": "aqi"}
    old = ask(client, "daily", edition="2012", **days)["results"]
    new = ask(client, "daily", edition="2026-final", **days)["results"]
    assert {r["edition"] for r in old} == {"2012"}
    assert {r["edition"] for r in new} == {"2026-final"}
    assert [r["value"] for r in old] != [r["value"] for r in new]


def test_cities_count_their_assessed_stations(client: Client, served: Network) -> None:
    day = {"datetime_from": "2026-11-20", "datetime_to": "2026-11-20"}
    results = ask(client, "daily", cities="true", parameter="pm25", **day)["results"]
    assert len(results) == 1
    assert results[0]["coverage"]["expectedCount"] == served.stations()["assessed"].sum()


def test_hourly_values_are_those_stored_with_their_flags(client: Client, served: Network) -> None:
    station = served.stations()["station"][0]
    start, end = NOW - timedelta(days=20), NOW
    answer = ask(
        client, "hourly", station=station, parameter="pm25", limit=1000,
        datetime_from=start.isoformat(), datetime_to=end.isoformat(),
    )  # fmt: skip
    stored = served.values(station, "pm25", start, end)
    assert [r["value"] for r in answer["results"]] == stored["value"].to_list()
    assert [r["grade"] for r in answer["results"]] == stored["grade"].to_list()
    for result, flag in zip(answer["results"], stored["flag"], strict=True):
        assert result["flagInfo"]["hasFlags"] == bool(flag or result["grade"] != "valid")
        counts = result["value"] is not None and result["grade"] != "invalid"
        assert result["coverage"]["observedCount"] == int(counts)
    first = answer["results"][0]["period"]
    assert datetime.fromisoformat(first["datetimeFrom"]["local"]) >= start.replace(minute=0)
    assert first["interval"] == "1:00:00"


def test_now_is_the_newest_hour_with_what_is_missing(client: Client, served: Network) -> None:
    results = ask(client, "now", limit=1000)["results"]
    recent = served.recent(until=served.latest_hour())
    at = recent.until.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert {r["period"]["datetimeTo"]["utc"] for r in results} == {at}
    due = recent.arrival.filter(pl.col("time") == recent.until)
    states = {(r["station"]["id"], r["parameter"]["name"]): r["state"] for r in results}
    for station, parameter, state in due.select("station", "parameter", "state").iter_rows():
        assert states[station, parameter] == state


def test_periods_and_rankings_are_those_of_the_network(client: Client, served: Network) -> None:
    span = ev.span("2026-10")
    table = served.periods(span)
    answer = ask(
        client, "periods", period="2026-10", parameter="pm25_mean,composite_index", limit=100
    )
    means = {
        r["station"]["id"]: r for r in answer["results"] if r["parameter"]["name"] == "pm25_mean"
    }
    for row in table.iter_rows(named=True):
        assert means[row["station"]]["value"] == row["pm25_mean"]
        assert means[row["station"]]["coverage"]["observedCount"] == row["pm25_days"]
        assert means[row["station"]]["coverage"]["expectedCount"] == 31
    ranking = served.ranking(span, group=None)
    ranked = ask(client, "rankings", period="2026-10", group="none", limit=100)["results"]
    assert [r["station"]["id"] for r in ranked] == ranking.frame["station"].to_list()
    assert [r["rank"] for r in ranked] == ranking.frame["rank"].to_list()
    assert all((r["reason"] is None) == (r["rank"] is not None) for r in ranked)


def test_by_divides_the_time(client: Client) -> None:
    results = ask(
        client, "periods", datetime_from="2026-10-10", datetime_to="2026-11-22", by="month",
        parameter="pm25_mean", station="9901S",
    )["results"]  # fmt: skip
    assert [r["period"]["label"] for r in results] == ["2026-10", "2026-11"]


def test_pages_are_parts_of_the_whole(client: Client) -> None:
    days = {"datetime_from": "2026-11-18", "datetime_to": "2026-11-20", "parameter": "pm25"}
    whole = ask(client, "daily", limit=1000, **days)
    parts: list[Any] = []
    for page in range(1, 6):
        answer = ask(client, "daily", limit=10, page=page, **days)
        assert answer["meta"]["found"] == whole["meta"]["found"] == 42
        parts += answer["results"]
    assert parts == whole["results"]


def test_csv_has_the_same_values(client: Client) -> None:
    query = {"datetime_from": "2026-11-20", "datetime_to": "2026-11-20"}
    by_format = client.get(f"{V1}/daily", {**query, "format": "csv"})
    by_header = client.get(f"{V1}/daily", query, headers={"Accept": "text/csv"})
    assert by_format.content == by_header.content
    assert by_format["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(by_format.content.decode("utf-8-sig"))))
    results = ask(client, "daily", **query)["results"]
    assert int(by_format["X-Total-Count"]) >= len(rows) == len(results)
    for row, result in zip(rows, results, strict=True):
        assert row["station"] == result["station"]["id"]
        assert row["parameter"] == result["parameter"]["name"]
        assert (float(row["value"]) if row["value"] else None) == result["value"]


def test_what_has_not_changed_is_not_sent_again(client: Client) -> None:
    first = client.get(f"{V1}/daily")
    again = client.get(f"{V1}/daily", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    assert first["Cache-Control"] == "private, no-cache"
    other = client.get(f"{V1}/daily", {"limit": 5}, headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200


def test_a_correction_changes_the_etag(
    county: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, sign_in: Callable[..., Client]
) -> None:
    shutil.copytree(county.path, tmp_path / "home")
    home = Home.open(tmp_path / "home")
    serve(monkeypatch, home)
    client = sign_in("expert")
    query = {
        "station": "9901S",
        "parameter": "pm25",
        "datetime_from": "2026-11-20",
        "datetime_to": "2026-11-20",
    }
    before = client.get(f"{V1}/hourly", query)
    home.store.correct(
        "9901S", "pm25", datetime(2026, 11, 20, 2, tzinfo=UTC), 123.0, actor="tests", reason="tests"
    )
    after = client.get(f"{V1}/hourly", query, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert 123.0 in [r["value"] for r in after.json()["results"]]
    assert "CORRECTED" in str(after.json()["results"])


def test_another_version_of_the_program_answers_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may judge the same values in another way."""
    etag = client.get(f"{V1}/stations").headers["ETag"]
    monkeypatch.setattr(lantian, "__version__", "99.0")
    answer = client.get(f"{V1}/stations", headers={"If-None-Match": etag})
    assert answer.status_code == 200
