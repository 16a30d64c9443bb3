"""Which days the page of a station is about: local ones, future ones, nonsense."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from lantian.network import Network
from tests.web.air.station_page import S, page, table


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
